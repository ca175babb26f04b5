"""What the completer remembers of a document between two requests."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from completion.prompt import Excerpt, shared
from completion.window import Window
from text.document import Document
from text.edits import Edit
from text.matching import common_prefix, common_suffix
from text.syntax import Syntax, parse

_WINDOWS = 4
_VERSIONS = 64
_PROMPTS = 4
_CONTEXT = 32  # tokens by which the place of an output is known again


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion, and the document that it was made for."""

    document: Document
    edit: Edit
    confidence: float


@dataclass(slots=True)
class Memory:
    """One document's memory. Written by the thread that runs the model; `shown` may be read from others."""

    shown: Shown | None = None
    windows: tuple[Window, ...] = ()  # the newest first
    written: tuple[int, ...] = ()  # the end of the last prompt and what the model wrote there
    excerpts: tuple[Excerpt, ...] = ()  # that the model has read, or is reading
    small_windows: tuple[Window, ...] = ()  # of requests that had no time for a whole one
    _versions: deque[int] = field(default_factory=lambda: deque(maxlen=_VERSIONS))
    _prompts: deque[tuple[int, ...]] = field(default_factory=lambda: deque(maxlen=_PROMPTS))
    _parsed: tuple[str, Syntax | None] = ("", None)

    def keep_window(self, window: Window) -> None:
        """Put a window in front; the oldest are forgotten."""
        self.windows = (window, *(other for other in self.windows if other != window))[:_WINDOWS]

    def keep_version(self, text: str) -> None:
        """Remember that the document has had this text."""
        digest = hash(text)
        if not self._versions or self._versions[-1] != digest:
            self._versions.append(digest)

    def had_version(self, text: str) -> bool:
        """Return whether the document has had exactly this text not long ago."""
        return hash(text) in self._versions

    def keep_prompt(self, tokens: tuple[int, ...]) -> None:
        """Remember what the model has read."""
        if self._prompts and self._prompts[-1] == tokens[: len(self._prompts[-1])]:
            self._prompts.pop()
        self._prompts.append(tokens)

    def keep_written(self, prompt: tuple[int, ...], output: tuple[int, ...]) -> None:
        """Remember what the model wrote, and where."""
        if output:
            self.written = (*prompt[-_CONTEXT:], *output)

    def unread(self, tokens: tuple[int, ...]) -> int:
        """Return how many tokens of a prompt the model has probably not read: what answering will cost."""
        return len(tokens) - max((shared(tokens, read) for read in self._prompts), default=0)

    def syntax(self, document: Document) -> Syntax | None:
        """Return the document's tree, made from the previous one where there is one."""
        text, old = self._parsed
        if old is None or old.language != document.language:
            tree = parse(document.text, document.language)
        elif text == document.text:
            return old
        else:
            tree = parse(document.text, document.language, old, [_difference(text, document.text)])
        self._parsed = document.text, tree
        return tree


def _difference(old: str, new: str) -> Edit:
    head = common_prefix(old, new)
    tail = common_suffix(old, new, spare=head)
    return Edit(head, len(old) - tail, new[head : len(new) - tail])
