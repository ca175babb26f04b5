"""Which projects must not be learnt from, because evaluations are made of them.

The list holds no names but the first digits of hashes: of packages' names, and of repositories' `owner/name`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec


class _List(msgspec.Struct):
    buckets: frozenset[str]


def read_buckets(path: Path) -> frozenset[str]:
    """The list's hash prefixes."""
    return msgspec.json.decode(path.read_bytes(), type=_List).buckets


def excluded(names: Iterable[str], buckets: frozenset[str]) -> bool:
    """Whether any of a project's names (owner/name, bare name, package names) is on the list."""
    return any(_bucket(name) in buckets for name in names)


def _bucket(name: str) -> str:
    plain = re.sub(r"[-_.]+", "-", name.lower())
    return hashlib.sha256(plain.encode()).hexdigest()[:3]
