"""`tacit setup EDITOR`: what it writes, and that doing it twice or undoing it harms nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lsp_server.app import main
from lsp_server.setup import nvim
from lsp_server.setup.editors import NAMES, Machine, editor, this_machine

FILES = 6
"""What Neovim gets."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "NVIM_APPNAME"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def config(home: Path) -> Path:
    return home / ".config" / "nvim"


def contents(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_printing_writes_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "nvim"]) == 0
    assert "vim.lsp.enable('tacit')" in capsys.readouterr().out
    assert not config.exists()


def test_writing_names_this_installation_and_is_idempotent(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["setup", "nvim"]) == 0
    assert "+  vim.lsp.enable('tacit')" in capsys.readouterr().out
    assert main(["setup", "nvim", "--write"]) == 0
    told = capsys.readouterr().out
    assert "next_edit.lua: written, a new file of" in told
    assert len(told.splitlines()) < 40
    written = contents(config)
    assert len(written) == FILES
    assert {"lsp/tacit.lua", "lua/tacit/next_edit.lua", "plugin/tacit.lua"} <= set(written)
    assert f"'{this_machine().command[0]}'" in written["lsp/tacit.lua"]
    assert main(["setup", "nvim", "--write"]) == 0
    assert capsys.readouterr().out.count("as it should be") == FILES
    assert contents(config) == written


def test_a_file_in_the_way_is_kept_and_shown(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = config / "lsp" / "tacit.lua"
    mine.parent.mkdir(parents=True)
    mine.write_text("return { cmd = { 'mine' } }\n")
    assert main(["setup", "nvim", "--write"]) == 0
    assert "-return { cmd = { 'mine' } }" in capsys.readouterr().out
    assert mine.with_name("tacit.lua.bak").read_text() == "return { cmd = { 'mine' } }\n"
    mine.write_text("-- again\n")
    assert main(["setup", "nvim", "--write"]) == 0
    assert mine.with_name("tacit.lua.bak").read_text() == "return { cmd = { 'mine' } }\n"
    assert mine.with_name("tacit.lua.bak1").read_text() == "-- again\n"


def test_removing_leaves_nothing_but_what_the_user_changed(config: Path) -> None:
    assert main(["setup", "nvim", "--write"]) == 0
    plugin = config / "plugin" / "tacit.lua"
    plugin.write_text(plugin.read_text() + "-- my own line\n")
    assert main(["setup", "nvim", "--remove"]) == 0
    assert set(contents(config)) == {"plugin/tacit.lua.bak"}
    assert main(["setup", "nvim", "--remove"]) == 0


def test_an_editor_without_a_configuration_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "ed"]) == 2
    message = capsys.readouterr().err
    assert "'ed'" in message
    assert "nvim" in message


def test_a_folder_that_cannot_be_written_is_reported(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.parent.mkdir(parents=True)
    config.write_text("a file where the folder should be")
    assert main(["setup", "nvim", "--write"]) == 1
    assert str(config) in capsys.readouterr().err


def test_the_command_is_quoted_for_lua(tmp_path: Path) -> None:
    machine = Machine({}, tmp_path, ["C:\\it's here\\tacit.exe"])
    (server,) = (each for each in nvim.changes(machine) if each.path.match("lsp/tacit.lua"))
    assert r"cmd = { 'C:\\it\'s here\\tacit.exe', 'serve'," in server.made(None)


@pytest.mark.skipif(sys.platform == "win32", reason="folders are others there")
def test_the_configuration_folder_is_neovims_own(tmp_path: Path) -> None:
    assert nvim.folder(Machine({}, tmp_path, [])) == tmp_path / ".config" / "nvim"
    named = {"XDG_CONFIG_HOME": "/c", "NVIM_APPNAME": "mine"}
    assert nvim.folder(Machine(named, tmp_path, [])) == Path("/c/mine")


@pytest.mark.parametrize("name", NAMES)
def test_every_editor_is_set_up_twice_and_taken_back(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["setup", name, "--write"]) == 0
    written = contents(home)
    assert name == "zed" or any(this_machine().command[0] in text for text in written.values())
    assert main(["setup", name, "--write"]) == 0
    assert contents(home) == written
    assert main(["setup", name, "--remove"]) == 0
    assert contents(home) == {}
    assert editor(name).AFTERWARDS in capsys.readouterr().out


def test_without_an_editor_the_editors_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup"]) == 2
    assert "which editor? One of: nvim, vim, emacs" in capsys.readouterr().err
