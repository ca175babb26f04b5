"""An instruction by way of a real server: llama-cpp-python's, in its own process, with the smallest model."""

from __future__ import annotations

import contextlib
import importlib.util
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
from lsp_server.endpoint import Endpoint, EndpointError
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
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    manifest = find(MODEL)
    assert manifest is not None
    weights = fetch(manifest, downloads_dir())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("llama") / "log"
    command = [sys.executable, "-c", SERVER, "--model", str(weights), "--model_alias", "small"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", "2048", "--n_threads", "2"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models", process, log)
        server = Endpoint(f"http://127.0.0.1:{port}/v1", "small")
        with contextlib.suppress(EndpointError):
            server.ask(messages("Hello."), max_tokens=1, cancel=CancelToken())
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
    answer = endpoint.ask(messages("Return the absolute value."), max_tokens=400, cancel=CancelToken())
    assert "return" in answer


def test_it_can_be_given_up(endpoint: Endpoint) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        endpoint.ask(messages("Explain every line at length."), max_tokens=1000, cancel=cancel)


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
