"""Search finds by words, by meaning and by name, in one view and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.embedding import StaticEmbedding
from retrieval.search import Searcher
from retrieval.snapshot import Snapshot
from retrieval.store import Store, View
from retrieval.symbols import EXACT, PREFIX, Wanted, find_symbols, initials
from retrieval.vectors import signs, unpack
from tests.retrieval.plain_embedder import HashedWords
from tests.retrieval.test_store import save

UPLOADS = '''
class Uploader:
    def upload_with_retry(self, item, attempts=3):
        """Send an item, and try again when the network fails."""
        for attempt in range(attempts):
            try:
                return self.send(item)
            except ConnectionError:
                self.wait(attempt)

    def close_connection(self):
        self.socket.close()
'''
MATHS = """
def greatest_common_divisor(a, b):
    while b:
        a, b = b, a % b
    return a


def parseHTTPHeader(line):
    name, _, value = line.partition(":")
    return name.strip(), value.strip()
"""


@pytest.fixture(scope="module")
def embedding() -> StaticEmbedding:
    return StaticEmbedding.load()


@pytest.fixture
def store(tmp_path: Path, embedding: StaticEmbedding) -> Iterator[Store]:
    opened = Store.open(tmp_path / "index.db", embedding)
    yield opened
    assert opened.check() == []
    opened.close()


@pytest.fixture
def view(store: Store) -> View:
    view = store.view("/w", "main")
    save(store, view, {"net/uploads.py": UPLOADS, "maths.py": MATHS})
    return view


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("where do we retry failed uploads?", "upload_with_retry"),
        ("disconnect the socket", "close_connection"),
        ("greatest common divisor", "greatest_common_divisor"),
        ("upload_with_retry", "upload_with_retry"),
        ("UploadRetr", "upload_with_retry"),
        ("closeConn", "close_connection"),
        ("parseHTTP", "parseHTTPHeader"),
        ("pHH", "parseHTTPHeader"),
    ],
)
def test_finds(store: Store, view: View, query: str, name: str) -> None:
    assert Searcher(store, view).search(query)[0].name == name


@pytest.mark.parametrize(
    "query", ["", " ", '"', "'; drop table words --", "AND OR NOT", "*", "\0", "\ud800", "ÄÖ 中文"]
)
def test_any_question_has_an_answer(store: Store, view: View, query: str) -> None:
    Searcher(store, view).search(query)


def test_a_hit_says_where_and_why(store: Store, view: View) -> None:
    hit = Searcher(store, view).search("retry uploads")[0]
    assert (hit.path, hit.kind, hit.context) == ("net/uploads.py", "method", "Uploader.upload_with_retry")
    assert UPLOADS[hit.start : hit.end].lstrip().startswith("def upload_with_retry")
    assert UPLOADS.splitlines()[hit.start_line].lstrip().startswith("def upload_with_retry")
    assert hit.score == pytest.approx(sum(hit.why.values()))


def test_an_empty_view_has_no_answers(store: Store) -> None:
    assert Searcher(store, store.view("/nothing")).search("anything") == []


def test_what_is_saved_is_found_at_once_and_what_is_gone_is_not(store: Store, view: View) -> None:
    searcher = Searcher(store, view)
    searcher.search("warm up")
    save(store, view, {"new.py": "def bake_bread(flour):\n    return flour\n"})
    assert searcher.search("bake bread")[0].path == "new.py"
    save(store, view, {"new.py": None})
    assert all(hit.path != "new.py" for hit in searcher.search("bake bread"))


def test_a_view_neither_loses_nor_leaks(tmp_path: Path, embedding: StaticEmbedding) -> None:
    """A trunk and branches in one index answer as if each had an index of its own."""
    rng = random.Random(5)
    texts = [f"def {a}_{b}(x):\n    return {b}({a}, x)\n" for a in WORDS for b in WORDS]
    contents = {name: {f"{i}.py": rng.choice(texts) for i in range(120)} for name in ("main", "one", "two")}
    together = Store.open(tmp_path / "together.db", embedding)
    for name, files in contents.items():
        save(together, together.view("/w", name), dict(files))
    for name, files in contents.items():
        hits = Searcher(together, together.view("/w", name)).search("send the queue", 40)
        assert {hit.path for hit in hits} <= set(files)
        best = {path for path, text in files.items() if "def send_queue" in text}
        assert best <= {hit.path for hit in hits}
        by_meaning = Snapshot(together.view("/w", name).id, embedding.dims)
        with together.reading() as connection:
            by_meaning.refresh(connection)
        assert len(by_meaning) == len(files)
    together.close()


WORDS = ["send", "queue", "open", "file", "parse", "token", "close", "read"]


def test_nearest_is_nearest(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "index.db", HashedWords())
    view = store.view("/w")
    save(store, view, {f"{a}{b}.py": f"def {a}_{b}(): pass" for a in WORDS for b in WORDS})
    snapshot = Snapshot(view.id, HashedWords.dims)
    with store.reading() as connection:
        snapshot.refresh(connection)
        stored = {
            id: np.unpackbits(np.frombuffer(signs(unpack(vector, HashedWords.dims)), np.uint8))
            for id, vector in connection.execute("select chunk, vector from vector")
        }
    query = HashedWords().query("open the queue")
    wanted = np.unpackbits(np.packbits(query > 0))
    distances = {id: int((sign != wanted).sum()) for id, sign in stored.items()}
    found = {int(snapshot.chunks["id"][row]) for row in snapshot.nearest(query, 10)}
    limit = sorted(distances.values())[9]
    assert found == {id for id, distance in distances.items() if distance <= limit}
    store.close()


def test_names_and_their_abbreviations(store: Store, view: View) -> None:
    with store.reading() as connection:
        rows: list[Any] = connection.execute("select chunk, name from symbol").fetchall()
        names = dict(rows)
        for query in ("upload_with_retry", "uploadWith", "uwr", "upWiRe"):
            found = find_symbols(connection, Wanted(query))
            assert names[max(found, key=found.__getitem__)] == "upload_with_retry", query
        assert find_symbols(connection, Wanted("call upload_with_retry here"))
        assert find_symbols(connection, Wanted("close the door")) == {}


@pytest.mark.parametrize(
    ("typed", "name", "least"),
    [
        ("retry_upload", "retry_upload", EXACT),
        ("retryUp", "retry_upload", PREFIX),
        ("reUp", "retry_upload", 0.05),
        ("UploadRetr", "do_upload_retry_now", 0.1),
        ("upldrtr", "do_upload_retry_now", 0.01),
        ("now_upload", "do_upload_retry_now", 0.0),
    ],
)
def test_a_name_is_the_better_the_more_of_it_was_typed(typed: str, name: str, least: float) -> None:
    rate = Wanted(typed).rate(name, initials(name))
    assert rate >= least
    assert (rate > 0) == (least > 0)


@pytest.mark.parametrize("query", ["UploadRetr", "upldrtr", "retrynow"])
def test_a_part_of_a_name_is_found_among_many_of_another_view(store: Store, view: View, query: str) -> None:
    other = store.view("/other")
    many = {f"{n}.py": f"def do_upload_retry_now_{n}(): return {n}\n" for n in range(300)}
    save(store, other, dict(many))
    save(store, view, {"one.py": "def do_upload_retry_now(): return 1\n"})
    names = [hit.name for hit in Searcher(store, view).search(query) if hit.why["symbol"]]
    assert "do_upload_retry_now" in names
