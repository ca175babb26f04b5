from __future__ import annotations

import io
import random

import pytest

from lsp_server import framing
from lsp_server.framing import FramingError, read_frames, write_frame


def frames(data: bytes) -> list[bytes | None]:
    """What is read from `data`; None for each error."""
    read = read_frames(io.BytesIO(data))
    return [None if isinstance(frame, FramingError) else frame for frame in read]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"Content-Length: 2\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: 0\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"", b"{}"]),
        (b"content-length:2\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: 2\n\n{}", [b"{}"]),
        (b"Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}", [b"{}"]),
        (b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}", [b"{}"]),
        (b"\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"]),
        # No length: what follows is noise, up to the next header.
        (b'Content-Type: x\r\n\r\n{"a":1}Content-Length: 2\r\n\r\n{}', [None, b"{}"]),
        (b'{"jsonrpc":"2.0"}\r\nContent-Length: 2\r\n\r\n{}', [None, b"{}"]),
        (b"Content-Length: x\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: -5\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"]),
        (b"\xff\xfe\x00garbage\r\n\r\nContent-Length: 2\r\n\r\n{}", [None, b"{}"]),
        # The end comes within a message.
        (b"Content-Length: 5\r\n\r\n{}", []),
        (b"Content-Length: 5\r\n", []),
        (b"noise", [None]),
    ],
)
def test_reads_what_is_a_message_and_skips_the_rest(data: bytes, expected: list[bytes | None]) -> None:
    assert frames(data) == expected


def test_a_huge_header_is_skipped() -> None:
    assert frames(b"x" * 1_000_000 + b"\r\n\r\nContent-Length: 2\r\n\r\n{}") == [None, b"{}"]


def test_a_huge_body_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_BODY", 10)
    assert frames(b"Content-Length: 11\r\n\r\n" + b"x" * 11 + b"Content-Length: 2\r\n\r\n{}") == [None, b"{}"]


def test_what_is_written_is_read() -> None:
    stream = io.BytesIO()
    bodies = [b"{}", b"", "é\r\n\r\nContent-Length: 3\r\n\r\n".encode(), b"\x00"]
    for body in bodies:
        write_frame(stream, body)
    assert frames(stream.getvalue()) == bodies


def test_noise_never_raises_and_costs_at_most_the_message_that_follows() -> None:
    random.seed(5)
    pieces = [
        b"Content-Length",
        b": ",
        b"7",
        b"\r\n",
        b"\n",
        b"\xff",
        b"{}",
        b"x: y",
        b"\x00",
        b"-1",
        b"9" * 20,
    ]
    for _ in range(2000):
        noise = b"".join(random.choices(pieces, k=random.randrange(12)))
        good = b"Content-Length: 2\r\n\r\n{}"
        assert b"{}" in frames(noise + b"\r\n\r\n" + good * 12)
