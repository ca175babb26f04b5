"""What is known of every place of a function, as numbers: how unlikely it is, what would be likelier, and
where it is.

The order of the columns is the format of the weights that were fitted to them: append, and raise VERSION.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bug_finder.network import Reading
from bug_finder.sites import ATTRIBUTE, BEFORE, GROUPS, METHOD, TEXT, VARIABLE, Sites
from bug_finder.tokens import LINE, NAME, STRING, Token
from bug_finder.usage import Usage, usage
from bug_finder.vocabulary import NOTHING, Encoded, Vocabulary

VERSION = 1
LEAST = -12.0  # a logarithm of a probability below this tells no more
_MEMBER = frozenset([".", "?.", "->", "::"])
_FAMILIES = ("python", "javascript typescript tsx", "java go rust", "c cpp")

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Described(NamedTuple):
    """S places and their function."""

    rows: Floats  # (S, columns)
    function: Floats  # (columns,)
    best: list[str]  # the likeliest other token at each place; "" for none


def describe(
    tokens: Sequence[Token],
    encoded: Encoded,
    places: Sites,
    reading: Reading,
    groups: Mapping[int, Ints],
    vocabulary: Vocabulary,
    language: str,
) -> Described:
    """The features of a function's places; raises KeyError for a language that is not known."""
    own = np.maximum(reading.own, LEAST)
    best, second, names = _alternatives(tokens, encoded, places, reading, groups, vocabulary)
    margin = np.clip(best - own, LEAST, -LEAST)
    anything = np.maximum(reading.classes.max(1), reading.copies.max(1, initial=LEAST))
    nothing = np.maximum(reading.classes[:, NOTHING], LEAST)
    lines, columns = _lines(tokens)
    line = lines[places.tokens]
    spelled = _spelling(tokens, places, names)
    context = _context(tokens, encoded, places)
    twins = _twins(tokens, lines, columns)[places.tokens]
    used = usage(tokens, encoded)
    use = _use(tokens, encoded, places, reading, used, names)
    by_line = _line_sums(line, -own, int(lines.max(initial=0)) + 1)
    average, spread = float(own.mean()), float(own.std()) + 0.1
    rank = np.argsort(np.argsort(-margin)) / max(len(margin), 1)
    size = len(tokens)
    common = np.stack(
        [
            own,
            best,
            margin,
            own - np.logaddexp(own, best),
            np.maximum(second, LEAST) - best,
            nothing,
            np.clip(anything - own, 0, -LEAST),
            (own - average) / spread,
            rank,
            np.minimum(rank * len(rank), 10) / 10,
            by_line[0][line],
            by_line[1][line],
            places.tokens / size,
            np.full(len(own), math.log(size)),
            np.full(len(own), average),
        ],
        1,
    )
    groups_one = np.eye(len(GROUPS), dtype=np.float32)[places.groups]
    family = np.array([language in each.split() for each in _FAMILIES], np.float32)
    rows = np.concatenate(
        [
            common,
            spelled,
            context,
            twins,
            use,
            groups_one,
            groups_one * np.clip(margin, -4, 8)[:, None],
            np.repeat(family[None], len(own), 0),
        ],
        1,
    ).astype(np.float32)
    whole = np.concatenate(
        [
            _of_function(own, margin, places, tokens, family),
            np.log1p(
                [
                    (used.unused & ~used.parameters).sum(),
                    (used.unused & used.parameters).sum(),
                    used.loose.sum(),
                ]
            ),
            [use[:, 4].max(), use[:, 7].max(), use[:, 8].max(), rows[:, 16].max()],
        ]
    )
    return Described(rows, whole.astype(np.float32), names)


def _alternatives(
    tokens: Sequence[Token],
    encoded: Encoded,
    places: Sites,
    reading: Reading,
    groups: Mapping[int, Ints],
    vocabulary: Vocabulary,
) -> tuple[Floats, Floats, list[str]]:
    """For each place the logarithms of the best two alternatives' probabilities, and the best one."""
    count = len(places.tokens)
    best = np.full(count, LEAST, np.float32)
    second = np.full(count, LEAST, np.float32)
    found = [""] * count
    spelt: dict[int, str] = {}
    for token, number in zip(tokens, encoded.copies.tolist(), strict=True):
        if number >= 0:
            spelt.setdefault(number, token.text)
    roles = _roles(tokens, encoded, len(spelt))
    in_function = list(spelt.values())
    for group in np.unique(places.groups).tolist():
        rows = np.flatnonzero(places.groups == group)
        at = places.tokens[rows]
        own_class = encoded.classes[at] if group < BEFORE else np.full(len(rows), -1)
        tables: list[Floats] = []
        words: list[list[str] | Ints] = []
        if group in (VARIABLE, ATTRIBUTE, METHOD, TEXT) or group == 11:
            role = roles[2 if group == TEXT else 1 if group in (ATTRIBUTE, METHOD) else 0]
            copies = np.where(role[None], reading.copies[rows], LEAST)
            if copies.shape[1]:
                copies[np.arange(len(rows)), np.maximum(encoded.copies[at], 0)] = LEAST
                tables.append(copies)
                words.append(in_function)
        if group in groups and len(groups[group]):
            classes = reading.classes[np.ix_(rows, groups[group])]
            classes = np.where(groups[group][None] == own_class[:, None], LEAST, classes)
            tables.append(classes)
            words.append(groups[group])
        if not tables:
            continue
        table = np.maximum(np.concatenate(tables, 1), LEAST)
        chosen = table.argmax(1)
        numbers = np.arange(len(rows))
        best[rows] = table[numbers, chosen]
        for row, choice, value in zip(rows.tolist(), chosen.tolist(), best[rows].tolist(), strict=True):
            if value > LEAST:
                found[row] = _word(words, choice, vocabulary)
        if table.shape[1] > 1:
            table[numbers, chosen] = LEAST
            second[rows] = table.max(1)
    return best, second, found


