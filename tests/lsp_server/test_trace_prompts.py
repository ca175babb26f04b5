from __future__ import annotations

import dataclasses
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from lsp_server import app, trace, trace_prompts, trace_replay
from lsp_server.trace_prompts import Kept
from tests.lsp_server.connection import Connection, connected
from tests.support.scripted import ScriptedModel
from tests.support.tiny_folder import tiny_folder

URI = "file:///w/a.py"
SECRET = "ghp_" + "a1B2c3D4e5" * 4
TEXT = f'token = "{SECRET}"\n\n\ndef f(a, b):\n    return '


def ask(client: Connection, version: int = 0) -> None:
    client.open(URI, TEXT, version=version)
    client.result(client.inline(URI, 4, 11, automatic=False))


def kept(client: Connection, count: int = 1) -> list[Kept]:
    client.wait_for(lambda: len(trace_prompts.read_all()) >= count)
    return trace_prompts.read_all()


def test_nothing_is_kept_unless_it_is_wanted(scripted_model: ScriptedModel, tmp_path: Path) -> None:
    with connected(scripted_model) as client:
        client.ready(budgetMs=10_000)
        ask(client)
    assert scripted_model.prompts
    assert not trace_prompts.folder().exists()
    written = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert b"return" not in written


def test_what_is_kept_is_said_and_holds_no_secret(scripted_model: ScriptedModel) -> None:
    with connected(scripted_model) as client:
        client.ready(budgetMs=10_000, trace={"prompts": True})
        ask(client)
        (one,) = kept(client)
        (message,) = [each for each in client.messages() if "trace.prompts" in each]
        client.change(URI, 1, {"text": TEXT.replace("f(a", "g(a")})
        client.result(client.inline(URI, 4, 11, automatic=False))
        assert len(kept(client, 2)) == 2
    assert str(trace_prompts.folder()) in message
    assert "source text" in message
    assert one.id in {each.id for each in trace.read(kinds=["ghost-text"])}
    assert (one.shown, one.reason) == ("a + b", "")
    assert "return" in one.prompt
    assert one.offset == len(TEXT) == len(one.text)
    (path, *_) = trace_prompts.folder().glob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(trace_prompts.folder().stat().st_mode) == 0o700
    assert all(SECRET not in path.read_text("utf-8") for path in trace_prompts.folder().iterdir())


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_prompts, "MOST", 3)
    for number in range(10):
        trace_prompts.write(of(number))
    assert len(trace_prompts.read_all()) == 3
    (trace_prompts.folder() / "1-x.json").write_text("{")
    assert all(each.id.startswith("1-") for each in trace_prompts.read_all())
    assert app.main(["trace", "clear"]) == 0
    assert trace_prompts.read_all() == []


def test_an_old_question_is_rendered_and_answered_anew() -> None:
    old = of(1, prompt="<prefix>\nanother prompt", shown="b + a", written="b + a")
    model = ScriptedModel({"return ": "a + b\n"})
    new = trace_replay.now(old, model)
    assert (new.shown, new.written) == ("a + b", " a + b\n")
    assert new.prompt.endswith("return ")
    differs = trace_replay.difference(trace_replay.then(old), new)
    assert any(line.startswith("-another prompt") for line in differs)
    same = dataclasses.replace(trace_replay.then(old), prompt=new.prompt)
    assert trace_replay.difference(same, new) == []
    silent = trace_replay.now(of(1), ScriptedModel({}))
    assert silent.outcome == "(nothing: The model has nothing to add here.)"


def test_both_answers_stand_side_by_side() -> None:
    lines = trace_replay.beside("a\nb " * 20, "c", 43)
    assert lines[0].startswith("a")
    assert lines[0].endswith(" | c")
    assert {line.index("|") for line in lines} == {21}
    assert max(map(len, lines)) <= 43


def test_the_command_replays_with_a_real_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["replay"]) == 1
    assert "trace.prompts" in capsys.readouterr().err
    model = str(tiny_folder(tmp_path / "tiny"))
    trace_prompts.write(of(1, model=model, shown="b + a"))
    assert app.main(["replay", "--list"]) == 0
    assert "1-1" in capsys.readouterr().out
    assert app.main(["replay", "1-1"]) == 0
    said = capsys.readouterr().out
    assert "shown then" in said
    assert "b + a" in said
    assert app.main(["replay", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["then"]["shown"] == "b + a"
    assert document["now"]["prompt"].endswith("return ")
    assert app.main(["replay", "1-2"]) == 1
    assert app.main(["replay", "--model", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err


def of(number: int, **more: str) -> Kept:
    text = "def f(a, b):\n    return "
    base: dict[str, Any] = {"model": "given", "prompt": "", "written": "", **more}
    return Kept(
        id=f"1-{number}", at=float(number), path="a.py", language="python", text=text, offset=len(text),
        context=2048, prompt_version="fim_v1", **base,
    )  # fmt: skip
