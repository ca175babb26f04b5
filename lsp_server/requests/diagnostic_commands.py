"""The commands around findings: why there is one, dismissing it and back, reviewing a change, a scan."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types

from bug_finder import words
from lsp_server.background import in_thread
from lsp_server.envelope import Code
from lsp_server.findings import review as reviewing
from lsp_server.findings.actions import find
from lsp_server.findings.marks import Mark
from lsp_server.findings.scan import Outcome, folders_of
from lsp_server.findings.wire import Which
from lsp_server.protocol import Refusal, argument

if TYPE_CHECKING:
    from bug_finder.dismissed import Dismissed
    from lsp_server.server import Server


class Explanation(msgspec.Struct, frozen=True):
    """Why a finding is shown, and how it is silenced."""

    kind: str
    function: str
    probability: float
    precision: float
    message: str
    sentence: str


def why(server: Server, arguments: Sequence[Any]) -> Explanation:
    """Say what a finding is drawn from."""
    mark = _mark(server, argument(arguments, Which))
    finding, wanted = mark.finding, server.config.bugs_precision
    sentence = (
        f"{mark.message} Of findings this sure, about {round(10 * finding.probability)} in 10 are right;"
        f" you asked for {wanted:.0%}. It is of the kind {words.kind(finding)!r}, in"
        f" {finding.function or 'a function without a name'}. A comment `tacit: ignore[{finding.kind}]` on"
        " the line silences it; dismissing does so in this project, wherever the code goes."
    )
    server.show(types.MessageType.Info, f"Tacit: {sentence}")
    return Explanation(
        finding.kind, finding.function, round(finding.probability, 4), wanted, mark.message, sentence
    )


async def dismiss(server: Server, arguments: Sequence[Any]) -> None:
    """Never show a finding again in this project, wherever its code goes."""
    asked = argument(arguments, Which)
    mark = _mark(server, asked)
    await _record(server, asked.uri, lambda record: record.add(mark.fingerprint))
    server.findings.rechoose()


async def undo_dismiss(server: Server, arguments: Sequence[Any]) -> bool:
    """Take back the dismissal of a finding, or else the last one of the project; whether there was one."""
    asked = argument(arguments, Which) if arguments else Which(uri=server.findings.latest)
    done = await _record(server, asked.uri, lambda record: record.undo(asked.finding or None))
    if done:
        server.findings.rechoose()
    else:
        server.show(types.MessageType.Info, "Tacit: nothing is dismissed in this project.")
    return bool(done)


async def review(server: Server, arguments: Sequence[Any]) -> reviewing.Outcome:
    """Find bugs in what was changed since a commit, and tell the riskiest."""
    outcome = await reviewing.review(server, argument(arguments, reviewing.Where))
    told = [f"line {each.line + 1}: {each.message}" for each in outcome.findings[:3]]
    more = len(outcome.findings) - len(told)
    said = (
        " ".join([*told, *([f"And {more} more."] if more else [])]) or "nothing in what changed looks wrong."
    )
    server.show(types.MessageType.Info, f"Tacit: {said}")
    return outcome


async def scan(server: Server, arguments: Sequence[Any]) -> Outcome:
    """Look for bugs in the whole workspace, or in a folder of it."""
    folder = arguments[0] if arguments else None
    if folder is not None and not isinstance(folder, str):
        raise Refusal(Code.INVALID_PARAMS, "the argument is a folder's path or URI")
    outcome = await server.findings.scanner.scan(folders_of(server, folder))
    ended = "given up after" if outcome.cancelled else "done:"
    server.show(
        types.MessageType.Info,
        f"Tacit: {ended} {outcome.files} files, {outcome.functions} functions, {outcome.findings} findings.",
    )
    return outcome


def _mark(server: Server, asked: Which) -> Mark:
    known = server.findings.known(asked.uri)
    mark = known and find(known[1], known[0], asked)
    if mark is None:
        raise Refusal(Code.CONTENT_MODIFIED, "This finding no longer stands.")
    return mark


async def _record(server: Server, uri: str, do: Any) -> Any:
    """Do something to the record of the document's project, off the loop thread."""
    workshop = await server.findings.workshop()

    def work() -> Any:
        from bug_finder.dismissed import project_of

        record: Dismissed | None = None
        if workshop is not None:
            record = workshop.dismissed(project_of(server.findings.project(uri)))
        if record is None:
            raise Refusal(Code.REQUEST_FAILED, "The record of what was dismissed cannot be written.")
        try:
            return do(record)
        except sqlite3.Error as error:
            raise Refusal(
                Code.REQUEST_FAILED, f"The record of what was dismissed cannot be written: {error}."
            ) from error

    return await in_thread(work)
