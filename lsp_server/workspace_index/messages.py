"""What the server and the index process say to each other.

Both directions of the pipe carry frames (`engine.processes`), each with one of the structs below as msgpack.
Paths are absolute, lines and columns count from 0, columns in units of the encoding that was asked for.
"""

from __future__ import annotations

import msgspec


class Folders(msgspec.Struct, frozen=True, tag=True):
    """The workspace folders from now on, as the client writes them."""

    paths: tuple[str, ...]


class Changed(msgspec.Struct, frozen=True, tag=True):
    """Something happened at these paths; none: anything may have changed."""

    paths: tuple[str, ...] = ()


class Halt(msgspec.Struct, frozen=True, tag=True):
    """The user gave the indexing up that is under way. What is done is kept."""


class Rest(msgspec.Struct, frozen=True, tag=True):
    """The machine has better things to do: begin nothing that nobody waits for, until told otherwise."""

    rest: bool


class Question(msgspec.Struct, frozen=True, tag=True):
    """To be answered by an Answer with the same id."""

    id: int
    text: str
    count: int
    encoding: str
    documents: dict[str, str | None]  # open ones that changed since the last question; None: no longer open
    excerpt_lines: int = 0


class Wish(msgspec.Struct, frozen=True, tag=True):
    """What would help in a file; to be answered by Excerpts with the same id."""

    id: int
    path: str
    names: dict[str, float]
    imported: frozenset[str]


class Renamed(msgspec.Struct, frozen=True, tag=True):
    """A name that a file defined has become another there; to be answered by Mentions with the same id."""

    id: int
    path: str
    name: str


class Forget(msgspec.Struct, frozen=True, tag=True):
    """Nobody waits for this answer any more."""

    id: int


class Span(msgspec.Struct, frozen=True):
    """From one place to another, the latter excluded."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


class Found(msgspec.Struct, frozen=True):
    """One answer: a definition, or a piece of a file."""

    path: str
    inside: str  # the path from its workspace folder
    whole: Span  # with the comment above
    body: Span  # from the line of the definition itself
    name_at: Span
    kind: str
    name: str
    context: str
    signature: str
    score: float
    named: bool  # its name is like what was typed
    why: dict[str, float]
    excerpt: str = ""


class Answer(msgspec.Struct, frozen=True, tag=True):
    """The best answers first, or the reason why there are none."""

    id: int
    found: list[Found]
    problem: str = ""


class Excerpt(msgspec.Struct, frozen=True):
    """A definition of another file, without its body; `line` as `retrieval.excerpts` has it."""

    path: str
    inside: str
    line: int
    text: str
    score: float


class Excerpts(msgspec.Struct, frozen=True, tag=True):
    """What there is by now, the best first."""

    id: int
    found: list[Excerpt]


class Mention(msgspec.Struct, frozen=True):
    """A file that uses the name, as it is on disk or in the editor."""

    path: str
    text: str


class Mentions(msgspec.Struct, frozen=True, tag=True):
    """The files that are known by now to use the name."""

    id: int
    found: list[Mention]


class State(msgspec.Struct, frozen=True, tag=True):
    """How far a folder's index is: looking, indexing, ready, halted, gone, refused or failed."""

    folder: str
    phase: str
    files: int = 0
    done: int = 0  # of this pass, in files
    total: int = 0
    problem: str = ""
    remedy: str = ""


ToIndex = Folders | Changed | Halt | Rest | Question | Wish | Renamed | Forget
FromIndex = Answer | Excerpts | Mentions | State

encode = msgspec.msgpack.Encoder().encode
TO_INDEX = msgspec.msgpack.Decoder(ToIndex)
FROM_INDEX = msgspec.msgpack.Decoder(FromIndex)
