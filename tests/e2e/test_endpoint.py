"""Endpoints by way of a real server: llama-cpp-python's, in its own process, with the smallest model."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from apply.prompt_edit_v1 import EditInputs, build
from engine.cancel import Cancelled, CancelToken
from engine.fetch import downloads_dir, fetch
from engine.manifest import find
from engine.remote.chat import chat
from engine.remote.endpoint import Endpoint
from engine.remote.exchange import EndpointError
from engine.remote.model import RemoteModel
from tests.lsp_server.applying import SHAPES, Editor
from tests.lsp_server.connection import RequestFailed, connected
from tests.support.scripted import ScriptedModel

pytestmark = [
    pytest.mark.model,
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("llama_cpp") is None or importlib.util.find_spec("uvicorn") is None,
        reason="needs llama-cpp-python's server: pip install 'tacit[bench]'",
    ),
]

MODEL = "smollm2-135m"
SERVER = """
import llama_cpp.llama_cpp as library
from llama_cpp.server.__main__ import main

defaults = library.llama_model_default_params

def plain():  # weights as they are: repacked ones may need AMX, which not every system grants its programs
    params = defaults()
    params.use_extra_bufts = False
    return params

library.llama_model_default_params = plain
main()
"""
PATIENCE_S = 120


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server says about its work."""
    return tmp_path_factory.mktemp("llama") / "log"


@pytest.fixture(scope="module")
def endpoint(log: Path) -> Iterator[Endpoint]:
    manifest = find(MODEL)
    assert manifest is not None
    weights = fetch(manifest, downloads_dir())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVER, "--model", str(weights), "--model_alias", "small"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", "2048", "--logits_all", "true"]
    # Two threads that wait for each other are far slower than one where others want the cores too.
    command += ["--n_threads", "1", "--n_threads_batch", "1"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models", process, log)
        server = Endpoint(f"http://127.0.0.1:{port}/v1", "small")
        with contextlib.suppress(EndpointError):
            chat(server, messages("Hello."), max_tokens=1, cancel=CancelToken())
        if (process.poll() or 0) < 0:  # made for another processor
            pytest.skip(
                f"this build of llama-cpp-python dies of signal {-process.returncode} on this machine"
            )
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            direct.open(url, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < until, log.read_text(errors="replace")[-2000:]
            time.sleep(0.2)


def messages(instruction: str) -> list[dict[str, str]]:
    above, selected = SHAPES.splitlines(keepends=True)[:1], SHAPES.splitlines(keepends=True)[1:2]
    return build(EditInputs("shapes.py", "python", "".join(above), "".join(selected), "", instruction))


def test_it_answers(endpoint: Endpoint) -> None:
    answer = chat(endpoint, messages("Return the absolute value."), max_tokens=400, cancel=CancelToken())
    assert "return" in answer


def test_it_can_be_given_up(endpoint: Endpoint) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        chat(endpoint, messages("Explain every line at length."), max_tokens=1000, cancel=cancel)


def test_its_answer_is_applied_or_refused(endpoint: Endpoint, tmp_path: Path) -> None:
    """So small a model may answer anything: then nothing changes, and the reason is told."""
    settings = {"endpoint": endpoint.url, "endpointModel": endpoint.model}
    with connected(ScriptedModel({})) as connection:
        editor = Editor(connection, tmp_path, initializationOptions=settings).start()
        uri = editor.open("shapes.py", SHAPES)
        argument = {"uri": uri, "lines": [0, 1], "instruction": "Return the absolute value."}
        id = connection.start(
            "workspace/executeCommand", {"command": "tacit.editSelection", "arguments": [argument]}
        )
        connection.wait_for(lambda: id in connection.replies)
        try:
            outcome = connection.result(id)
        except RequestFailed as refusal:
            refused, after = str(refusal), SHAPES
        else:
            refused, after = "", editor.text(uri)
            assert outcome["applied"]
            assert "def edge(width):\n    return 4 * width\n" in after
        assert (after == SHAPES) == bool(refused)
        assert editor.text(uri) == after
        assert "endpoint" not in refused.lower()


# A model in the place of this machine's

BEGUN = "def add(a, b):\n    return"


def test_it_continues_a_prompt_and_says_how_sure_it_is(endpoint: Endpoint) -> None:
    news: list[str] = []
    model = RemoteModel(endpoint, on_news=news.append)
    model.try_out()
    answer = model.generate(model.tokenizer.encode(BEGUN), max_tokens=20, stop=lambda text: "\n" in text)
    assert answer.text.startswith(" a + b")
    assert answer.finish == "stop"
    assert model.judges
    assert all(logprob < 0 for logprob in answer.logprobs)
    assert [model.tokenizer.token_bytes(token) for token in answer.tokens][:3] == [b" a", b" +", b" b"]
    assert news == []


def test_an_indentation_and_a_word_are_gone_on_from(endpoint: Endpoint) -> None:
    model = RemoteModel(endpoint)
    for prompt, heal in (("def add(a, b):\n", "    "), ("def add(a, b):\n   ", " ret")):
        answer = model.generate(model.tokenizer.encode(prompt), max_tokens=4, heal=heal)
        assert answer.text.startswith(heal)
        assert len(answer.text) > len(heal)


def test_it_stops_when_nobody_listens(endpoint: Endpoint) -> None:
    """What was asked for takes minutes; what is asked next does not wait for it."""
    model = RemoteModel(endpoint)
    prompt = model.tokenizer.encode("Numbers: 1, 2, 3, 4, 5, 6, 7,")
    cancel = CancelToken()

    def stop(text: str) -> bool:
        cancel.cancel()
        return False

    assert model.generate(prompt, max_tokens=1900, stop=stop, cancel=cancel).finish == "cancelled"
    began = time.monotonic()
    assert model.generate(prompt, max_tokens=1).text
    assert time.monotonic() - began < 30


def test_what_a_prompt_shares_with_the_last_is_not_read_again(endpoint: Endpoint, log: Path) -> None:
    model = RemoteModel(endpoint)
    shared = "".join(f"def f{number}():\n    return {number}\n" for number in range(12))
    model.warm(model.tokenizer.encode(shared))
    before = log.read_text(errors="replace")
    model.generate(model.tokenizer.encode(f"{shared}def f12():\n"), max_tokens=1)
    since = log.read_text(errors="replace")[len(before) :]
    hits = [int(hit) for hit in re.findall(r"(\d+) prefix-match hit", since)]
    assert hits, since
    assert max(hits) > 100


def test_it_writes_ghost_text_in_an_editor(endpoint: Endpoint) -> None:
    remote = {"url": endpoint.url, "model": endpoint.model}
    with connected() as client:
        client.initialize(options={"remote": remote, "budgetMs": 10_000, "minConfidence": 0})
        until = time.monotonic() + PATIENCE_S
        while client.server.host.ready is None:
            assert time.monotonic() < until
            time.sleep(0.05)
        client.open("file:///w/a.py", f"{BEGUN} ")
        while not (items := client.result(client.inline("file:///w/a.py", 1, 11, automatic=False))["items"]):
            assert time.monotonic() < until, client.why()  # on a busy machine it is late at first
        assert [item["insertText"] for item in items] == ["a + b"]
        assert client.request("tacit/status")["model"]["phase"] == "ready"
        assert client.messages() == []


def test_an_address_where_it_is_not(endpoint: Endpoint) -> None:
    model = RemoteModel(Endpoint(endpoint.url.removesuffix("/v1") + "/v0", "small"))
    model.try_out()
    assert "404" in model.trouble
