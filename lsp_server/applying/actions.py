"""What the code action menu offers for sketches: titles and data only, which are resolved when chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types

from engine.cancel import NEVER
from lsp_server.applying.params import ApplyParams
from lsp_server.applying.work import desk_of
from lsp_server.background import in_thread

if TYPE_CHECKING:
    from lsp_server.applying.files import Desk
    from lsp_server.server import Server

FENCES = ("```", "~~~")
DIFFS = ("diff", "patch")
"""Language ids of documents that are sketches as they are, such as previews."""

PATIENCE_S = 0.4
"""How long a menu that the user has opened waits to know the parts of a change."""

CHOICES = 3
"""The most files that a sketch which names none is offered for."""

Offer = tuple[str, ApplyParams]
"""A title, and what is to be applied."""


async def sketch_actions(
    server: Server, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command]:
    """What can be done with the sketch at the cursor, or with those that the selection touches."""
    uri = params.text_document.uri
    snapshot = server.documents.get(uri)
    if snapshot is None:
        return []
    text = snapshot.document.text
    if server.documents.language_id(uri) not in DIFFS and not any(fence in text for fence in FENCES):
        return []
    asked = ApplyParams(
        document=uri,
        version=snapshot.document.version,
        lines=(params.range.start.line, params.range.end.line),
    )
    desk = desk_of(server, asked)
    invoked = params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic
    offers = await in_thread(lambda: _offers(desk, text, asked, search=invoked))
    if len(offers) == 1 and invoked:
        chosen = offers[0][1]
        offers += await _parts(desk, text, chosen)
        offers += await in_thread(lambda: _everything(desk, text, chosen))
    return [*_present(server, offers)]


def _offers(desk: Desk, text: str, asked: ApplyParams, *, search: bool) -> list[Offer]:
    """Blocking: it looks for the files."""
    from lsp_server.applying.plan import targets
    from lsp_server.applying.sketches import NoSketchError, hunks_at, in_fences, is_bare_diff, sketches

    try:
        if is_bare_diff(text):
            asked = msgspec.structs.replace(asked, lines=asked.lines and hunks_at(text, *asked.lines))
            chosen = sketches(text, asked.lines)
        else:
            chosen = in_fences(text, asked.lines)
    except NoSketchError:
        return []
    found = targets(desk, chosen, search=search)
    if found.objections:
        # One sketch that may be of several files: the user knows which.
        several = found.choices[:CHOICES] if len(chosen) == 1 else []
        return [(_title(desk, [uri]), msgspec.structs.replace(asked, uri=uri)) for uri in several]
    return [(_title(desk, list(found.files)), asked)]


def _everything(desk: Desk, text: str, asked: ApplyParams) -> list[Offer]:
    """All sketches of the document, where there are more than those that were asked for."""
    from lsp_server.applying.plan import targets
    from lsp_server.applying.sketches import sketches

    all_of_them = sketches(text)
    found = targets(desk, all_of_them)
    if found.objections or all_of_them == sketches(text, asked.lines):
        return []
    names = ", ".join(map(desk.name, found.files))
    count = len(all_of_them)
    what = f"all {count} sketches of this document" if count > 1 else "all of this document"
    return [(f"Apply {what} to {names}", msgspec.structs.replace(asked, lines=None))]


async def _parts(desk: Desk, text: str, asked: ApplyParams) -> list[Offer]:
    """Each part of the change, where it has several and they are known soon."""

    def work() -> list[Offer]:
        from lsp_server.applying.plan import make_plan

        plan = make_plan(desk, text, asked, NEVER)
        labels = [(change.file.name, hunk.label) for change in plan.changes for hunk in change.hunks]
        if plan.objections or len(labels) < 2:
            return []
        return [
            (
                f"Apply only {label} of {name} (part {number + 1} of {len(labels)})",
                msgspec.structs.replace(asked, hunk=number, digest=plan.digest),
            )
            for number, (name, label) in enumerate(labels)
        ]

    done = in_thread(work)
    done.add_done_callback(lambda future: future.cancelled() or future.exception())
    await asyncio.wait({done}, timeout=PATIENCE_S)
    return done.result() if done.done() else []


def _title(desk: Desk, uris: Sequence[str]) -> str:
    sketch = "this sketch" if len(uris) == 1 else "these sketches"
    return f"Apply {sketch} to {', '.join(map(desk.name, uris))}"


def _present(server: Server, offers: Sequence[Offer]) -> Iterator[types.CodeAction | types.Command]:
    client = server.client
    for title, asked in offers:
        yield _action(server, title, "tacit.apply", asked, lazy=client.resolves_edits)
    for title, asked in offers:
        if asked.hunk is None:
            tail = title.removeprefix("Apply ").replace(" to ", " on ")
            if client.change_annotations and client.resolves_edits:
                review = msgspec.structs.replace(asked, review=True)
                yield _action(server, f"Review {tail}", "tacit.apply", review, lazy=True)
            yield _action(server, f"Preview {tail}", "tacit.previewApply", asked, lazy=False)


def _action(
    server: Server, title: str, command: str, asked: ApplyParams, *, lazy: bool
) -> types.CodeAction | types.Command:
    """An action that is resolved later, or else the command that does the same."""
    data: dict[str, Any] = msgspec.to_builtins(asked)
    run = types.Command(title, command, arguments=[data])
    if not server.client.code_actions:
        return run
    kind = types.CodeActionKind.RefactorRewrite
    return types.CodeAction(title, kind, data=data) if lazy else types.CodeAction(title, kind, command=run)
