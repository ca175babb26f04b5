"""The replay as lines of text: for pipes, logs, and terminals that cannot redraw."""

from __future__ import annotations

from typing import TextIO

from bench.editor import Editor
from lsp_server.demo.player import Moment


class Plain:
    """Prints each suggestion that is taken, and what was typed before it."""

    def __init__(self, out: TextIO, editor: Editor) -> None:
        self._out = out
        self._editor = editor
        self._typed = ""

    def show(self, moment: Moment) -> None:
        """Print what became complete with `moment`."""
        if moment.kind == "step":
            self._flush()
            print(f"\n{self._editor.name}: {moment.text}", file=self._out)
        elif moment.kind == "tab":
            print("   Tab  " + _indented(moment.text), file=self._out, flush=True)
        else:
            self._typed += moment.text
            if moment.wanted:
                self._flush()
                how = "no model call" if moment.typed_through else "from the model"
                print(f"        {moment.ms:.0f} ms, {how}:", file=self._out)

    def close(self) -> None:
        """Print what is left."""
        self._flush()

    def _flush(self) -> None:
        if self._typed:
            print("  typed " + _indented(self._typed), file=self._out)
        self._typed = ""


def _indented(text: str) -> str:
    return text.rstrip("\n").replace("\n", "\n        ")
