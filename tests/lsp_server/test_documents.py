from __future__ import annotations

import logging
import random
import statistics
import time

import pytest

from lsp_server.documents import Change, DocumentStore, Place, path_of
from tests.text.reference import ALPHABET, offset_of
from text.edits import apply
from text.positions import Encoding

URI = "file:///a.py"


def opened(text: str, encoding: Encoding = Encoding.UTF16) -> DocumentStore:
    store = DocumentStore()
    store.encoding = encoding
    store.open(URI, "python", 0, text)
    return store


def text_of(store: DocumentStore) -> str:
    snapshot = store.get(URI)
    assert snapshot is not None
    return snapshot.document.text


def insert(line: int, units: int, text: str) -> Change:
    return Change(text, Place(line, units), Place(line, units))


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_changes_as_editors_send_them_against_a_reference(encoding: Encoding, count: int) -> None:
    random.seed(encoding.value)
    for _ in range(count):
        expected = "".join(random.choices(ALPHABET, k=random.randrange(40)))
        store = opened(expected, encoding)
        for version in range(random.randrange(1, 9)):
            changes = []
            for _ in range(random.randrange(1, 4)):
                new = "".join(random.choices(ALPHABET, k=random.randrange(4)))
                first, last = sorted((random.randrange(6), random.randrange(14)) for _ in range(2))
                lines = expected.count("\n") + expected.replace("\r\n", "").count("\r") + 1
                if last[0] > lines:
                    continue
                start, end = offset_of(expected, *first, encoding), offset_of(expected, *last, encoding)
                expected = expected[:start] + new + expected[end:]
                changes.append(Change(new, Place(*first), Place(*last)))
            assert store.change(URI, version, changes)
            assert text_of(store) == expected


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (Place(0, 2), Place(0, 1)),
        (Place(1, 0), Place(0, 0)),
        (Place(0, 0), Place(9, 0)),
        (Place(9, 0), Place(9, 0)),
    ],
)
def test_a_change_that_cannot_be_is_one_log_line_and_silence_until_the_whole_text_comes(
    start: Place, end: Place, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened("abc\ndef")
    with caplog.at_level(logging.WARNING):
        assert not store.change(URI, 1, [Change("x", start, end)])
        assert not store.change(URI, 2, [insert(0, 0, "x")])
    assert len(caplog.records) == 1
    assert store.get(URI) is None
    assert store.is_lost(URI)
    assert store.change(URI, 3, [Change("new")])
    assert text_of(store) == "new"
    store.change(URI, 4, [Change("x", start, end)])
    store.open(URI, "python", 0, "again")
    assert text_of(store) == "again"


def test_one_line_beyond_the_end_is_the_end() -> None:
    store = opened("abc")
    assert store.change(URI, 1, [Change("!", Place(0, 3), Place(1, 0))])
    assert text_of(store) == "abc!"


def test_documents_that_are_not_open_are_no_trouble() -> None:
    store = DocumentStore()
    assert not store.change(URI, 1, [Change("x")])
    store.close(URI)
    assert store.get(URI) is None
    assert not store.is_lost(URI)
    assert store.edits_since(URI, 0) is None


def test_versions_are_taken_as_they_come() -> None:
    store = opened("")
    for version in (5, 5, 3, 0, -1):
        assert store.change(URI, version, [insert(0, 0, "x")])
    assert text_of(store) == "xxxxx"


def test_edits_since_a_snapshot_lead_to_the_text_of_now() -> None:
    random.seed(3)
    for _ in range(200):
        store = opened("".join(random.choices("ab\n", k=20)))
        before = store.get(URI)
        assert before is not None
        for version in range(random.randrange(6)):
            line = random.randrange(2)
            units = random.randrange(4)
            end = Place(line, units + random.randrange(3))
            assert store.change(
                URI, version, [Change("".join(random.choices("xy\n", k=2)), Place(line, units), end)]
            )
        edits = store.edits_since(URI, before.serial)
        assert edits is not None
        assert apply(before.document.text, edits) == text_of(store)


def test_edits_are_not_known_over_a_replacement_of_everything() -> None:
    store = opened("a")
    store.change(URI, 1, [Change("b"), insert(0, 0, "c")])
    assert store.edits_since(URI, 0) is None
    assert store.edits_since(URI, 1) is not None


def test_edits_are_forgotten_after_a_while() -> None:
    store = opened("")
    for version in range(100):
        store.change(URI, version, [insert(0, 0, "x")])
    assert store.edits_since(URI, 0) is None
    assert store.edits_since(URI, 90) is not None


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.py", "/a/b c.py"),
        ("file:///c%3A/x.py", "c:/x.py"),
        ("file:///c:/x.py", "c:/x.py"),
        ("untitled:Untitled-1", "Untitled-1"),
        ("file:///%ff", "/\ufffd"),
        ("", ""),
        ("http://[bad", ""),
    ],
)
def test_the_path_of_a_uri(uri: str, path: str) -> None:
    assert path_of(uri) == path


@pytest.mark.slow
def test_one_character_in_fifty_thousand_lines() -> None:
    store = opened("".join(f"    value_{n} = compute({n})\n" for n in range(50_000)))
    times = []
    for version in range(300):
        began = time.perf_counter()
        store.change(URI, version, [insert(random.randrange(50_000), 6, "x")])
        times.append(time.perf_counter() - began)
    assert statistics.median(times) < 1e-3
