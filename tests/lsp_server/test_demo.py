from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from bench.client import Client, ServerGone, server_command, server_environment
from bench.editor import Editor
from bench.session import Session, load, unpack
from lsp_server.cli.demo import SESSION
from lsp_server.demo.player import is_wanted, play
from lsp_server.demo.readiness import await_model
from lsp_server.demo.script import Script
from lsp_server.demo.script import load as load_script
from lsp_server.demo.tally import Tally
from tests.support import scripted_server
from tests.support.tiny_folder import tiny_folder

SCRIPT = {"def total_v": "alue(self) -> float:\n", "  total(": "): number {\n"}
STORY: Script = load_script()
QUIET = Console(quiet=True)


def tacit(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        server_command(*arguments),
        env=server_environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_folder(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.mark.parametrize(
    ("ghost", "rest", "wanted"),
    [
        ("alue(self)", "alue(self) -> float:", True),
        ("alue()", "alue(self) -> float:", False),
        ("", "anything", False),
        ("x", "x = 1", False),
        ("sum", "summary", False),
        ("sum", "sum_of(x)", True),
        ("a\n    b", "a\n    b\n", True),
    ],
)
def test_tab_is_pressed_only_for_what_was_to_be_written(ghost: str, rest: str, wanted: bool) -> None:
    assert is_wanted(ghost, rest) is wanted


def test_a_replay_writes_the_recorded_text_whoever_writes_it(tmp_path: Path) -> None:
    session = load(SESSION)
    root = unpack(SESSION, session, tmp_path)
    tally = Tally()
    with Client(scripted_server.command(SCRIPT), env=server_environment()) as client:
        client.initialize(root)
        await_model(client, QUIET)
        editor = Editor(client, root)
        taken = []
        for moment in play(session.step, editor):
            tally.add(moment)
            taken += [moment.text] if moment.kind == "tab" else []
        written = {name: _visit(editor, name) for name in session.files}
    assert "alue(self) -> float:" in taken
    assert "): number {" in taken
    assert all(step.type in written[_file(session, n)] for n, step in enumerate(session.step))
    assert tally.tabs == len(taken)
    assert tally.typed + tally.tabbed == sum(len(step.type) for step in session.step)


def _visit(editor: Editor, name: str) -> str:
    editor.visit(name)
    return editor.document.text


def _file(session: Session, index: int) -> str:
    return [step.file for step in session.step[: index + 1] if step.file][-1]


@pytest.mark.slow
def test_the_figures_are_one_json_document(tiny: str) -> None:
    done = tacit("demo", "--json", TACIT_MODEL=tiny)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["keys"] > 500
    assert figures["next_edits"]["shown"] >= 1
    assert (figures["apply"]["applied"], figures["apply"]["refused"]) == (1, 1)
    assert figures["search"]["answered"] == len(STORY.question)
    stages = list(figures["stages_s"].values())
    assert stages == sorted(stages)
    assert figures["memory_mb"] > 20
    assert set(figures["model_ms"]) == {"n", "p50", "p90", "p99", "max"}


@pytest.mark.slow
def test_without_a_terminal_it_prints_lines_and_ends(tiny: str) -> None:
    done = tacit("demo", "--model", tiny)
    assert done.returncode == 0, done.stderr
    assert all(step.title in done.stdout for step in load(SESSION).step)
    assert "def total_value" in done.stdout
    assert " next edit, " in done.stdout
    assert "+            raise OutOfStock(name)" in done.stdout
    assert "both fit as well" in done.stdout
    assert "inventory.py:34  Inventory.total_value" in done.stdout
    assert "Memory of the server" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("model", ["no-such-model", "/nowhere/model.gguf"])
def test_a_model_that_cannot_be_had_is_named_with_a_remedy(model: str, tmp_path: Path) -> None:
    done = tacit("demo", TACIT_MODEL=model, TACIT_CACHE_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("tacit demo: the model cannot be had.")
    assert model in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_server_that_dies_is_reported(tmp_path: Path) -> None:
    with Client(scripted_server.command({}), env=server_environment()) as client:
        client.initialize(tmp_path)
        await_model(client, QUIET)
        client.process.kill()
        client.process.wait()
        with pytest.raises(ServerGone):
            await_model(client, QUIET)


@pytest.mark.slow
@pytest.mark.model
def test_the_real_thing_answers_soon_and_usefully() -> None:
    tacit("demo", "--json")  # may have to fetch, convert and measure
    done = tacit("demo", "--json")
    assert done.returncode == 0, done.stderr
    figures: Any = json.loads(done.stdout)
    # The demo itself makes a load of one; twice as many programs as processors are somebody else's.
    overloaded = psutil.getloadavg()[0] > 2 * (psutil.cpu_count() or 1)
    assert figures["first_answer_s"] < 5 or overloaded
    assert figures["tabs"] >= 5
    assert figures["tabbed_share"] > 0.1
