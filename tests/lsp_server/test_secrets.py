"""Secrets of many kinds, planted wherever source text comes from: none gets anywhere.

They are made up, and put together at run time, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import contextlib
import logging
import random
import string
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from retrieval.schema import index_path
from tests.lsp_server.connection import GHOST_TEXT, connected
from tests.support.scripted import ScriptedModel

_LETTERS = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


def _some(chance: random.Random, alphabet: str, count: int) -> str:
    return "".join(chance.choice(alphabet) for _ in range(count - 2)) + "7" + chance.choice(alphabet)


def _starting(
    prefix: str, count: int, alphabet: str = _LETTERS
) -> Callable[[random.Random], tuple[str, str]]:
    """A token in quotes: a line of code, and what must not be seen of it."""

    def make(chance: random.Random) -> tuple[str, str]:
        secret = prefix + _some(chance, alphabet, count)
        return f'client = connect("{secret}")', secret

    return make


def _in(line: str, count: int, alphabet: str = _LETTERS) -> Callable[[random.Random], tuple[str, str]]:
    def make(chance: random.Random) -> tuple[str, str]:
        secret = _some(chance, alphabet, count)
        return line.replace("SECRET", secret), secret

    return make


def _key(kind: str) -> Callable[[random.Random], tuple[str, str]]:
    def make(chance: random.Random) -> tuple[str, str]:
        body = [_some(chance, _LETTERS, 64) for _ in range(4)]
        block = "\n".join([f"-----BEGIN {kind}PRIVATE KEY-----", *body, f"-----END {kind}PRIVATE KEY-----"])
        return f'KEY = """{block}"""', chance.choice(body)

    return make


def _signed(chance: random.Random) -> tuple[str, str]:
    secret = ".".join(
        [
            "eyJ" + _some(chance, _LETTERS, 20),
            "eyJ" + _some(chance, _LETTERS, 40),
            _some(chance, _LETTERS, 43),
        ]
    )
    return f"headers = {{'X-Session': '{secret}'}}", secret


_CAPITALS = string.ascii_uppercase + "234567"
KINDS = {
    "aws": _starting("AKIA", 16, _CAPITALS[:26] + "7"),
    "github": _starting("ghp_", 36),
    "github-app": _starting("ghs_", 36),
    "github-fine": _starting("github_pat_", 82),
    "gitlab": _starting("glpat-", 20),
    "slack-bot": _starting("xoxb-", 40),
    "slack-app": _starting("xapp-1-", 40),
    "slack-hook": _in("url = 'https://hooks.slack.com/services/T0ABC/B0DEF/SECRET'", 24),
    "google": _starting("AIza", 35),
    "google-oauth": _starting("ya29.", 60),
    "openai": _starting("sk-proj-", 48),
    "anthropic": _starting("sk-ant-", 48),
    "hugging": _starting("hf_", 34),
    "npm": _starting("npm_", 36),
    "pypi": _starting("pypi-", 80),
    "stripe": _starting("sk_live_", 24),
    "stripe-hook": _starting("whsec_", 32),
    "sendgrid": lambda chance: (
        f"mail('{(s := 'SG.' + _some(chance, _LETTERS, 22) + '.' + _some(chance, _LETTERS, 43))}')", s
    ),
    "twilio": _starting("SK", 32, _HEX),
    "mailgun": _starting("key-", 32, _HEX),
    "shopify": _starting("shpat_", 32, _HEX),
    "databricks": _starting("dapi", 32, _HEX),
    "docker": _starting("dckr_pat_", 27),
    "signed": _signed,
    "rsa": _key("RSA "),
    "openssh": _key("OPENSSH "),
    "address": _in("db = 'postgres://app:SECRET@db.example.com/x'", 20),
    "bearer": _in("curl('-H', 'Authorization: Bearer SECRET')", 40),
    "password": _in('DB_PASSWORD = "SECRET"', 20),
    "api-key": _in('"api_key": "SECRET",', 32),
    "account-key": _in("AccountKey=SECRET;EndpointSuffix=core", 64),
}  # fmt: skip


def test_secrets_of_thirty_kinds_get_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(7)
    planted = [make(chance) for make in KINDS.values() for _ in range(10)]
    assert len(planted) >= 300
    # A model that says what it reads, which is what a leak would look like.
    model = ScriptedModel(lambda prompt: max(prompt.split("\n"), key=len) + "\n")
    caplog.set_level(logging.DEBUG, "tacit")
    shown: list[str] = []
    root = tmp_path / "work"
    root.mkdir()
    for number, (line, _) in enumerate(planted):
        (root / f"file{number}.py").write_text(before(number, line))
    with connected(model) as client:
        capabilities = {**GHOST_TEXT, "workspace": {"applyEdit": True}}
        options = {"budgetMs": 5000, "trace": {"prompts": True}}
        folders = [{"uri": root.as_uri(), "name": "w"}]
        client.initialize(capabilities=capabilities, options=options, workspaceFolders=folders)
        client.wait_for_model()
        for number, (line, _) in enumerate(planted):
            uri = (root / f"file{number}.py").as_uri()
            text = before(number, line)
            client.open(uri, text)
            last = text.count("\n")
            client.change(
                uri,
                1,
                {
                    "range": {"start": {"line": last, "character": 0}, "end": {"line": last, "character": 0}},
                    "text": f"{line}\n",
                },
            )  # pasted, so that it is in the history too
            end = last + line.count("\n") + 1
            shown.append(str(client.result(client.inline(uri, end, 0, automatic=False))))
            shown.append(
                str(
                    client.request(
                        "textDocument/copilotInlineEdit",
                        {
                            "textDocument": {"uri": uri, "version": 1},
                            "position": {"line": end, "character": 0},
                        },
                    )
                )
            )
            sketch = f"```python {uri}\n{line}\n# ... existing code ...\n```"
            client.notify(
                "workspace/executeCommand", {"command": "tacit.apply", "arguments": [{"text": sketch}]}
            )
        client.synchronise()
        shown.append(
            str(client.request("workspace/symbol", {"query": "connect to the database"}))
        )  # wakes it
        client.wait_for(lambda: client.request("tacit/status")["index"]["phase"] == "ready")
        shown.append(
            str(client.request("tacit/search", {"query": "connect", "excerptLines": 9, "limit": 50}))
        )
        shown += [str(client.why()), str(client.request("tacit/status")), *client.messages()]
    ours = [path for name in ("cache", "state") for path in (tmp_path / name).rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in ours)
    assert index_path() in ours
    terms = indexed()
    assert any(term.startswith("count") for term in terms)
    assert model.prompts
    printed = capsys.readouterr()
    places = {
        "prompts": "".join(model.prompts),
        "logs": caplog.text + printed.err + printed.out,
        "files": kept.decode("latin-1"),
        "answers": "".join(shown),
    }
    leaks = [(name, line) for line, secret in planted for name, text in places.items() if secret in text]
    leaks += [("index", term) for term in terms for _, secret in planted if term in secret.lower()]
    assert not leaks, f"{len(leaks)}: {leaks[:5]}"


def before(number: int, line: str) -> str:
    """A file that holds the secret already."""
    return f"import app\n\n\ndef counter_{number}():\n    return 1\n\n\n{line}\n\n\n"


def indexed() -> set[str]:
    """The words that can be searched, but for those that any random text may hold."""
    with contextlib.closing(apsw.Connection(str(index_path()))) as database:
        found = {
            term.decode() if isinstance(term, bytes) else term
            for (term,) in database.execute("select term from words_terms")
        }
    return {term for term in found if len(term) >= 5}
