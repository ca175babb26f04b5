"""Bytes, units and line ends of the files that a sketch changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lsp_server.applying import BOTH, EDITOR, SHAPES, TWO_PARTS, Editor, fence, started
from tests.lsp_server.connection import Connection


@pytest.mark.parametrize("encode", [str.encode, lambda text: b"\xef\xbb\xbf" + text.encode()])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_files_on_disk_keep_their_bytes(editor: Editor, ending: str, encode: Any) -> None:
    old = ('NAME = "é𝒳👩‍👧"  # \u2028 \f\n' + SHAPES).replace("\n", ending)
    target = editor.write("shapes.py", encode(old)).as_uri()
    first = 'NAME = "é𝒳👩‍👧"  # \u2028 \f\n'
    editor.command("tacit.apply", sketch=fence(TWO_PARTS))
    assert editor.texts[target] == (first + BOTH).replace("\n", ending)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_positions_are_in_the_units_that_were_agreed_on(
    encoding: str, connection: Connection, tmp_path: Path
) -> None:
    editor = started(connection, tmp_path, {**EDITOR, "general": {"positionEncodings": [encoding]}})
    old = SHAPES.replace("width * height\n", 'width * height  # "é𝒳👩‍👧"\n')
    target = editor.open("shapes.py", old)
    sketch = TWO_PARTS.replace("abs(width * height)", 'width * height  # "é𝒳👩‍👧", not abs')
    editor.command("tacit.apply", sketch=fence(sketch))
    assert editor.texts[target] == old.replace('👧"\n', '👧", not abs\n').replace(
        "width * height * depth\n", "abs(width * height * depth)\n"
    )
