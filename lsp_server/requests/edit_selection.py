"""The command `tacit.editSelection`: an instruction, carried out by the endpoint that the settings name.

Off unless they do. What comes back is a sketch like any other: located, verified, and applied or refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.cancel import CancelToken
from lsp_server.applying.params import ApplyParams
from lsp_server.applying.work import off_the_loop
from lsp_server.documents import path_of
from lsp_server.envelope import Code
from lsp_server.private import is_private
from lsp_server.protocol import Refusal, argument
from lsp_server.requests import apply

if TYPE_CHECKING:
    from lsp_server.server import Server
    from text.document import Document

AROUND: Final = 60  # lines before and after the selection that the endpoint sees
MAX_TOKENS: Final = 4096


class Params(msgspec.Struct, frozen=True):
    """What is to be done, in words, with which lines of an open document; at `version`, if that is given."""

    uri: str
    lines: tuple[int, int]
    instruction: str
    version: int | None = None
    review: bool = False


async def handle(server: Server, arguments: Sequence[Any]) -> apply.Outcome:
    """Ask the endpoint and have the editor make its change, in one edit."""
    try:
        params = argument(arguments, Params)
        sketch = await _sketch(server, params)
    except Refusal as error:
        apply.tell(server, error)
        raise
    asked = ApplyParams(sketch=sketch, uri=params.uri, review=params.review)
    return await apply.handle(server, [msgspec.to_builtins(asked)])


async def _sketch(server: Server, params: Params) -> str:
    """What the endpoint answers. Raises Refusal where nobody may or can be asked, or the text has changed."""
    config = server.config
    if not config.endpoint or not config.endpoint_model:
        raise Refusal(
            Code.REQUEST_FAILED,
            "No endpoint is set: this needs the settings `endpoint` and `endpointModel`.",
        )
    snapshot = server.documents.get(params.uri)
    if snapshot is None:
        raise Refusal(Code.INVALID_PARAMS, "the document is not open")
    document = snapshot.document
    if params.version is not None and params.version != document.version:
        raise Refusal(Code.CONTENT_MODIFIED, "The document has changed since the selection was made.")
    path = path_of(params.uri)
    if is_private(path, config.files_off):
        raise Refusal(Code.REQUEST_FAILED, "The file may hold secrets, or the settings exclude it.")

    def work(cancel: CancelToken) -> str:
        from engine.remote.chat import chat
        from engine.remote.exchange import EndpointError
        from lsp_server.endpoint import of_instructions

        messages = _messages(document, path, params)
        try:
            endpoint = of_instructions(config)
            assert endpoint is not None
            return chat(endpoint, messages, max_tokens=MAX_TOKENS, cancel=cancel)
        except EndpointError as error:
            raise Refusal(Code.REQUEST_FAILED, f"The endpoint {config.endpoint}: {error}.") from None

    sketch = await off_the_loop(server, f"Tacit: asking {config.endpoint_model}", work)
    now = server.documents.get(params.uri)
    if now is None or now.document is not document:
        raise Refusal(Code.CONTENT_MODIFIED, "The document has changed meanwhile; try again.")
    return sketch


def _messages(document: Document, path: str, params: Params) -> list[dict[str, str]]:
    """The prompt. Raises Refusal where its code holds a secret: that leaves this machine for nobody."""
    from apply.prompt_edit_v1 import EditInputs, build
    from text.lines import split_lines
    from text.secrets import secrets

    lines = split_lines(document.text)
    first, last = sorted(max(0, min(each, len(lines) - 1)) for each in params.lines)
    parts = (
        lines[max(0, first - AROUND) : first],
        lines[first : last + 1],
        lines[last + 1 : last + 1 + AROUND],
    )
    above, selected, below = ("".join(part) for part in parts)
    if any(secrets(above + selected + below)):
        raise Refusal(Code.REQUEST_FAILED, "There is a secret near the selection: it is not sent anywhere.")
    name = path.replace("\\", "/").rpartition("/")[2]
    return build(EditInputs(name, document.language, above, selected, below, params.instruction))
