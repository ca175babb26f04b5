"""Replay, line by line: what happened to some lines happens to lines that are like them.

The lines that a change replaced are compared with lines that stand elsewhere; where those differ, they give
the same names and pieces other values. The new lines with these values are what the others become: a
three-way merge with holes. An insertion is compared by the lines that it was put between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from completion.next_edit.moment import Change
from completion.next_edit.names import put_in
from completion.next_edit.tokens import indent_of, is_word, names_of, tokens_of
from text.matching import Change as Span
from text.matching import changes

LONGEST: Final = 12  # lines that a change may have replaced
_LIKE: Final = 0.5  # share of names, or of tokens, that lines must have in common


@dataclass(frozen=True)
class Analogy:
    """Replace `count` lines from `start` by `new`: as like the original as `likeness` says (1 is the same).

    `kept` is the share of the tokens that the change took away which stand here too.
    """

    start: int
    count: int
    new: tuple[str, ...]
    likeness: float
    kept: float
    holes: int


def analogies(change: Change, lines: Sequence[str]) -> Iterator[Analogy]:
    """Where else in `lines` the change could be made, in order of lines."""
    if change.old and len(change.old) <= LONGEST:
        yield from _replacements(change, lines)
    elif change.new and not change.old and len(change.new) <= LONGEST:
        yield from _insertions(change, lines)


def _replacements(change: Change, lines: Sequence[str]) -> Iterator[Analogy]:
    count = len(change.old)
    key = max(range(count), key=lambda index: (len(names_of(change.old[index])), -index))
    pattern = change.old[key]
    if not pattern.strip():
        return
    for at in range(key, len(lines) - count + key + 1):
        if not _may_be_like(pattern, lines[at]):
            continue
        first = at - key
        here = lines[first : first + count]
        found = _merge(change.old, change.new, here)
        if found:
            new, likeness, kept, holes = found
            if new != tuple(here):
                yield Analogy(first + 1, count, new, likeness, kept, holes)


def _insertions(change: Change, lines: Sequence[str]) -> Iterator[Analogy]:
    above, skipped_above = _telling(change.before[::-1])
    below, skipped_below = _telling(change.after)
    for at in range(len(lines) + 1):
        previous = _across(lines, at - 1, -1, skipped_above)
        following = _across(lines, at, 1, skipped_below)
        fits_above = above != "" and previous != "" and _may_be_like(above, previous)
        fits_below = below != "" and following != "" and _may_be_like(below, following)
        if not fits_above and not fits_below:
            continue
        if tuple(lines[at : at + len(change.new)]) == change.new:
            continue
        if tuple(lines[max(at - len(change.new), 0) : at]) == change.new:
            continue
        like_above, values = _compare(above, previous)
        like_below, more = _compare(below, following)
        if max(like_above, like_below) < _LIKE:
            continue
        main, other = (above, previous) if like_above >= like_below else (below, following)
        values = {**more, **values} if like_above >= like_below else {**values, **more}
        new = tuple(_with_values(line, values, main, other) for line in change.new)
        near = {*lines[max(at - 3, 0) : at + 3]}
        if all(line in near for line in new):
            continue
        yield Analogy(at + 1, 0, new, max(like_above, like_below), min(like_above, like_below), len(values))


def _telling(lines: Sequence[str]) -> tuple[str, int]:
    """The first of the lines that is not blank, and how many blank ones come before it."""
    for skipped, line in enumerate(lines[:3]):
        if line.strip():
            return line, skipped
    return "", 0


def _across(lines: Sequence[str], at: int, step: int, skipped: int) -> str:
    """The line behind `skipped` blank ones from `at`; "" where others stand there."""
    for _ in range(skipped):
        if not (0 <= at < len(lines)) or lines[at].strip():
            return ""
        at += step
    return lines[at] if 0 <= at < len(lines) and lines[at].strip() else ""


def _with_values(line: str, values: dict[str, str], there: str, here: str) -> str:
    """A new line with the values of this place, indented as deep against `here` as it was against `there`."""
    text = put_in(values, line.lstrip())
    depth, base = indent_of(line), indent_of(there)
    if not text:
        return ""
    if depth.startswith(base):
        return indent_of(here) + depth[len(base) :] + text
    if base.startswith(depth) and indent_of(here).endswith(base[len(depth) :]):
        return indent_of(here)[: len(indent_of(here)) - len(base) + len(depth)] + text
    return depth + text


def _compare(there: str, here: str) -> tuple[float, dict[str, str]]:
    """How like two lines are, and the words of the first that have another value in the second."""
    one, other = tokens_of(there.strip()), tokens_of(here.strip())
    if not one or not other:
        return 0.0, {}
    values: dict[str, str] = {}
    same = len(one)
    for span in changes(one, other):
        same -= span.old_end - span.old_start
        gone, come = one[span.old_start : span.old_end], other[span.new_start : span.new_end]
        if len(gone) == len(come):
            values |= {a: b for a, b in zip(gone, come, strict=True) if is_word(a) and is_word(b)}
    return 2 * same / (len(one) + len(other)), values


def _may_be_like(pattern: str, line: str) -> bool:
    if pattern.strip() == line.strip():
        return True
    names, here = names_of(pattern), names_of(line)
    common = len(names & here)
    return (common > 0 and common >= _LIKE * max(len(names), len(here))) or (
        len(names) == len(here) and _shape(pattern) == _shape(line)
    )


def _shape(line: str) -> tuple[str, ...]:
    """The line without its names."""
    names = names_of(line)
    return tuple("" if token in names else token for token in tokens_of(line.strip()))


def _merge(
    old: Sequence[str], new: Sequence[str], here: Sequence[str]
) -> tuple[tuple[str, ...], float, float, int] | None:
    """The lines `here` changed as `old` was to `new`, with likeness, share kept and holes; None on a clash.

    Indentation is set apart, so that a place may be deeper than the original.
    """
    base, deeper = _depth(old), _depth(here)
    if any(line.strip() and not line.startswith(base) for line in (*old, *new)):
        base = ""
        if deeper:
            return None
    one = _flat([line[len(base) :] if line.strip() else "" for line in old])
    other = _flat([line[len(deeper) :] if line.strip() else "" for line in here])
    two = _flat([line[len(base) :] if line.strip() else "" for line in new])
    varied = changes(one, other)
    same = len(one) - sum(span.old_end - span.old_start for span in varied)
    likeness = 2 * same / max(len(one) + len(other), 1)
    if likeness < _LIKE:
        return None
    merged = _three_way(one, two, other, varied)
    if merged is None:
        return None
    tokens, kept = merged
    text = "".join(tokens)
    lines = text.split("\n") if new else []
    return tuple(deeper + line if line.strip() else line for line in lines), likeness, kept, len(varied)


def _three_way(
    one: Sequence[str], two: Sequence[str], other: Sequence[str], varied: Sequence[Span]
) -> tuple[list[str], float] | None:
    values: dict[str, str] = {}
    variation: dict[int, Span] = {}
    inserted: dict[int, Span] = {}
    for span in varied:
        gone, come = one[span.old_start : span.old_end], other[span.new_start : span.new_end]
        if not gone:
            inserted[span.old_start] = span
            continue
        if len(gone) == len(come):
            for a, b in zip(gone, come, strict=True):
                if a != b and values.setdefault(a, b) != b:
                    return None
        variation |= dict.fromkeys(range(span.old_start, span.old_end), span)
    result: list[str] = []
    edits = changes(one, two)
    taken = sum(edit.old_end - edit.old_start for edit in edits)
    lost = sum(at in variation for edit in edits for at in range(edit.old_start, edit.old_end))
    at = 0
    for edit in [*edits, Span(len(one), len(one), len(two), len(two))]:
        while at < edit.old_start:
            if at in inserted:
                span = inserted[at]
                result += other[span.new_start : span.new_end]
            span = variation.get(at, Span(at, at, 0, 0))
            if at not in variation:
                result.append(one[at])
                at += 1
            elif span.old_end <= edit.old_start and span.old_start == at:
                result += other[span.new_start : span.new_end]
                at = span.old_end
            elif span.old_end - span.old_start == span.new_end - span.new_start:
                result.append(values.get(one[at], one[at]))
                at += 1
            else:
                return None
        result += put_in(values, "".join(two[edit.new_start : edit.new_end]))
        if any(start in inserted for start in range(edit.old_start + 1, edit.old_end)):
            return None
        if edit.old_start in inserted and edit.old_end > edit.old_start:
            return None
        at = edit.old_end
    if len(one) in inserted:
        span = inserted[len(one)]
        result += other[span.new_start : span.new_end]
    return result, 1 - lost / taken if taken else 1.0


def _depth(lines: Sequence[str]) -> str:
    """The indentation that the first line with text has."""
    return next((indent_of(line) for line in lines if line.strip()), "")


def _flat(lines: Sequence[str]) -> list[str]:
    flat: list[str] = []
    for line in lines:
        flat += [*tokens_of(line), "\n"]
    return flat[:-1]
