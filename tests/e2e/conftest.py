"""What a session in a real editor needs: the editor, a small real model, a home folder set up by Tacit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.results import Results
from tests.support.fresh import ROOT

MODEL = "smollm2-135m"

# Suggestions are shown even if the model is unsure or the machine is busy: these tests are not about that.
SETTINGS = """
vim.lsp.config('tacit', { settings = { tacit = { minConfidence = 0, budgetMs = 3000 } } })
"""


@pytest.fixture(scope="session")
def launcher() -> Path:
    """Neovim 0.12 or newer: `TACIT_NVIM`, or the one that editors.sh gets. In CI it must be there."""
    return editor("nvim")


def editor(name: str) -> Path:
    """What starts an editor: the variable `TACIT_` and its name, or else what editors.sh gets."""
    if named := os.environ.get(f"TACIT_{name.upper()}"):
        return Path(named)
    script = Path(__file__).with_name("editors.sh")
    done = subprocess.run([script, name], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain(f"no {name} to test with: {done.stderr.strip()[-300:]}")
    return Path(done.stdout.strip())


def user_without_model(home: Path) -> dict[str, str]:
    """The environment of a user with an empty home, and no model: for what needs none."""
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}
    own = {"TACIT_MODEL": "/no/such/model.gguf", "TACIT_STATE_DIR": str(home / "tacit")}
    return os.environ | folders | own | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def variables(tmp_path_factory: pytest.TempPathFactory, launcher: Path) -> Mapping[str, str]:
    """The environment of a user with an empty home who has run `tacit setup nvim --write` and has a model."""
    home = tmp_path_factory.mktemp("home")
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}
    variables = (
        os.environ
        | folders
        | {
            "PYTHONPATH": str(ROOT),
            "TACIT_MODEL": MODEL,
            "TACIT_STATE_DIR": str(home / "tacit"),
        }
    )
    for command in (["models", "pull", MODEL], ["setup", "nvim", "--write"]):
        subprocess.run([sys.executable, "-m", "tacit", *command], env=variables, cwd=home, check=True)
    (home / "config" / "nvim" / "init.lua").write_text(SETTINGS)
    return variables


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where a person can look at what the editor showed."""
    parser.addoption("--screens", type=Path, help="folder for captures of the editor's screen, as text")
    parser.addoption("--editors", default="nvim,helix", help="editors that the scenarios are played in")
    parser.addoption("--results", type=Path, help="folder that keeps what became of the scenarios")


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest) -> list[str]:
    """The editors that the scenarios are played in."""
    names: str = request.config.getoption("--editors")
    return names.split(",")


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Iterator[Results]:
    """What becomes of the scenarios, kept at the end where `--results` says so."""
    results = Results(request.config.getoption("--results"))
    yield results
    results.write()


@pytest.fixture
def screens(request: pytest.FixtureRequest) -> Path | None:
    """The folder of `--screens`, if it was given."""
    folder: Path | None = request.config.getoption("--screens")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    return folder
