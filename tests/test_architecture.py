"""docs/ARCHITECTURE.md is a map of what is there: every file is on it, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAP = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
MAPPED = re.findall(r"^### (\w+)/$", MAP, re.MULTILINE)


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = re.split(r"^##+ ", MAP.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


@pytest.mark.parametrize("folder", MAPPED)
def test_every_file_is_on_the_map(folder: str) -> None:
    files = {path.name for path in (ROOT / folder).glob("*.py")} - {"__init__.py"}
    folders = {f"{path.parent.name}/" for path in (ROOT / folder).glob("*/__init__.py")}
    assert {row[0].strip("`") for row in rows(f"{folder}/")} == files | folders


@pytest.mark.parametrize(("invariant", "kept_in", "tested_in"), rows("Invariants"))
def test_every_invariant_is_kept_and_tested_somewhere(invariant: str, kept_in: str, tested_in: str) -> None:
    assert (ROOT / kept_in.strip("`")).is_file()
    path, _, name = tested_in.strip("`").partition("::")
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert name in tests or not name, f"{path} has no {name}"


def test_the_files_that_the_journeys_name_exist() -> None:
    journeys = MAP.partition("## Journeys")[2].partition("## Invariants")[0]
    names = {path.name for path in ROOT.glob("*/*.py")} | {path.name for path in ROOT.glob("*/*/*.py")}
    for named in re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", journeys):
        assert named in names, f"the journeys name {named}"
