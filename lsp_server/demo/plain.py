"""The demo as lines of text: for pipes, logs, and terminals that cannot redraw."""

from __future__ import annotations

from typing import TextIO

from bench.editor import Editor
from lsp_server.applying.difference import unified
from lsp_server.demo.captions import caption
from lsp_server.demo.moment import Moment
from text.edits import apply


class Plain:
    """Prints each suggestion that is taken, and what was typed before it; and what comes after, whole."""

    def __init__(self, out: TextIO, editor: Editor) -> None:
        self._out = out
        self._editor = editor
        self._typed = ""

    def show(self, moment: Moment) -> None:
        """Print what became complete with `moment`."""
        if moment.kind == "key":
            self._key(moment)
            return
        self._flush()
        if moment.kind == "act":
            self._print(f"\n== {moment.text}")
        elif moment.kind == "step":
            self._print(f"\n{self._editor.name}: {moment.text}")
        elif moment.kind == "tab":
            self._print("   Tab  " + _indented(moment.text))
        elif moment.kind == "jump":
            self._print(f"   Tab  jumps to {moment.text}")
        elif moment.kind == "made":
            self._print("   Tab  made")
        elif moment.kind == "found":
            self._print(f"\n? {moment.text}\n        {caption(moment).strip()}")
        elif said := caption(moment):
            self._print(f"        {said.strip()}")
        self._details(moment)

    def close(self) -> None:
        """Print what is left."""
        self._flush()

    def _key(self, moment: Moment) -> None:
        self._typed += moment.text
        if moment.wanted:
            self._flush()
            how = "no model call" if moment.typed_through else "from the model"
            self._print(f"        {moment.ms:.0f} ms, {how}:")

    def _details(self, moment: Moment) -> None:
        if moment.kind == "sketch":
            self._print("      | " + moment.text.strip("\n").replace("\n", "\n      | "))
        elif moment.kind == "refused":
            self._print(f"        {moment.text}")
        elif moment.kind in ("next", "exact"):
            for line in _difference(self._editor, moment):
                self._print(f"        {line}")
        for hit in moment.hits:
            self._print(f"        {hit.path}:{hit.line}  {hit.name}")

    def _flush(self) -> None:
        if self._typed:
            self._print("  typed " + _indented(self._typed))
        self._typed = ""

    def _print(self, text: str) -> None:
        print(text, file=self._out, flush=True)


def _indented(text: str) -> str:
    return text.rstrip("\n").replace("\n", "\n        ")


def _difference(editor: Editor, moment: Moment) -> list[str]:
    """The lines that change, as they are and as they would be, without what stands around them."""
    text = editor.document.text
    lines = unified(editor.name, text, apply(text, moment.edits)).splitlines()
    return [line for line in lines[2:] if line[0] != " "]
