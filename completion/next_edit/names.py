"""Names in all the ways of writing them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from completion.next_edit.tokens import is_word, tokens_of

_SHORTEST: Final = 3  # characters of a part of a name that is replaced by itself
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def renamings(sibling: str, new: str) -> dict[str, str]:
    """How the sibling's name, and the part of it that the new one does not share, become the new one's."""
    one, other = _WORDS.findall(sibling), _WORDS.findall(new)
    values = {sibling: new}
    for words, others in ((one, other), _unshared(one, other)):
        if words and others and sum(map(len, words)) >= _SHORTEST:
            for write in _WAYS:
                values.setdefault(write(words), write(others))
    return {old: new for old, new in values.items() if len(old) >= _SHORTEST or old == sibling}


_WAYS: Final = (
    lambda words: "_".join(words).lower(),
    lambda words: "_".join(words).upper(),
    lambda words: "".join(word[:1].upper() + word[1:].lower() for word in words),
    lambda words: words[0].lower() + "".join(word[:1].upper() + word[1:].lower() for word in words[1:]),
    lambda words: "-".join(words).lower(),
)


def _unshared(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """Both without the words that they begin and end with alike."""
    first, second = [word.lower() for word in one], [word.lower() for word in other]
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    return list(one[start : len(one) - end]), list(other[start : len(other) - end])


def put_in(values: Mapping[str, str], text: str) -> str:
    """The text with other values for words, and for words that only share a part with one of them."""
    if not values:
        return text
    known = dict(values)
    for old, new in values.items():
        for form, value in renamings(old, new).items():
            known.setdefault(form, value)
    return "".join(known.get(token) or _part(known, token) for token in tokens_of(text))


def _part(values: Mapping[str, str], token: str) -> str:
    """A word that holds one of the words in camel or snake case, with its value instead."""
    if not is_word(token):
        return token
    words = list(_WORDS.finditer(token))
    for first in range(len(words)):
        for last in range(len(words) - 1, first - 1, -1):
            if first == 0 and last == len(words) - 1:
                continue
            part = token[words[first].start() : words[last].end()]
            if part in values and len(part) >= _SHORTEST:
                return token[: words[first].start()] + values[part] + token[words[last].end() :]
    return token
