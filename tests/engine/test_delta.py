"""Deltas: exact arithmetic, refusals, and the way from a file to a converted model."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.architecture import Architecture, Precision
from engine.convert import Order, convert
from engine.converted import GRAPH, load_tokenizer, read_card
from engine.delta import MOST_RANK, Delta, DeltaError, Named, Origin, Tuned, Update, read_delta, write_delta
from engine.errors import PrepareError
from engine.fetch import downloads_dir
from engine.gguf_file import GgufFile
from engine.prepare import converted, prepare
from engine.reference import ReferencePass
from engine.session import Session
from engine.source import sha256_of
from engine.weights import GgufWeights, RandomWeights
from tests.support.tiny_gguf import write_gguf

SHAPE = Architecture(
    vocab=64, width=32, layers=2, heads=4, kv_heads=2, head_dim=8, ffn=48,
    context=64, rope_theta=1e4, eps=1e-5,
)  # fmt: skip
MERGED = "b6c9b2801f1d597a32b6f7f2f3a19cf7b18ce34906218c98916a544c390e2d9e"
BASE = Origin(base="b" * 64, vocabulary="v" * 64)


def update(rows: int, columns: int, rank: int = 4, seed: int = 0) -> Update:
    random = np.random.default_rng((seed, rows, columns))
    up = random.standard_normal((rows, rank)).astype(np.float32)
    return Update.of(up, random.standard_normal((rank, columns), dtype=np.float32) / np.float32(8))


def delta(updates: dict[str, Update], origin: Origin = BASE, special: dict[str, str] | None = None) -> Delta:
    about = {"run": "r1", "prompts": ("p",), "data": {"next_edit": "1"}}
    return Delta(origin=origin, special=special or {}, updates=updates, **about)  # type: ignore[arg-type]


def named(content: Delta) -> Named:
    return Named(content, "d" * 64)


def test_factors_are_kept_to_a_hundredth() -> None:
    random = np.random.default_rng(1)
    up, down = (random.standard_normal(shape).astype(np.float32) for shape in ((96, 16), (16, 64)))
    change = Update.of(up, down).change()
    assert np.linalg.norm(change - up @ down) < 0.015 * np.linalg.norm(up @ down)


def test_the_product_is_exact_at_the_greatest_rank_and_values() -> None:
    for sign in (1, -1):
        up = np.full((3, MOST_RANK), 127, np.float32)
        down = np.full((MOST_RANK, 5), sign * 127, np.float32)
        assert (Update.of(up, down).change() == sign * 127.0 * 127 * MOST_RANK).all()


def test_the_order_of_summation_does_not_matter() -> None:
    random = np.random.default_rng(2)
    up = random.integers(-127, 128, (64, 48))
    down = random.integers(-127, 128, (48, 80))
    up[:, 0], down[0] = 127, 127  # so that the scales are 1
    exact = (up @ down).astype(np.float32)
    for _ in range(5):
        order = random.permutation(48)
        shuffled = Update.of(up[:, order].astype(np.float32), down[order].astype(np.float32))
        assert np.array_equal(shuffled.change(), exact)


def test_merged_weights_have_the_same_bits_on_every_machine() -> None:
    """The hash was computed once; integers and IEEE arithmetic leave no room for another."""
    random = np.random.default_rng(3)
    up, down = random.integers(-127, 128, (50, 16), np.int8), random.integers(-127, 128, (16, 70), np.int8)
    scales = random.integers(1, 2**20, 120).astype("<f4") / np.float32(2**27)
    exact = Update(
        up=up.tobytes(),
        up_scale=scales[:50].tobytes(),
        down=down.tobytes(),
        down_scale=scales[50:].tobytes(),
    )
    base = random.integers(-(2**20), 2**20, (50, 70)).astype(np.float32) / np.float32(2**21)
    merged = base + exact.change()
    assert hashlib.sha256(merged.astype("<f4").tobytes()).hexdigest() == MERGED


def test_only_the_named_matrices_change() -> None:
    base = RandomWeights(SHAPE)
    change = update(32, 32)
    tuned = Tuned(base, BASE, named(delta({"1.out": change})))
    before, after = base.layer(1), tuned.layer(1)
    assert np.array_equal(after.out, before.out + change.change())
    for name in ("qkv", "gate_up", "down", "attention_norm", "mlp_norm"):
        assert np.array_equal(getattr(after, name), getattr(before, name))
    assert np.array_equal(tuned.layer(0).out, base.layer(0).out)
    assert np.array_equal(tuned.embedding(), base.embedding())
    assert np.array_equal(tuned.final_norm(), base.final_norm())


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        (Origin(base="x" * 64, vocabulary=BASE.vocabulary), "another base"),
        (Origin(base=BASE.base, vocabulary="x" * 64), "another vocabulary"),
        (Origin(base=BASE.base), "another vocabulary"),
        (Origin(base=BASE.base, vocabulary=BASE.vocabulary, deltas=("x" * 64,)), "other deltas"),
    ],
)
def test_a_wrong_base_is_refused(origin: Origin, why: str) -> None:
    with pytest.raises(DeltaError, match=why):
        Tuned(RandomWeights(SHAPE), origin, named(delta({"0.out": update(32, 32)})))


def test_applying_twice_is_refused() -> None:
    content = named(delta({"0.out": update(32, 32)}))
    once = Tuned(RandomWeights(SHAPE), BASE, content)
    with pytest.raises(DeltaError, match="already"):
        Tuned(once, once.origin, content)


def test_a_delta_may_build_on_another() -> None:
    first = Tuned(RandomWeights(SHAPE), BASE, named(delta({"0.out": update(32, 32)})))
    second = Named(delta({"0.out": update(32, 32, seed=1)}, first.origin), "e" * 64)
    both = Tuned(first, first.origin, second)
    assert both.origin.deltas == ("d" * 64, "e" * 64)
    with pytest.raises(DeltaError, match="other deltas"):
        Tuned(RandomWeights(SHAPE), BASE, second)


@pytest.mark.parametrize("matrix", ["2.out", "0.embedding", "0.down"])
def test_a_matrix_that_the_model_does_not_have_is_refused(matrix: str) -> None:
    with pytest.raises(DeltaError, match=matrix):
        Tuned(RandomWeights(SHAPE), BASE, named(delta({matrix: update(32, 32)})))


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    content = delta({"0.qkv": update(64, 32), "1.down": update(32, 48)}, special={"<a>": "<b>"})
    write_delta(tmp_path / "delta", content)
    read = read_delta(tmp_path / "delta")
    assert read.delta == content
    assert read.sha256 == sha256_of(tmp_path / "delta")
    write_delta(tmp_path / "again", content)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "delta").read_bytes()


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "delta"
    write_delta(path, delta({"0.out": update(32, 32)}))
    whole = path.read_bytes()
    torn = msgspec.structs.replace(update(32, 32), up=b"abc")
    write_delta(path, delta({"0.out": torn}))
    for data in (path.read_bytes(), whole[:-1], whole[1:], b"", whole[:30]):
        path.write_bytes(data)
        with pytest.raises(DeltaError):
            read_delta(path)


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
def test_conversion_merges_and_renames(tmp_path: Path, kind: str) -> None:
    source = write_gguf(tmp_path / "base.gguf", kind)
    base = GgufWeights(GgufFile(source))
    shape = base.architecture
    changes = {f"{layer}.gate_up": update(2 * shape.ffn, shape.width, seed=layer) for layer in (0, 1)}
    origin = Origin(base=sha256_of(source))
    content = delta(changes, origin, special={"<hint>": "<|fim_prefix|>"})
    write_delta(tmp_path / "delta", content)
    folder = tmp_path / "converted"
    folder.mkdir()
    order = Order("tuned", source, Precision.FP32, "", sha256=origin.base, delta=tmp_path / "delta")
    convert(order, folder, lambda progress: None)

    ids = [7, 3, 250, 12, 12, 99]
    merged = ReferencePass(shape, base.embedding()[ids])
    for index in range(shape.layers):
        layer = base.layer(index)
        merged.layer(replace(layer, gate_up=layer.gate_up + changes[f"{index}.gate_up"].change()))
    logits = Session(folder / GRAPH, threads=1, capacity=16).step(ids, len(ids))
    assert np.allclose(logits, merged.logits(base.final_norm(), base.embedding()), atol=1e-4)
    tokenizer = load_tokenizer(folder)
    assert tokenizer.special("<hint>") == tokenizer.special("<|fim_prefix|>")
    assert read_card(folder).probe.tokens
    assert read_card(folder).trained_for == content.prompts


def test_conversion_refuses_a_delta_for_another_file(tmp_path: Path) -> None:
    source = write_gguf(tmp_path / "base.gguf")
    write_delta(tmp_path / "delta", delta({"0.out": update(64, 64)}))
    order = Order("tuned", source, Precision.FP32, "", sha256="a" * 64, delta=tmp_path / "delta")
    (tmp_path / "converted").mkdir()
    with pytest.raises(DeltaError, match="another base"):
        convert(order, tmp_path / "converted", lambda progress: None)


def test_unknown_control_tokens_are_refused() -> None:
    with pytest.raises(DeltaError, match="<nonsense>"):
        delta({}, special={"<hint>": "<nonsense>"}).renamed({"<|endoftext|>": 0})


def test_preparing_a_manifests_model_merges_its_delta(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("engine.manifest.manifest_dir", lambda: tmp_path)
    downloads_dir().mkdir(parents=True)
    source = write_gguf(downloads_dir() / "tiny.gguf")
    manifest = {
        "name": "tiny", "title": "Tiny", "role": "completion", "tier": "S", "architecture": "llama",
        "licence": "none", "context": 512, "prompt": "fim_v1", "sources": [],
        "file": {"name": "tiny.gguf", "size": source.stat().st_size, "sha256": sha256_of(source)},
    }  # fmt: skip
    (tmp_path / "tiny.json").write_bytes(msgspec.json.encode(manifest))
    plain = prepare("tiny", Precision.FP32)

    (tmp_path / "deltas").mkdir()
    path = tmp_path / "deltas" / "tiny"
    write_delta(path, delta({"0.out": update(64, 64)}, Origin(base=sha256_of(source))))
    named_in = {"file": "deltas/tiny", "sha256": sha256_of(path)}
    (tmp_path / "tiny.json").write_bytes(msgspec.json.encode({**manifest, "delta": named_in}))
    assert converted("tiny", Precision.FP32) is None
    tuned = prepare("tiny", Precision.FP32)
    assert tuned != plain
    logits = [Session(each / GRAPH, threads=1, capacity=8).step([1, 2, 3], 3) for each in (plain, tuned)]
    assert np.abs(logits[0] - logits[1]).max() > 1e-3

    write_delta(path, delta({"0.out": update(64, 64)}, BASE))
    with pytest.raises(PrepareError, match="not the file"):
        prepare("tiny", Precision.NB8)
    other = {**named_in, "sha256": sha256_of(path)}
    (tmp_path / "tiny.json").write_bytes(msgspec.json.encode({**manifest, "delta": other}))
    with pytest.raises(PrepareError, match="another base"):
        prepare("tiny", Precision.FP32)
