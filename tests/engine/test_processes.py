"""Frames on pipes, however they are cut."""

from __future__ import annotations

import io

import pytest

from engine.processes import framed, read_frame

BODIES = [b"", b"a", b"\x00\x01\x02" * 1000]


class Dribble(io.RawIOBase):
    """A pipe without a buffer that gives some bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        self._rest = data
        self._most = most

    def read(self, size: int = -1) -> bytes:
        given = min(size, self._most) if size >= 0 else self._most
        data, self._rest = self._rest[:given], self._rest[given:]
        return data


@pytest.mark.parametrize("most", [1, 3, 1 << 20])
def test_frames_come_out_as_they_went_in(most: int) -> None:
    pipe = Dribble(b"".join(map(framed, BODIES)), most)
    assert [read_frame(pipe) for _ in BODIES] == BODIES  # type: ignore[arg-type]
    assert read_frame(pipe) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("kept", [1, 3, 4, 6])
def test_a_frame_that_is_cut_off_is_none(kept: int) -> None:
    assert read_frame(io.BytesIO(framed(b"abc")[:kept])) is None
