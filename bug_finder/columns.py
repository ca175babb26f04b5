"""What the text tells of each place: spelling, surroundings, lines beside it, and how its name is used.

The order of the columns is the format of the weights that were fitted to them; see bug_finder/features.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bug_finder.alternatives import LEAST, Floats, Ints, Seen
from bug_finder.sites import CALLED, VARIABLE, Sites
from bug_finder.tokens import LINE, MEMBER, NAME, STRING, Token
from bug_finder.usage import Usage
from bug_finder.vocabulary import Encoded


def lines_of(tokens: Sequence[Token]) -> tuple[Ints, Ints]:
    """The line of each token, counted in LINE tokens, and how many tokens of the line stand before it."""
    lines, columns = [], []
    line = column = 0
    for token in tokens:
        lines.append(line)
        columns.append(column)
        column += 1
        if token.kind == LINE:
            line, column = line + 1, 0
    return np.array(lines, np.int64), np.array(columns, np.int64)


def line_sums(line: Ints, surprise: Floats, count: int) -> tuple[Floats, Floats]:
    """For each line the largest and the mean surprise of its places."""
    summed = np.bincount(line, surprise, count)
    many = np.maximum(np.bincount(line, minlength=count), 1)
    largest = np.zeros(count, np.float32)
    np.maximum.at(largest, line, surprise)
    return largest, np.asarray(summed / many, np.float32)


def spelling(tokens: Sequence[Token], places: Sites, names: Sequence[str]) -> Floats:
    """How alike the token and its best alternative are spelt, and how long it is."""
    rows = np.zeros((len(names), 4), np.float32)
    for row, (at, gap, name) in enumerate(
        zip(places.tokens.tolist(), places.gaps.tolist(), names, strict=True)
    ):
        token = tokens[at]
        if gap or token.kind not in (NAME, STRING) or not name:
            continue
        text = token.text
        prefix = _shared(text, name)
        suffix = min(_shared(text[::-1], name[::-1]), min(len(text), len(name)) - prefix)
        longest = max(len(text), len(name))
        rows[row] = (
            (prefix + suffix) / longest,
            longest - prefix - suffix <= 1 and longest > 3,
            min(len(text), 30) / 10,
            text.lower() == name.lower(),
        )
    return rows


def _shared(one: str, two: str) -> int:
    count = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        count += 1
    return count


def context(tokens: Sequence[Token], encoded: Encoded, places: Sites) -> Floats:
    """What surrounds each place: its neighbours, its statement's first word, how often its name occurs."""
    count = len(tokens)
    firsts, depths, first, depth = list[str](), list[int](), "", 0
    starts = True
    for token in tokens:
        if starts:
            first, starts = token.text, False
        starts = token.kind == LINE or token.text in (";", "{", "}")
        depth = max(depth + (token.text in ("(", "[")) - (token.text in (")", "]")), 0)
        firsts.append(first)
        depths.append(depth)
    copies = encoded.copies.tolist()
    occurrences = np.bincount(encoded.copies[encoded.copies >= 0], minlength=1).tolist()
    seen: dict[int, int] = {}
    nearest = [99] * count
    is_first = [False] * count
    for at, number in enumerate(copies):
        if number >= 0:
            is_first[at] = number not in seen
            nearest[at] = at - seen[number] if number in seen else 99
            seen[number] = at
    rows = np.zeros((len(places.tokens), 17), np.float32)
    for row, at in enumerate(places.tokens.tolist()):
        before = tokens[at - 1].text if at else ""
        after = tokens[at + 1].text if at + 1 < count else ""
        text, number = tokens[at].text, copies[at]
        word = firsts[at]
        rows[row] = (
            before == "(",
            before == ",",
            before in MEMBER,
            before == "=",
            after == "=",
            after == "(",
            after in MEMBER,
            after in (",", ")"),
            word in ("if", "elif", "while", "assert"),
            word == "return",
            word in ("def", "function", "func", "fn", "async", "@", "public", "private", "static"),
            min(depths[at], 4) / 4,
            math.log1p(occurrences[number]) if number >= 0 else 0,
            number >= 0 and occurrences[number] == 1,
            is_first[at],
            math.log(nearest[at]) if number >= 0 else 0,
            text in ("self", "this", "_", "err", "0", "1"),
        )
    return rows


def twins(tokens: Sequence[Token], lines: Ints, columns: Ints) -> Floats:
    """Per token: has a line near by as many tokens, most of them the same, and is this one the same?"""
    rows = np.zeros((len(tokens), 3), np.float32)
    by_line: list[list[str]] = [[] for _ in range(int(lines.max(initial=0)) + 1)]
    for token, line in zip(tokens, lines.tolist(), strict=True):
        by_line[line].append(token.text)
    starts = np.searchsorted(lines, np.arange(len(by_line)))
    for line, texts in enumerate(by_line):
        if len(texts) < 5:
            continue
        for other in (line - 1, line - 2, line + 1, line + 2):
            if not 0 <= other < len(by_line) or len(by_line[other]) != len(texts):
                continue
            same = [one == two for one, two in zip(texts, by_line[other], strict=True)]
            share = sum(same) / len(same)
            if share >= 0.6:
                begin = int(starts[line])
                for at, is_same in enumerate(same):
                    rows[begin + at] = (1, is_same, share)
                break
    return rows


def use(seen: Seen, used: Usage, names: Sequence[str]) -> Floats:
    """Of each place: is its name, or the likeliest other one, never looked at, or never given a value?"""
    tokens, encoded, places, reading = seen
    rows = np.zeros((len(places.tokens), 11), np.float32)
    number = np.where(places.gaps, -1, encoded.copies[places.tokens])
    is_name = number >= 0
    if not is_name.any():
        return rows
    at = np.maximum(number, 0)
    by_text = {
        token.text: copy for token, copy in zip(tokens, encoded.copies.tolist(), strict=True) if copy >= 0
    }
    other = np.array([by_text.get(name, -1) for name in names])
    occurrences = np.bincount(encoded.copies[encoded.copies >= 0], minlength=len(used.unused))
    rows[:, 0] = is_name & used.unused[at]
    rows[:, 1] = is_name & used.parameters[at]
    rows[:, 2] = is_name & used.loose[at]
    rows[:, 3] = is_name & used.defines[places.tokens]
    has_other = is_name & (other >= 0)
    rows[:, 4] = has_other & used.unused[other] & ~used.defines[places.tokens]
    rows[:, 5] = has_other & used.parameters[other]
    rows[:, 6] = np.where(has_other, np.log1p(occurrences[other]), 0)
    plain = is_name & np.isin(places.groups, (VARIABLE, CALLED)) & ~used.defines[places.tokens]
    unused = reading.copies[:, used.unused].max(1, initial=LEAST)
    rows[:, 7] = np.where(plain, np.clip(unused - reading.own, -6, 12) * (unused > LEAST), 0)
    rows[:, 8] = _typos(tokens, encoded, places)
    # Column 9 is always 0: the weights were fitted with it.
    rows[:, 10] = plain & bool(used.unused.any())
    return rows


def _typos(tokens: Sequence[Token], encoded: Encoded, places: Sites) -> Floats:
    """Whether a part of the name is no word that is known, where every other part is."""
    rows = np.zeros(len(places.tokens), np.float32)
    unknown = (encoded.parts[places.tokens] == 1).sum(1)
    known = (encoded.parts[places.tokens] > 1).sum(1)
    names = np.array([tokens[at].kind == NAME for at in places.tokens.tolist()]) & ~places.gaps
    rows[names] = (unknown[names] > 0) * (1 + (known[names] > 0))
    return rows
