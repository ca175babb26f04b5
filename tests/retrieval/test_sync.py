"""Whatever happens to the folder and to the process: the index ends up as if it had been built anew."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retrieval import sync as syncing
from retrieval.content import UNSURE
from retrieval.schema import StoreError
from retrieval.store import Store
from retrieval.sync import Syncer
from tests.retrieval.workspaces import change, check, fill, open_store, rows

KILLS = int(os.environ.get("TACIT_TEST_KILLS", "8"))


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def child(database: Path, root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.retrieval.workspaces", str(database), str(root)]
    home = Path(__file__).resolve().parents[2]
    return subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "index.db")


def test_a_large_pass_ends_with_a_tidy_index(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "UNTIDY", 3)

    def pieces() -> int:
        """Of the full-text index, beside its two records of its own."""
        return int(store.connection.execute("select count(*) - 2 from words_data").get)

    with Syncer(store, root) as syncer:
        for number in range(2):
            (root / f"{number}.py").write_text(f"def made_{number}(value):\n    return value\n")
            assert syncer.sync().cut == 1
        assert pieces() == 2
        for number in range(2, 5):
            (root / f"{number}.py").write_text(f"def made_{number}(value):\n    return value\n")
        assert syncer.sync().cut == 3
        assert pieces() == 1


@pytest.mark.parametrize("seed", range(4))
def test_incremental_is_rebuilt(seed: int, root: Path, store: Store, tmp_path: Path) -> None:
    chance = random.Random(seed)
    fill(root, chance, 40)
    with Syncer(store, root) as syncer:
        syncer.sync()
        for step in range(40):
            told = [path for _ in range(chance.randint(1, 4)) for path in change(root, chance)]
            syncer.sync(None if chance.random() < 0.2 else told)
            assert list(syncer.problems()) == []
            if step % 10 == 9:
                check(store, syncer, tmp_path / "fresh.db")


def test_an_unchanged_folder_is_not_read(root: Path, store: Store) -> None:
    fill(root, random.Random(1), 30)
    for path in root.rglob("*.py"):
        os.utime(path, (1e9, 1e9))
    with Syncer(store, root) as syncer:
        assert syncer.sync().cut > 10
        # The time of the last change of their names is young, so they were not trusted yet.
        time.sleep(2.1)
        syncer.sync()
        report = syncer.sync()
        assert (report.read, report.cut, report.files) == (0, 0, 30)


def test_a_saved_file_is_read_and_nothing_else_looked_at(root: Path, store: Store) -> None:
    fill(root, random.Random(1), 30)
    with Syncer(store, root) as syncer:
        syncer.sync()
        (root / "d1/e1/1.py").write_text("def changed(): ...\n")
        (root / "d2/e2/2.py").write_text("def unseen(): ...\n")
        report = syncer.sync(["d1/e1/1.py"])
        assert (report.read, report.cut, report.removed) == (1, 1, 0)


def test_a_second_clone_cuts_and_embeds_nothing(root: Path, store: Store, tmp_path: Path) -> None:
    fill(root, random.Random(1), 30)
    with Syncer(store, root) as syncer:
        syncer.sync()
        embedded = store.embedder.embedded  # type: ignore[attr-defined]
        shutil.copytree(root, tmp_path / "clone")
        with Syncer(store, tmp_path / "clone") as clone:
            report = clone.sync()
            assert (report.read, report.cut) == (30, 0)
            assert rows(store, clone) == rows(store, syncer)
        assert store.embedder.embedded == embedded  # type: ignore[attr-defined]


def test_branches_are_views_that_share_their_chunks(root: Path, store: Store, tmp_path: Path) -> None:
    chance = random.Random(1)
    fill(root, chance, 30)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    with Syncer(store, root) as syncer:
        syncer.sync()
        trunk = syncer.view
        git(root, "switch", "-qc", "other")
        (root / "d1/e1/1.py").write_text("def only_here(): ...\n")
        (root / "d1/e2/8.py").unlink()
        git(root, "commit", "-qam", "two")
        # A save, not a pass over everything, finds the branch changed.
        report = syncer.sync(["d1/e1/1.py"])
        assert (syncer.view.branch, report.cut, report.removed) == ("other", 1, 1)
        check(store, syncer, tmp_path / "fresh.db")
        git(root, "switch", "-q", "main")
        report = syncer.sync([])
        assert syncer.view == trunk
        assert report.cut == 0
        check(store, syncer, tmp_path / "fresh.db")
        git(root, "worktree", "add", "-q", str(tmp_path / "linked"), "other")
        with Syncer(store, tmp_path / "linked") as linked:
            assert linked.sync().cut == 0
            check(store, linked, tmp_path / "fresh.db")


def test_a_detached_head_is_one_view_and_a_branch_that_is_gone_none(root: Path, store: Store) -> None:
    fill(root, random.Random(1), 5)
    git(root, "init", "-q", "-b", "main")
    with Syncer(store, root) as syncer:
        syncer.sync()  # before the first commit
        git(root, "add", "-A")
        git(root, "commit", "-qm", "one")
        for name in ("a/b", "c"):
            git(root, "switch", "-qc", name)
            git(root, "commit", "-qm", name, "--allow-empty")
            syncer.sync()
        git(root, "switch", "-q", "--detach", "a/b")
        syncer.sync()
        git(root, "pack-refs", "--all")
        git(root, "switch", "-q", "--detach", "main")
        git(root, "branch", "-qD", "c")
        syncer.sync()
        assert {each.branch for each in store.views()} == {"main", "a/b", "HEAD"}
        assert store.check() == []


def test_cancelled_and_gone_on_with(
    root: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "COMMIT_SECONDS", 0.0)
    fill(root, random.Random(1), 200)
    seen: list[tuple[int, int]] = []
    with Syncer(store, root) as syncer:
        report = syncer.sync(
            on_progress=lambda done, total: seen.append((done, total)), cancelled=lambda: len(seen) > 10
        )
        assert report.cancelled
        assert 10 < len(rows(store, syncer)) < 200  # what is there can be searched
        assert list(syncer.problems()) == []
        assert syncer.sync().cut < 190
        assert seen[0] == (1, 200)
        check(store, syncer, tmp_path / "fresh.db")


def test_an_error_in_the_middle_leaves_workers_that_answer_the_right_questions(
    root: Path, store: Store, tmp_path: Path
) -> None:
    fill(root, random.Random(1), 100)

    def fail(done: int, total: int) -> None:
        if done == 5:
            raise StoreError("The disk is full", "Free some space.")

    with Syncer(store, root) as syncer:
        with pytest.raises(StoreError):
            syncer.sync(on_progress=fail)
        syncer.sync()
        check(store, syncer, tmp_path / "fresh.db")


def test_changes_that_leave_size_and_time_as_they_were(root: Path, store: Store, tmp_path: Path) -> None:
    with Syncer(store, root) as syncer:
        for number, moment in enumerate([1e9, time.time(), time.time() + 1e6, 0.0]):
            path = root / f"{number}.py"
            path.write_text("def before(): ...\n")
            os.utime(path, (moment, moment))
        syncer.sync()
        for number, moment in enumerate([1e9, time.time(), time.time() + 1e6, 0.0]):
            path = root / f"{number}.py"
            path.write_text("def later_(): ...\n")
            os.utime(path, (moment, moment))
        syncer.sync()
        check(store, syncer, tmp_path / "fresh.db")


def test_a_root_that_is_gone_is_not_an_empty_one(root: Path, store: Store) -> None:
    fill(root, random.Random(1), 5)
    with Syncer(store, root) as syncer:
        syncer.sync()
        root.rename(root.with_name("elsewhere"))
        with pytest.raises(FileNotFoundError):
            syncer.sync()
        root.with_name("elsewhere").rename(root)
        assert len(rows(store, syncer)) == 5


def test_a_tree_that_cannot_be_read_is_made_from_the_rows(root: Path, store: Store, tmp_path: Path) -> None:
    fill(root, random.Random(1), 20)
    with Syncer(store, root) as syncer:
        syncer.sync()
        (root / "d1/e1/1.py").unlink()
        for tree in (b"nonsense", syncing._HEADER + b"merkle-1\n\xc1"):
            with store.batch(syncer.view) as batch:
                batch.set_tree(tree)
            assert syncer.sync().cut == 0
            check(store, syncer, tmp_path / "fresh.db")


def test_what_is_left_out_is_not_read_again(root: Path, store: Store) -> None:
    (root / "a.py").write_bytes(b"a\0b")
    os.utime(root / "a.py", (1e9, 1e9))
    with Syncer(store, root) as syncer:
        assert syncer.sync().left_out == {"binary": 1}
        leaf = syncer._tree(syncer.view).get("a.py")
        assert leaf is not None
        assert leaf.note[len(UNSURE) :] == b"binary"
        (root / "a.py").write_text("def f(): ...\n")
        assert syncer.sync().cut == 1
        (root / "a.py").write_bytes(b"a\0b")
        syncer.sync()
        assert rows(store, syncer) == {}


@pytest.mark.timeout(60 + 10 * KILLS)
def test_killed_at_random_instants(root: Path, tmp_path: Path) -> None:
    chance = random.Random(KILLS)
    fill(root, chance, 300)
    database = tmp_path / "index.db"
    committed: dict[str, list[tuple[bytes, int]]] = {}
    started = time.monotonic()
    whole = child(database, root)
    assert whole.stdout is not None
    whole.stdout.readline()
    ready = time.monotonic()
    whole.communicate()
    took = time.monotonic() - ready
    assert whole.returncode == 0, f"after {time.monotonic() - started} s"
    for number in range(KILLS):
        held: dict[str, list[tuple[bytes, int]]] = {}
        if number % 4 == 0:
            for path in tmp_path.glob("index.db*"):
                path.unlink()
        elif number % 4 == 1:  # nothing changes, so what has been committed must still be there
            held = committed
        else:
            for _ in range(20):
                change(root, chance)
        process = child(database, root)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.random() * took)
        process.kill()
        process.communicate()
        store = open_store(database)
        assert store.check() == []
        with Syncer(store, root) as syncer:
            assert list(syncer.problems()) == []
            committed = rows(store, syncer)
            assert held.items() <= committed.items()
            if number % 4 == 3:
                syncer.sync()
                check(store, syncer, tmp_path / "fresh.db")
        store.close()


def test_two_processes_at_once(root: Path, tmp_path: Path) -> None:
    fill(root, random.Random(1), 300)
    both = [child(tmp_path / "index.db", root) for _ in range(2)]
    for process in both:
        process.communicate()
        assert process.returncode == 0
    store = open_store(tmp_path / "index.db")
    with Syncer(store, root) as syncer:
        assert len(rows(store, syncer)) == 300
        check(store, syncer, tmp_path / "fresh.db")
