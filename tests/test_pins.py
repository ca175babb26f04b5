"""`.ci/requirements.txt` pins what CI installs by hash, and `tacit licences` knows the terms of all of it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lsp_server.app import main
from lsp_server.cli import licences

ROOT = Path(__file__).resolve().parents[1]
PINS = (ROOT / ".ci" / "requirements.txt").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = [Requirement(line) for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"])]


def pinned() -> dict[str, tuple[str, list[str]]]:
    """By name: the version, and the hashes of its files."""
    text = re.sub(r"^\s*#.*\n", "", PINS, flags=re.MULTILINE).replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        name, version, rest = re.match(r"([\w.-]+)==(\S+)(.*)", line).groups()  # type: ignore[union-attr]
        found[str(canonicalize_name(name))] = version, re.findall(r"--hash=sha256:([0-9a-f]{64})\b", rest)
    return found


def test_every_pin_has_hashes_and_no_source() -> None:
    assert len(pinned()) > len(NEEDED)
    assert all(hashes for _, hashes in pinned().values())
    assert "://" not in PINS
    assert "index-url" not in PINS


@pytest.mark.parametrize("needed", NEEDED, ids=str)
def test_a_pin_is_what_the_project_asks_for(needed: Requirement) -> None:
    version, _ = pinned()[canonicalize_name(needed.name)]
    assert needed.specifier.contains(version)


def test_what_a_pinned_package_needs_is_pinned_too() -> None:
    pins = pinned()
    missing = {
        f"{name} needs {needed}"
        for name, (version, _) in pins.items()
        for needed in _needs(name, version)
        if canonicalize_name(needed.name) not in pins
    }
    assert not missing


def _needs(name: str, version: str) -> Iterator[Requirement]:
    """As this machine's copy says, if it is of the pinned version."""
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    if package.version == version:
        for line in package.requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                yield needed


# Licences


def test_the_licence_of_everything_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["licences", "--extra", "test", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    of: dict[str, Any] = {canonicalize_name(part["name"]): part for part in parts}
    for line in metadata.requires("tacit") or ():
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": "test"}):
            part = of[canonicalize_name(needed.name)]
            assert part["version"] == metadata.version(needed.name)
            assert part["licence"] not in ("", licences.UNSTATED)
    assert of["tokenizers"]["kind"] == "package"
    assert "huggingface-hub" in of, "what dependencies need is listed too"
    assert of["smollm2-135m"] | {"version": ""} == {
        "kind": "model", "name": "smollm2-135m", "version": "", "licence": "Apache-2.0",
    }  # fmt: skip


def test_a_list_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["licences"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["program", "tacit", metadata.version("tacit"), "Apache-2.0"]
    assert not any("pytest" in line for line in lines)


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: old", "MIT OR Apache-2.0"),
        ("License: BSD", "BSD"),
        ("License: A very\n long text\nClassifier: License :: OSI Approved :: MIT License", "MIT License"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved\nClassifier: Topic :: Text", "not stated"),
        ("", "not stated"),
    ],
)
def test_the_ways_in_which_packages_say_it(tmp_path: Path, said: str, licence: str) -> None:
    folder = tmp_path / "thing-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n{said}\n")
    assert licences.licence(metadata.PathDistribution(folder).metadata) == licence


def test_what_says_nothing_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(
        licences, "packages", lambda _: [licences.Part("package", "thing", "1.0", licences.UNSTATED)]
    )
    assert main(["licences"]) == 1
    assert "not stated" in capsys.readouterr().out
