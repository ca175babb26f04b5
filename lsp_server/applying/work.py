"""Applying for a request: off the loop thread, with progress, and never to what has changed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types

from engine.cancel import CancelToken
from lsp_server.applying.guessing import asker
from lsp_server.applying.params import ApplyParams
from lsp_server.background import in_thread
from lsp_server.documents import path_of
from lsp_server.envelope import Code
from lsp_server.progress import ProgressBar
from lsp_server.protocol import Refusal

if TYPE_CHECKING:
    from lsp_server.applying.files import Desk, File
    from lsp_server.applying.plan import Plan
    from lsp_server.server import Server

T = TypeVar("T")

PATIENCE_S = 0.4
"""How long something may take before the editor shows that it is under way."""


async def planned(server: Server, params: ApplyParams, *, guessing: bool = False) -> Plan:
    """What is to be done, with or without objections. Raises Refusal where the request itself is amiss.

    With `guessing`, a model says how a sketch that is refused may be meant: for somebody to look at.
    """
    text, desk = text_of(server, params), desk_of(server, params)
    asking = asker(server) if guessing else None

    def work(cancel: CancelToken) -> Plan:
        from lsp_server.applying.plan import make_plan, part_of

        plan = make_plan(desk, text, params, cancel, asking(cancel) if asking else None)
        if params.digest and not plan.objections and plan.digest != params.digest:
            raise Refusal(Code.CONTENT_MODIFIED, "The file or the sketch has changed since this was offered.")
        return plan if params.hunk is None or plan.objections else part_of(plan, params.hunk)

    return await off_the_loop(server, "Tacit: applying a sketch", work)


async def edit_for(server: Server, params: ApplyParams) -> tuple[Plan, types.WorkspaceEdit]:
    """The edit that does all of what is asked. Raises Refusal, with all reasons, where any file objects."""
    plan = await planned(server, params)
    if plan.objections:
        raise refusal(plan)
    from lsp_server.applying.edits import workspace_edit

    changed = await in_thread(lambda: [each.file.name for each in plan.changes if each.file.has_changed()])
    changed += [each.file.name for each in plan.changes if _is_other(server, each.file)]
    if changed:
        raise Refusal(Code.CONTENT_MODIFIED, f"{' and '.join(changed)} has changed meanwhile; try again.")
    return plan, workspace_edit(plan, server.client, review=params.review)


def refusal(plan: Plan) -> Refusal:
    """All objections as one error of LSP's; its data holds them one by one."""
    data = [
        {"file": each.name, "reason": each.reason, "lines": list(each.lines), "preview": each.preview}
        for each in plan.objections
    ]
    return Refusal(Code.REQUEST_FAILED, " ".join(map(str, plan.objections)), {"refused": data})


def text_of(server: Server, params: ApplyParams) -> str:
    """The text that holds the sketch. Raises Refusal where it is not there, or not at that version."""
    if params.sketch is not None:
        return params.sketch
    if params.document is None:
        raise Refusal(Code.INVALID_PARAMS, "there is neither a `sketch` nor a `document` that holds one")
    snapshot = server.documents.get(params.document)
    if snapshot is None:
        raise Refusal(Code.INVALID_PARAMS, "the `document` is not open")
    if params.version is not None and params.version != snapshot.document.version:
        raise Refusal(Code.CONTENT_MODIFIED, "The document has changed since this was offered.")
    return snapshot.document.text


def desk_of(server: Server, params: ApplyParams) -> Desk:
    """What there is now, for another thread."""
    from lsp_server.applying.files import Desk

    folders = [Path(path_of(uri)) for uri in server.client.roots if uri.startswith("file:")]
    documents, lost = server.documents.snapshots()
    return Desk(
        tuple(folders),
        documents,
        lost,
        home=params.document or "",
        has_sketch=params.sketch is None,
        files_off=server.config.files_off,
    )


async def off_the_loop(server: Server, title: str, work: Callable[[CancelToken], T]) -> T:
    """Run `work` on a thread; what takes long is shown, and given up when the user or the client says so."""
    token = CancelToken()
    done: asyncio.Future[Any] = in_thread(lambda: work(token))
    done.add_done_callback(lambda future: future.cancelled() or future.exception())
    given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    bar: ProgressBar | None = None

    def give_up() -> None:
        given_up.cancel()

    try:
        await asyncio.wait({done}, timeout=PATIENCE_S)
        if not done.done():
            bar = ProgressBar(server, title, give_up)
            await asyncio.wait({done, given_up}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            raise Refusal(Code.REQUEST_CANCELLED, "given up")
        result: T = done.result()
        return result
    finally:
        token.cancel("nobody waits for it")
        if bar is not None:
            bar.end()


def _is_other(server: Server, file: File) -> bool:
    """Whether the document is not what it was: changed, closed, or opened only now."""
    now = server.documents.get(file.uri)
    return now is not None if file.version is None else now is None or now.document is not file.document
