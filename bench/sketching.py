"""Sketches made of real changes, in the ways in which models write them.

A style takes the two versions of a file and a random generator, and gives the text of a sketch, or None where
the change does not lend itself to it. Everything that is needed to get from the old version to the new one is
in a sketch, or else it has to be refused.
"""

from __future__ import annotations

import difflib
import random
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from apply.structure import KINDS
from text.syntax import parse

Span = tuple[int, int]  # lines [start, end) of the new version
Change = tuple[int, int, int, int]  # lines [i1, i2) of the old version become lines [j1, j2) of the new one

MARKERS = (
    "... existing code ...",
    "... rest of the code ...",
    "... keep existing code ...",
    "... (existing code unchanged) ...",
    "... other code unchanged ...",
    "... unchanged ...",
    "[...]",
    "...",
    "…",
    "rest of the code is unchanged",
    "... other methods remain unchanged",
    "existing code here",
    "... omitted for brevity ...",
    "(unchanged)",
)
LAST_MARKERS = (
    "... rest of the file unchanged ...",
    "... rest of file remains the same ...",
    "rest of the file unchanged",
)


class Pair:
    """Two versions of a file, and what a maker of sketches has to know of them."""

    def __init__(self, old: str, new: str, language: str) -> None:
        self.old, self.new = old.split("\n"), new.split("\n")
        self.old_text, self.new_text, self.language = old, new, language
        for lines in (self.old, self.new):
            if lines[-1] == "":
                lines.pop()
        matcher = difflib.SequenceMatcher(None, self.old, self.new, autojunk=False)
        self.changes: list[Change] = [op[1:] for op in matcher.get_opcodes() if op[0] != "equal"]
        self.comment = "#" if language == "python" else "//"
        self.functions, self.classes = self._definitions()

    def _definitions(self) -> tuple[list[Span], list[Span]]:
        """The functions and the classes of the new version."""
        syntax = parse(self.new_text, self.language)
        starts = list(accumulate((len(line) + 1 for line in self.new), initial=0))
        functions: list[Span] = []
        classes: list[Span] = []
        for kind, _, start, _, end in syntax.definitions(KINDS) if syntax else ():
            span = bisect_right(starts, start) - 1, bisect_right(starts, max(start, end - 1))
            if re.search("function|method|constructor", kind):
                functions.append(span)
            elif re.search("class|impl|interface|trait|mod_item|namespace", kind):
                classes.append(span)
        return functions, classes

    def function_of(self, span: Span) -> Span | None:
        """The outermost function that holds a span."""
        return next((each for each in self.functions if each[0] <= span[0] and span[1] <= each[1]), None)

    def class_of(self, line: int) -> Span | None:
        """The innermost class that holds a line, other than the one that begins there."""
        found = [each for each in self.classes if each[0] < line < each[1]]
        return found[-1] if found else None


Style = Callable[[Pair, random.Random], str | None]


def hunk_context(pair: Pair, rng: random.Random) -> str:
    """Changed lines with one to three lines around them, and markers."""
    return _marked(pair, _with_context(pair, rng.randint(1, 3)), rng)


def func_full(pair: Pair, rng: random.Random) -> str:
    """Changed functions in full, with the line that begins their class, and markers."""
    return _marked(pair, _whole_functions(pair), rng, classes=True)


def no_markers(pair: Pair, rng: random.Random) -> str:
    """The same pieces with nothing but a blank line between them."""
    spans = _whole_functions(pair) if rng.random() < 0.3 else _with_context(pair, rng.randint(2, 3))
    return "\n\n".join("\n".join(pair.new[start:end]) for start, end in _joined(spans)) + "\n"


def method_only(pair: Pair, rng: random.Random) -> str | None:
    """The one method that changed, without its class, perhaps dedented."""
    spans = {pair.function_of((start, max(start + 1, end))) for *_, start, end in pair.changes}
    if len(spans) != 1 or (span := spans.pop()) is None or pair.class_of(span[0]) is None:
        return None
    text = "\n".join(pair.new[span[0] : span[1]]) + "\n"
    return dedented(text) if rng.random() < 0.6 else text


def elided_body(pair: Pair, rng: random.Random) -> str | None:
    """The first line of a function, a marker, the change with little around it, and a marker."""
    spans: list[Span] = []
    found = False
    for start, end in _with_context(pair, rng.randint(1, 2)):
        function = pair.function_of((start, end))
        if function and start - function[0] > 2:
            spans.append((function[0], _body_of(pair, function)))
            found = True
        spans.append((start, end))
    return _marked(pair, spans, rng, classes=True) if found else None


