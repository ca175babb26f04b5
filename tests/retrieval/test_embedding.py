"""The static embedding that ships with Tacit."""

from __future__ import annotations

import hashlib

import msgspec
import numpy as np

from engine.paths import manifest_dir
from retrieval.chunk import chunk_file
from retrieval.embedding import EmbeddingManifest, StaticEmbedding, to_bytes

FOLDER = manifest_dir() / "code_embedding"
CODE = "def remove_file(path):\n    os.unlink(path)\n\n\ndef draw_circle(radius):\n    canvas.arc(radius)\n"


def test_the_table_is_the_one_that_its_manifest_names_and_small() -> None:
    manifest = msgspec.json.decode((FOLDER / "manifest.json").read_bytes(), type=EmbeddingManifest)
    data = (FOLDER / "table.npz").read_bytes()
    assert hashlib.sha256(data).hexdigest() == manifest.sha256
    assert len(data) < 25e6


def test_what_is_alike_is_near() -> None:
    embedding = StaticEmbedding.load()
    remove, draw = embedding.chunks(chunk_file("a.py", CODE, "python")).astype(np.float32)
    assert embedding.dims % 64 == 0
    for query, near, far in (("delete this from disk", remove, draw), ("paint a round shape", draw, remove)):
        vector = embedding.query(query)
        assert np.linalg.norm(vector) == np.float32(1) or abs(np.linalg.norm(vector) - 1) < 1e-5
        assert vector @ near / np.linalg.norm(near) > vector @ far / np.linalg.norm(far)


def test_a_chunks_vector_does_not_depend_on_its_neighbours() -> None:
    embedding = StaticEmbedding.load()
    chunks = chunk_file("a.py", CODE, "python")
    together = embedding.chunks(chunks)
    alone = np.concatenate([embedding.chunks([chunk]) for chunk in chunks])
    assert np.array_equal(together, alone)


def test_nothing_known_is_zero() -> None:
    embedding = StaticEmbedding.load()
    assert not embedding.query("").any()
    assert not embedding.query("\u4e2d\u6587 qqzzxyqq").any()
    assert embedding.chunks([]).shape == (0, embedding.dims)


def test_bytes_keep_directions() -> None:
    vectors = np.random.default_rng(0).standard_normal((50, 256)).astype(np.float32)
    rounded = to_bytes(vectors).astype(np.float32)
    cosines = (vectors * rounded).sum(1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(rounded, axis=1)
    assert cosines.min() > 0.999
    assert np.abs(rounded).max() == 127
