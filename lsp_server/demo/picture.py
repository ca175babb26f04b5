"""What stands in the demo's panel: code with ghost text, with a change, or the answers to a question."""

from __future__ import annotations

from collections.abc import Sequence

from rich.syntax import Syntax
from rich.text import Text

from lsp_server.demo.moment import Hit
from text.document import Document
from text.edits import Edit, apply, diff
from text.languages import language_of

THEME = "ansi_dark"  # The terminal's own colours.
GONE = "red strike"
NEW = "green"
DONE = "bold green"
GHOST = "dim italic"


def code(document: Document, cursor: int, ghost: str = "", written: int = 0) -> Text:
    """The text with the cursor, or the ghost text, where it is; the `written` characters before are new."""
    text = highlighted(document.text, document.language)
    shown = text[:cursor]
    shown.stylize(DONE, cursor - written, cursor)
    shown.append(ghost, style=GHOST)
    shown.append("▏" if not ghost else "", style="blink")
    shown.append_text(text[cursor:])
    return shown


def change(document: Document, edits: Sequence[Edit]) -> Text:
    """The text with what the edits take away struck through, and what they bring after it."""
    text = highlighted(document.text, document.language)
    shown, done = Text(), 0
    for edit in _readable(document.text, edits):
        shown.append_text(text[done : edit.start])
        shown.append(document.slice(edit.start, edit.end), style=GONE)
        shown.append(edit.new, style=NEW)
        done = edit.end
    shown.append_text(text[done:])
    return shown


def sketch(text: str, language: str, refused: str = "") -> Text:
    """A sketch, and below it why it was refused."""
    shown = highlighted(text, language)
    if refused:
        shown.append("\nRefused. ", style="bold red")
        shown.append(refused)
        shown.append("\nThe file is as it was.")
    return shown


def _readable(text: str, edits: Sequence[Edit]) -> Sequence[Edit]:
    """The same change in pieces that leave alone what stays; edits within a line are that already."""
    if any("\n" in text[edit.start : edit.end] for edit in edits):
        return diff(text, apply(text, edits))
    return edits


def answers(question: str, hits: Sequence[Hit]) -> Text:
    """The question, and under it where its answers are."""
    shown = Text.assemble(("? ", "bold cyan"), (question, "bold"), "\n")
    for hit in hits:
        gap = "\n" if hit is hits[0] else "\n\n"
        shown.append(f"{gap}{hit.path}:{hit.line}", style="bold")
        shown.append(f"  {hit.name}\n", style="cyan")
        lines = hit.snippet.splitlines()[:3]
        code = "\n".join(f"    {line}" for line in lines)
        shown.append_text(highlighted(code, language_of(path=hit.path)))
    if not hits:
        shown.append("\nNothing was found.")
    return shown


def highlighted(text: str, language: str) -> Text:
    """Code in colours."""
    shown = Syntax("", language, theme=THEME, background_color="default").highlight(text)
    shown.rstrip()
    return shown if not text.endswith("\n") else shown + "\n"


def window(picture: Text, line: int, height: int) -> Text:
    """The `height` lines of a picture around `line`, filled up where there are fewer."""
    picture.expand_tabs(4)
    lines = picture.split("\n", allow_blank=True)
    top = max(0, min(line - height * 2 // 3, len(lines) - height))
    shown = list(lines[top : top + height])
    text = Text("\n").join([*shown, *[Text()] * (height - len(shown))])
    text.no_wrap = True
    return text