def prefix_tail(pair: Pair, rng: random.Random) -> str | None:
    """The file up to the change, and a word on the rest."""
    end = _around(pair.new, *pair.changes[-1][2:], rng.randint(1, 3))[1]
    if end >= len(pair.new) - 3 or end > 150:
        return None
    return _marked(pair, [(0, end)], rng)


def delete_comment(pair: Pair, rng: random.Random) -> str | None:
    """What is deleted is announced by a comment that names it."""
    comments: dict[int, str] = {}
    for i1, i2, j1, j2 in pair.changes:
        gone = [line for line in pair.old[i1:i2] if line.strip()]
        if j1 == j2 and gone and len(gone[0].strip()) > 3:
            blanks = gone[0][: len(gone[0]) - len(gone[0].lstrip())]
            name = re.match(r"\s*(?:async )?(?:def|class|func|fn|function)\s+(\w+)", gone[0])
            what = name[1] if name and rng.random() < 0.6 else gone[0].strip()[:60]
            words = rng.choice(["removed: {}", "deleted: {}", "removed {}", "... {} removed ..."]).format(
                what
            )
            comments[j1] = f"{blanks}{pair.comment} {words}"
    if not comments:
        return None
    return _marked(pair, _with_context(pair, rng.randint(2, 3)), rng, comments=comments)


def whitespace(pair: Pair, rng: random.Random) -> str | None:
    """Any of these after a careless hand: indentation, blank lines, blanks at line ends."""
    sketch = rng.choice([func_full, hunk_context, elided_body])(pair, rng)
    return None if sketch is None else rng.choice(MANGLES)(sketch)


def drift(pair: Pair, rng: random.Random) -> str | None:
    """One line that did not change is not copied as it is."""
    sketch = rng.choice([func_full, hunk_context, elided_body])(pair, rng)
    if sketch is None:
        return None
    lines = sketch.split("\n")
    old = set(pair.old) & set(pair.new)
    at = [index for index, line in enumerate(lines) if line in old and len(line.strip()) > 8]
    rng.shuffle(at)
    for index in at[:20]:
        drifted = rng.choice(DRIFTS)(lines[index], rng)
        if drifted is not None and drifted != lines[index]:
            lines[index] = drifted
            return "\n".join(lines)
    return None


def unified(pair: Pair, rng: random.Random) -> str:
    """A diff whose numbers are wrong, or missing."""
    lines = list(
        difflib.unified_diff(pair.old, pair.new, "before", "after", lineterm="", n=rng.choice([2, 3, 5]))
    )
    numbers = rng.choice(["right", "wrong", "none"])

    def header(line: str) -> str:
        if numbers == "right":
            return line
        if numbers == "none":
            return "@@ @@"
        return f"@@ -{rng.randint(1, 400)},{rng.randint(1, 9)} +{rng.randint(1, 400)},{rng.randint(1, 9)} @@"

    lines = [header(line) if line.startswith("@@") else line for line in lines[rng.choice([0, 2]) :]]
    if rng.random() < 0.3:  # the blank before an empty context line is lost
        lines = [line.rstrip() if line == " " else line for line in lines]
    return "\n".join(lines) + "\n"


