"""Small releases of packages, as archives in a mirror, for the builders to read."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from training.data.repositories import Source, directory


def wheel(path: Path, files: Mapping[str, str], name: str = "sums", link: str = "") -> Path:
    """A wheel of these files, whose metadata links to a project."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nProject-URL: Source, {link}\n"
    about = {
        "METADATA": metadata,
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {
            **files,
            **{f"{name}-1.0.dist-info/{key}": text for key, text in about.items()},
        }.items():
            archive.writestr(zipfile.ZipInfo(file), text)
    return path


def tarball(path: Path, files: Mapping[str, str], name: str = "sums", link: str = "") -> Path:
    """What npm publishes: these files and a package.json that links to a project, all in one folder."""
    described = json.dumps({"name": name, "version": "1.0.0", "repository": {"url": link}})
    with tarfile.open(path, "w:gz") as archive:
        for file, text in {"package.json": described, **files}.items():
            member = tarfile.TarInfo(f"package/{file}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def sha256(path: Path) -> str:
    """What the list pins."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def put_into(mirror: Path, archive: Path, pinned: str, split: str = "train") -> Source:
    """Place an archive in a mirror under a name; returns its line of the package list."""
    source = Source(pinned, "Python", "MIT", sha256(archive), split)
    mirror.mkdir(parents=True, exist_ok=True)
    directory(mirror, source).write_bytes(archive.read_bytes())
    return source
