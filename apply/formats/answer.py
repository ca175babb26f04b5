"""A whole answer: prose, fenced blocks, several files. Which text is a sketch, and of which file?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from apply.formats.diff import is_diff
from apply.formats.search_replace import is_search_replace

_FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>[^\n`]*)\n"
    r"(?P<body>.*?)(?:^[ \t]*(?P=fence)`*[ \t]*$|\Z)",
    re.M | re.S,
)
_PATH = re.compile(r"[\w@.~+-]*(?:[\\/][\w@.+-]+)*\.\w{1,8}|[\w@.+-]+(?:[\\/][\w@.+-]+)+")
_NAMED = re.compile(r"(?:^|\s)(?:path|file|filename|title)\s*[=:]\s*[\"']?(?P<path>[^\"'\s]+)", re.I)
_GIT = re.compile(r"^\+\+\+ (?:b/)?(?P<path>[^\t\n]+)", re.M)
_FILE_DIFF = re.compile(r"^(?=diff --git )|^(?=--- (?:a/|/dev/null|[\w.]).*\n\+\+\+ )", re.M)


class Block(NamedTuple):
    """A sketch, and the path of its file where the answer gives one, else ""."""

    path: str
    text: str


class Fenced(NamedTuple):
    """A fenced block: its first and last line, fences included, the fence's info string, and its sketches."""

    first: int
    last: int
    info: str
    blocks: tuple[Block, ...]


def read_answer(text: str) -> tuple[Block, ...]:
    """The sketches in an answer, in its order; the text itself where nothing in it is fenced."""
    text = _plain(text)
    fences = list(_FENCE.finditer(text))
    if not fences or not _is_markdown(text, fences):
        return tuple(_by_file("", text))
    return tuple(block for each in fenced(text) for block in each.blocks)


def fenced(text: str) -> tuple[Fenced, ...]:
    """All that is fenced in a text, whatever is around it."""
    text = _plain(text)
    found: list[Fenced] = []
    done = line = 0
    for fence in _FENCE.finditer(text):
        first = line + text.count("\n", done, fence.start())
        line = first + text.count("\n", fence.start(), fence.end())
        path = _path_of(fence, text[done : fence.start()])
        body = "\n".join(each.removeprefix(fence["indent"]) for each in fence["body"].split("\n"))
        body = body.removeprefix("\ufeff")  # of the file that was copied
        blocks = tuple(block for block in _by_file(path, body) if block.text.strip())
        found.append(Fenced(first, line, fence["info"].strip(), blocks))
        done = fence.end()
    return tuple(found)


def same_file(given: str, path: str) -> bool:
    """Whether an answer's path means the file at `path`: the one is an end of the other."""
    if not given or not path:
        return True
    named, real = (_parts(each) for each in (given, path))
    shorter = min(len(named), len(real))
    return shorter > 0 and named[-shorter:] == real[-shorter:]


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _parts(path: str) -> list[str]:
    return [part for part in re.split(r"[\\/]+", path) if part not in ("", ".", "..")]


def _is_markdown(text: str, fences: list[re.Match[str]]) -> bool:
    """Whether the fences are the answer's own: code may hold fenced text in its comments."""
    first = text[: fences[0].start()].strip()
    return fences[0]["indent"] == "" and (
        not first or is_search_replace(fences[0]["body"]) or not _looks_like_code(first)
    )


def _looks_like_code(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    codish = sum(
        bool(re.search(r"[;{}=]\s*$|^\s+\S|^\s*(?:def|class|import|from|func|fn|#include|//|/\*)\b", line))
        for line in lines
    )
    return codish * 2 > len(lines)


def _path_of(fence: re.Match[str], before: str) -> str:
    """The path in the fence's info string, or else in the line above it."""
    info = fence["info"].strip()
    named = _NAMED.search(info)
    if named:
        return named["path"]
    for word in re.split(r"[\s:{}]+", info)[0 if ":" in info or "/" in info else 1 :]:
        if _PATH.fullmatch(word):
            return word
    lines = [line for line in before.splitlines() if line.strip()]
    return _lone_path(lines[-1]) if lines else ""


def _lone_path(line: str) -> str:
    """The path that a heading or a sentence before a block names, if it names just one."""
    quoted = re.findall(r"[`*\"']([^`*\"'\s]+)[`*\"']", line)
    words = [word for word in quoted or re.split(r"[\s:,()]+", line.strip(" #*:`")) if _PATH.fullmatch(word)]
    words = [word for word in words if re.search(r"\.\w{1,8}$|[\\/]", word) and not word.endswith(".")]
    return words[0] if len(words) == 1 else ""


def _by_file(path: str, text: str) -> Iterator[Block]:
    """A block, or, where it is a diff of several files, a block for each of them."""
    parts = (
        [part for part in _FILE_DIFF.split(text) if is_diff(part)]
        if is_diff(text) and not is_search_replace(text)
        else []
    )
    if not parts:
        yield Block(path, text)
    for part in parts:
        header = _GIT.search(part)
        named = header["path"].strip() if header else ""
        yield Block(named if "/" in named.removeprefix("/dev/null") or "." in named else path, part)
