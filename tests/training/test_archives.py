from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.training.releases import sha256, tarball, wheel
from training.data import archives
from training.data.archives import Archive, ArchiveError

FILES = {"src/b.py": "b = 1\n", "a.py": "a = 1\n"}


def opened(path: Path) -> Archive:
    return Archive(path, sha256(path))


def paths(path: Path) -> list[str]:
    return [file.path for file in opened(path).tree() if not file.path.endswith((".json", "RECORD"))]


@pytest.mark.parametrize("pack", [wheel, tarball])
def test_files_are_read_where_they_are(tmp_path: Path, pack: object) -> None:
    archive = opened(pack(tmp_path / "a", FILES))  # type: ignore[operator]
    files = {file.path: file for file in archive.tree()}
    assert set(FILES) < set(files)
    assert list(files) == sorted(files)
    assert archive.read(files["a.py"].blob) == b"a = 1\n"
    assert files["a.py"].size == 6
    assert b"sums" in archive.metadata()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_another_archive_than_the_list_pins_is_refused(tmp_path: Path) -> None:
    path = tarball(tmp_path / "a", FILES)
    with pytest.raises(ArchiveError, match="its hash is another"):
        Archive(path, "0" * 64)


@pytest.mark.parametrize("pack", [wheel, tarball])
def test_half_an_archive_is_refused(tmp_path: Path, pack: object) -> None:
    path: Path = pack(tmp_path / "a", {"a.py": "".join(f"a{n} = {n * n}\n" for n in range(999))})  # type: ignore[operator]
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ArchiveError, match="cannot be read"):
        opened(path)


def test_what_is_no_file_inside_is_left_out(tmp_path: Path) -> None:
    path = tarball(
        tmp_path / "a", {"../../out.py": "x\n", "/root.py": "x\n", "a/../b.py": "x\n", "ok.py": "x\n"}
    )
    with tarfile.open(path) as archive:
        plain = archive.getmembers()
    with tarfile.open(path, "w:gz") as archive:
        for member in plain:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
            special = tarfile.TarInfo(f"package/special{kind.decode()}.py")
            special.type, special.linkname = kind, "/etc/passwd"
            archive.addfile(special)
    assert paths(path) == ["ok.py"]


def test_links_in_wheels_are_left_out(tmp_path: Path) -> None:
    path = wheel(tmp_path / "a", {"../out.py": "x\n", "ok.py": "x\n"})
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("link.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert [path for path in paths(path) if path.endswith(".py")] == ["ok.py"]


@pytest.mark.parametrize("pack", [wheel, tarball])
def test_sizes_are_limited(tmp_path: Path, pack: object, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "a", {"long.py": "x" * 5000, "short.py": "x"})  # type: ignore[operator]
    monkeypatch.setattr(archives, "MEMBER_BYTES", 1000)
    assert opened(path).read("long.py") is None
    assert opened(path).read("short.py") == b"x"
    monkeypatch.setattr(archives, "UNPACKED_BYTES", 4000)
    with pytest.raises(ArchiveError, match="unpacks to more than 4,000 bytes"):
        opened(path)


def test_an_archive_that_says_nothing_of_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.py", "a = 1\n")
    with pytest.raises(ArchiveError, match="and no METADATA"):
        opened(path).metadata()


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        ({"lib/a.js": "let a = 1\n", "index.d.ts": ""}, ["lib/a.js"]),
        ({"lib/a.js": "let a = 1\n", "lib/a.d.ts": ""}, []),
        ({"lib/a.js": "let a = 1\n", "src/a.ts": "let a = 1\n"}, ["src/a.ts"]),
        ({"lib/a.js": "let a = 1\n", "test/b.ts": "let b = 1\n"}, ["lib/a.js", "test/b.ts"]),
        ({"esm/a.js": "let a = 1\n", "src/a.js": "let a = 1\n"}, ["src/a.js"]),
        ({"a.js": 'Object.defineProperty(exports, "__esModule", {});\n'}, []),
        ({"a.js": "let a = 1\n//# sourceMappingURL=a.js.map\n"}, []),
        ({"a.js": "(function (global, factory) {}(this, f))\n"}, []),
        ({"build/a.py": "a = 1\n"}, ["build/a.py"]),
    ],
)
def test_what_tools_built_is_left_out(tmp_path: Path, files: dict[str, str], kept: list[str]) -> None:
    assert paths(tarball(tmp_path / "a", files)) == kept
