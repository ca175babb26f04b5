"""What became of a request: for its log line, and for `tacit why`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from completion.reasons import Silence
from lsp_server import tell
from lsp_server.calls import current
from lsp_server.documents import path_of
from lsp_server.envelope import Code
from lsp_server.protocol import Refusal
from lsp_server.reports import Request
from lsp_server.trace_reasons import Reason

if TYPE_CHECKING:
    from completion.request import Suggestion
    from lsp_server.server import Server


def record(
    server: Server,
    uri: str,
    silence: Silence | None,
    suggestion: Suggestion | None,
    stages: dict[str, float],
    *,
    source: str = "",
    kind: str = "ghost-text",
) -> None:
    """Note how the current call ended; `stages` in milliseconds. A silence may follow a suggestion.

    `source`: where the answer is from, if not from `suggestion`.
    """
    call = current()
    snapshot = server.documents.get(uri)
    usage = suggestion.usage if suggestion else None
    if usage is not None:
        stages = {**stages, "prefill": usage.prefill_ms, "decode": usage.decode_ms}
    request = Request(
        at=time.time(),
        method=call.method,
        document=PurePosixPath(path_of(uri)).name,
        version=snapshot.document.version if snapshot else 0,
        outcome="silent" if silence else "shown",
        total_ms=round(call.elapsed_ms, 1),
        reason=silence.reason.value if silence else "",
        sentence=silence.reason.sentence if silence else "",
        detail=silence.detail if silence else "",
        source=suggestion.source if suggestion else source,
        stages_ms={stage: round(ms, 1) for stage, ms in stages.items()},
        prompt_tokens=usage.prompt_tokens if usage else 0,
        cached_tokens=usage.cached_tokens if usage else 0,
        generated_tokens=usage.generated_tokens if usage else 0,
        kind=kind,
    )
    call.note = tell.note(request)
    request = server.status.record(request)
    ready = server.host.ready
    if server.config.trace_prompts and kind == "ghost-text" and ready is not None:
        shown = suggestion.text if suggestion is not None and silence is None else ""
        server.prompts.keep(request, uri, shown, ready, server.config)


def note(server: Server, kind: str, reason: Reason | None = None) -> None:
    """Put into the trace how the current call ended: with something shown, or nothing for this reason."""
    call = current()
    entry = Request(
        at=time.time(),
        method=call.method,
        document="",
        version=0,
        outcome="silent" if reason else "shown",
        total_ms=round(call.elapsed_ms, 1),
        reason=reason.value if reason else "",
        sentence=reason.sentence if reason else "",
        kind=kind,
    )
    server.status.note(entry)


@contextlib.contextmanager
def noting_apply(server: Server) -> Iterator[None]:
    """Put into the trace how applying a sketch ends, which may be a Refusal."""
    try:
        yield
    except Refusal as refusal:
        note(server, "apply", _OF_CODES.get(refusal.code, Reason.REFUSED))
        raise
    except asyncio.CancelledError:
        note(server, "apply", Reason.CANCELLED)
        raise
    except Exception:
        note(server, "apply", Reason.FAILED)
        raise
    note(server, "apply")


_OF_CODES = {
    Code.CONTENT_MODIFIED: Reason.CHANGED,
    Code.INVALID_PARAMS: Reason.BAD_REQUEST,
    Code.REQUEST_CANCELLED: Reason.GIVEN_UP,
}
