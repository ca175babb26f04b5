from __future__ import annotations

import threading
from typing import Any

import pytest

from lsp_server.config import FIELDS, Config, decode
from tests.lsp_server.connection import connected
from tests.support.scripted import ScriptedModel


def check(raw: Any, expected: Config, *problems: str) -> None:
    assert decode(raw) == (expected, list(problems))


def test_defaults() -> None:
    nothings: list[Any] = [None, {}, {"tacit": {}}, {"tacit": None}]
    for nothing in nothings:
        check(nothing, Config())


def test_good_values_are_taken_bare_or_inside_the_section() -> None:
    raw = {"model": "smollm2-135m", "budgetMs": 200, "languagesOff": ["markdown"], "minConfidence": 1}
    expected = Config(model="smollm2-135m", budget_ms=200, languages_off=("markdown",), min_confidence=1.0)
    check(raw, expected)
    check({"tacit": raw}, expected)


def test_an_empty_lua_table_is_an_empty_list() -> None:
    check({"languagesOff": {}, "scopesOff": {}}, Config())


def test_null_means_not_set() -> None:
    check({"threads": None, "model": None}, Config())


@pytest.mark.parametrize(
    ("key", "near"),
    [("bugdetMs", "budgetMs"), ("max_lines", "maxLines"), ("MODEL", "model"), ("scopeOff", "scopesOff")],
)
def test_an_unknown_key_names_the_nearest(key: str, near: str) -> None:
    check({key: 1}, Config(), f"There is no setting {key!r}; did you mean {near!r}?")


def test_a_key_like_no_other_names_none() -> None:
    check({"xyzzy": 1}, Config(), "There is no setting 'xyzzy'.")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("threads", -1),
        ("threads", "two"),
        ("budgetMs", 5),
        ("budgetMs", 300.5),
        ("download", "yes"),
        ("completionItems", "sometimes"),
        ("scopesOff", ["comment", "code"]),
        ("languagesOff", "markdown"),
        ("minConfidence", 2),
        ("model", 5),
    ],
)
def test_a_bad_value_keeps_the_default_and_costs_one_message(key: str, value: Any) -> None:
    config, problems = decode({key: value, "maxLines": 3})
    assert config == Config(max_lines=3)
    assert len(problems) == 1
    assert repr(key) in problems[0]


@pytest.mark.parametrize("raw", [5, "x", [1], True, {"tacit": {"tacit": 1}}])
def test_no_object_is_one_message(raw: Any) -> None:
    config, problems = decode(raw)
    assert config == Config()
    assert len(problems) == 1


def test_later_layers_win_key_by_key() -> None:
    config, problems = decode({"maxLines": 3, "budgetMs": 100}, {"maxLines": 4, "threads": -1})
    assert (config.max_lines, config.budget_ms, len(problems)) == (4, 100, 1)


def test_keys_are_written_in_camel_case() -> None:
    assert {"tierLimitMs", "cacheMegabytes", "completionItems"} <= set(FIELDS)


def test_the_user_is_told_once(scripted_model: ScriptedModel) -> None:
    with connected(scripted_model) as client:
        client.ready(bugdetMs=5)
        client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"bugdetMs": 5}}})
        client.synchronise()
        assert client.messages() == ["Tacit: There is no setting 'bugdetMs'; did you mean 'budgetMs'?"]


def test_settings_are_asked_for_where_the_client_can_be_asked(scripted_model: ScriptedModel) -> None:
    told: list[Any] = [{"maxLines": 5}]
    capabilities = {
        "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}
    }
    with connected(scripted_model) as client:
        client.answers["workspace/configuration"] = lambda params: told
        client.answers["client/registerCapability"] = lambda params: None
        client.initialize(capabilities=capabilities, options={"maxLines": 2, "budgetMs": 100})
        client.wait_for_model()
        assert client.server.config == Config(max_lines=5, budget_ms=100)
        told[0] = {"maxLines": 6, "minConfidence": 0.5}
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        client.wait_for(lambda: client.server.config.max_lines == 6)
        ready = client.server.host.ready
        assert ready is not None
        client.wait_for(lambda: ready.completer.settings.min_confidence == 0.5)
        assert set(client.asked) == {"workspace/configuration", "client/registerCapability"}


def test_a_document_that_is_opened_before_the_settings_are_told(scripted_model: ScriptedModel) -> None:
    opened = threading.Event()

    def tell(params: Any) -> list[Any]:
        assert opened.wait(5)
        return [{"minConfidence": 0.5}]

    with connected(scripted_model) as client:
        client.answers["workspace/configuration"] = tell
        client.initialize(capabilities={"workspace": {"configuration": True}})
        client.open("file:///a.py", "return ")
        client.wait_for(lambda: client.server.documents.get("file:///a.py") is not None)
        assert client.server.host.idle
        opened.set()
        client.wait_for_model()
        ready = client.server.host.ready
        assert ready is not None
        assert ready.completer.settings.min_confidence == 0.5


@pytest.mark.parametrize("answer", [None, [], [None], 5, [5], [{"budgetMs": "x"}]])
def test_odd_answers_are_survived(answer: Any, scripted_model: ScriptedModel) -> None:
    with connected(scripted_model) as client:
        client.answers["workspace/configuration"] = lambda params: answer
        client.initialize(capabilities={"workspace": {"configuration": True}}, options={"maxLines": 2})
        client.wait_for_model()
        assert client.server.config.max_lines == 2


def test_a_client_that_does_not_answer_is_not_waited_for_long(
    scripted_model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.requests.initialized.PATIENCE_S", 0.05)
    with connected(scripted_model) as client:
        client.initialize(capabilities={"workspace": {"configuration": True}})
        client.wait_for_model()
        assert not client.messages()
