"""A person types in Neovim: ghost text of the real model appears, Tab takes it, `u` gives it back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from lsp_server import reports, tell
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
# Neovim indents by itself, so what is typed here starts each line at its first character.
TYPED = "def surface(width, height, depth):\nreturn 2 * (width * hei"
FOLD = "def {name}(x):\n    result = x * {factor}\n    print(result)\n    return result\n\n"
FOLDS = [FOLD.format(name=name, factor=n) for n, name in enumerate(("double", "triple", "fourfold"), start=2)]

# Everything that makes offsets differ: characters of one to four bytes and of one and two UTF-16 units, tabs,
# a form feed and a line separator (neither ends a line), and CRLF.
HARD = (
    PLAIN.replace("    return", "\treturn")
    .replace("\n\n\ndef volume", '\n\n\f\nNAME = "é 𝒳 👩‍👩‍👧 \u2028"  # 🎉\n\ndef volume')
    .replace("\n", "\r\n")
)


@dataclass
class Session:
    """Neovim at the end of a file, in insert mode, with the server's model loaded."""

    nvim: Nvim
    file: Path
    keep_screen: Callable[[str], object]
    """Keeps what a person would see now, under the name of the moment, where `--screens` asks for it."""

    def why(self) -> str:
        """What became of the last requests."""
        return "; ".join(tell.request(each) for report in reports.read_all() for each in report.requests[-9:])


@pytest.fixture(params=[PLAIN, HARD], ids=["plain", "hard"])
def session(
    request: pytest.FixtureRequest,
    launcher: Path,
    variables: Mapping[str, str],
    screens: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Session]:
    monkeypatch.setenv("TACIT_STATE_DIR", variables["TACIT_STATE_DIR"])  # where the server reports to
    folder = tmp_path_factory.mktemp("e")
    file, socket_path = folder / "shapes.py", folder / "nvim"
    file.write_bytes(request.param.encode())

    def keep_screen(moment: str) -> None:
        if screens:
            path = screens / f"nvim-{request.node.callspec.id}-{moment}.txt"
            path.write_text(capture(launcher, socket_path, variables) + "\n")

    with Nvim(launcher, file, variables, socket_path) as nvim:
        wait_for(lambda: [r for r in reports.read_all() if r.model.phase == "ready"], "the model", seconds=60)
        nvim.press("Go")
        yield Session(nvim, file, keep_screen)


def type_until_ghost(session: Session, text: str = TYPED, lines: int = 1) -> GhostText:
    """Type the beginning of a function whose end is plain from the ones above, and wait for so many `lines`.

    On a busy machine ghost text may come too late, or with one line only: then a key makes Neovim ask again.
    """

    def shown() -> GhostText | None:
        ghost = session.nvim.ghost_text()
        return ghost if ghost and len(ghost.lines) >= lines else None

    session.nvim.type(text)
    for _ in range(10):
        with contextlib.suppress(AssertionError):
            return wait_for(shown, "ghost text", seconds=3)
        session.nvim.press("<Space><BS>")
    raise AssertionError(f"no ghost text; {session.why()}")


def with_ghost_text(lines: list[str], ghost: GhostText) -> list[str]:
    """The buffer's lines once what is shown has been inserted."""
    line = lines[ghost.row].encode()
    new = [line[: ghost.column].decode() + ghost.lines[0], *ghost.lines[1:]]
    new[-1] += line[ghost.column :].decode()
    return lines[: ghost.row] + new + lines[ghost.row + 1 :]


def test_ghost_text_is_shown_accepted_and_undone(session: Session) -> None:
    nvim, file = session.nvim, session.file
    ghost = type_until_ghost(session)
    session.keep_screen("shown")
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


def test_a_suggestion_of_several_lines(session: Session) -> None:
    """Each line arrives without the line end of the file, which is Neovim's to write."""
    nvim = session.nvim
    nvim.press("<Esc>")
    wait_for(lambda: nvim.call("nvim_get_mode")["mode"] == "n", "normal mode")
    nvim.call("nvim_buf_set_lines", 0, 0, -1, True, "".join(FOLDS).splitlines())
    nvim.press("Go")
    ghost = type_until_ghost(session, "def fivefold(x):\n", lines=3)
    assert not any("^M" in line or "\r" in line for line in ghost.lines)
    expected = with_ghost_text(nvim.lines(), ghost)
    session.keep_screen("several-lines")
    nvim.press("<Tab>")
    wait_for(lambda: nvim.lines() == expected, "the suggestion in the buffer")


def test_a_suggestion_that_was_partly_typed_is_not_doubled(session: Session) -> None:
    nvim = session.nvim
    ghost = type_until_ghost(session)
    expected = with_ghost_text(nvim.lines(), ghost)
    typed = ghost.lines[0][:2]
    nvim.press(typed.replace("<", "<LT>"))
    wait_for(lambda: nvim.cursor() == (ghost.row, ghost.column + len(typed.encode())), "the keys")
    nvim.press("<Tab>")
    wait_for(lambda: nvim.ghost_text() is None, "an accepted suggestion")
    assert nvim.lines() == expected


def test_the_server_keeps_track_of_the_text(session: Session) -> None:
    """After edits of every kind the server's copy is still the editor's: else it would be silent for good."""
    nvim = session.nvim
    nvim.press("<Esc>gg2ddp:%s/width/wide 🎉/g<CR>uGo")
    type_until_ghost(session)
    assert "no longer fit" not in session.why()
