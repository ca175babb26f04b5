"""Making a model ready: once, whole or not at all, and with a word on what is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine import inventory
from engine.architecture import Precision
from engine.converted import CARD, GRAPH, NotConverted, load_tokenizer, read_card
from engine.errors import PrepareError
from engine.fetch import downloads_dir
from engine.manifest import ManifestError, find, load_manifests
from engine.paths import cache_dir, manifest_dir
from engine.prepare import converted, models_dir, prepare
from engine.progress import Progress
from engine.source import sha256_of
from tests.support.disks import read_only, small_disk
from tests.support.tiny_gguf import LAYERS, tokens, write_gguf

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "tiny.gguf", "qwen2")


def test_converts_once_and_tells_what_it_made(source: Path) -> None:
    steps: list[Progress] = []
    assert converted(str(source)) is None
    folder = prepare(str(source), progress=steps.append)
    assert [step.done for step in steps] == list(range(LAYERS + 1))
    assert prepare(str(source), progress=steps.append) == folder == converted(str(source))
    assert len(steps) == LAYERS + 1
    assert prepare(str(folder)) == folder == converted(str(folder))
    card = read_card(folder)
    assert (card.name, card.precision, card.prompt) == ("tiny", Precision.UQ8, "fim_v1")
    assert card.architecture.vocab == len(tokens()) == load_tokenizer(folder).vocab_size
    assert {name: sha256_of(folder / name) for name in card.files} == card.files


def test_precisions_and_changed_files_have_folders_of_their_own(source: Path) -> None:
    first = {prepare(str(source), precision) for precision in Precision}
    write_gguf(source, "qwen2", seed=1)
    assert converted(str(source)) is None
    assert len({*first, prepare(str(source))}) == 4


def test_names_that_mean_nothing() -> None:
    with pytest.raises(PrepareError, match="no model 'nonsense'") as caught:
        converted("nonsense")
    assert "smollm2-135m" in caught.value.remedy
    with pytest.raises(ValueError, match="fp8"):
        prepare("smollm2-135m", "fp8")


@pytest.mark.parametrize("keep", [0, 1000, 30_000])
def test_a_damaged_file_is_no_model(source: Path, keep: int) -> None:
    source.write_bytes(source.read_bytes()[:keep])
    with pytest.raises(PrepareError, match="cannot be converted"):
        prepare(str(source))
    assert not [*models_dir().glob("*")] or {path.suffix for path in models_dir().iterdir()} == {".lock"}


def test_another_architecture_is_no_model(source: Path) -> None:
    source.write_bytes(source.read_bytes().replace(b"qwen2", b"mamba"))
    with pytest.raises(PrepareError, match="mamba"):
        prepare(str(source))


def test_a_full_disk(source: Path, cache: Path) -> None:
    with small_disk(cache, 64), pytest.raises(PrepareError, match="disk is full") as caught:
        prepare(str(source))
    assert "TACIT_CACHE_DIR" in caught.value.remedy


def test_a_read_only_cache(source: Path, cache: Path) -> None:
    cache.mkdir()
    with read_only(cache), pytest.raises(PrepareError, match="cannot be used") as caught:
        prepare(str(source))
    assert "TACIT_CACHE_DIR" in caught.value.remedy


def test_a_file_in_the_cache_s_place(source: Path, cache: Path) -> None:
    cache.write_text("in the way")
    with pytest.raises(PrepareError, match=str(cache)):
        prepare(str(source))


CHILD = """
import sys, time
from engine.prepare import prepare
def slowly(step):
    print(step.done, flush=True)
    time.sleep(float(sys.argv[2]))
print(prepare(sys.argv[1], progress=slowly))
"""


def child(source: Path, pause: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(source), str(pause)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True)


def test_a_killed_conversion_leaves_nothing_that_passes_for_a_model(source: Path) -> None:
    process = child(source, pause=60)
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    assert converted(str(source)) is None
    folder = prepare(str(source))
    assert {path.name for path in models_dir().iterdir()} == {folder.name, f".{folder.name}.lock"}


def test_two_processes_convert_once(source: Path) -> None:
    first = child(source, pause=0.5)
    assert first.stdout
    first.stdout.readline()
    steps: list[Progress] = []
    started = time.monotonic()
    folder = prepare(str(source), progress=steps.append)
    assert time.monotonic() - started > 0.4
    assert [step.detail for step in steps] == ["another process is preparing this model"]
    assert first.communicate(timeout=60)[0].split()[-1] == str(folder)


def test_asking_what_is_there_imports_little() -> None:
    code = "import sys; from engine.prepare import converted; converted('smollm2-135m'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"onnx", "onnxruntime", "gguf", "tokenizers", "numpy"}.intersection(done.stdout.split())


def test_a_card_that_is_not_ours(source: Path) -> None:
    folder = prepare(str(source))
    (folder / CARD).write_text('{"schema": 1}')
    with pytest.raises(NotConverted, match="no converted model"):
        read_card(folder)


# The manifests that ship with Tacit.


def test_the_manifests() -> None:
    manifests = load_manifests()
    assert {manifest.tier for manifest in manifests} == {"S", "M", "L"}
    for manifest in manifests:
        assert find(manifest.name) == manifest
        assert len(manifest.file.sha256) == 64
        for source in manifest.sources:
            parts = getattr(source, "parts", ())
            assert not parts or sum(part.size for part in parts) == manifest.file.size
        if path := manifest.vocabulary_path():
            assert manifest.vocabulary
            assert sha256_of(path) == manifest.vocabulary.sha256
            assert path.stat().st_size < 20_000
    assert find("nonsense") is None


def test_a_manifest_with_a_slip_is_refused(tmp_path: Path) -> None:
    text = (manifest_dir() / "smollm2-135m.json").read_text("utf-8")
    (tmp_path / "bad.json").write_text(text.replace('"licence"', '"license"'), "utf-8")
    with pytest.raises(ManifestError, match=r"bad\.json"):
        load_manifests(tmp_path)


def test_inventory_finds_damage_and_removes(cache: Path) -> None:
    manifest = find("smollm2-135m")
    assert manifest
    assert inventory.verify(manifest) == []
    assert inventory.remove(manifest) == 0
    downloads_dir().mkdir(parents=True)
    models_dir().mkdir()
    (downloads_dir() / manifest.file.name).write_bytes(b"not a model")
    (downloads_dir() / f"{manifest.file.name}.partial").write_bytes(b"half")
    (models_dir() / "smollm2-135m.uq8.outdated").mkdir()
    (models_dir() / "smollm2-135m.uq8.outdated" / GRAPH).write_bytes(b"graph")
    other = models_dir() / "smollm2-135m-mine.uq8.00000000"
    other.mkdir()
    (damage,) = inventory.verify(manifest)
    assert damage.path.name == manifest.file.name
    assert inventory.download_of(manifest) is None
    assert inventory.remove(manifest) == len(b"not a model" + b"half" + b"graph")
    assert [path for path in cache_dir().rglob("*") if path.is_file()] == []
    assert other.exists()


@pytest.mark.model
def test_verify_a_real_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    folder = prepare("smollm2-135m")
    manifest = find("smollm2-135m")
    assert manifest
    assert inventory.verify(manifest) == []
    assert inventory.folders_of(manifest)[Precision.UQ8] == folder
    assert inventory.download_of(manifest)
