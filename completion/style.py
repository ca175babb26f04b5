"""Line endings and indentation: plain ones for the model, the document's own for the document."""

from __future__ import annotations

from text.style import Style

_BYTE_ORDER_MARK = "\ufeff"
_MODEL_INDENT = "    "  # what a model writes for one level where it does not see the file's tabs


def in_prompt(text: str) -> str:
    """Return document text as models know it: `\\n` line ends, no byte order mark."""
    return text.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")


def in_style(body: str, style: Style) -> str:
    """Return a model's text with the document's indentation and line ending."""
    first, *others = body.replace("\r", "").split("\n")
    return style.eol.join(
        [first.rstrip() if others else first, *(_indented(line, style.indent) for line in others)]
    )


def _indented(line: str, unit: str) -> str:
    code = line.lstrip(" \t")
    blanks = line[: len(line) - len(code)]
    if not code:
        return ""
    blanks = blanks.replace(_MODEL_INDENT, "\t") if unit == "\t" else blanks.replace("\t", unit)
    return blanks + code.rstrip()
