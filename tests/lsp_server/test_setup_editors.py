"""Blocks in files of the user's, and the files of editors that cannot be had for tests."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lsp_server.setup.changes import Block, CannotChange
from lsp_server.setup.editors import SOURCES, Machine, editor

COMMAND = ["/opt/tacit/bin/tacit"]


def machine(home: Path) -> Machine:
    return Machine({}, home, COMMAND)


@pytest.mark.parametrize(
    ("before", "in_braces"),
    [
        ("", False),
        ("a = 1\n", False),
        ("a = 1", False),
        ('{\n  // mine\n  "a": 1,\n}\n', True),
        ('// settings\n{ "a": 1 }', True),
        ("{}", True),
    ],
)
def test_a_block_is_put_in_once_and_taken_out_again(before: str, in_braces: bool) -> None:
    block = Block(Path("x"), '  "b": 2,', "//", in_braces=in_braces)
    made = block.made(before)
    assert block.made(made) == made
    assert '"b": 2' in made
    newer = Block(Path("x"), '  "b": 3,', "//", in_braces=in_braces)
    assert newer.made(made).count('"b"') == 1
    left = block.unmade(made)
    assert (left or "").split() == (before.split() if before != "{}" else [])


def test_what_may_be_there_once_only_is_refused_with_what_to_add() -> None:
    block = Block(Path("x"), '  "clients": {"tacit": {}},', "//", in_braces=True, taken=r'"clients"\s*:')
    with pytest.raises(CannotChange, match="tacit"):
        block.made('{\n  "clients": {}\n}\n')


def test_helix_keeps_the_users_languages(tmp_path: Path) -> None:
    languages = tmp_path / ".config" / "helix" / "languages.toml"
    languages.parent.mkdir(parents=True)
    languages.write_text('[[language]]\nname = "python"\nlanguage-servers = ["mine"]\n')
    change = editor("helix").changes(machine(tmp_path))[0]
    told = tomllib.loads(change.made(languages.read_text()))
    assert told["language-server"]["tacit"]["command"] == COMMAND[0]
    servers = {each["name"]: each["language-servers"] for each in told["language"]}
    assert servers["python"] == ["mine"]
    assert servers["rust"] == ["rust-analyzer", "tacit"]
    assert all(names[-1] == "tacit" for language, names in servers.items() if language != "python")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
def test_every_build_of_vs_code_that_was_started_is_told(tmp_path: Path) -> None:
    (before,) = editor("vscode").changes(machine(tmp_path))
    assert before.path == tmp_path / ".config" / "Code" / "User" / "settings.json"
    builds = [tmp_path / ".config" / "VSCodium", tmp_path / ".local" / "share" / "code-server"]
    for build in builds:
        build.mkdir(parents=True)
    told = editor("vscode").changes(machine(tmp_path))
    assert [change.path for change in told] == [build / "User" / "settings.json" for build in builds]
    assert all(COMMAND[0] in change.made(None) for change in told)


def test_kate_and_sublime_start_this_program(tmp_path: Path) -> None:
    (kate,) = editor("kate").changes(machine(tmp_path))
    servers = json.loads(kate.made(None))["servers"]
    assert all(each["command"] == [*COMMAND, "serve"] for each in servers.values())
    with pytest.raises(CannotChange):
        kate.made('{"servers": {}}')
    (sublime,) = editor("sublime").changes(machine(tmp_path))
    assert json.dumps(COMMAND[0]) in sublime.made('{\n\t"log_debug": true,\n}\n')


# What LSP4IJ 0.20 reads, by its template reader and its JSON schema of the client's settings.
TEMPLATE_FILES = {
    "template.json",
    "settings.json",
    "settings.schema.json",
    "initializationOptions.json",
    "clientSettings.json",
    "experimental.json",
    "installer.json",
    "workspaceFolders.json",
    "README.md",
}
CLIENT_SETTINGS: dict[str, Any] = {
    "caseSensitive": bool,
    "completion": {"useContextAwareSorting": bool, "useTemplateForInvocationOnlySnippet": bool},
    "workspaceSymbol": {"supportsGotoClass": bool},
}


class FileType(msgspec.Struct, forbid_unknown_fields=True):
    patterns: list[str]
    name: str | None = None


class Mapping(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    file_type: FileType
    language_id: str


class Template(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """`template.json`, as LSP4IJ's template reader takes it."""

    id: str
    name: str
    program_args: dict[str, str]
    file_type_mappings: list[Mapping]
    expand_configuration: bool = False


def test_the_template_for_jetbrains_is_one_that_lsp4ij_reads(tmp_path: Path) -> None:
    files = {each.path.name: each.made(None) for each in editor("jetbrains").changes(machine(tmp_path))}
    assert set(files) <= TEMPLATE_FILES
    template = msgspec.json.decode(files["template.json"], type=Template)
    assert set(template.program_args) <= {"default", "windows", "mac", "unix"}
    assert "default" in template.program_args
    assert all(COMMAND[0] in command for command in template.program_args.values())
    patterns = [each for mapping in template.file_type_mappings for each in mapping.file_type.patterns]
    assert len(patterns) == len(set(patterns))
    assert json.loads(files["settings.json"]).keys() == json.loads(files["initializationOptions.json"]).keys()
    properties = json.loads(files["settings.schema.json"])["properties"]["tacit"]["properties"]
    assert {"enabled", "maxLines", "languagesOff"} <= set(properties)
    fits(json.loads(files["clientSettings.json"]), CLIENT_SETTINGS)


def fits(value: dict[str, Any], shape: dict[str, Any]) -> None:
    for key, inner in value.items():
        assert key in shape
        if isinstance(shape[key], dict):
            fits(inner, shape[key])
        else:
            assert isinstance(inner, shape[key])


def test_the_readmes_name_what_does_not_work() -> None:
    for name in ("zed", "sublime", "kate", "jetbrains"):
        text = (SOURCES / name / "README.md").read_text("utf-8").lower()
        assert "not tested" in text or "does not work" in text
