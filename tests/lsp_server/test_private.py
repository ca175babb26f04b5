from __future__ import annotations

import pytest

from lsp_server.private import is_private
from tests.lsp_server.connection import connected
from tests.support.scripted import ScriptedModel


@pytest.mark.parametrize(
    "path",
    [
        "/p/.env",
        "/p/.env.production",
        "/p/prod.env",
        "/p/.ENV",
        "/home/u/.ssh/config",
        "/home/u/.aws/credentials",
        "/p/id_ed25519",
        "/p/server.pem",
        "/p/secrets.yaml",
        "/p/credentials.json",
        "/p/terraform.tfvars",
        "c:/Users/u/_netrc",
        "/home/u/.npmrc",
    ],
)
def test_files_that_may_hold_secrets(path: str) -> None:
    assert is_private(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/p/main.py",
        "/p/secrets.py",
        "/p/.env.example",
        "/p/key.py",
        "/p/environment.yml",
        "/p/id_rsa.pub",
        "/p/.bashrc",
    ],
)
def test_other_files(path: str) -> None:
    assert not is_private(path)


@pytest.mark.parametrize(
    ("path", "pattern", "private"),
    [
        ("/p/notes/a.md", "*.md", True),
        ("/p/notes/a.md", "notes/*", True),
        ("/p/notes/a.md", "other/*", False),
        ("/p/A.MD", "*.md", True),
    ],
)
def test_the_user_may_add_patterns(path: str, pattern: str, private: bool) -> None:
    assert is_private(path, [pattern]) is private


def test_the_model_never_sees_them() -> None:
    model = ScriptedModel({"=": "hunter2\n"})
    with connected(model) as client:
        client.ready(filesOff=["*.log"])
        for uri in ("file:///p/.env", "file:///p/a.log"):
            client.open(uri, "PASSWORD=")
            assert client.result(client.inline(uri, 0, 9)) == {"items": []}
            assert client.why()["reason"] == "private"
        client.open("file:///p/a.py", "x = 1\n")
        client.wait_for(lambda: len(model.prompts) > 0)
    assert not any("PASSWORD" in prompt for prompt in model.prompts)
