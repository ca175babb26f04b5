"""The index through the protocol: a real index process on real folders."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from lsp_server.workspace_index import host
from tests.lsp_server.connection import Connection, RequestFailed, connected
from tests.support.disks import read_only, small_disk
from tests.support.scripted import ScriptedModel

PROGRESS = {"window": {"workDoneProgress": True}}
UPLOADS = '''
# Sends things.
class Uploader:
    def upload_with_retry(self, item, attempts=3):
        """Send an item, and try again when the network fails."""
        for attempt in range(attempts):
            try:
                return self.send(item)
            except ConnectionError:
                self.wait(attempt)


def größe_ermitteln(pfad): return pfad.stat().st_size
'''
MATHS = "def greatest_common_divisor(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "SETTLING_S", 0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project é"
    (made / "net").mkdir(parents=True)
    (made / ".git").mkdir()
    (made / "net" / "uploads.py").write_text(UPLOADS)
    (made / "maths.py").write_text(MATHS)
    return made


@pytest.fixture
def client() -> Iterator[Connection]:
    with connected(ScriptedModel({"return ": "a + b\n"})) as connection:
        connection.answers["window/workDoneProgress/create"] = lambda _: None
        yield connection


def start(client: Connection, *folders: Path, ready: bool = True, **options: Any) -> None:
    named = [{"uri": each.as_uri(), "name": each.name} for each in folders]
    client.initialize(capabilities=PROGRESS, options=options, workspaceFolders=named)
    if ready:
        until(lambda: phase(client) == "ready")


def phase(client: Connection) -> str:
    return str(client.request("tacit/status")["index"]["phase"])


def until(condition: Callable[[], Any], seconds: float = 60) -> None:
    """Beyond a Connection's patience: processes start slowly on a busy machine."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def symbols(client: Connection, query: str) -> list[Any]:
    return client.request("workspace/symbol", {"query": query}) or []


def names(client: Connection, query: str) -> list[str]:
    return [each["name"] for each in symbols(client, query)]


def test_names_and_meanings(client: Connection, folder: Path) -> None:
    start(client, folder)
    for query in ("UploadRetr", "where do we retry failed uploads?", "upload_with_retry"):
        found = symbols(client, query)[0]
        assert found["name"] == "upload_with_retry", query
        assert found["kind"] == 6
        assert found["containerName"] == "Uploader"
        assert found["location"] == {
            "uri": (folder / "net" / "uploads.py").as_uri(),
            "range": {"start": {"line": 3, "character": 4}, "end": {"line": 9, "character": 34}},
        }
    assert names(client, "gcd") == ["greatest_common_divisor"]
    uploader = symbols(client, "Uploader")[0]
    assert (uploader["kind"], uploader["containerName"]) == (5, "net/uploads.py")
    assert uploader["location"]["range"]["start"] == {"line": 2, "character": 0}
    assert uploader["location"]["range"]["end"]["line"] == 9
    assert symbols(client, "größe_er")[0]["location"]["range"]["end"]["character"] == 53
    assert symbols(client, "  ") == []


def test_the_document_in_the_editor_is_searched_and_not_its_file(client: Connection, folder: Path) -> None:
    start(client, folder)
    uri = (folder / "maths.py").as_uri()
    client.open(uri, MATHS)
    client.change(uri, 1, {"text": "\n\n\ndef least_common_multiple(a, b):\n    return a * b\n"})
    found = symbols(client, "LeastComm")[0]
    assert found["location"]["range"]["start"]["line"] == 3
    assert "greatest_common_divisor" not in names(client, "greatest common divisor")
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert names(client, "GreatestComm") == ["greatest_common_divisor"]
    assert "least_common_multiple" not in names(client, "least common multiple")


