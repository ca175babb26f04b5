from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.session import Session, SessionError
from tests.support.tiny import tiny_session

IDS = np.random.default_rng(1).integers(0, 256, 200).tolist()


def test_pieces_agree_with_one_pass(graph: Path) -> None:
    whole, pieces = tiny_session(graph), tiny_session(graph)
    expected = whole.step(IDS, len(IDS)).copy()
    got, position = [], 0
    for size in (1, 7, 64, 1, 1, 126):
        got.append(pieces.step(IDS[position : position + size], size).copy())
        position += size
    assert np.allclose(np.concatenate(got), expected, atol=1e-4)
    assert pieces.length == whole.length == 200


def test_rows_are_the_last_ones(graph: Path) -> None:
    session = tiny_session(graph)
    all_rows = session.step(IDS, len(IDS)).copy()
    session.rollback(0)
    assert np.allclose(session.step(IDS, 3), all_rows[-3:], atol=1e-4)


def test_rollback_forgets(graph: Path) -> None:
    session = tiny_session(graph)
    session.step(IDS[:50])
    expected = session.step(IDS[50:60]).copy()
    session.rollback(40)
    session.step(IDS[100:150])
    session.rollback(40)
    assert np.allclose(session.step(IDS[40:60]), expected, atol=1e-4)


def test_memory_moves_between_sessions(graph: Path) -> None:
    first, second = tiny_session(graph), tiny_session(graph)
    first.step(IDS[:100])
    second.append(first.read(0, 60))
    second.append(first.read(60, 100))
    assert np.array_equal(second.step(IDS[100:101]), first.step(IDS[100:101]))
    assert first.read(0, 101).nbytes == 101 * first.token_bytes


@pytest.mark.parametrize(("ids", "rows"), [([], 1), ([1], 0), ([1, 2], 3), ([1] * 641, 1)])
def test_impossible_steps_are_refused(graph: Path, ids: list[int], rows: int) -> None:
    with pytest.raises(ValueError, match="rows at 0 of 640"):
        tiny_session(graph).step(ids, rows)


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nonsense")
    with pytest.raises(SessionError, match="no model for onnxruntime"):
        Session(tmp_path / "model.onnx", threads=1, capacity=10)
