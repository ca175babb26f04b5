"""The command `tacit.related`: the files that git's history says change together with one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lsp_server.background import in_thread
from lsp_server.documents import path_of
from lsp_server.envelope import Code
from lsp_server.private import is_private
from lsp_server.protocol import Refusal

if TYPE_CHECKING:
    from lsp_server.server import Server

MOST = 10


class Related(msgspec.Struct, frozen=True):
    """A file, how surely it belongs to the other (0 to 1), and commits that had both."""

    uri: str
    score: float
    commits: int


async def handle(server: Server, arguments: Sequence[Any]) -> Any:
    """The argument is the URI of a file; without a history there is nothing."""
    uri = arguments[0] if arguments else None
    if not isinstance(uri, str) or not uri.startswith("file:"):
        raise Refusal(Code.INVALID_PARAMS, "the argument is the URI of a file")
    found = await in_thread(lambda: _related(Path(path_of(uri))))
    shown = [each for each in found if not is_private(path_of(each.uri), server.config.files_off)]
    return msgspec.to_builtins(shown)


def _related(path: Path) -> list[Related]:
    from retrieval.cochange import CoChange, commits_of, top_of

    top = top_of(path.parent)
    if top is None:
        return []
    try:
        known = CoChange(commits_of(top))
        inside = path.resolve().relative_to(top).as_posix()
    except (OSError, ValueError):  # no git, or a link that leads out
        return []
    return [
        Related((top / each.path).as_uri(), round(each.score, 4), each.commits)
        for each in known.related(inside, MOST, there=top)
    ]
