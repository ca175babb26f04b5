"""The files that a sketch may change: found by the names that people write, and read as the editor has them.

Invariants:
- Nothing outside the workspace folders is read or changed, whatever links say; nor what may hold secrets.
- A file that is open in the editor is its document, at its version; any other is what the disk holds.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from apply.formats.answer import same_file
from lsp_server.applying.sketches import Sketched
from lsp_server.documents import Snapshot, path_of
from lsp_server.private import is_private
from text.document import Document
from text.languages import language_of

LARGEST = 10_000_000
"""Bytes of a file that is read from the disk."""

SEARCHED = 50_000
"""Directory entries that are looked at for a file of which only the end of its path is known."""

SKIPPED = frozenset(["node_modules", "__pycache__", "target", "build", "dist", "venv", "site-packages"])

TELLING = 8
"""Characters of a line that says something about the file it is from."""


COMPARED = 100
"""Lines of a sketch that are looked for in each open document."""


class FileRefused(Exception):
    """A file that cannot be changed; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was at one moment: an open document at its version, or what the disk held."""

    uri: str
    name: str
    document: Document
    version: int | None = None
    path: Path | None = None
    seal: bytes = b""

    def has_changed(self) -> bool:
        """Whether the disk holds something else by now; False for open documents. Blocking."""
        if self.path is None:
            return False
        try:
            return _seal(_read(self.path)) != self.seal
        except (OSError, FileRefused):
            return True


@dataclass(frozen=True)
class Desk:
    """What is known of the workspace at one moment, for a thread of its own.

    `roots` are the workspace folders; `home` is the document that the user is in, and its folder is where
    names are looked for after them. Without any workspace folder it is the workspace. `has_sketch` says that
    the sketch is in it, so that it is not what the sketch is of.
    """

    roots: tuple[Path, ...]
    documents: Mapping[str, Snapshot]
    lost: frozenset[str] = frozenset()
    home: str = ""
    has_sketch: bool = False
    files_off: tuple[str, ...] = ()

    def named(self, name: str, *, search: bool = True) -> list[str]:
        """The files, as URIs, that a path in an answer may mean: those of the first way that finds any.

        `search` allows looking through the workspace folders, which takes a while.
        """
        # An answer's path always uses `/`, or `\\` on Windows.
        path = Path(path_of(name) if name.startswith("file:") else name.replace("\\", "/"))
        found = self._at(self._places(path))
        found = found or [uri for uri in self._others if same_file(name, path_of(uri))]
        return found or (self._at(self._search(PurePosixPath(path.as_posix()))) if search else [])

    def fitting(self, sketch: Sketched) -> list[str]:
        """The open documents that a sketch without a path may be of, those with most of its lines first.

        The one that the user is in is, and so is the only one of code, even if they have none of its lines.
        """
        code = {
            uri: document
            for uri, document in self._others.items()
            if document.language and sketch.language in ("", document.language)
        }
        if len(code) == 1 or self.home in code:
            return [self.home if self.home in code else next(iter(code))]
        lines = {line.strip() for line in sketch.text.splitlines() if len(line.strip()) >= TELLING}
        lines = set(sorted(lines, key=len)[-COMPARED:])
        shown = {uri: sum(line in document.text for line in lines) for uri, document in code.items()}
        return sorted((uri for uri in shown if shown[uri]), key=lambda uri: -shown[uri])

    def read(self, uri: str) -> File:
        """The file as it is. Raises FileRefused where it cannot or may not be changed. Blocking."""
        uri = self._spelled(uri)
        if uri in self.lost:
            raise FileRefused("The editor's changes no longer fit what it has told of this file.")
        snapshot = self.documents.get(uri)
        if not uri.startswith("file:"):
            if snapshot is None:
                raise FileRefused("It is no file, and not open in the editor.")
            return File(uri, path_of(uri), snapshot.document, snapshot.document.version)
        path = Path(path_of(uri))
        real = self._check(path, is_open=snapshot is not None)
        if snapshot is not None:
            document = snapshot.document
            return File(uri, self.shown(path), document, document.version)
        data = _read(real)
        # Editors take a byte order mark off, so that it is no part of the positions in what they open.
        text = _decode(data).removeprefix("\ufeff")
        document = Document.create(uri, text, 0, language_of(path=str(path)))
        return File(uri, self.shown(path), document, path=real, seal=_seal(data))

    def shown(self, path: Path) -> str:
        """The path from its workspace folder, with `/`."""
        for root in self.folders:
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return path.name

    def name(self, uri: str) -> str:
        """The same for a URI."""
        return self.shown(Path(path_of(uri)))

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """The folders that a file has to be in."""
        return self.roots or tuple(self._home_folder)

    @cached_property
    def _others(self) -> dict[str, Document]:
        """The open documents that the sketch may be of."""
        holder = self.home if self.has_sketch else None
        return {uri: snapshot.document for uri, snapshot in self.documents.items() if uri != holder}

    @cached_property
    def _home_folder(self) -> list[Path]:
        return [Path(path_of(self.home)).parent] if self.home.startswith("file:") else []

    @cached_property
    def _by_path(self) -> dict[str, str]:
        """The URI of each open file, by its path with all links followed."""
        uris = [*self.documents, *self.lost]
        return {_real(path_of(uri)): uri for uri in uris if uri.startswith("file:")}

    def _spelled(self, uri: str) -> str:
        """The editor's own URI for a file that is open under any."""
        if uri in self.documents or not uri.startswith("file:"):
            return uri
        return self._by_path.get(_real(path_of(uri)), uri)

    def _places(self, path: Path) -> Iterator[Path]:
        if path.is_absolute():
            yield path
            return
        for folder in (*self.folders, *self._home_folder):
            yield folder / path
            if path.parts[:1] == (folder.name,):
                yield folder.parent / path

    def _at(self, paths: Iterator[Path]) -> list[str]:
        found: dict[str, str] = {}
        for path in paths:
            if os.path.isfile(path):
                plain = Path(os.path.normpath(path))
                found.setdefault(_real(str(path)), plain.as_uri())
        return [self._by_path.get(real, uri) for real, uri in found.items()]

    def _search(self, path: PurePosixPath) -> Iterator[Path]:
        """Files whose paths end with `path`."""
        wanted = [part for part in path.parts if part not in (".", "..", "/")]
        seen = 0
        for root in self.folders if wanted else ():
            for folder, folders, files in os.walk(root):
                folders[:] = [each for each in folders if each not in SKIPPED and not each.startswith(".")]
                seen += len(files) + len(folders)
                if seen > SEARCHED:
                    return
                if wanted[-1] in files:
                    file = Path(folder, wanted[-1])
                    if list(file.parts[-len(wanted) :]) == wanted:
                        yield file

    def _check(self, path: Path, *, is_open: bool) -> Path:
        """The path with all links followed. Raises FileRefused unless the file may be changed.

        One that is open need not be on the disk yet.
        """
        try:
            real = path.resolve()
            mode = real.stat().st_mode
        except FileNotFoundError:
            mode = None
        except (OSError, RuntimeError, ValueError):
            raise FileRefused("Its path leads nowhere.") from None
        if not any(real.is_relative_to(root.resolve()) for root in self.folders):
            raise FileRefused("It is outside of the workspace.")
        if any(is_private(each.as_posix(), self.files_off) for each in (path, real)):
            raise FileRefused("It may hold secrets, or the settings exclude it.")
        if mode is None:
            if not is_open:
                raise FileRefused("There is no such file.")
        elif not stat.S_ISREG(mode):
            raise FileRefused("It is no regular file.")
        elif not mode & 0o222 or not os.access(real, os.W_OK):
            raise FileRefused("It is read-only.")
        return real


def _real(path: str) -> str:
    """The path with all links followed; the path itself where it can be none."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise FileRefused(f"It cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise FileRefused(f"It is larger than {LARGEST // 1_000_000} MB.")
    return data


def _decode(data: bytes) -> str:
    """The text of UTF-8, or of UTF-16 that says so."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if wide else "utf-8")
    except UnicodeDecodeError:
        raise FileRefused("It is not in UTF-8. Open it in the editor, which knows its encoding.") from None
    if "\0" in text:
        raise FileRefused("It is no text.")
    return text


def _seal(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
