"""The README tells the truth: its commands run, and its tables are those of the code."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.client import Client
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
    rows = section[section.index("|---") :].partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@dataclass
class Newcomer:
    """Somebody with a fresh clone, a fresh environment and an empty home folder."""

    clone: Path
    programs: Path
    variables: Mapping[str, str]

    def runs(self, command: str) -> None:
        """Run the command in their shell; it must succeed."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.clone,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        assert "Traceback" not in done.stderr

    @contextlib.contextmanager
    def with_an_editor_open(self) -> Iterator[None]:
        """While a server runs that has been asked for a suggestion."""
        uri = (self.clone / "hello.py").as_uri()
        with Client([str(self.programs / "tacit")], env=self.variables) as client:
            client.initialize()
            client.open(uri, "python", "def hello():\n    ret")
            position = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 7}}
            client.request("textDocument/inlineCompletion", position | {"context": {"triggerKind": 1}})
            servers = Path(self.variables["TACIT_STATE_DIR"]) / "servers"
            while not list(servers.glob("*.json")):
                time.sleep(0.05)
            yield


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    folder = tmp_path_factory.mktemp("newcomer")
    programs = virtual_environment(folder / "venv")
    (folder / "home").mkdir()
    return Newcomer(clone(folder / "tacit"), programs, environment(programs, folder / "home"))


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("command", [command for command in commands() if command != TEST_COMMAND])
def test_a_command_works_for_a_newcomer(command: str, newcomer: Newcomer) -> None:
    """In the README's order, in one clone: the first command installs what the others use."""
    if command == MAIN_COMMAND:
        newcomer.runs(command)
        return
    assert (newcomer.programs / "tacit").exists(), f"`{MAIN_COMMAND}` did not install the program"
    with newcomer.with_an_editor_open():
        newcomer.runs(command)


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


def test_every_variable_of_the_environment_is_named() -> None:
    folders = ("tacit", "text", "cache", "engine", "completion", "bench", "lsp_server")
    sources = [path.read_text("utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py")]
    read = {name for source in sources for name in re.findall(r"\bTACIT_[A-Z_]+\b", source)}
    assert set(re.findall(r"\bTACIT_[A-Z_]+\b", README)) == read


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
