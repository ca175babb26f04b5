"""The findings in what was changed since the last commit, the riskiest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from engine.cancel import CancelToken
from engine.lanes import Closed, Lane, Superseded
from lsp_server.background import in_thread
from lsp_server.documents import path_of
from lsp_server.envelope import Code
from lsp_server.findings.marks import Reading
from lsp_server.protocol import Refusal

if TYPE_CHECKING:
    from bug_finder.review import Span
    from lsp_server.server import Server
    from text.document import Document

KIND = "source.reviewChanges"
PATIENCE_S = 0.4
"""How long a menu that the user has opened waits for git."""


class Where(msgspec.Struct, frozen=True):
    """The argument of `tacit.reviewChanges`: a document, some of its lines, and what to compare with."""

    uri: str
    lines: tuple[int, int] | None = None
    """First and last, from 0; all where left out."""
    rev: str = "HEAD"


class Item(msgspec.Struct, frozen=True):
    """A finding; the line counts from 0."""

    line: int
    kind: str
    function: str
    message: str
    probability: float
    risk: float
    finding: str


class Outcome(msgspec.Struct, frozen=True):
    """What was found, the riskiest first; and how much more was hidden for which reason."""

    findings: list[Item]
    hidden: dict[str, int]
    reason: str = ""


async def review_actions(
    server: Server, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command]:
    """One, where the user asks for actions in a region that differs from the last commit."""
    uri = params.text_document.uri
    known = server.findings.known(uri)
    if known is None or params.context.trigger_kind is types.CodeActionTriggerKind.Automatic:
        return []
    lines = (params.range.start.line, params.range.end.line)
    if server.findings.unwanted(uri) or not uri.startswith("file:") or not known[0].language:
        return []
    asking = in_thread(lambda: _touched(uri, known[0], lines, "HEAD"))
    asking.add_done_callback(lambda future: future.cancelled() or future.exception())
    await asyncio.wait({asking}, timeout=PATIENCE_S)
    if not asking.done() or asking.exception() is not None or not asking.result():
        return []
    title = "Review what changed here for bugs"
    argument = msgspec.to_builtins(Where(uri, lines))
    run = types.Command(title, "tacit.reviewChanges", arguments=[argument])
    return [types.CodeAction(title, KIND, command=run)] if server.client.code_actions else [run]


async def review(server: Server, where: Where) -> Outcome:
    """Examine what the change touched, without a limit on how many are told. Raises Refusal."""
    known = server.findings.known(where.uri)
    if known is None or not where.uri.startswith("file:"):
        raise Refusal(Code.INVALID_PARAMS, "the document is not open, or is no file")
    if reason := server.findings.unwanted(where.uri):
        return Outcome([], {}, reason.value)
    document = known[0]
    from bug_finder.review_git import GitError

    try:
        spans = await in_thread(lambda: _touched(where.uri, document, where.lines, where.rev))
    except GitError as error:
        raise Refusal(Code.REQUEST_FAILED, f"What changed is not known: {error}.") from None
    workshop = await server.findings.workshop()
    if workshop is None:
        raise Refusal(Code.REQUEST_FAILED, "The bug finder could not be loaded; `tacit why` says more.")
    task = server.findings.task(where.uri, document)
    task = replace(task, changed=tuple(spans), wish=replace(task.wish, most=1000))

    def work(cancel: CancelToken) -> Reading:
        return workshop.read(task, cancel)

    job = server.lanes.submit(Lane.BUGS, ("review", where.uri), work)
    try:
        reading = await asyncio.wrap_future(job)
    except (CancelledError, Superseded, Closed):
        raise Refusal(Code.REQUEST_CANCELLED, "given up") from None
    return _outcome(reading, document, task.path)


def _outcome(reading: Reading, document: Document, path: str) -> Outcome:
    from bug_finder.risk import risk

    text = document.text
    items = [
        Item(
            document.position(each.finding.start).line,
            each.finding.kind,
            each.finding.function,
            each.message,
            round(each.finding.probability, 4),
            round(risk(each.finding, text, path), 4),
            each.fingerprint,
        )
        for each in reading.marks
    ]
    hidden = {reason.value: count for reason, count in reading.hidden.items()}
    ranked = sorted(items, key=lambda each: (-each.risk, each.line))
    return Outcome(ranked, hidden, reading.reason.value if reading.reason else "")


def _touched(uri: str, document: Document, lines: tuple[int, int] | None, rev: str) -> Sequence[Span]:
    """What of these lines is not as in the commit. Blocking: git is asked. Raises GitError."""
    from bug_finder.review import changed_spans
    from bug_finder.review_git import Tree
    from text.content import decoded

    path = Path(path_of(uri))
    tree = Tree(path.parent, rev)
    old = tree.file(path)
    text = document.text
    # Git may keep other line ends than the work tree has.
    before = "" if old is None else decoded(old).replace("\r\n", "\n").replace("\n", document.eol)
    spans = changed_spans(before, text)
    if lines is None:
        return spans
    return [
        (start, end)
        for start, end in spans
        if document.position(start).line <= lines[1]
        and lines[0] <= document.position(max(end - 1, start)).line
    ]
