"""The index keeps what it was given: shared between views, whole after every accident."""

from __future__ import annotations

import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
import xxhash

from retrieval.chunk import chunk_file
from retrieval.schema import StoreDamaged, StoreError
from retrieval.search import Searcher
from retrieval.store import Store, View
from tests.retrieval.plain_embedder import HashedWords

DATA = Path(__file__).parents[1] / "data"
CODE = 'def {0}(path):\n    """Read {0} from a file."""\n    return open(path).read()\n'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "index.db", HashedWords())
    yield opened
    assert opened.check() == []
    opened.close()


def hash_of(text: str) -> bytes:
    return xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass"))


def save(store: Store, view: View, files: dict[str, str | None]) -> None:
    """One batch: a text for each path, None where it is gone."""
    with store.batch(view) as batch:
        for path, text in files.items():
            if text is None:
                batch.drop(path)
                continue
            key = hash_of(text)
            chunks = None if batch.known(key) else chunk_file(path, text, "python")
            batch.put(path, key, chunks)
        batch.set_tree(repr(sorted(files)).encode())


def count(store: Store, table: str) -> int:
    return int(store.connection.execute(f"select count(*) from {table}").get)


def test_what_was_put_is_there(store: Store) -> None:
    view = store.view("/w", "main")
    assert store.tree(view) is None
    save(store, view, {"a.py": CODE.format("alpha"), "b.py": CODE.format("beta")})
    files = store.files(view)
    assert files == {path: hash_of(CODE.format(name)) for path, name in [("a.py", "alpha"), ("b.py", "beta")]}
    assert store.tree(view) == b"['a.py', 'b.py']"
    save(store, view, {"a.py": None, "never.py": None})
    assert list(store.files(view)) == ["b.py"]


def test_views_share_what_is_the_same(store: Store) -> None:
    texts: dict[str, str | None] = {f"{i}.py": CODE.format(f"name{i}") for i in range(10)}
    main = store.view("/w", "main")
    save(store, main, texts)
    assert isinstance(store.embedder, HashedWords)
    embedded, chunks = store.embedder.embedded, count(store, "chunk")
    for other in (store.view("/clone", "main"), store.view("/w", "feature", like=main)):
        save(store, other, texts)
        assert store.files(other) == store.files(main)
    assert (store.embedder.embedded, count(store, "chunk")) == (embedded, chunks)
    save(store, store.view("/w", "feature"), {"0.py": CODE.format("changed")})
    assert store.files(main)["0.py"] != store.files(store.view("/w", "feature"))["0.py"]


def test_unknown_content_needs_chunks(store: Store) -> None:
    with pytest.raises(ValueError, match="missing"), store.batch(store.view("/w")) as batch:
        batch.put("a.py", b"?" * 16, None)
    assert store.files(store.view("/w")) == {}


def test_a_batch_that_fails_leaves_nothing(store: Store) -> None:
    view = store.view("/w")
    save(store, view, {"a.py": CODE.format("alpha")})
    with pytest.raises(AttributeError):
        save(store, view, {"b.py": CODE.format("beta"), "a.py": None, "c.py": 1})  # type: ignore[dict-item]
    assert list(store.files(view)) == ["a.py"]


def test_random_batches_leave_it_whole(store: Store) -> None:
    rng = random.Random(0)
    views = [store.view("/w", name) for name in ("main", "feature", "fix")]
    wanted: dict[int, dict[str, str]] = {view.id: {} for view in views}
    for _ in range(60):
        view = rng.choice(views)
        change: dict[str, str | None] = {
            f"{rng.randrange(6)}.py": rng.choice([None, CODE.format(f"name{rng.randrange(9)}")])
            for _ in range(3)
        }
        save(store, view, change)
        held = wanted[view.id]
        for path, text in change.items():
            held.pop(path, None)
            if text is not None:
                held[path] = text
        if rng.random() < 0.2:
            store.sweep(days=0)
        assert store.check() == []
    for view in views:
        hashes = {path: hash_of(text) for path, text in wanted[view.id].items()}
        assert store.files(view) == hashes


def test_what_nobody_holds_goes_after_a_while(store: Store) -> None:
    view = store.view("/w")
    save(store, view, {"a.py": CODE.format("alpha"), "b.py": CODE.format("beta")})
    save(store, view, {"a.py": None})
    assert store.sweep() == 0
    assert store.sweep(days=0) == 1
    store.forget(view)
    assert store.views() == []
    assert store.sweep(days=0) == 1
    assert [count(store, table) for table in ("file", "chunk", "vector", "words", "symbol")] == [0] * 5


def test_odd_texts(store: Store) -> None:
    view = store.view("/w")
    save(
        store,
        view,
        {"empty.py": "", "odd.py": "def f\ud800(): pass\n", "nul.py": "x = '\0'\n", "ü/ß.py": "ü = 1"},
    )
    assert len(store.files(view)) == 4


def test_two_processes_write_at_once(store: Store) -> None:
    other = Store.open(store.path, HashedWords())
    view = store.view("/w")
    for i in range(20):
        save(store if i % 2 else other, view, {f"{i}.py": CODE.format(f"name{i}")})
    assert len(store.files(view)) == len(other.files(view)) == 20
    other.close()


