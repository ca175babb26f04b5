"""`tacit doctor`: each thing that can be amiss is found, with a remedy."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import apsw
import pytest

from bench.client import server_command
from engine.manifest import load_manifests
from lsp_server.app import main
from lsp_server.cli import doctor
from lsp_server.cli.doctor import Check
from lsp_server.setup.editors import editor, this_machine
from retrieval.store import Store

SMALLEST = load_manifests()[0]


def check(found: Check, status: str, *words: str) -> None:
    assert found.status == status
    assert bool(found.remedy) == (status != "ok")
    for word in words:
        assert word in found.finding + found.remedy


@pytest.fixture
def no_model_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TACIT_MODEL", SMALLEST.name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "cache"


def test_a_writable_cache_is_made_and_left_empty(tmp_path: Path) -> None:
    check(doctor.cache_directory(tmp_path / "new"), "ok", "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check(doctor.cache_directory(tmp_path / "file" / "cache"), "fail", "TACIT_CACHE_DIR")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    check(doctor.cache_directory(tmp_path), "fail", "Permission denied", "TACIT_CACHE_DIR")


def test_little_memory() -> None:
    check(doctor.memory(8_000_000_000), "ok", "8.0 GB")
    check(doctor.memory(500_000_000), "warn", "0.5 GB")


def test_a_model_that_is_missing_or_unknown(no_model_yet: Path) -> None:
    check(doctor.model(SMALLEST.name), "warn", f"tacit models pull {SMALLEST.name}")
    check(doctor.model("gpt-17"), "fail", "gpt-17", SMALLEST.name)


def test_a_full_disk(no_model_yet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(doctor.disk_space(no_model_yet, SMALLEST), "ok")
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    check(doctor.disk_space(no_model_yet, SMALLEST), "fail", "0.0 GB free", "TACIT_CACHE_DIR")
    check(doctor.disk_space(no_model_yet, None), "ok")


def test_the_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SLOW_START_S", 60.0)  # this machine may be busy
    check(doctor.server(server_command("serve")), "ok", "ms")


@pytest.mark.parametrize("command", [[sys.executable, "-c", "pass"], ["/nowhere/tacit"]])
def test_a_server_that_does_not_start(command: list[str]) -> None:
    check(doctor.server(command), "fail", "tacit serve")


@pytest.mark.parametrize(
    ("said", "status"), [("NVIM v0.12.4", "ok"), ("NVIM v0.11.0-dev", "warn"), ("nothing", "warn")]
)
def test_the_editors_version(said: str, status: str, tmp_path: Path, no_model_yet: Path) -> None:
    program = tmp_path / "nvim"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    found = list(doctor.one_editor("nvim", editor("nvim"), str(program), this_machine()))
    check(found[0], status)
    check(found[1], "warn", "tacit setup nvim --write")
    assert main(["setup", "nvim", "--write"]) == 0
    check(list(doctor.one_editor("nvim", editor("nvim"), str(program), this_machine()))[1], "ok")


def test_no_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (only,) = doctor.editors(this_machine())
    check(only, "warn", "Neovim", "Emacs")


def test_every_editor_that_is_there_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_model_yet: Path
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    for name, said in {"vim": "VIM - Vi IMproved 9.2", "hx": "helix 24.07", "zed": "Zed 1.2"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{said}'\n")
        (tmp_path / name).chmod(0o755)
    vim, _, helix, _, zed, not_zed = (
        each for each in doctor.editors(this_machine()) if "Neovim" not in each.finding
    )
    check(vim, "ok", "Vim 9.2")
    check(helix, "warn", "Helix 24.7", "25.7")
    check(zed, "ok", "Zed")
    check(not_zed, "warn", "extension")


def test_one_json_document_and_the_exit_code(
    no_model_yet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"cache", "memory", "machine", "model", "disk", "server", "editor"} <= {
        each["name"] for each in report["checks"]
    }
    monkeypatch.setenv("TACIT_MODEL", "gpt-17")
    assert main(["doctor"]) == 1
    assert "FAIL  model" in capsys.readouterr().out


def test_the_index(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    check(doctor.index(path), "ok", "none yet")
    Store.open(path).close()
    check(doctor.index(path), "ok", "0 folders", "MB")
    (tmp_path / "file").write_text("")
    (tmp_path / "newer.db").write_bytes(path.read_bytes())
    connection = apsw.Connection(str(tmp_path / "newer.db"))
    connection.pragma("user_version", 99)
    connection.close()
    check(doctor.index(tmp_path / "newer.db"), "fail", "newer Tacit", "Update")
