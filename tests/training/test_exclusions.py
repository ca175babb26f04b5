from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from training.data.exclusions import EvaluationText, ExcludedNames, name_bucket
from training.data.repositories import read_list

DATA = Path(__file__).parents[2] / "training" / "data"
NAMES = ExcludedNames.load()

# The repositories of the public evaluation sets. The hidden ones are known by their buckets alone.
_LIST = """
    Aider-AI/aider Pycord-Development/pycord TypeStrong/typedoc ansible/molecule beetbox/beets
    cookiecutter/cookiecutter cool-RR/PySnooper dlt-hub/dlt esphome/aioesphomeapi explosion/spaCy
    fastapi/fastapi fastify/fastify frictionlessdata/frictionless-py gitui-org/gitui go-task/task honojs/hono
    jhy/jsoup keras-team/keras libuv/libuv litestar-org/litestar meltano/meltano mitmproxy/mitmproxy
    nonebot/nonebot2 nvbn/thefuck prometheus/alertmanager psf/black pyapp-kit/magicgui
    resilience4j/resilience4j robotframework/robotframework scrapy/scrapy spotify/luigi
    streamlink/streamlink tokio-rs/axum tornadoweb/tornado yhirose/cpp-httplib
"""
EVALUATION = _LIST.split()


@pytest.mark.parametrize("repository", EVALUATION)
def test_evaluation_repositories_are_excluded(repository: str) -> None:
    # Those whose bugs come from BugsInPy are known by their package's name.
    assert NAMES.first(["somebody/innocent", repository, repository.partition("/")[2]]) is not None


def test_spelling_does_not_help() -> None:
    assert name_bucket("Some_Package.Name") == name_bucket("some-package--name")
    assert "FASTIFY/Fastify" in NAMES


def test_buckets_are_few() -> None:
    hit = sum(f"owner{index}/name{index}" in NAMES for index in range(5000))
    assert 0.03 < hit / 5000 < 0.06


def test_no_excluded_name_in_the_list() -> None:
    sources = read_list(DATA / "repositories.tsv")
    assert len(sources) >= 150
    assert {
        source.repository: NAMES.first(source.names) for source in sources if NAMES.first(source.names)
    } == {}


@pytest.mark.parametrize("card", sorted((DATA / "cards").glob("*.json")), ids=lambda card: card.stem)
def test_no_excluded_name_in_any_card(card: Path) -> None:
    sources = json.loads(card.read_text(encoding="utf-8"))["sources"]
    lists = [*read_list(DATA / "repositories.tsv"), *read_list(DATA / "packages.tsv")]
    names = {source.repository: source.names for source in lists}
    assert sources
    for source in sources:
        known = names[source["repository"]]
        assert NAMES.first(known) is None
        assert not {name.lower() for name in known} & {name.lower() for name in EVALUATION}


def test_completions_come_from_many_repositories_and_packages() -> None:
    card = json.loads((DATA / "cards" / "fill_in_middle.json").read_text(encoding="utf-8"))
    packages = [source for source in card["sources"] if ":" in source["repository"]]
    assert len(card["sources"]) - len(packages) >= 150
    assert len(packages) >= 60


LINES = [f"    value_{index} = compute(value_{index - 1}, {index})" for index in range(1, 41)]
OLD = ["    return first_value + second_value"]
NEW = ["    return first_value - second_value"]


@pytest.fixture(params=["cases.jsonl", "cases.jsonl.gz"])
def evaluation(request: pytest.FixtureRequest, tmp_path: Path) -> EvaluationText:
    cases = [
        {"files": {"a.py": "\n".join(LINES)}, "target": {"old": OLD, "new": NEW}},
        {"files": {}, "target": None, "buggy": "def short():\n    pass"},
    ]
    text = "".join(json.dumps(case) + "\n" for case in cases).encode()
    path = tmp_path / request.param
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return EvaluationText.load([path])


def test_a_copy_is_known_under_any_layout(evaluation: EvaluationText) -> None:
    assert evaluation.holds_file(LINES)
    assert evaluation.holds_file([line.strip().replace(" = ", "=") for line in LINES for line in (line, "")])


def test_a_copy_with_some_changes_is_known(evaluation: EvaluationText) -> None:
    assert evaluation.holds_file([*LINES[:20], "something_else()", *LINES[20:]])


def test_other_files_are_not_taken_for_copies(evaluation: EvaluationText) -> None:
    assert not evaluation.holds_file([line.replace("compute", "other") for line in LINES])
    assert not evaluation.holds_file([*LINES[:8], *(f"line {index}" for index in range(40))])
    assert not evaluation.holds_file([])


def test_the_change_of_a_case_is_known(evaluation: EvaluationText) -> None:
    assert evaluation.holds_change([OLD[0].strip()], NEW)
    assert not evaluation.holds_change(NEW, OLD)


def test_short_changes_are_not_telling() -> None:
    short = EvaluationText(changes=[(["x = 1"], ["x = 2"])])
    assert not short.holds_change(["x = 1"], ["x = 2"])


def test_without_cases_nothing_is_known() -> None:
    assert len(EvaluationText()) == 0
    assert not EvaluationText().holds_file(LINES)