KILLED = """
import sys
from pathlib import Path
from retrieval.store import Store
from tests.retrieval.plain_embedder import HashedWords
from tests.retrieval.test_store import CODE, save
store = Store.open(Path(sys.argv[1]), HashedWords())
view = store.view("/w")
i = len(store.files(view))
print("ready", flush=True)
while True:
    save(store, view, {f"{i}.py": CODE.format(f"name{i}")})
    print(i, flush=True)
    i += 1
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_kill_at_any_instant_loses_nothing_committed(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    rng = random.Random(1)
    root = Path(__file__).parents[2]
    for _ in range(4):
        command = [sys.executable, "-c", KILLED, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(rng.random() * 0.3)
            process.kill()
            told = [int(line) for line in process.stdout.read().split("\n")[:-1]]
        store = Store.open(path, HashedWords())
        view = store.view("/w")
        assert set(store.files(view)) >= {f"{i}.py" for i in told}
        assert store.check() == []
        store.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"This is not a database. " * 100),
        lambda path: path.write_bytes(path.read_bytes()[:100] + os.urandom(9000)),
    ],
    ids=["another file", "overwritten"],
)
def test_a_damaged_database_is_made_anew_with_one_message(
    tmp_path: Path, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "index.db"
    first = Store.open(path, HashedWords())
    save(first, first.view("/w"), {"a.py": CODE.format("alpha")})
    first.close()
    assert callable(damage)
    damage(path)
    with caplog.at_level(logging.WARNING):
        store = Store.open(path, HashedWords())
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert store.views() == []
    save(store, store.view("/w"), {"a.py": CODE.format("alpha")})
    assert store.check() == []
    store.close()


def test_damage_that_shows_later_is_told_once_and_mended_by_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    first = Store.open(path, HashedWords())
    save(first, first.view("/w"), {f"{i}.py": CODE.format(f"name{i}") for i in range(200)})
    first.close()
    size = path.stat().st_size
    with path.open("rb+") as file:  # all but the first pages, where the tables are described
        file.seek(20 * 4096)
        file.write(os.urandom(size - 20 * 4096))
    store = Store.open(path, HashedWords())
    with pytest.raises(StoreDamaged, match="built again"):
        save(store, store.view("/w"), {f"{i}.py": CODE.format(f"other{i}") for i in range(200)})
    store.close()
    again = Store.open(path, HashedWords())
    assert again.views() == []
    assert again.check() == []
    again.close()


def test_a_newer_database_is_refused_and_an_older_one_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "index.db"
    Store.open(path, HashedWords()).close()
    for version in (99, 0):
        connection = apsw.Connection(str(path))
        connection.pragma("user_version", version)
        connection.close()
        if version:
            with pytest.raises(StoreError, match="newer"):
                Store.open(path, HashedWords())
        else:
            with caplog.at_level(logging.WARNING):
                Store.open(path, HashedWords()).close()
            assert "older version" in caplog.text


def test_another_embedding_is_another_database(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "index.db"
    store = Store.open(path, HashedWords())
    save(store, store.view("/w"), {"a.py": CODE.format("alpha")})
    store.close()
    other = HashedWords()
    other.model_id = "other"
    with caplog.at_level(logging.WARNING):
        store = Store.open(path, other)
    assert "of the embedding hashed-words" in caplog.text
    assert store.views() == []
    store.close()


def test_a_full_disk_is_told_and_nothing_is_lost(store: Store) -> None:
    view = store.view("/w")
    save(store, view, {"a.py": CODE.format("alpha")})
    pages = store.connection.pragma("page_count")
    store.connection.pragma("max_page_count", pages + 1)  # what SQLite does then is what it does on ENOSPC
    with pytest.raises(StoreError, match="disk is full"):
        save(store, view, {f"{i}.py": CODE.format(f"name{i}") for i in range(500)})
    store.connection.pragma("max_page_count", 1 << 30)
    assert list(store.files(view)) == ["a.py"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        Store.open(tmp_path / "file" / "index.db", HashedWords())


def test_an_index_of_version_2_is_read_for_ever(tmp_path: Path) -> None:
    """The fixture is kept: a later version opens it as it is, or replaces it, and says which."""
    path = tmp_path / "index.db"
    shutil.copy(DATA / "index_v2.db", path)
    store = Store.open(path, HashedWords())
    main, side = store.views()
    assert list(store.files(main)) == ["a.py", "b.py"]
    assert list(store.files(side)) == ["b.py"]
    assert Searcher(store, main).search("read alpha")[0].path == "a.py"
    assert store.check() == []
    save(store, main, {"c.py": CODE.format("gamma")})
    store.close()


def test_an_index_of_version_1_is_built_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "index.db"
    shutil.copy(DATA / "index_v1.db", path)
    with caplog.at_level(logging.WARNING):
        store = Store.open(path, HashedWords())
    assert "older version" in caplog.text
    assert store.views() == []
    store.close()


def test_what_was_freed_is_given_back(store: Store) -> None:
    view = store.view("/w")
    many: dict[str, str | None] = {f"{i}.py": CODE.format(f"name{i}") for i in range(2000)}
    save(store, view, many)
    save(store, view, dict.fromkeys(many))
    before = store.connection.pragma("page_count")
    store.sweep(days=0)
    store.tidy()
    assert store.connection.pragma("freelist_count") == 0
    assert store.connection.pragma("page_count") < before / 2
