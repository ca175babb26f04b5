"""Names that nobody has meant to write: spelt nearly as another one, by a part that is no word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from bug_finder.checks.names import is_slip
from bug_finder.checks.scene import Scene
from bug_finder.checks.suspicion import Suspicion
from bug_finder.tokens import NAME
from bug_finder.vocabulary import Vocabulary
from engine.paths import manifest_dir

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|_+")
_SHORTEST = 5  # part in which a slip is told from an abbreviation


def misspelt_name(scene: Scene) -> Iterator[Suspicion]:
    """A name that occurs once, and differs by a slip of the finger from one that occurs more often."""
    names = Counter(token.text for token in scene.tokens if token.kind == NAME)
    often = [name for name, count in names.items() if count > 1 and len(name) >= _SHORTEST]
    rare = [name for name, count in names.items() if count == 1 and len(name) >= _SHORTEST]
    slips = {name: each for name in rare for each in often if is_slip(name, each) and _is_no_word(name, each)}
    for at, token in enumerate(scene.tokens if slips else ()):
        if token.kind != NAME or token.text not in slips or token.start < len(scene.function.head):
            continue
        if scene.tokens[at + 1 : at + 2] and scene.tokens[at + 1].text == "(":
            continue  # `getpid` and `getppid`
        if re.search(rf"\b{re.escape(token.text)}\b", scene.around.outside):
            continue
        twin = slips[token.text]
        yield Suspicion(
            "misspelt name",
            "variable_misuse",
            token.start,
            token.end,
            f"`{token.text}` occurs once, and `{twin}` is spelt nearly so.",
            twin,
        )


def _is_no_word(name: str, twin: str) -> bool:
    """Whether the one part in which they differ is known of `twin`, and not of `name`."""
    left, right = _PARTS.findall(name), _PARTS.findall(twin)
    if len(left) != len(right):
        return False
    differ = [(one.lower(), two.lower()) for one, two in zip(left, right, strict=True) if one != two]
    if len(differ) != 1:
        return False
    ((one, two),) = differ
    if len(one) < _SHORTEST or one[0] != two[0] or name.isupper():
        return False
    return two in _words() and one not in _words() and one.rstrip("s") not in _words()


@cache
def _words() -> frozenset[str]:
    """The parts of names that are common enough for the network to know them."""
    return frozenset(Vocabulary.load(manifest_dir() / "bug_finder" / "vocabulary.txt").parts)
