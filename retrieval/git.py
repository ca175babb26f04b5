"""What git's files say of a work tree: its branch, its ignore lists. Reads them itself and never runs git."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from retrieval.ignore import DEFAULTS, Ignore, Patterns


class WorkTree(NamedTuple):
    """A folder with a `.git`; `git` is what belongs to this work tree, `common` what all of them share."""

    root: Path
    git: Path
    common: Path

    @property
    def branch(self) -> str:
        """The branch's name, or HEAD while there is none, as in the middle of a rebase."""
        head = _text(self.git / "HEAD").strip()
        ref = head.removeprefix("ref: ")
        return ref.removeprefix("refs/heads/") if ref != head else "HEAD"

    def branches(self) -> set[str] | None:
        """The names of all branches, the one without a commit included; None if they cannot be told."""
        heads = self.common / "refs" / "heads"
        if not heads.is_dir():  # another form of storage
            return None
        loose = {path.relative_to(heads).as_posix() for path in heads.rglob("*") if path.is_file()}
        packed = re.findall(r" refs/heads/(.+)$", _text(self.common / "packed-refs"), re.MULTILINE)
        return {*loose, *packed, self.branch}


def work_tree(folder: Path) -> WorkTree | None:
    """The work tree whose top is `folder`, or None."""
    git = folder / ".git"
    if git.is_file():
        git = folder / _text(git).removeprefix("gitdir:").strip()
    if not (git / "HEAD").is_file():
        return None
    return WorkTree(folder, git, git / (_text(git / "commondir").strip() or "."))


def work_tree_around(folder: Path) -> WorkTree | None:
    """The work tree that `folder` lies in, or None."""
    return next(filter(None, map(work_tree, [folder, *folder.parents])), None)


def base_rules(tree: WorkTree | None, base: bytes = b"") -> Ignore:
    """The rules that hold before any file of the work tree was read; `base` is its folder, b"" or b"a/b/"."""
    defaults = Patterns(DEFAULTS, base)
    if tree is None:
        return Ignore((defaults,))
    config = dict(_settings(tree))
    ignore_case = config.get("core.ignorecase", "").lower() in ("true", "yes", "on", "1")
    files = map(_bytes, (_excludes_file(config), tree.common / "info" / "exclude"))
    lists = [Patterns(data, base, ignore_case) for data in files if data]
    return Ignore((defaults, *lists), ignore_case=ignore_case)


def _excludes_file(config: dict[str, str]) -> Path:
    named = config.get("core.excludesfile")
    if named is not None:
        return Path(named).expanduser()
    return _config_home() / "git" / "ignore"


def _config_home() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


_LINE = re.compile(r"""^\s*(?:\[\s*([\w.-]+)(?:\s+"(.*)")?\s*\])?\s*(?:([A-Za-z][\w-]*)\s*(?:=\s*(.*))?)?$""")


def _settings(tree: WorkTree) -> Iterator[tuple[str, str]]:
    """`section.key` and value of the settings in git's configuration files, later ones last."""
    home = os.environ.get("GIT_CONFIG_GLOBAL")
    users = [Path(home)] if home else [_config_home() / "git" / "config", Path.home() / ".gitconfig"]
    for path in (Path("/etc/gitconfig"), *users, tree.common / "config"):
        section = ""
        for line in _text(path).splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            if match[1]:
                section = match[1].lower() + (f".{match[2]}" if match[2] else "")
            if match[3] and section:
                yield f"{section}.{match[3].lower()}", _value(match[4])


def _value(written: str | None) -> str:
    """A value without quotes and comment; a key alone means true."""
    if written is None:
        return "true"
    found = []
    for quoted, plain in _PART.findall(written):
        found.append(_ESCAPE.sub(r"\1", quoted[1:-1] if quoted else plain))
    return "".join(found).strip()


_PART = re.compile(r"""("(?:\\.|[^"\\])*")|((?:\\.|[^"\\#;])+)|[#;].*$""")
_ESCAPE = re.compile(r"\\(.)")


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
