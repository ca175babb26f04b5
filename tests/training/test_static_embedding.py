from __future__ import annotations

import random
from pathlib import Path

import msgspec
import numpy as np
import pytest

pytest.importorskip("torch")

from retrieval.embedding import EmbeddingManifest, StaticEmbedding
from training import static_embedding
from training.data.examples import SearchPair

pytestmark = pytest.mark.train

SAYS = {"remove": "unlink", "fetch": "download", "draw": "paint", "sort": "order"}
THINGS = [
    f"{a}{b}" for a in ("ab", "cd", "ef", "gh", "ij") for b in ("ak", "el", "im", "on", "up", "yr", "as")
]


def pairs() -> list[SearchPair]:
    """Questions whose verbs never stand in the code that answers them."""
    made = []
    for verb, other in SAYS.items():
        for thing in THINGS:
            code = f"{other}({thing})\nreturn\n"
            made.append(SearchPair("r", "c", "a.py", "python", "doc", f"{verb} that {thing}", "f", code))
    random.Random(0).shuffle(made)
    return made


def test_it_learns_resumes_and_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_embedding, "RUNS", 1)
    train = {"r": pairs()}
    state = static_embedding.State.new(train, None)
    index = {term: row for row, term in enumerate(state.terms)}
    encoded = static_embedding.encode(train["r"], index)
    before = static_embedding.held_out_mrr(state, [encoded])
    for step, batch in enumerate(static_embedding.batches([encoded], 0)):
        static_embedding.step_on(state, *batch, 1.0)
        if step == 60:
            break
    assert static_embedding.held_out_mrr(state, [encoded]) > before + 0.1
    state.save(tmp_path / "run.npz")
    again = static_embedding.State.resume(tmp_path / "run.npz")
    assert static_embedding.held_out_mrr(again, [encoded]) == static_embedding.held_out_mrr(state, [encoded])
    manifest = EmbeddingManifest("test", "", "Apache-2.0", "", "")
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    static_embedding.export(again, tmp_path)
    exported = StaticEmbedding.load(tmp_path)
    vector = exported.query("remove that abak")
    assert abs(np.linalg.norm(vector) - 1) < 1e-5
