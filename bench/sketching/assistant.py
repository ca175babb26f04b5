"""The habits of assistants that write code in a chat.

They show the head of a class and go on with the method they mean, word each marker anew, leave out comments
and blank lines, wrap calls and put quotes as they always do, copy the numbers of the lines that they were
shown, and explain it all. What changes stays as it is: habits are for the lines around it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from bench.sketching.answers import in_prose, numbered
from bench.sketching.markers import marked
from bench.sketching.pair import Pair, Span, body_of, whole_functions, with_context

WORDS = (
    "... rest unchanged ...",
    "... rest of the class ...",
    "... rest of the method remains unchanged ...",
    "... (rest of the function stays the same) ...",
    "...existing code...",
    "... existing imports ...",
    "... existing code here ...",
    "... other methods ...",
    "... same as before ...",
    "... code above unchanged ...",
    "... (unchanged code) ...",
    "... previous code ...",
    "... remaining code ...",
    "... everything else stays the same ...",
    "existing code...",
    "rest of the implementation unchanged",
    "(rest of the file remains unchanged)",
    "[rest of code unchanged]",
    "other code remains the same",
    "no changes below this point",
    "... (no changes)",
    "... keep the rest as is ...",
)
TWO_QUOTES = ("python", "javascript", "typescript", "tsx")  # languages in which both kinds say the same
_ARGUMENT = r"[^()\[\]{}\"'`/#,]+"
_CALL = re.compile(
    rf"(?P<head>\s*[^\s()\"'`/#][^()\"'`/#]*\()(?P<inside>{_ARGUMENT}(?:,{_ARGUMENT})+)"
    r"(?P<tail>\)[:;,]?(?: \{)?)$"
)


def assistant(pair: Pair, rng: random.Random) -> str:
    """Whole functions or hunks of a change, with several habits at once."""
    spans = whole_functions(pair) if rng.random() < 0.5 else with_context(pair, rng.randint(2, 4))
    if rng.random() < 0.4:
        spans = [*spans, *_heads(pair, spans)]
    lines = marked(pair, spans, rng, classes=rng.random() < 0.7, words=WORDS).removesuffix("\n").split("\n")
    for habit in HABITS:
        if rng.random() < 0.35:
            lines = habit(pair, lines, rng)
    text = "\n".join(lines) + "\n"
    if rng.random() < 0.15:
        text = numbered(text, rng.randint(1, 300), rng)
    return in_prose(text, pair.language, rng) if rng.random() < 0.6 and "```" not in text else text


def _heads(pair: Pair, spans: Sequence[Span]) -> list[Span]:
    """The first lines of the functions that hold the spans."""
    functions = {function for span in spans if (function := pair.function_of(span))}
    return [(start, body_of(pair, (start, end))) for start, end in functions]


def _bare_heads(pair: Pair, lines: list[str], rng: random.Random) -> list[str]:
    """No marker between the head of a class and what is shown of it."""
    heads = {pair.new[body_of(pair, each) - 1] for each in pair.classes}
    own = set(pair.new)
    return [
        line
        for at, line in enumerate(lines)
        if not (at and lines[at - 1] in heads and line and line not in own)
    ]


def _fewer_comments(pair: Pair, lines: list[str], rng: random.Random) -> list[str]:
    """Some comments around what changes are left out."""
    return [
        line
        for line in lines
        if not (line in pair.kept and line.lstrip().startswith(f"{pair.comment} ") and rng.random() < 0.4)
    ]


def _fewer_blank_lines(pair: Pair, lines: list[str], rng: random.Random) -> list[str]:
    """Some or all blank lines are left out."""
    share = rng.choice([0.5, 1.0])
    return [line for line in lines if line.strip() or rng.random() >= share]


def _rewrapped(pair: Pair, lines: list[str], rng: random.Random) -> list[str]:
    """One call around what changes has its arguments on lines of their own."""
    at = [index for index, line in enumerate(lines) if line in pair.kept and _CALL.match(line)]
    if not at:
        return lines
    index = rng.choice(at)
    call = _CALL.match(lines[index])
    assert call is not None
    blanks = lines[index][: len(lines[index]) - len(lines[index].lstrip())]
    arguments = [each.strip() for each in call["inside"].split(",") if each.strip()]
    wrapped = [f"{blanks}    {each}{',' if each is not arguments[-1] else ''}" for each in arguments]
    return [*lines[:index], call["head"], *wrapped, blanks + call["tail"], *lines[index + 1 :]]


def _own_quotes(pair: Pair, lines: list[str], rng: random.Random) -> list[str]:
    """All strings around what changes have the assistant's kind of quotes."""
    if pair.language not in TWO_QUOTES:
        return lines
    mine, other = rng.choice([('"', "'"), ("'", '"')])
    return [
        line.replace(other, mine) if line in pair.kept and mine not in line and "\\" not in line else line
        for line in lines
    ]


Habit = Callable[[Pair, list[str], random.Random], list[str]]
HABITS: tuple[Habit, ...] = (_bare_heads, _fewer_comments, _fewer_blank_lines, _rewrapped, _own_quotes)
