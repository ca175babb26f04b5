"""`tacit models`, as a user or the server runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.manifest import load_manifests
from tests.support.tiny_gguf import LAYERS, write_gguf

ROOT = Path(__file__).resolve().parents[2]
NAMES = [manifest.name for manifest in load_manifests()]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def models(cache: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `tacit models ARGUMENTS` with a cache of its own and without a network."""
    inherited = {name: value for name, value in os.environ.items() if name != "TACIT_MODEL_MIRROR"}
    own = {"TACIT_CACHE_DIR": str(cache), "TACIT_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tacit", "models", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=inherited | own | environment, capture_output=True, text=True, timeout=120
    )


def test_list(cache: Path) -> None:
    done = models(cache, "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["NAME", *NAMES]
    described = json.loads(models(cache, "list", "--json").stdout)["models"]
    assert [model["name"] for model in described] == NAMES
    assert not any(model["downloaded"] or model["ready"] for model in described)


def test_pull_a_local_file(cache: Path, tmp_path: Path) -> None:
    source = write_gguf(tmp_path / "tiny.gguf")
    done = models(cache, "pull", str(source), "--progress-json")
    *steps, last = map(json.loads, done.stdout.splitlines())
    assert steps[-1] == {"stage": "convert", "done": LAYERS, "total": LAYERS, "detail": "tiny"}
    assert (Path(last["folder"]) / "model.onnx").is_file()
    again = models(cache, "pull", str(source), "--json")
    assert json.loads(again.stdout)["folder"] == last["folder"]
    assert last["folder"] in models(cache, "pull", str(source)).stdout


def test_pull_without_any_source(cache: Path) -> None:
    done = models(cache, "pull", NAMES[0])
    assert done.returncode == 1
    assert done.stdout == ""
    assert "TACIT_OFFLINE is set" in done.stderr
    assert "TACIT_MODEL_MIRROR" in done.stderr
    assert "Traceback" not in done.stderr
    done = models(cache, "pull", NAMES[0], "--progress-json")
    assert done.returncode == 1
    told = json.loads(done.stdout.splitlines()[-1])
    assert "TACIT_OFFLINE is set" in told["error"]
    assert "TACIT_MODEL_MIRROR" in told["remedy"]


def test_pull_from_a_mirror_with_a_corrupt_file(cache: Path, tmp_path: Path) -> None:
    manifest = load_manifests()[0]
    (tmp_path / manifest.file.name).write_bytes(b"not a model")
    done = models(cache, "pull", manifest.name, TACIT_MODEL_MIRROR=str(tmp_path))
    assert done.returncode == 1
    assert f"{tmp_path}: its file is not the expected one" in done.stderr


def test_pull_where_nothing_can_be_kept(cache: Path, tmp_path: Path) -> None:
    cache.write_text("a file in the way")
    done = models(cache, "pull", str(write_gguf(tmp_path / "tiny.gguf")))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "TACIT_CACHE_DIR" in done.stderr


def test_verify_and_remove(cache: Path) -> None:
    manifest = load_manifests()[0]
    download = cache / "downloads" / manifest.file.name
    assert models(cache, "verify").stdout.splitlines() == [f"{name}: not here" for name in NAMES]
    download.parent.mkdir(parents=True)
    download.write_bytes(b"damaged")
    done = models(cache, "verify", manifest.name)
    assert done.returncode == 1
    assert str(download) in done.stdout
    assert f"tacit models rm {manifest.name}" in done.stdout
    (told,) = json.loads(models(cache, "verify", "--json").stdout)["damaged"]
    assert told["path"] == str(download)
    assert json.loads(models(cache, "rm", manifest.name, "--json").stdout)["freed_bytes"] == {
        manifest.name: 7
    }
    assert not download.exists()
    assert "was not here" in models(cache, "rm", manifest.name).stdout


@pytest.mark.parametrize("arguments", [["verify", "nonsense"], ["rm", "nonsense"], ["rm"], ["pull"], []])
def test_wrong_usage(cache: Path, arguments: list[str]) -> None:
    done = models(cache, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_pull_an_unknown_name(cache: Path) -> None:
    done = models(cache, "pull", "nonsense")
    assert done.returncode == 1
    assert all(name in done.stderr for name in NAMES)
