"""What is around a sketch in an answer: fences, a path, prose, the numbers of lines."""

from __future__ import annotations

import random


def fenced(text: str, language: str, path: str, rng: random.Random) -> str:
    """The sketch in an answer, with or without its path."""
    head = rng.choice(
        [language, f"{language} {path}", f"{language}:{path}", f'{language} title="{path}"', ""]
    )
    return f"{rng.choice(['', 'Here it is:', f'In `{path}`:'])}\n\n```{head}\n{text}```\n\nThat is all.\n"


def in_prose(text: str, language: str, rng: random.Random) -> str:
    """The sketch in an answer that explains it before and after."""
    before, behind = rng.choice(PROSE)
    return f"{before}\n\n```{rng.choice([language, ''])}\n{text}```\n\n{behind}\n"


def numbered(text: str, first: int, rng: random.Random) -> str:
    """The sketch with a number before each line, as tools print files; what it leaves out is not counted."""
    form = rng.choice(["{:>6}\t{}", "{:>4} | {}", "{}: {}", "{:4d}  {}"])
    lines = text.removesuffix("\n").split("\n")
    return "".join(form.format(first + at, line).rstrip() + "\n" for at, line in enumerate(lines))


PROSE = (
    ("Here's the updated code:", "This keeps the behaviour as it was everywhere else."),
    (
        "Sure! I've made the change. Only the relevant parts are shown:",
        "Let me know if you need anything else.",
    ),
    (
        "You need to make the following changes:\n\n1. Update the code as shown below.",
        "**Note:** the rest stays as is.",
    ),
    (
        "## Changes\n\n- the code below replaces what was there",
        "That should do. Run the tests to be sure:\n\n`make test`",
    ),
)
