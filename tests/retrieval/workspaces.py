"""For tests of syncing: a cheap embedding, random changes of a folder, and a pass as a process of its own."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.chunk import Chunk
from retrieval.store import Store
from retrieval.sync import Syncer


class ByHash:
    """A chunk's vector is made of its hash: no meaning, no cost."""

    model_id = "by-hash"
    dims = 64

    def __init__(self) -> None:
        self.embedded = 0

    def chunks(self, chunks: Sequence[Chunk]) -> npt.NDArray[np.int8]:
        """64 numbers each."""
        self.embedded += len(chunks)
        return np.array([np.frombuffer(each.hash * 4, np.int8) for each in chunks])


def open_store(path: Path) -> Store:
    """The store at `path`, with this embedding."""
    return Store.open(path, ByHash())


def source(chance: random.Random) -> str:
    """A file of a few functions, of which many are in other files too."""
    names = [f"f{chance.randint(0, 200)}" for _ in range(chance.randint(1, 6))]
    return "".join(f"def {name}(a):\n    '''Do {name}.'''\n    return a + {name[1:]}\n\n\n" for name in names)


def fill(root: Path, chance: random.Random, files: int) -> None:
    """New files in nested folders."""
    for number in range(files):
        path = root / f"d{number % 7}" / f"e{number % 3}" / f"{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source(chance))


def change(root: Path, chance: random.Random) -> list[str]:
    """Do something to the folder; the paths that a watcher would tell."""
    files = sorted(path for path in root.rglob("*.py") if path.is_file())
    folder = root / chance.choice(["", "d1", "d2", "d3/e0", "new"])
    deed = chance.choice(
        ["write", "write", "new", "remove", "move", "swap", "drop folder", "ignore", "secret"]
    )
    if deed in ("new", "secret") or not files:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (".env" if deed == "secret" else f"n{chance.randint(0, 30)}.py")
        if path.is_dir():
            return []
        path.write_text(source(chance))
        return [path.relative_to(root).as_posix()]
    path = chance.choice(files)
    if deed == "write":
        path.write_text(source(chance))
    elif deed == "remove":
        path.unlink()
    elif deed == "swap":  # a folder takes a file's place
        path.unlink()
        path.mkdir()
        (path / "inner.py").write_text(source(chance))
        return [path.relative_to(root).as_posix()]
    elif deed == "drop folder" and path.parent != root:
        shutil.rmtree(path.parent)
        path = path.parent
    elif deed == "ignore":
        path = root / chance.choice([".gitignore", ".tacitignore"])
        path.write_text("".join(f"{chance.choice(['', '!'])}{chance.randint(0, 9)}*.py\n" for _ in range(3)))
    elif deed == "move":
        target = root / "d5" / f"m{chance.randint(0, 9)}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            return []
        path.rename(target)
        return [path.relative_to(root).as_posix(), target.relative_to(root).as_posix()]
    return [path.relative_to(root).as_posix()]


def rows(store: Store, syncer: Syncer) -> dict[str, list[tuple[bytes, int]]]:
    """What is in the view: each file's chunks by hash and place."""
    found: dict[str, list[tuple[bytes, int]]] = {}
    query = "select path, chunks from view_file v join file f on f.id = v.file where v.view = ?"
    hashes = dict(store.connection.execute("select id, hash from chunk"))
    from retrieval.schema import CHUNK

    for path, packed in store.connection.execute(query, (syncer.view.id,)):
        found[path] = [
            (hashes[each["id"].item()], each["start"].item()) for each in np.frombuffer(packed, CHUNK)
        ]
    return found


def check(store: Store, syncer: Syncer, scratch: Path) -> None:
    """The index is whole, and what a new one would be."""
    assert list(syncer.problems()) == []
    assert store.check() == []
    fresh = open_store(scratch)
    with Syncer(fresh, syncer.root) as other:
        other.sync()
        assert rows(store, syncer) == rows(fresh, other)
    fresh.close()
    for path in scratch.parent.glob(scratch.name + "*"):
        path.unlink()


if __name__ == "__main__":
    from retrieval import sync

    sync.COMMIT_SECONDS = 0.01  # many commits, so that a kill is likely to hit one
    with Syncer(open_store(Path(sys.argv[1])), Path(sys.argv[2])) as main:
        print("ready", flush=True)
        main.sync()
        print("done", flush=True)
