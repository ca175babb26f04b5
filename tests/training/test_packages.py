from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.history import History, module, write_list
from tests.training.releases import put_into, sha256, tarball, wheel
from training.data import build, fill_in_middle
from training.data.archives import Archive
from training.data.examples import FillInMiddle
from training.data.exclusions import ExcludedNames
from training.data.packages import LIST, declared_names, fetch, take
from training.data.repositories import ListError, Source, directory, read_list
from training.data.shards import read_shard

REPOSITORIES = LIST.with_name("repositories.tsv")

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The builder's command line for these sources."""

    def run(sources: list[Source], *options: str) -> int:
        listed = write_list(tmp_path / "list.tsv", sources)
        places = {"--mirror": tmp_path / "mirror", "--list": listed, "--out": tmp_path / "out"}
        arguments = [str(part) for option in places.items() for part in option]
        monkeypatch.setattr(sys, "argv", ["fill_in_middle", *arguments, *options])
        return build.main("fill_in_middle", fill_in_middle.Builder, fill_in_middle.__doc__)

    return run


def added(tmp_path: Path, pinned: str, files: dict[str, str], link: str = "") -> Source:
    pack = wheel if pinned.startswith("pypi") else tarball
    return put_into(tmp_path / "mirror", pack(tmp_path / "archive", files, link=link), pinned)


def examples(tmp_path: Path, source: Source) -> list[FillInMiddle]:
    return list(read_shard(tmp_path / "out" / "train" / f"{source.file_name}.shard", FillInMiddle))


def test_pieces_of_packages_name_their_release(run: Run, tmp_path: Path) -> None:
    python = added(tmp_path, "pypi:sums==1.0", {"sums/core.py": module()})
    javascript = added(
        tmp_path, "npm:@bob/sums@1.0.0", {"lib/core.js": "function f(x) {\n  return x + 1\n}\n" * 20}
    )
    assert run([python, javascript]) == 0
    assert {(e.repository, e.commit, e.path) for e in examples(tmp_path, python)} == {
        ("pypi:sums==1.0", python.head, "sums/core.py")
    }
    for example in examples(tmp_path, javascript):
        assert (example.repository, example.language) == ("npm:@bob/sums@1.0.0", "javascript")


def test_the_same_shards_every_time(run: Run, tmp_path: Path) -> None:
    source = added(tmp_path, "pypi:sums==1.0", {f"sums/{name}.py": module(name) for name in "abc"})
    shard = tmp_path / "out" / "train" / f"{source.file_name}.shard"
    run([source])
    first = shard.read_bytes()
    shard.unlink()
    run([source])
    assert shard.read_bytes() == first


