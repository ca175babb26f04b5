"""What a client asks for: the argument of the commands that apply sketches, and the data of actions."""

from __future__ import annotations

from typing import Any

import msgspec


class ApplyParams(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A sketch, and what is to be done with it. Everything may be left out but the sketch or the document."""

    sketch: str | None = None
    """The text itself: an answer in Markdown, code, a diff. Else the text of `document` is taken."""
    document: str | None = None
    """URI of the document that the user is in; its folder is one to look for files in.

    Beside a `sketch` it is also the file that is meant where the sketch names none.
    """
    version: int | None = None
    """Of that document; another one is refused."""
    lines: tuple[int, int] | None = None
    """First and last line, from 0, of the text: the fenced blocks that they touch, else what they hold."""
    uri: str | None = None
    """The file that is to be changed. Else the sketch says it, or a file that is open fits."""
    hunk: int | None = None
    """Only this part of the change, counted from 0 over all files."""
    digest: str = ""
    """Of the change that was offered; another one is refused."""
    review: bool = False
    """Let the editor ask before it changes anything."""
    show: bool = True
    """Whether the server is to show the preview, where the editor lets it."""


def read_params(raw: Any) -> ApplyParams:
    """The argument of a command: an object, or the sketch alone. Raises msgspec.ValidationError."""
    return ApplyParams(sketch=raw) if isinstance(raw, str) else msgspec.convert(raw, ApplyParams)
