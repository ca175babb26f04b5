"""What can be told of the VS Code extension without Node.js: it has the server's settings, it is small."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from lsp_server.config import Config
from lsp_server.requests.execute_command import COMMANDS
from tests.support.fresh import ROOT

FOLDER = ROOT / "editors" / "vscode"
PACKAGE = json.loads((FOLDER / "package.json").read_text("utf-8"))
CONTRIBUTED = PACKAGE["contributes"]
LIMITS = ("minimum", "maximum", "enum")


def test_the_settings_are_the_servers() -> None:
    """Name by name, with their defaults and limits; `tacit.client.*` is the extension's own."""
    expected = {f"tacit.{name}": said(told) for name, told in schema().items()}
    shown = {
        name: said(told) for part in CONTRIBUTED["configuration"] for name, told in part["properties"].items()
    }
    for name, told in expected.items():  # what is newer than the server is reported by it
        assert shown.get(name) == told, f"package.json has another {name}"


def test_every_setting_is_described() -> None:
    for part in CONTRIBUTED["configuration"]:
        for name, told in part["properties"].items():
            assert len(told["markdownDescription"]) > 10, name


def test_a_workspace_cannot_say_what_is_run_or_where_text_is_sent() -> None:
    told = {name: each for part in CONTRIBUTED["configuration"] for name, each in part["properties"].items()}
    for name in ("client.command", "model", "endpoint", "endpointModel", "endpointKey"):
        assert told[f"tacit.{name}"]["scope"] == "machine"


def test_every_command_is_the_extensions_or_the_servers() -> None:
    code = "".join(path.read_text("utf-8") for path in sources())
    for command in CONTRIBUTED["commands"]:
        assert f"'{command['command']}'" in code or command["command"] in COMMANDS, command


def test_the_client_is_thin() -> None:
    """Comments and empty lines do not count."""
    lines = [line.strip() for path in sources() for line in path.read_text("utf-8").splitlines()]
    assert sum(bool(line) and not line.startswith(("//", "/*", "*")) for line in lines) <= 900


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))["packages"]
    assert all("resolved" not in told and "integrity" in told for name, told in packages.items() if name)


def sources() -> list[Any]:
    return sorted((FOLDER / "src").glob("*.ts"))


def schema() -> dict[str, Any]:
    """Of each setting by its whole name: a group's are told one by one."""
    types = msgspec.json.schema(Config)["$defs"]
    properties: dict[str, Any] = {}
    for name, told in types["Config"]["properties"].items():
        group = told.get("$ref", "").rpartition("/")[2]
        inner = types[group]["properties"] if group else {}
        properties |= {f"{name}.{key}": each for key, each in inner.items()} or {name: told}
    return properties


def said(told: dict[str, Any]) -> dict[str, Any]:
    """Default and limits, wherever JSON Schema has them."""
    of_value = next((each for each in told.get("anyOf", ()) if each["type"] != "null"), told)
    items = told.get("items", {})
    limits = {key: of_value[key] for key in LIMITS if key in of_value}
    if "enum" in limits:
        limits["enum"] = sorted(limits["enum"])
    default = list(told["default"]) if isinstance(told["default"], tuple) else told["default"]
    return {"default": default, "of items": items.get("enum"), **limits}
