from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.history import History, module, write_list
from training.data import build, next_edit
from training.data.cards import MARK
from training.data.examples import NextEdit
from training.data.repositories import ListError, Source, read_list
from training.data.shards import read_shard

EXCLUDED = "fastify/fastify"
SPLITS = {"ada/first": "train", "ada/second": "train", EXCLUDED: "train", "bob/third": "held_out"}

Run = Callable[..., int]


@pytest.fixture
def sources(tmp_path: Path) -> list[Source]:
    """Four repositories in a mirror; one change is the same in all of them."""
    sources = []
    for name, split in SPLITS.items():
        history = History(tmp_path / name.replace("/", "-"))
        history.commit("Begin", {"a.py": module()})
        history.commit("Rename", {"a.py": module("sums")})
        history.commit("Again", {"a.py": module("sums", name.partition("/")[2])})
        sources.append(history.put_into(tmp_path / "mirror", name, split))
    return sources


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The builder's command line, for these sources and further options."""

    def run(sources: list[Source], *options: str) -> int:
        listed = write_list(tmp_path / "list.tsv", sources)
        places = {"--mirror": tmp_path / "mirror", "--list": listed, "--out": tmp_path / "out"}
        arguments = [str(part) for option in places.items() for part in option]
        monkeypatch.setattr(sys, "argv", ["next_edit", *arguments, *options])
        return build.main("next_edit", next_edit.Builder, next_edit.__doc__)

    return run


def shards(tmp_path: Path) -> dict[str, bytes]:
    out = tmp_path / "out"
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*.shard"))}


def commits(tmp_path: Path, name: str) -> set[str]:
    shard = tmp_path / "out" / "train" / f"ada+{name}.shard"
    return {example.commit for example in read_shard(shard, NextEdit)}


def test_the_same_shards_every_time(run: Run, tmp_path: Path, sources: list[Source]) -> None:
    assert run(sources) == 0
    first = shards(tmp_path)
    for path in (tmp_path / "out").rglob("*.shard"):
        path.unlink()
    assert run(sources) == 0
    assert shards(tmp_path) == first
    assert list(first) == ["held_out/bob+third.shard", "train/ada+first.shard", "train/ada+second.shard"]


def test_excluded_repositories_are_never_read(
    run: Run, tmp_path: Path, sources: list[Source], capsys: pytest.CaptureFixture[str]
) -> None:
    run(sources)
    assert f"excluded: {EXCLUDED}" in capsys.readouterr().err
    assert not any("fastify" in name for name in shards(tmp_path))


def test_fewer_of_each_repository(run: Run, tmp_path: Path, sources: list[Source]) -> None:
    assert run(sources, "--per-repository", "1") == 0
    assert len(commits(tmp_path, "first")) == 1
    assert run(sources) == 0
    assert len(commits(tmp_path, "first")) == 2


def test_packages_count_as_names(run: Run, tmp_path: Path, sources: list[Source]) -> None:
    run([dataclasses.replace(sources[0], packages=("harmless", "black"))])
    assert shards(tmp_path) == {}


def test_a_change_belongs_to_the_first_that_has_it(run: Run, tmp_path: Path, sources: list[Source]) -> None:
    run(sources)
    assert len(commits(tmp_path, "first")) == 2
    assert len(commits(tmp_path, "second")) == 1


def test_missing_repositories_are_named(
    run: Run, tmp_path: Path, sources: list[Source], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*sources, Source("eve/absent", "Python", "MIT", "0" * 40, "train")]) == 1
    assert "missing: eve/absent" in capsys.readouterr().err
    assert len(shards(tmp_path)) == 3


def test_a_copy_older_than_the_list_is_an_error(run: Run, sources: list[Source]) -> None:
    with pytest.raises(SystemExit, match="the copy is older than the list"):
        run([dataclasses.replace(sources[0], head="1" * 40)])


def test_a_run_goes_on_where_another_stopped(
    run: Run, tmp_path: Path, sources: list[Source], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(sources, "--stop-after", "-1") == 0
    assert "stopped for this time" in capsys.readouterr().err
    assert shards(tmp_path) == {}
    run(sources)
    assert "ada/first: 4 in" in capsys.readouterr().err
    run(sources)
    assert "ada/first" not in capsys.readouterr().err


def test_a_shard_depends_on_those_before_it(run: Run, tmp_path: Path, sources: list[Source]) -> None:
    run(sources)
    run(sources[1:])
    assert len(commits(tmp_path, "second")) == 2


def test_the_card_counts_and_keeps_what_people_wrote(run: Run, tmp_path: Path, sources: list[Source]) -> None:
    page = tmp_path / "next_edit.md"
    page.write_text(f"# Ours\n\nNoise.\n\n{MARK}\n\nold counts\n", encoding="utf-8")
    run(sources, "--card", str(tmp_path))
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Ours\n\nNoise.\n\n{MARK}\n\n## Counts")
    assert "old counts" not in text
    card = json.loads((tmp_path / "next_edit.json").read_text(encoding="utf-8"))
    assert [source["repository"] for source in card["sources"]] == ["ada/first", "ada/second", "bob/third"]
    assert card["totals"]["held_out"]["counts"]["class done"] == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a/b\tC\tMIT", "3 columns"),
        ("a/b\tC\tGPL-3.0\t0\ttrain\t", "permissive"),
        ("a/b\tC\tMIT\t0\ttest\t", "split"),
    ],
)
def test_bad_lines_of_the_list_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = write_list(tmp_path / "list.tsv", [])
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(ListError, match=f"list.tsv:2: .*{message}"):
        read_list(path)
