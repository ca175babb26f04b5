"""Words as search sees them, the same for queries, code and paths; a change here is a new schema version.

An identifier gives its parts (camelCase, snake_case, digits apart) and, where it has several, itself as a
whole. Parts are lower case and lose their English endings, so that "Creates uploads" finds `create_upload`.
Any script's letters count as letters.
"""

from __future__ import annotations

import re
from functools import lru_cache

_IDENTIFIER = re.compile(r"\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FOREIGN_PART = re.compile(r"[^\W\d_]+|\d+")  # where not all letters are ASCII
_MAX_LENGTH = 40  # longer runs are hashes and encoded data
_VOWEL = re.compile(r"[aeiouy]")


def terms(text: str) -> list[str]:
    """Everything that `text` can be found by, in order, repetitions included."""
    found: list[str] = []
    for identifier in _IDENTIFIER.findall(text):
        found.extend(_identifier_terms(identifier))
    return found


def query_terms(text: str) -> list[str]:
    """What to look for: each term once, without stop words unless there is nothing else."""
    found = list(dict.fromkeys(terms(text)))
    return [term for term in found if term not in STOP_WORDS] or found


def parts(identifier: str) -> list[str]:
    """The parts of one identifier in lower case, with their endings: `parseURLs2` is parse, urls, 2."""
    pattern = _PART if identifier.isascii() else _FOREIGN_PART
    return [part.lower() for part in pattern.findall(identifier)]


@lru_cache(maxsize=1 << 16)
def _identifier_terms(identifier: str) -> tuple[str, ...]:
    found = [stem(part) for part in parts(identifier) if len(part) <= _MAX_LENGTH]
    if len(found) > 1:
        whole = identifier.replace("_", "").lower()
        if len(whole) <= _MAX_LENGTH:
            found.append(whole)
    return tuple(found)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A lower-case English word without its ending; other words nearly always stay as they are.

    Less than Porter's algorithm on purpose: only the endings of verbs and plurals go, because in code a
    noun and the verb it comes from ("connection", "connect") are different things.
    """
    if len(word) <= 3:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("ches", "shes", "sses", "xes", "zes")) else word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = rest[:-1] if _doubled(rest) else rest
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _doubled(word: str) -> bool:
    return word[-1] == word[-2] and word[-1] not in "lsz"


# What says how a sentence is built, not what it is about. Keywords of languages are not among them: the
# statistics of the index know how common those are.
STOP_WORDS = frozenset(
    stem(word)
    for word in re.findall(
        r"\w+",
        """the a an of to and or in on at is are was be been it its this that these those with by from as if
        not for when which will can should would into than then so we you our your their they do does did has
        have had but any all also only such there here how what where who why i me my""",
    )
)