def test_what_is_saved_or_changes_on_disk_is_found(client: Connection, folder: Path) -> None:
    start(client, folder)
    new = folder / "fresh.py"
    new.write_text("def freshly_written():\n    return 1\n")
    client.notify("textDocument/didSave", {"textDocument": {"uri": new.as_uri()}})
    until(lambda: names(client, "FreshlyWr") == ["freshly_written"])
    new.unlink()
    changes = [{"uri": new.as_uri(), "type": 3}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    until(lambda: "freshly_written" not in names(client, "FreshlyWr"))


def git(folder: Path, *arguments: str) -> None:
    settings = ("-c", "user.name=t", "-c", "user.email=t@t")
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_branch_that_is_switched_is_followed_without_being_told(client: Connection, folder: Path) -> None:
    (folder / ".git").rmdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    start(client, folder)
    git(folder, "switch", "-qc", "other")
    (folder / "maths.py").write_text("def on_the_other_branch():\n    return 1\n")
    git(folder, "commit", "-qam", "two")
    until(lambda: names(client, "OnTheOther") == ["on_the_other_branch"])
    git(folder, "switch", "-q", "main")
    until(lambda: "greatest_common_divisor" in names(client, "GreatestComm"))
    assert "on_the_other_branch" not in names(client, "OnTheOther")


def test_folders_come_and_go(client: Connection, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "words.py").write_text("def count_words(text):\n    return len(text.split())\n")
    start(client, folder)
    assert "count_words" not in names(client, "CountWor")
    event = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    until(lambda: names(client, "CountWor") == ["count_words"])
    assert names(client, "GreatestComm") == ["greatest_common_divisor"]
    event = {"added": [], "removed": [{"uri": folder.as_uri(), "name": "project"}]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    until(lambda: "greatest_common_divisor" not in names(client, "GreatestComm"))
    assert names(client, "CountWor") == ["count_words"]


def test_what_is_ignored_secret_or_excluded_is_never_shown(client: Connection, folder: Path) -> None:
    token = "ghp_" + "a1B2" * 9
    texts = {
        ".gitignore": "ignored.py\n",
        "ignored.py": "def hidden_thing(): pass\n",
        ".env": "hidden_thing=1\n",
        "excluded.py": "def hidden_thing(): pass\n",
        "token.py": f"def hidden_thing():\n    return '{token}'\n",
        "shown.py": "def hidden_thing_not(): pass\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    start(client, folder, filesOff=["excluded.py"])
    for name in texts:
        client.open((folder / name).as_uri(), texts[name])
    until(lambda: names(client, "HiddenThi") == ["hidden_thing_not"])
    hits = client.request("tacit/search", {"query": "the hidden thing", "limit": 50})["hits"]
    assert {Path(hit["uri"]).name for hit in hits} <= {"shown.py", "maths.py", "uploads.py", ".gitignore"}
    assert all(token not in hit["excerpt"] for hit in hits)


def test_richer_answers(client: Connection, folder: Path) -> None:
    start(client, folder)
    answer = client.request("tacit/search", {"query": "try again when the network fails", "excerptLines": 2})
    best = answer["hits"][0]
    assert answer["complete"]
    assert best["excerpt"].splitlines() == UPLOADS.split("\n")[3:5]
    assert best["selectionRange"]["start"] == {"line": 3, "character": 8}
    assert best["selectionRange"]["end"] == {"line": 3, "character": 25}
    assert best["score"] == pytest.approx(sum(best["why"].values()), abs=0.01)
    arguments = {"command": "tacit.search", "arguments": ["try again when the network fails"]}
    assert client.request("workspace/executeCommand", arguments)["hits"][0]["name"] == best["name"]
    with pytest.raises(RequestFailed):
        client.request("workspace/executeCommand", {"command": "tacit.search", "arguments": [{"limit": 0}]})


def test_the_model_reads_answers_over_on_request(folder: Path) -> None:
    question = "try again when the network fails"
    model = ScriptedModel({"What greatest_common_divisor does:": f" {question}"})
    with connected(model) as client:
        start(client, folder)

        def best(**more: int) -> Any:
            return client.request("tacit/search", {"query": question, "excerptLines": 1, **more})["hits"][0]

        assert best()["name"] == "upload_with_retry"
        read = best(rerankMs=10_000)
        assert (read["name"], read["why"]["reading"]) == ("greatest_common_divisor", 0)
        assert read["excerpt"] == "def greatest_common_divisor(a, b):\n"
        with pytest.raises(RequestFailed):
            best(rerankMs=-1)


def test_related_files(client: Connection, folder: Path) -> None:
    (folder / ".git").rmdir()
    git(folder, "init", "-q", "-b", "main")
    for number in range(3):
        (folder / "maths.py").write_text(f"{number}\n")
        (folder / "net" / "uploads.py").write_text(f"{number}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "it")
    start(client, folder, ready=False)
    arguments = {"command": "tacit.related", "arguments": [(folder / "maths.py").as_uri()]}
    [related] = client.request("workspace/executeCommand", arguments)
    assert related["uri"] == (folder / "net" / "uploads.py").as_uri()
    assert related["commits"] == 3
    with pytest.raises(RequestFailed):
        client.request("workspace/executeCommand", {"command": "tacit.related", "arguments": []})


def test_switched_off_it_says_so(client: Connection, folder: Path) -> None:
    start(client, folder, ready=False, index={"enabled": False})
    assert client.request("workspace/symbol", {"query": "upload"}) is None
    with pytest.raises(RequestFailed, match=r"index\.enabled"):
        client.request("tacit/search", {"query": "upload"})
    assert phase(client) == "off"
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"index": {"enabled": True}}}})
    until(lambda: names(client, "UploadRetr"))


