"""The files of a package's release, read straight from its archive: nothing is unpacked and nothing is run.

An archive is a wheel (zip) or an npm tarball (tar, its one top folder left off). It is used only if its hash
is the one that the list pins. What tools wrote is left out as far as it shows: folders that builds go to,
declarations, JavaScript beside the TypeScript it was made of, and what transpilers leave in their output.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from training.data.git import TreeFile

MEMBER_BYTES = 1_000_000  # of a file; longer ones are listed without their content
UNPACKED_BYTES = 500_000_000  # of a whole archive; beyond, it is refused before the rest is unpacked

_FOLDERS = """
    build umd cjs _cjs esm _esm es es5 es6 es2015 amd iife commonjs compiled min lib-esm lib.commonjs lib.esm
"""
_BUILT_FOLDERS = frozenset(_FOLDERS.split())
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
_JAVASCRIPT = (".js", ".mjs", ".cjs", ".jsx")
_TYPESCRIPT = (".ts", ".mts", ".cts", ".tsx")
_TRANSPILED = re.compile(
    rb"sourceMappingURL=|\b__esModule\b|\b_interopRequire|\b__webpack_require__\b|\b__importDefault\b"
    rb"|\b__toCommonJS\b|\b__publicField\b|\b_(classCallCheck|createClass|inheritsLoose|objectSpread)\b"
    rb"|\bregeneratorRuntime\b|\bvar __(extends|assign|awaiter|defProp|rest)\b|\(global, factory\)"
)
_METADATA = re.compile(r"package\.json|[^/]+\.dist-info/METADATA")


class ArchiveError(ValueError):
    """A file that is not the archive that the list pins, or that unpacks to more than is read."""


class _TooLarge(Exception):
    pass


class Archive:
    """A release, held in memory. Raises ArchiveError."""

    def __init__(self, path: Path, sha256: str) -> None:
        self._path = path
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ArchiveError(f"{path} is not the archive that the list pins: its hash is another")
        try:
            self._files = dict(_zip_files(content) if content[:2] == b"PK" else _tar_files(content))
        except (_TooLarge, tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise ArchiveError(f"{path} cannot be read: {error}") from error

    def tree(self) -> list[TreeFile]:
        """The files that people wrote, sorted by path; a file's id is its path."""
        typed = {stem for path in self._files for stem in _typed_stems(path)}
        return sorted(
            TreeFile(path, path, size)
            for path, (size, content) in self._files.items()
            if not path.endswith(_DECLARATIONS)
            and not (path.endswith(_JAVASCRIPT) and _is_built(path, content or b"", typed))
        )

    def read(self, path: str) -> bytes | None:
        """The content, or None for a file that is too long."""
        return self._files[path][1]

    def metadata(self) -> bytes:
        """What the package says of itself: its package.json or METADATA. Raises ArchiveError without one."""
        for path, (_, content) in self._files.items():
            if content and _METADATA.fullmatch(path):
                return content
        raise ArchiveError(f"{self._path} holds no package.json and no METADATA")

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        pass


_File = tuple[str, tuple[int, bytes | None]]  # path, size, content


def _zip_files(content: bytes) -> Iterator[_File]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        left = UNPACKED_BYTES
        for member in archive.infolist():
            left = _less(left, member.file_size)
            link = stat.S_ISLNK(member.external_attr >> 16)
            if not member.is_dir() and not link and _is_inside(member.filename):
                short = member.file_size <= MEMBER_BYTES
                yield member.filename, (member.file_size, archive.read(member) if short else None)


def _tar_files(content: bytes) -> Iterator[_File]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r|*") as archive:
        left = UNPACKED_BYTES
        for member in archive:
            left = _less(left, member.size)
            path = member.name.partition("/")[2]
            if member.isreg() and _is_inside(path):
                file = archive.extractfile(member) if member.size <= MEMBER_BYTES else None
                yield path, (member.size, file.read() if file else None)


def _less(left: int, size: int) -> int:
    if size > left:
        raise _TooLarge(f"it unpacks to more than {UNPACKED_BYTES:,} bytes")
    return left - size


def _is_inside(path: str) -> bool:
    """Whether a name stands for a file below the archive's own folder."""
    return (
        bool(path) and "\\" not in path and not path.startswith("/") and ".." not in PurePosixPath(path).parts
    )


def _typed_stems(path: str) -> list[str]:
    """What JavaScript beside this declaration, or made of this TypeScript into another folder, is called."""
    if path.endswith(_DECLARATIONS):
        return [path.rpartition(".d.")[0]]
    return list(_stems(path)) if path.endswith(_TYPESCRIPT) else []


def _stems(path: str) -> tuple[str, str]:
    """A path without its suffix, and the same without its first folder."""
    stem = path.rpartition(".")[0]
    return stem, stem.partition("/")[2] or stem


def _is_built(path: str, content: bytes, typed: set[str]) -> bool:
    folders = path.split("/")[:-1]
    return (
        not _BUILT_FOLDERS.isdisjoint(folders)
        or not typed.isdisjoint(_stems(path))
        or _TRANSPILED.search(content) is not None
    )
