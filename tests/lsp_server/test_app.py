"""The command line's dispatch: exit codes, and that a command imports only what it needs."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server import app
from lsp_server.cli import setup
from tacit import __version__

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


def tacit(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "tacit", *arguments)


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_has_a_module_and_help(name: str) -> None:
    module = importlib.import_module(f"lsp_server.cli.{name}")
    module.add_arguments(argparse.ArgumentParser())
    with pytest.raises(SystemExit) as exit_:
        app.main([name, "--help"])
    assert exit_.value.code == 0


def test_every_module_that_runs_is_a_command() -> None:
    modules = (ROOT / "lsp_server" / "cli").glob("*.py")
    assert {path.stem for path in modules if "\ndef run(" in path.read_text("utf-8")} == set(app.COMMANDS)


def test_version() -> None:
    done = tacit("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tacit {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["frobnicate"], ["apply"], ["setup", "nvim", "--nonsense"]])
def test_wrong_usage_exits_2_with_one_message(arguments: list[str]) -> None:
    done = tacit(*arguments)
    assert done.returncode == 2
    assert "usage: tacit" in done.stderr
    assert "Traceback" not in done.stderr


def test_setup_without_an_editor_names_them() -> None:
    done = tacit("setup")
    assert done.returncode == 2
    assert "nvim" in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_command_and_plain_options_mean_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    served = []

    class Serve:
        def add_arguments(self, parser: argparse.ArgumentParser) -> None:
            parser.add_argument("--stdio", action="store_true")

        def run(self, args: argparse.Namespace) -> int:
            served.append(args.stdio)
            return 0

    monkeypatch.setattr(app, "_load", lambda name: {"serve": Serve()}[name])
    assert [app.main(arguments) for arguments in ([], ["--stdio"], ["serve", "--stdio"])] == [0, 0, 0]
    assert served == [False, True, True]


def test_an_interrupt_is_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(args: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup, "run", interrupted)
    assert app.main(["setup", "nvim"]) == 130


@pytest.mark.parametrize("arguments", ["--help", "setup nvim"])
def test_a_closed_pipe_is_no_traceback(arguments: str) -> None:
    assert run("bash", "-c", f"{sys.executable} -m tacit {arguments} | true").stderr == ""


def test_a_command_imports_no_other_and_nothing_of_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "__init__.py").write_text("raise SystemExit('a folder of the user was imported')")
    (tmp_path / "argparse.py").write_text("raise SystemExit('a file of the user was imported')")
    done = run(sys.executable, "-X", "importtime", "-m", "tacit", "setup", "nvim", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-400:]
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "lsp_server.app" in imported
    assert not imported & {"pygls", "lsprotocol", "onnxruntime", "numpy", "engine", "completion"}