def search_replace(pair: Pair, rng: random.Random) -> str:
    """Search/replace blocks with some lines of context, in any order."""
    matcher = difflib.SequenceMatcher(None, pair.old, pair.new, autojunk=False)
    parts = []
    for group in matcher.get_grouped_opcodes(rng.choice([2, 3])):
        search = "\n".join(pair.old[group[0][1] : group[-1][2]])
        replace = "\n".join(pair.new[group[0][3] : group[-1][4]])
        parts.append(f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
    rng.shuffle(parts)
    return "\n".join(parts)


def whole_file(pair: Pair, rng: random.Random) -> str:
    """The new version."""
    return "\n".join(pair.new) + "\n"


STYLES: dict[str, Style] = {
    "func_full": func_full,
    "hunk_context": hunk_context,
    "no_markers": no_markers,
    "method_only": method_only,
    "elided_body": elided_body,
    "prefix_tail": prefix_tail,
    "delete_comment": delete_comment,
    "whitespace": whitespace,
    "drift": drift,
    "unified": unified,
    "search_replace": search_replace,
    "whole_file": whole_file,
}


def fenced(text: str, language: str, path: str, rng: random.Random) -> str:
    """The sketch in an answer, with or without its path."""
    head = rng.choice(
        [language, f"{language} {path}", f"{language}:{path}", f'{language} title="{path}"', ""]
    )
    return f"{rng.choice(['', 'Here it is:', f'In `{path}`:'])}\n\n```{head}\n{text}```\n\nThat is all.\n"


# -- spans


def _with_context(pair: Pair, context: int) -> list[Span]:
    """The changes with so many lines on either side, or more, so that at least one is not blank."""
    return _joined([_around(pair.new, start, end, context) for *_, start, end in pair.changes])


def _around(lines: Sequence[str], start: int, end: int, context: int) -> Span:
    first, last = max(0, start - context), min(len(lines), end + context)
    while first > 0 and not any(map(str.strip, lines[first:start])):
        first -= 1
    while last < len(lines) and not any(map(str.strip, lines[end:last])):
        last += 1
    return first, last


def _whole_functions(pair: Pair) -> list[Span]:
    spans = []
    for *_, start, end in pair.changes:
        function = pair.function_of((start, max(start + 1, end)))
        if function:
            spans.append(function)
        if function is None or start == end:
            spans.append(_around(pair.new, start, end, 3))
    return _joined(spans)


def _joined(spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _body_of(pair: Pair, function: Span) -> int:
    """The line after the first line of a function and its arguments."""
    for index in range(function[0], min(function[1], function[0] + 8)):
        if pair.new[index].rstrip().endswith((":", "{")):
            return index + 1
    return function[0] + 1


def _marked(
    pair: Pair,
    spans: Sequence[Span],
    rng: random.Random,
    classes: bool = False,
    comments: dict[int, str] | None = None,
) -> str:
    """Spans of the new version with markers between them, each as deep as the first line it stands for."""
    words = rng.choice(MARKERS)
    spans = _joined(spans)
    if classes:
        owners = [owner for start, _ in spans if (owner := pair.class_of(start))]
        spans = _joined([*spans, *((start, _body_of(pair, (start, end))) for start, end in owners)])
    out: list[str] = []
    done = 0
    for start, end in spans:
        if start > done:
            out.append(_marker(pair, done, words))
            if classes and start > done and not pair.new[start - 1].strip():
                out.append("")
        for line in range(start, end):
            if comments and line in comments:
                out.append(comments[line])
            out.append(pair.new[line])
        done = end
    if done < len(pair.new):
        out.append(_marker(pair, done, rng.choice([words, *LAST_MARKERS])))
    return "\n".join(out) + "\n"


def _marker(pair: Pair, at: int, words: str) -> str:
    following = next((line for line in pair.new[at:] if line.strip()), "")
    return f"{following[: len(following) - len(following.lstrip())]}{pair.comment} {words}"


# -- careless hands


def dedented(text: str) -> str:
    """The text without the indentation that all of its lines have."""
    lines = text.split("\n")
    depth = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[depth:] if line.strip() else line for line in lines)


def _deeper(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _narrow(text: str) -> str:
    def halve(line: str) -> str:
        blanks = len(line) - len(line.lstrip(" "))
        return line if line.startswith("\t") else " " * (blanks // 2) + line[blanks:]

    return "".join(map(halve, text.splitlines(keepends=True)))


def _trailing(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(line + " " * (index % 3) if line else line for index, line in enumerate(lines))


def _without_blank_lines(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.strip()) + "\n"


def _more_blank_lines(text: str) -> str:
    return "\n".join(f"{line}\n" if index % 7 == 3 else line for index, line in enumerate(text.split("\n")))


def _tabs(text: str) -> str:
    return re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.MULTILINE)


def _blanks_for_tabs(text: str) -> str:
    return re.sub(r"^\t+", lambda found: "    " * len(found[0]), text, flags=re.MULTILINE)


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")


MANGLES: tuple[Callable[[str], str], ...] = (
    dedented,
    _deeper,
    _narrow,
    _trailing,
    _without_blank_lines,
    _tabs,
    _blanks_for_tabs,
    _windows,
)


def _other_quotes(line: str, rng: random.Random) -> str | None:
    if "'" in line and '"' not in line:
        return line.replace("'", '"')
    return line.replace('"', "'") if '"' in line and "'" not in line else None


def _other_blanks(line: str, rng: random.Random) -> str | None:
    for one, other in ((", ", ","), (" = ", "="), ("(", "( "), (" + ", "+")):
        if one in line.strip():
            return line.replace(one, other)
    return None


def _without_comment(line: str, rng: random.Random) -> str | None:
    found = re.match(r"(.*\S)\s+(?:#|//)\s.*$", line)
    return found[1] if found else None


def _reworded(line: str, rng: random.Random) -> str | None:
    found = re.match(r"(\s*(?:#|//)\s+)(\w.*\s\w.*)$", line)
    return found[1] + found[2].rsplit(" ", 1)[0] if found else None


def _elided(line: str, rng: random.Random) -> str | None:
    found = re.match(r"(.*\w\()[^()]{6,}(\).*)$", line)
    return f"{found[1]}...{found[2]}" if found else None


DRIFTS: tuple[Callable[[str, random.Random], str | None], ...] = (
    _other_quotes,
    _other_blanks,
    _without_comment,
    _reworded,
    _elided,
)
