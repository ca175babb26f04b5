"""Examining a text: what is known is not read again, what does not parse is left alone."""

from __future__ import annotations

import os
import random
import stat
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bug_finder import cache as caches
from bug_finder.cache import Cache, keys
from bug_finder.examine import examine
from bug_finder.finding import Finding
from bug_finder.functions import functions
from bug_finder.reasons import Reason
from engine.cancel import NEVER, Cancelled, CancelToken
from tests.bug_finder.samples import SHAPES, WRONG, detector, examined, find


class Counting:
    """The real detector; notes what it was asked to read."""

    def __init__(self) -> None:
        self._detector = detector()
        self.recipe = self._detector.recipe
        self.asked: list[int] = []
        self.functions = self._detector.functions

    def find(
        self,
        text: str,
        language: str,
        spans: Sequence[tuple[int, int]] | None = None,
        cancel: CancelToken | None = None,
    ) -> list[Finding]:
        self.asked.append(len(spans or ()))
        return self._detector.find(text, language, spans, cancel)


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    finder, cache = Counting(), Cache(tmp_path / "bugs.sqlite3")
    first = examine(finder, cache, SHAPES, "python", NEVER)
    assert (first.read, finder.asked) == (3, [3])
    assert examine(finder, cache, SHAPES, "python", NEVER)[:2] == first[:2]
    changed = SHAPES.replace("radius**2", "radius**3")
    assert examine(finder, cache, changed, "python", NEVER).read == 1
    cache.close()
    again = Cache(tmp_path / "bugs.sqlite3")
    assert examine(finder, again, SHAPES, "python", NEVER)[:2] == first[:2]
    assert finder.asked == [3, 1]


def test_what_is_cached_is_what_is_found_anew() -> None:
    """Over a random session of edits that move, change and break functions."""
    rng = random.Random(4)
    cache, text = Cache(None), SHAPES
    for step in range(40):
        at = rng.randrange(len(text))
        new = rng.choice(["", "\n", "x", " == x", "(", f"\n\ndef f{step}(v):\n    return v == v\n\n"])
        text = text[:at] + new + text[at + rng.choice([0, 0, 3]) :]
        assert examined(text, cache=cache)[:2] == examined(text)[:2]


def test_another_recipe_language_or_context_is_another_key() -> None:
    def of(recipe: str = "r", text: str = SHAPES, language: str = "python") -> list[bytes]:
        return keys(recipe, text, language, functions(text, "python"))

    assert len(set(of())) == 3
    assert set(of()).isdisjoint(of("other"))
    assert set(of()).isdisjoint(of(language="cython"))
    assert set(of()).isdisjoint(of(text="import os\n" + SHAPES))
    assert set(of()).isdisjoint(of(text=SHAPES.replace("area(radius)", "area(r)")))
    assert set(of()) == set(of())


def test_the_cache_is_bounded_private_and_survives_damage(tmp_path: Path) -> None:
    place = tmp_path / "folder" / "bugs.sqlite3"
    cache = Cache(place, most=100)
    for number in range(30):
        cache.put({bytes([number, each]): b"\x90" for each in range(20)})
    known = cache.get(bytes([number, each]) for number in range(30) for each in range(20))
    assert 20 <= len(known) <= 120
    cache.close()
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(place).st_mode) == 0o600
    place.write_bytes(b"no database at all" * 100)
    cache = Cache(place)
    cache.put({b"key": b"\x90"})
    assert cache.get([b"key", b"other"]) == {b"key": b"\x90"}


def test_a_cache_that_cannot_be_written_is_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "bugs.sqlite3")
    cache.put({b"key": b"\x90"})
    assert cache.get([b"key"])
    assert caches.path().name == "bugs.sqlite3"


def test_what_is_cancelled_is_not_remembered() -> None:
    token, cache = CancelToken(), Cache(None)
    token.cancel("enough")
    with pytest.raises(Cancelled):
        examine(detector(), cache, SHAPES, "python", token)
    assert examined(SHAPES, cache=cache).read == 3


def test_functions_that_do_not_parse_are_left_alone() -> None:
    broken = SHAPES.replace("if a.size == a.size:", "if a.size == a.size a b c:")
    result = examined(broken)
    assert result.broken == 1
    assert "same_size" not in {each.function for each in result.findings}
    assert [each.function for each in find(broken)] == ["is_square"]
    assert examined("def f(:\n    return 1 is 'a'\n").reason is Reason.UNPARSABLE
    assert examined("<html>{{ x }}</html>").reason is Reason.UNPARSABLE
    assert examined("x = 1\n").reason is Reason.NO_FUNCTIONS
    assert examined("plain", "").reason is Reason.LANGUAGE


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    return " + "(" * 20_000 + "a" + ")" * 20_000 + "\n",
        "def f(a):\n" + "".join(" " * each + "if a:\n" for each in range(1, 3000)) + " " * 3000 + "pass\n",
        "def f(a):\n    return " + "[" * 100_000 + "\n",
        "def f(a):\n    return '" + "é𝒳\u2028" * 10_000 + "'\n",
        "def f(a):\r    return a == a\r",
        "\udcff = 1\ndef f(a):\n    return a == a\n",
        "\0" * 1000,
    ],
    ids=["parentheses", "indentation", "unclosed", "wide", "lone returns", "surrogates", "nul"],
)
@pytest.mark.parametrize("language", ["python", "c", "typescript"])
def test_bad_input_is_survived(text: str, language: str) -> None:
    started = time.process_time()
    result = examined(text, language)
    assert time.process_time() - started < 3
    assert all(0 <= each.start <= each.end <= len(text) for each in result.findings)


def test_offsets_are_code_points() -> None:
    text = "NAME = '𝒳é👩'\n" + SHAPES
    assert any(text[each.start :].startswith(WRONG) for each in find(text))
