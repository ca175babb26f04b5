"""What the model was asked, kept for `tacit replay` where the setting `trace.prompts` is on; else nothing.

    <state folder>/prompts/<id>.json    one `Kept` each, 0600 in 0700, the newest MOST

This is source text: the whole document, the prompt and the answer. What looks like a secret is dots in it,
and files that may hold secrets never get here. `tacit trace clear` removes it all.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import OrderedDict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from engine.paths import state_dir
from engine.storage import write_whole
from text.secrets import redacted

if TYPE_CHECKING:
    from completion.prompt import Prompt
    from completion.request import InlineRequest
    from engine.model import Generation, Tokenizer
    from lsp_server.config import Config
    from lsp_server.preparation import Ready
    from lsp_server.reports import Request

log = logging.getLogger("tacit.trace")

MOST = 50
LARGEST = 400_000
"""Characters of a document; larger ones are not kept."""


class Kept(msgspec.Struct, frozen=True):
    """One request that the model has worked on."""

    id: str  # of its `reports.Request` in the trace
    at: float
    path: str  # as the model is shown it
    language: str
    text: str
    offset: int
    model: str
    context: int
    prompt_version: str
    prompt: str  # what the model has read, its control tokens by their names
    written: str  # what it wrote
    shown: str = ""  # what the user saw of that
    reason: str = ""  # why nothing, as a code
    sentence: str = ""
    min_confidence: float | None = None
    max_lines: int = 12
    scopes_off: tuple[str, ...] = ()


class Prompts:
    """Takes what the model is asked, on its thread, and keeps it with what became of it, on the loop's."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[str, int], tuple[InlineRequest, Prompt, Generation]] = OrderedDict()
        self._lock = threading.Lock()

    def observe(self, request: InlineRequest, prompt: Prompt, generation: Generation) -> None:
        """For `InlineCompleter.observe`: the model has answered."""
        with self._lock:
            self._asked[request.document.uri, request.document.version] = request, prompt, generation
            while len(self._asked) > 8:
                self._asked.popitem(last=False)

    def keep(self, entry: Request, uri: str, shown: str, ready: Ready, config: Config) -> None:
        """Write down what was asked for this entry of the trace, if the model was asked at all."""
        with self._lock:
            asked = self._asked.pop((uri, entry.version), None)
        if asked is None:
            return
        request, prompt, generation = asked

        def work() -> None:
            text = request.document.text
            if len(text) > LARGEST:
                return
            kept = Kept(
                id=entry.id,
                at=time.time(),
                path=request.path or PurePosixPath(uri).name,
                language=request.document.language,
                text=redacted(text),
                offset=request.offset,
                model=ready.name,
                context=config.context,
                prompt_version=prompt.version,
                prompt=redacted(text_of(prompt, ready.model.tokenizer)),
                written=redacted(generation.text),
                shown=redacted(shown),
                reason=entry.reason,
                sentence=entry.sentence,
                min_confidence=config.min_confidence,
                max_lines=config.max_lines,
                scopes_off=config.scopes_off,
            )
            try:
                write(kept)
            except OSError as error:
                log.warning("a prompt could not be kept: %s", error.strerror)

        threading.Thread(target=work, name="tacit-prompts", daemon=True).start()


def text_of(prompt: Prompt, tokenizer: Tokenizer) -> str:
    """What a model reads, its control tokens by their names."""
    fim = tokenizer.fim
    marks = {}
    if fim is not None:
        named = {"prefix": fim.prefix, "suffix": fim.suffix, "middle": fim.middle, "file": fim.file}
        marks = {token: f"\n<{name}>\n".encode() for name, token in named.items() if token is not None}
    parts = (marks.get(token) or tokenizer.token_bytes(token) for token in prompt.tokens)
    return (b"".join(parts) + prompt.heal.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def folder() -> Path:
    """Where they are kept."""
    return state_dir() / "prompts"


def write(kept: Kept) -> None:
    """Keep one, and forget the oldest beyond MOST. Raises OSError."""
    write_whole(folder() / f"{kept.id}.json", msgspec.json.encode(kept), private=True)
    for path in _files()[:-MOST]:
        path.unlink(missing_ok=True)


def read_all() -> list[Kept]:
    """All that are kept, oldest first; what cannot be read is passed over."""
    found = []
    for path in _files():
        with contextlib.suppress(OSError, msgspec.DecodeError):
            found.append(msgspec.json.decode(path.read_bytes(), type=Kept))
    return sorted(found, key=lambda each: each.at)


def clear() -> int:
    """Remove them; how many there were."""
    files = _files()
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


def said() -> str:
    """What is kept and where, for the user."""
    return (
        f"The documents, prompts and answers of the last {MOST} suggestions are kept in {folder()}, because"
        " the setting `trace.prompts` is on. It is source text; `tacit trace clear` removes it."
    )


def _files() -> list[Path]:
    def age(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except OSError:
            return 0.0

    return sorted(folder().glob("*.json"), key=age)
