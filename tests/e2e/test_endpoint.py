"""Endpoints by way of real servers, with the smallest model."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apply.prompt_edit_v1 import EditInputs, build
from engine.cancel import Cancelled, CancelToken
from engine.errors import RemoteFailed
from engine.fetch import downloads_dir, fetch
from engine.manifest import find
from engine.remote.chat import chat
from engine.remote.endpoint import Endpoint
from engine.remote.exchange import EndpointError
from engine.remote.model import RemoteModel
from tests.e2e.llama_servers import PATIENCE_S, SERVERS, serving
from tests.lsp_server.applying import SHAPES, Editor
from tests.lsp_server.connection import RequestFailed, connected
from tests.support.scripted import ScriptedModel

pytestmark = [pytest.mark.model, pytest.mark.slow]

MODEL = "smollm2-135m"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server says about its work."""
    return tmp_path_factory.mktemp("llama") / "log"


@pytest.fixture(scope="module", params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def endpoint(kind: str, log: Path) -> Iterator[Endpoint]:
    manifest = find(MODEL)
    assert manifest is not None
    with serving(kind, fetch(manifest, downloads_dir()), log) as server:
        try:
            chat(server, messages("Hello."), max_tokens=1, cancel=CancelToken())
        except EndpointError as error:
            if "longer than it may be" not in str(error):  # one token is too few, and that was all
                pytest.skip(f"this build does not answer on this machine: {error}")
        yield server


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
        until = time.monotonic() + PATIENCE_S
        while id not in connection.replies:
            assert time.monotonic() < until
            time.sleep(0.05)
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


def test_it_continues_a_prompt_and_says_how_sure_it_is(endpoint: Endpoint, kind: str) -> None:
    news: list[str] = []
    model = RemoteModel(endpoint, on_news=news.append)
    model.try_out()
    answer = model.generate(model.tokenizer.encode(BEGUN), max_tokens=20, stop=lambda text: "\n" in text)
    assert answer.text.startswith(" a + b")
    assert answer.finish == "stop"
    assert all((logprob < 0) == (kind == "llama.cpp") for logprob in answer.logprobs)
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
    body = {"prompt": f"{shared}def f12():\n", "max_tokens": 1, "stream": True}
    events = list(endpoint.events("completions", body, cancel=CancelToken()))
    since = log.read_text(errors="replace")[len(before) :]
    hits = [int(hit) for hit in re.findall(r"(\d+) prefix-match hit", since)]
    hits += [
        event["usage"]["prompt_tokens_details"]["cached_tokens"] for event in events if event.get("usage")
    ]
    assert hits, since
    assert max(hits) > 100


def test_it_judges_what_could_come_next(endpoint: Endpoint, kind: str) -> None:
    model = RemoteModel(endpoint)
    prompt = model.tokenizer.encode("def add(a, b):\n    return a")
    if kind != "llama.cpp":
        with pytest.raises(RemoteFailed):
            model.score(prompt, model.tokenizer.encode(" +"))
        return
    likely, unlikely = (model.score(prompt, model.tokenizer.encode(piece))[0] for piece in (" +", "7"))
    assert unlikely < likely < 0


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
