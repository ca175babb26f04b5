"""What host and guest say to each other: MessagePack in frames (`engine.processes`), over a Unix socket.

A guest asks one thing at a time. While a text is being written the host waits for the guest's word after each
token, because only the guest knows when it is enough, and what to draft.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from typing import Final, Literal, TypeVar

import msgspec

from engine.model import Generation, Usage
from engine.processes import LENGTH, framed

LONGEST: Final = 16 << 20  # bytes of a frame


class Hello(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Guest: the first word. A host of another version answers `Goodbye`."""

    version: str


class Welcome(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Host: the answer to `Hello`."""

    process: int
    context: int  # tokens of prompt and output together
    folder: str  # of the converted model, for its tokenizer


class Goodbye(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Host: why it will not serve this guest."""

    reason: str


class Ask(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Guest: one call of a `Model`'s method."""

    number: int  # counts up, so that a cancellation cannot hit the next one
    method: Literal["generate", "warm", "score"]
    lane: int
    prompt: list[int]
    continuation: list[int] = []  # score
    max_tokens: int = 0  # generate, as `heal`, `drafts` and `seconds`
    heal: str = ""
    stops: bool = False  # whether the guest says when it is enough
    drafts: bool = False  # whether it has drafts
    seconds: float | None = None  # that are left


class Cancel(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Guest: what it asked for is no longer wanted. The host still answers."""

    number: int


class Written(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Host: the text so far has grown; waits for `Heard`."""

    more: str


class Heard(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Guest: whether it is enough."""

    enough: bool


class Wanted(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Host: a draft is wanted, of at most `limit` tokens; waits for `Drafted`."""

    tokens: list[int]  # written so far
    limit: int


class Drafted(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Guest: the draft, which may be empty."""

    tokens: list[int]


class Done(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Host: what the method returned; of the three, the one that was asked for."""

    generation: Generation | None = None
    usage: Usage | None = None
    scores: list[float] = []


class Failed(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Host: what the method raised."""

    kind: Literal["cancelled", "preempted", "value", "error"]
    message: str


FromGuest = Hello | Ask | Cancel | Heard | Drafted
FromHost = Welcome | Goodbye | Written | Wanted | Done | Failed

Message = TypeVar("Message")

_encode = msgspec.msgpack.Encoder().encode
_from_guest = msgspec.msgpack.Decoder(FromGuest)
_from_host = msgspec.msgpack.Decoder(FromHost)


class Lost(OSError):
    """The other side is gone, or does not speak this language."""


class Wire:
    """One end of a connection. Sending is safe from any thread, receiving is one thread's."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", 1, 0))
        self._sending = threading.Lock()
        self._received = bytearray()

    def send(self, message: FromGuest | FromHost) -> None:
        """Raises Lost, also where the other side does not read for a second."""
        frame = framed(_encode(message))
        try:
            with self._sending:
                self._socket.sendall(frame)
        except OSError as error:
            self.close()  # half a message may be on its way
            raise Lost(str(error)) from None

    def from_guest(self) -> FromGuest:
        """The next message of a guest; blocks. Raises Lost."""
        frame = self._frame(None)
        if frame is None:
            raise Lost("it said nothing")
        message: FromGuest = _decoded(frame, _from_guest)
        return message

    def from_host(self, wait_s: float) -> FromHost | None:
        """The next message of the host; None if there is none within the time. Raises Lost."""
        frame = self._frame(wait_s)
        return None if frame is None else _decoded(frame, _from_host)

    def wait_for_end(self) -> None:
        """Return once either side has hung up. Takes nothing of what is received."""
        watch = select.poll()
        watch.register(self._socket, getattr(select, "POLLRDHUP", 0))
        watch.poll()

    def close(self) -> None:
        """Hang up: the other side, and whoever waits here, are told."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _frame(self, wait_s: float | None) -> bytes | None:
        try:
            self._socket.settimeout(wait_s)
            while (frame := self._whole()) is None:
                received = self._socket.recv(1 << 16)
                if not received:
                    raise Lost("it has hung up")
                self._received += received
        except TimeoutError:
            return None
        except OSError as error:
            raise (error if isinstance(error, Lost) else Lost(str(error))) from None
        return frame

    def _whole(self) -> bytes | None:
        """The first frame of what has come, if it is all there."""
        if len(self._received) < LENGTH.size:
            return None
        (size,) = LENGTH.unpack_from(self._received)
        if size > LONGEST:
            raise Lost("a message is too long")
        end = LENGTH.size + size
        if len(self._received) < end:
            return None
        frame = bytes(self._received[LENGTH.size : end])
        del self._received[:end]
        return frame


def _decoded(frame: bytes, decoder: msgspec.msgpack.Decoder[Message]) -> Message:
    try:
        return decoder.decode(frame)
    except msgspec.DecodeError as error:
        raise Lost(f"it speaks another language: {error}") from None
