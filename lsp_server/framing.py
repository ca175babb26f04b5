"""LSP's base protocol: messages with a Content-Length header, on a byte stream.

Written for streams that may hold anything. A broken header is reported and skipped up to the next
Content-Length, so that one bad message costs itself and not the connection:

    FramingError       what was skipped and why; a value, not raised, because reading goes on
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_BODY = 256 * 1024 * 1024
"""Bytes. A larger body is read past and reported, never held in memory."""

MAX_LINE = 8 * 1024
"""Bytes. A longer header line is taken in pieces of this size, each of them noise."""

# Not anchored at the line's start: after a message without a header its body runs into the next header.
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,12})[ \t]*\r?\n\Z", re.IGNORECASE)
_FIELD = re.compile(rb"[A-Za-z0-9-]+:[^\r\n]*\r?\n\Z")
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class FramingError:
    """Bytes that were no message."""

    what: str


def read_frames(stream: BinaryIO) -> Iterator[bytes | FramingError]:
    """Yield each message's body, undecoded, until the stream ends; blocks while there is nothing to read."""
    length: int | None = None
    noise = 0
    while line := stream.readline(MAX_LINE):
        if match := _LENGTH.search(line):
            noise += match.start()
            length = int(match[1])
        elif line in (b"\r\n", b"\n"):
            if noise:
                yield FramingError(f"skipped {noise} bytes that are no header")
                noise = 0
            if length is not None:
                body = _body(stream, length)
                if body is None:
                    return
                yield body
            length = None
        elif not _FIELD.match(line):
            noise += len(line)
    if noise:
        yield FramingError(f"skipped {noise} bytes that are no header")


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """Write one message and flush it. Raises OSError or ValueError once the reader is gone."""
    stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    stream.flush()


def _body(stream: BinaryIO, length: int) -> bytes | FramingError | None:
    """Read `length` bytes; None where the stream ends before that."""
    if length <= MAX_BODY:
        body = stream.read(length)
        return body if len(body) == length else None
    left = length
    while left:
        skipped = len(stream.read(min(left, _CHUNK)))
        if not skipped:
            return None
        left -= skipped
    return FramingError(f"a message of {length} bytes is above the limit of {MAX_BODY}")
