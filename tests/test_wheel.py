"""The wheel as it is installed: alone in a fresh environment, started among files that could shadow it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.client import Client
from tacit import __version__
from tests.support.fresh import ROOT, environment, virtual_environment

pytestmark = pytest.mark.slow

POISON = "raise SystemExit('a file of the user was imported')\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    programs = virtual_environment(tmp_path_factory.mktemp("installed"))
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", wheel], check=True)
    return programs


@pytest.fixture
def variables(programs: Path, tmp_path: Path) -> Mapping[str, str]:
    return environment(programs, tmp_path)


@pytest.fixture
def hostile_folder(tmp_path: Path) -> Path:
    """A project with folders and files of the same names as ours and Python's."""
    for name in ("cache", "text", "engine", "tacit", "lsp_server"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(POISON)
    for name in ("queue.py", "numpy.py"):
        (tmp_path / name).write_text(POISON)
    return tmp_path


def test_it_holds_the_program_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.partition("/")[0] for name in names}
    assert top == {"tacit", f"tacit-{__version__}.dist-info"}
    assert "tacit/_app/cache/prefix.py" in names
    assert "tacit/_app/editors/nvim/lsp/tacit.lua" in names
    assert any(name.startswith("tacit/_app/models/") and name.endswith(".json") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tacit/_app/tests")]


def test_version(programs: Path, variables: Mapping[str, str], hostile_folder: Path) -> None:
    assert run(programs, variables, hostile_folder, "--version") == f"tacit {__version__}\n"


def test_the_server_answers_from_a_folder_that_holds_a_cache_folder(
    programs: Path, variables: Mapping[str, str], hostile_folder: Path
) -> None:
    with Client([str(programs / "tacit")], cwd=hostile_folder, env=variables) as client:
        result = client.initialize(hostile_folder)
        assert "inlineCompletionProvider" in result["capabilities"]
        assert client.shutdown() == 0


def test_setup_names_the_installed_program(
    programs: Path, variables: Mapping[str, str], hostile_folder: Path
) -> None:
    output = run(programs, variables, hostile_folder, "setup", "nvim")
    assert f"cmd = {{ '{programs / 'tacit'}', 'serve'," in output


def run(programs: Path, variables: Mapping[str, str], folder: Path, *arguments: str) -> str:
    """The installed program's output; it must succeed."""
    command = [str(programs / "tacit"), *arguments]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
