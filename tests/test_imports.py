"""Which folder may import which, read from the sources: docs/ARCHITECTURE.md draws the same picture."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LOWEST = {"text", "cache"}
FEATURES = {"completion", "apply", "retrieval", "bug_finder"}
MAY_IMPORT = {
    "text": set[str](),
    "cache": set[str](),
    "engine": LOWEST,
    **{feature: {"engine", *LOWEST} for feature in FEATURES},
    "bench": {"engine", *LOWEST, *FEATURES},
    "training": {"engine", "bench", *LOWEST, *FEATURES},
    "lsp_server": {"engine", "bench", "tacit", *LOWEST, *FEATURES},
    "tacit": {"lsp_server"},
}
PROTOCOL_LIBRARIES = {"pygls", "lsprotocol"}
FOLDERS = [folder for folder in MAY_IMPORT if (ROOT / folder / "__init__.py").exists()]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level name of each absolute import, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write the folder's name"
            yield node.lineno, (node.module or "").partition(".")[0]


def sources(folder: str) -> list[Path]:
    """The folder's own modules; the demo's sample project is data, not code of ours."""
    sample = ROOT / "lsp_server" / "demo" / "shop"
    return [path for path in (ROOT / folder).rglob("*.py") if sample not in path.parents]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_what_lies_below_it(folder: str) -> None:
    allowed = MAY_IMPORT[folder] | {folder}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(folder)
        for line, name in imports(path)
        if name in MAY_IMPORT and name not in allowed
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if folder != "lsp_server"])
def test_only_the_server_knows_the_protocols_libraries(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(folder)
        for line, name in imports(path)
        if name in PROTOCOL_LIBRARIES
    ]
    assert not wrong, "\n".join(wrong)


def test_every_folder_of_code_is_covered() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages == set(FOLDERS)


def test_every_folder_of_the_program_travels_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    folders = set(FOLDERS) - {"training"} | {"models", "editors"}
    assert set(wheel["only-include"]) == folders
    assert wheel["sources"] == {folder: f"tacit/_app/{folder}" for folder in folders - {"tacit"}}


def test_no_folder_hides_a_module_of_python() -> None:
    assert not set(FOLDERS) & set(sys.stdlib_module_names)


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if folder != "tacit"])
def test_a_packages_init_is_one_paragraph(folder: str) -> None:
    body = ast.parse((ROOT / folder / "__init__.py").read_text("utf-8")).body
    assert len(body) == 1, f"{folder}/__init__.py holds more than its docstring"
    assert ast.get_docstring(ast.Module(body, [])), f"{folder}/__init__.py has no docstring"
