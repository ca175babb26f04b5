"""A person types in Neovim: ghost text of the real model appears, Tab takes it, `u` gives it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.nvim import GhostText, Nvim, wait_for
from tests.e2e.screen import capture

pytestmark = [pytest.mark.editor, pytest.mark.model, pytest.mark.slow]

PLAIN = """\
def area(width, height):
    return width * height


def perimeter(width, height):
    return 2 * (width + height)


def volume(width, height, depth):
    return width * height * depth


"""
TYPED = "def surface(width, height, depth):\n    return 2 * (width * hei"

# Everything that makes offsets differ: characters of one to four bytes and of one and two UTF-16 units, tabs,
# a form feed and a line separator (neither ends a line), and CRLF.
HARD = (
    PLAIN.replace("    return", "\treturn")
    .replace("\n\n\ndef volume", '\n\n\f\nNAME = "é 𝒳 👩‍👩‍👧 \u2028"  # 🎉\n\ndef volume')
    .replace("\n", "\r\n")
)


class Session(NamedTuple):
    nvim: Nvim
    file: Path
    capture: Callable[[str], None]
    """Keeps what a person would see now, under the name of the moment."""


@pytest.fixture(params=[PLAIN, HARD], ids=["plain", "hard"])
def session(
    request: pytest.FixtureRequest,
    launcher: Path,
    variables: Mapping[str, str],
    socket_path: Path,
    screens: Path,
    tmp_path: Path,
) -> Iterator[Session]:
    """Neovim on a file, at its end, in insert mode, with the server's model loaded."""
    file = tmp_path / "shapes.py"
    file.write_bytes(request.param.encode())
    with Nvim(launcher, file, variables, socket_path) as nvim:
        wait_for(
            lambda: nvim.lua("local c = vim.lsp.get_clients()[1]; return c and c.initialized"), "the server"
        )
        nvim.press("Go")

        def keep(moment: str) -> None:
            screen = capture(launcher, socket_path, variables)
            (screens / f"nvim-{request.param_index}-{moment}.txt").write_text(screen + "\n")

        yield Session(nvim, file, keep)


def type_until_ghost(nvim: Nvim) -> GhostText:
    """Type the beginning of a function whose end is plain from the ones above."""
    nvim.type(TYPED.partition("\n")[0] + "\n")
    nvim.type(TYPED.partition("\n")[2].lstrip())  # Neovim indents by itself
    return wait_for(nvim.ghost_text, "ghost text", seconds=60)


def with_ghost_text(lines: list[str], ghost: GhostText) -> list[str]:
    """The buffer's lines once what is shown has been inserted."""
    line = lines[ghost.row].encode()
    new = [line[: ghost.column].decode() + ghost.lines[0], *ghost.lines[1:]]
    new[-1] += line[ghost.column :].decode()
    return lines[: ghost.row] + new + lines[ghost.row + 1 :]


def test_ghost_text_is_shown_accepted_and_undone(session: Session) -> None:
    nvim, file = session.nvim, session.file
    ghost = type_until_ghost(nvim)
    session.capture("shown")
    before = nvim.lines()
    assert (ghost.row, ghost.column) == nvim.cursor()
    assert "".join(ghost.lines).strip()
    expected = with_ghost_text(before, ghost)

    nvim.press("<Tab>")
    wait_for(lambda: nvim.lines() != before, "the suggestion in the buffer")
    assert nvim.lines() == expected
    assert not any("\r" in line for line in nvim.lines())

    nvim.press("<Esc>u")
    wait_for(lambda: nvim.lines() == before, "the state before the suggestion")
    nvim.press("<C-r>")
    wait_for(lambda: nvim.lines() == expected, "the suggestion again")

    newline = nvim.lua("return vim.bo.fileformat == 'dos' and '\\r\\n' or '\\n'")
    nvim.call("nvim_command", "write")
    assert file.read_bytes().decode() == "".join(line + newline for line in expected)


def test_a_suggestion_that_was_partly_typed_is_not_doubled(session: Session) -> None:
    nvim = session.nvim
    ghost = type_until_ghost(nvim)
    expected = with_ghost_text(nvim.lines(), ghost)
    typed = ghost.lines[0][:2]
    nvim.press(typed.replace("<", "<LT>"))
    wait_for(lambda: nvim.cursor() == (ghost.row, ghost.column + len(typed.encode())), "the keys")
    nvim.press("<Tab>")
    wait_for(lambda: nvim.ghost_text() is None, "an accepted suggestion")
    assert nvim.lines() == expected


def test_the_server_has_the_editors_text(session: Session, variables: Mapping[str, str]) -> None:
    """Edits of every kind, then a look at the server's records: it never lost track of the document."""
    nvim = session.nvim
    type_until_ghost(nvim)
    nvim.press("<Esc>gg2ddp:%s/width/wide 🎉/g<CR>uGo")
    nvim.type("x = (")
    nvim.press("<Esc>")
    report = wait_for(lambda: servers(variables), "the server's report")
    assert nvim.lua("return #vim.lsp.get_clients()") == 1
    assert "LOST" not in json.dumps(report).upper()


def servers(variables: Mapping[str, str]) -> list[object]:
    """What running servers say about themselves."""
    folder = Path(variables["TACIT_STATE_DIR"]) / "servers"
    return [json.loads(path.read_text()) for path in folder.glob("*.json")]