@pytest.mark.parametrize(
    ("pinned", "link"),
    [
        ("npm:fastify@5.0.0", ""),
        ("npm:@fastify/fastify@5.0.0", ""),
        ("pypi:Black==1.0", ""),
        ("npm:sums@1.0.0", "git+https://github.com/fastify/fastify.git"),
        ("pypi:sums==1.0", "https://github.com/psf/black/issues"),
    ],
)
def test_packages_of_excluded_projects_are_never_cut(
    run: Run, tmp_path: Path, pinned: str, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run([added(tmp_path, pinned, {"sums/core.py": module()}, link)])
    assert f"excluded: {pinned}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_copies_of_evaluation_files_are_kept_out(run: Run, tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps({"files": {"a.py": module()}}) + "\n", encoding="utf-8")
    source = added(tmp_path, "pypi:sums==1.0", {"sums/core.py": module(), "sums/other.py": "x = [1]\n" * 60})
    run([source], "--cases", str(cases))
    assert {example.path for example in examples(tmp_path, source)} == {"sums/other.py"}


def test_a_file_of_a_repository_is_not_cut_again(run: Run, tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    history.commit("Begin", {"src/core.py": module()})
    repository = history.put_into(tmp_path / "mirror", "ada/other")
    package = added(tmp_path, "pypi:sums==1.0", {"sums/core.py": module(), "sums/new.py": module("new")})
    run([repository, package])
    assert {example.path for example in examples(tmp_path, repository)} == {"src/core.py"}
    assert {example.path for example in examples(tmp_path, package)} == {"sums/new.py"}


def test_an_archive_that_is_not_the_pinned_one_stops_the_run(run: Run, tmp_path: Path) -> None:
    source = added(tmp_path, "pypi:sums==1.0", {"sums/core.py": module()})
    wheel(directory(tmp_path / "mirror", source), {"sums/core.py": "import os\n" * 99})
    with pytest.raises(SystemExit, match="not the archive that the list pins"):
        run([source])


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://github.com/Ada/Sums", "Ada/Sums"),
        ("git+ssh://git@gitlab.com/ada/sums.git", "ada/sums"),
        ("github:ada/sums", "ada/sums"),
        ("https://github.com/ada/sums/tree/main/packages/core#readme", "ada/sums"),
        ("https://github.com/sponsors/ada", None),
        ("https://sums.example.org/en/latest", None),
    ],
)
@pytest.mark.parametrize("pack", [wheel, tarball])
def test_packages_tell_what_they_are_made_from(
    tmp_path: Path, pack: object, link: str, name: str | None
) -> None:
    archive: Path = pack(tmp_path / "a", {}, link=link)  # type: ignore[operator]
    assert declared_names(Archive(archive, sha256(archive))) == ["sums", *([name] if name else [])]


def test_npm_knows_a_short_form(tmp_path: Path) -> None:
    archive = tarball(tmp_path / "a", {}, link="ada/sums")
    assert declared_names(Archive(archive, sha256(archive))) == ["sums", "ada/sums"]


def test_pip_fetches_what_is_pinned_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = tmp_path / "published"
    published.mkdir()
    for name in ("sums", "other"):
        wheel(published / f"{name}-1.0-py3-none-any.whl", {f"{name}/core.py": module()}, name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(published))
    pinned = sha256(published / "sums-1.0-py3-none-any.whl")
    source = Source("pypi:sums==1.0", "Python", "MIT", pinned, "train")
    fetch([source], tmp_path / "mirror")
    assert [path.name for path in (tmp_path / "mirror").iterdir()] == ["pypi+sums==1.0"]
    assert sha256(directory(tmp_path / "mirror", source)) == pinned


def test_only_what_is_pinned_is_taken(tmp_path: Path) -> None:
    fetched, mirror = tmp_path / "fetched", tmp_path / "mirror"
    for folder in (fetched, mirror):
        folder.mkdir()
    pinned = sha256(tarball(fetched / "sums-1.0.0.tgz", {}))
    tarball(fetched / "other-1.0.0.tgz", {"a.js": "let a\n"})
    source = Source("npm:sums@1.0.0", "JavaScript", "MIT", pinned, "train")
    take([source], fetched, mirror)
    assert [path.name for path in mirror.iterdir()] == ["npm+sums@1.0.0"]


def test_the_list_is_long_pinned_and_new() -> None:
    packages = read_list(LIST)
    assert len(packages) >= 60
    assert {source.registry for source in packages} == {"pypi", "npm"}
    assert all(len(source.head) == 64 for source in packages)
    listed = {name.lower() for source in read_list(REPOSITORIES) for name in source.names}
    assert not any(name.lower() in listed for source in packages for name in source.names)


def test_no_excluded_name_in_the_list() -> None:
    names = ExcludedNames.load()
    assert {
        source.repository: names.first(source.names)
        for source in read_list(LIST)
        if names.first(source.names)
    } == {}


@pytest.mark.parametrize("named", ["pypi:sums", "npm:@ada/sums", "cargo:sums==1.0", "sums"])
def test_releases_are_listed_with_their_version(tmp_path: Path, named: str) -> None:
    path = write_list(tmp_path / "list.tsv", [Source(named, "Python", "MIT", "0" * 64, "train")])
    with pytest.raises(ListError, match="neither owner/name nor a package with its version"):
        read_list(path)
