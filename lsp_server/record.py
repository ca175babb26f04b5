"""What became of a request for a suggestion: for its log line, and for `tacit why`."""

from __future__ import annotations

import time
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from completion.reasons import Silence
from lsp_server import tell
from lsp_server.calls import current
from lsp_server.documents import path_of
from lsp_server.reports import Request

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
    )
    call.note = tell.note(request)
    server.status.record(request)