def _word(words: Sequence[list[str] | Ints], choice: int, vocabulary: Vocabulary) -> str:
    """The word in this column of several tables that stand side by side."""
    for each in words:
        if choice < len(each):
            return each[choice] if isinstance(each, list) else vocabulary.text_of(int(each[choice]))
        choice -= len(each)
    raise IndexError(choice)


def _roles(tokens: Sequence[Token], encoded: Encoded, count: int) -> npt.NDArray[np.bool_]:
    """(3, N): which names stand alone somewhere, which behind a dot, and which are strings."""
    roles = np.zeros((3, count), bool)
    last = ""
    for token, number in zip(tokens, encoded.copies.tolist(), strict=True):
        if number >= 0:
            roles[2 if token.kind == STRING else 1 if last in _MEMBER else 0, number] = True
        last = token.text
    return roles


def _lines(tokens: Sequence[Token]) -> tuple[Ints, Ints]:
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


def _line_sums(line: Ints, surprise: Floats, count: int) -> tuple[Floats, Floats]:
    """For each line the largest and the mean surprise of its places."""
    summed = np.bincount(line, surprise, count)
    many = np.maximum(np.bincount(line, minlength=count), 1)
    largest = np.zeros(count, np.float32)
    np.maximum.at(largest, line, surprise)
    return largest, np.asarray(summed / many, np.float32)


def _spelling(tokens: Sequence[Token], places: Sites, names: Sequence[str]) -> Floats:
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


def _context(tokens: Sequence[Token], encoded: Encoded, places: Sites) -> Floats:
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
            before in _MEMBER,
            before == "=",
            after == "=",
            after == "(",
            after in _MEMBER,
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


def _twins(tokens: Sequence[Token], lines: Ints, columns: Ints) -> Floats:
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
            if not 0 <= other < len(by_line) or abs(len(by_line[other]) - len(texts)) > 0:
                continue
            same = [one == two for one, two in zip(texts, by_line[other], strict=True)]
            share = sum(same) / len(same)
            if share >= 0.6:
                begin = int(starts[line])
                for at, is_same in enumerate(same):
                    rows[begin + at] = (1, is_same, share)
                break
    return rows


def _use(
    tokens: Sequence[Token],
    encoded: Encoded,
    places: Sites,
    reading: Reading,
    used: Usage,
    names: Sequence[str],
) -> Floats:
    """Of each place: is its name, or the likeliest other one, never looked at, or never given a value?"""
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
    plain = is_name & np.isin(places.groups, (VARIABLE, 11)) & ~used.defines[places.tokens]
    unused = reading.copies[:, used.unused].max(1, initial=LEAST)
    rows[:, 7] = np.where(plain, np.clip(unused - reading.own, -6, 12) * (unused > LEAST), 0)
    rows[:, 8] = _typos(tokens, encoded, places)
    rows[:, 9] = has_other & (other == -1)
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


def _of_function(
    own: Floats, margin: Floats, places: Sites, tokens: Sequence[Token], family: Floats
) -> Floats:
    """What is known of the function as a whole."""
    size = len(tokens)
    tokens_only = ~places.gaps
    counts = np.bincount(places.groups, minlength=len(GROUPS))
    top = np.zeros(5, np.float32)
    ranked = np.sort(margin[tokens_only])[::-1][:5]
    top[: len(ranked)] = ranked
    surprise = -own[tokens_only] if tokens_only.any() else np.zeros(1)
    words = {token.text for token in tokens}
    return np.concatenate(
        [
            [
                math.log(size),
                float(surprise.mean()),
                float(surprise.std()),
                float(surprise.max()),
                math.log1p(float(surprise.sum())),
            ],
            [float((surprise > limit).mean()) for limit in (2, 4, 6, 8)],
            np.log1p(counts),
            counts / size,
            top,
            [
                word in words
                for word in (
                    "if",
                    "for",
                    "while",
                    "try",
                    "return",
                    "else",
                    "lambda",
                    "async",
                    "yield",
                    "with",
                    "switch",
                )
            ],
            [tokens[0].text == "@", sum(token.kind == LINE for token in tokens) / size],
            family,
        ]
    ).astype(np.float32)