def test_a_home_folder_is_refused(client: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    start(client, folder, ready=False)
    until(lambda: any("home folder" in message for message in client.messages()))
    assert names(client, "UploadRetr") == []
    assert phase(client) == "refused"


def test_progress_is_shown_for_much_work_only(client: Connection, folder: Path) -> None:
    start(client, folder)
    assert not bars(client)
    for number in range(400):
        (folder / f"many{number}.py").write_text(f"def function_number_{number}():\n    return {number}\n")
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": folder.as_uri(), "type": 2}]})
    (folder / ".gitignore").write_text("nothing\n")
    client.notify(
        "workspace/didChangeWatchedFiles", {"changes": [{"uri": (folder / ".gitignore").as_uri(), "type": 1}]}
    )
    until(lambda: names(client, "FunctionNumber399") == ["function_number_399"])
    until(lambda: phase(client) == "ready")
    told = bars(client)
    assert told[0]["kind"] == "begin"
    assert told[-1]["kind"] == "end"
    assert any("files" in each.get("message", "") for each in told)


def bars(client: Connection) -> list[Any]:
    return [params["value"] for method, params in list(client.notifications) if method == "$/progress"]


def test_a_cancelled_question_is_answered_once(client: Connection, folder: Path) -> None:
    start(client, folder)
    ids = [client.start("workspace/symbol", {"query": f"upload number {n}"}) for n in range(20)]
    for id in ids[:-1]:
        client.notify("$/cancelRequest", {"id": id})
    assert client.result(ids[-1])
    for id in ids[:-1]:
        assert "result" in client.reply(id) or client.reply(id)["error"]["code"] == -32800


def test_an_index_process_that_dies_is_replaced(client: Connection, folder: Path) -> None:
    start(client, folder)
    [child] = index_processes()
    child.kill()
    until(lambda: len(index_processes()) == 1 and index_processes() != [child])
    until(lambda: phase(client) == "ready")
    assert names(client, "UploadRetr") == ["upload_with_retry"]


def test_the_index_process_ends_with_the_server(folder: Path) -> None:
    with connected(ScriptedModel({})) as client:
        start(client, folder)
        [child] = index_processes()
    child.wait(20)


def index_processes() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it has just died
            if "lsp_server.workspace_index.process" in child.cmdline():
                found.append(child)
    return found


@pytest.mark.parametrize("disk", ["read-only", "full"])
def test_an_index_that_cannot_be_written_is_told_once_and_all_else_works(
    client: Connection, folder: Path, disk: str, tmp_path: Path
) -> None:
    cache = Path(os.environ["TACIT_CACHE_DIR"]) / "index"
    cache.mkdir(parents=True)
    with read_only(cache) if disk == "read-only" else small_disk(cache, 40):
        start(client, folder, ready=False)
        until(lambda: any("search index" in message for message in client.messages()))
        assert client.request("workspace/symbol", {"query": "upload"}) is None
        told = [message for message in client.messages() if "TACIT_CACHE_DIR" in message]
        assert told
        assert len(told) == len(set(told))
        client.wait_for_model()
        client.open("file:///a.py", "def f(a, b):\n    return ")
        assert client.result(client.inline("file:///a.py", 1, 11))["items"]
        assert phase(client) == "failed"


def test_ghost_text_is_shown_what_the_file_uses(tmp_path: Path, folder: Path) -> None:
    model = ScriptedModel({"return ": "a + b\n"})
    text = "from net.uploads import Uploader\nfrom maths import greatest_common_divisor\n\nboth = "
    (folder / "main.py").write_text(text)
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    (folder / "net" / "uploads.py").write_text(UPLOADS.replace("# Sends", f'KEY = "{key}"\n\n\n# Sends'))
    with connected(model) as client:
        start(client, folder, index={"excerpts": True})
        uri = (folder / "main.py").as_uri()
        client.open(uri, text)
        until(lambda: any("greatest_common_divisor(a, b)" in prompt for prompt in model.prompts))
    prompt = next(each for each in model.prompts if "greatest_common_divisor(a, b)" in each)
    assert "<|file_sep|>maths.py\ndef greatest_common_divisor(a, b)\n" in prompt
    assert "net/uploads.py\nclass Uploader:\n    def upload_with_retry(self, item, attempts=3)\n" in prompt
    assert key not in "".join(model.prompts)
    assert prompt.index("<|file_sep|>") < prompt.index("<|fim_prefix|>")
