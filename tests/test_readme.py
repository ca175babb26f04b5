"""The README tells the truth: its commands run, and its tables are those of the code."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from lsp_server.app import COMMANDS
from lsp_server.config import FIELDS
from tests.support.fresh import ROOT, clone, environment, virtual_environment

README = (ROOT / "README.md").read_text("utf-8")
MAIN_COMMAND = "pip install . && tacit demo"
TEST_COMMAND = "pip install '.[test]' && python -m pytest"


def commands() -> list[str]:
    """Every line of every shell block, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, str]]:
    """A fresh clone, and the variables of a fresh environment and an empty home folder."""
    folder = tmp_path_factory.mktemp("newcomer")
    programs = virtual_environment(folder / "venv")
    (folder / "home").mkdir()
    return clone(folder / "tacit"), environment(programs, folder / "home")


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("command", [command for command in commands() if command != TEST_COMMAND])
def test_a_command_works_for_a_newcomer(command: str, newcomer: tuple[Path, Mapping[str, str]]) -> None:
    """In the README's order, in one clone: the first command installs what the others use."""
    folder, variables = newcomer
    if command != MAIN_COMMAND and not shutil.which("tacit", path=variables["PATH"].partition(":")[0]):
        pytest.fail(f"`{MAIN_COMMAND}` did not install the program")
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    assert "Traceback" not in done.stderr


def test_two_commands_do_all_the_setting_up() -> None:
    assert [command for command in commands() if "install" in command] == [MAIN_COMMAND, TEST_COMMAND]


def test_ci_runs_the_test_command_word_for_word() -> None:
    """This suite cannot run the command that runs it, so the place that does is checked instead."""
    assert TEST_COMMAND in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_the_command_table_is_complete() -> None:
    named = re.findall(r"`tacit (\w+)", " ".join(row[0] for row in table("Commands")))
    assert named == list(COMMANDS)


def test_every_command_that_is_named_exists() -> None:
    in_code = "\n".join(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", README))
    assert set(re.findall(r"\btacit ([a-z]+)\b", in_code)) <= set(COMMANDS)


def test_the_settings_table_is_that_of_the_code() -> None:
    documented = [(row[0].strip("`"), row[1].strip("`")) for row in table("Settings")]
    assert documented == [(name, lua(field.default)) for name, field in FIELDS.items()]


def test_every_link_leads_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "editors" / "nvim" / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def lua(value: object) -> str:
    """A default as the README writes it: as it stands in a Lua table."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}'"
    return "nil" if value is None else "{}" if value == () else str(value)
