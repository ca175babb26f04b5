"""A sketch in a Markdown buffer of Neovim: a person looks at the difference, takes a part, undoes it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import user_without_model
from tests.e2e.nvim import Nvim, wait_for
from tests.lsp_server.applying import BOTH, FIRST, IN_THE_SKETCH, NOTES, SHAPES, TWO_PARTS

pytestmark = [pytest.mark.editor, pytest.mark.slow]

# Bytes that make offsets differ: a byte order mark, wide characters, what is no line end, and CRLF.
HARD = '\ufeffNAME = "é 𝒳 👩‍👩‍👧"  # \u2028 \f\n'


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, launcher: Path) -> Mapping[str, str]:
    """A user with an empty home who has run `tacit setup nvim --write`. No model: none is needed."""
    home = tmp_path_factory.mktemp("home")
    variables = user_without_model(home)
    command = [sys.executable, "-m", "tacit", "setup", "nvim", "--write"]
    subprocess.run(command, env=variables, cwd=home, check=True)
    return variables


@pytest.fixture(params=["plain", "hard"])
def workspace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("w")
    (folder / ".git").mkdir()
    (folder / "notes.md").write_text(NOTES)
    text = SHAPES if request.param == "plain" else (HARD + SHAPES).replace("\n", "\r\n")
    (folder / "shapes.py").write_bytes(text.encode())
    return folder


@pytest.fixture
def nvim(launcher: Path, workspace: Path, environment: Mapping[str, str]) -> Iterator[Nvim]:
    with Nvim(launcher, workspace / "notes.md", environment, workspace / "s") as nvim:
        attached = (
            "local c = vim.lsp.get_clients({ bufnr = 0, name = 'tacit' })[1] return c and c.initialized"
        )
        wait_for(lambda: nvim.lua(attached), "the server", seconds=30)
        nvim.call("nvim_win_set_cursor", 0, [IN_THE_SKETCH, 0])
        yield nvim


def lines_of(nvim: Nvim, name: str) -> list[str]:
    """A loaded buffer; empty where there is none."""
    code = """
    local buffer = vim.fn.bufnr(...)
    local loaded = buffer >= 0 and vim.fn.bufloaded(buffer) == 1
    return loaded and vim.api.nvim_buf_get_lines(buffer, 0, -1, true) or {}
    """
    found: list[str] = nvim.lua(code, name)
    return found


def choose(nvim: Nvim, title: str) -> None:
    """Pick the one entry of the code action menu that holds `title`, once it is there.

    On a busy machine, or before the server has imported what it needs, parts may be missing from the menu.
    """
    menu = """
    local client = vim.lsp.get_clients({ name = 'tacit' })[1]
    local params = vim.lsp.util.make_range_params(0, 'utf-16')
    params.context = { diagnostics = {}, triggerKind = 1 }
    local reply = client:request_sync('textDocument/codeAction', params, 9000, 0)
    return vim.tbl_map(function(action) return action.title end, reply and reply.result or {})
    """
    wait_for(lambda: any(title in each for each in nvim.lua(menu)), f"{title!r} in the menu")
    nvim.lua(
        "local title = ... vim.lsp.buf.code_action({ apply = true, filter = function(action) "
        "return action.title:find(title, 1, true) ~= nil end })",
        title,
    )


def expected(workspace: Path, after: str) -> list[str]:
    """The lines of `after`, below what the file begins with."""
    head = (workspace / "shapes.py").read_bytes().startswith(b"\xef\xbb\xbf")
    return ((HARD[1:] if head else "") + after).removesuffix("\n").split("\n")


def test_one_part_of_two_is_accepted_and_undone(nvim: Nvim, workspace: Path) -> None:
    on_disk = (workspace / "shapes.py").read_bytes()
    choose(nvim, "part 1 of 2")
    wait_for(lambda: lines_of(nvim, "shapes.py") == expected(workspace, FIRST), "one part of the change")
    assert (workspace / "shapes.py").read_bytes() == on_disk

    nvim.press(":buffer shapes.py<CR>u")
    wait_for(lambda: nvim.lines() == expected(workspace, SHAPES), "the state before")
    nvim.press("<C-r>:buffer notes.md<CR>")
    wait_for(lambda: nvim.lines() == NOTES.splitlines(), "the sketch")

    # What is left of the sketch is the other part.
    choose(nvim, "Apply this sketch")
    wait_for(lambda: lines_of(nvim, "shapes.py") == expected(workspace, BOTH), "the rest of the change")
    nvim.press(":buffer shapes.py<CR>u")
    wait_for(lambda: nvim.lines() == expected(workspace, FIRST), "one step back")


def test_the_difference_is_shown_and_all_of_it_is_one_undo_step(nvim: Nvim, workspace: Path) -> None:
    on_disk = (workspace / "shapes.py").read_bytes()
    nvim.press(":TacitApplyPreview<CR>")
    name = "[.]diff$"
    wait_for(lambda: "+    return abs(width * height)" in lines_of(nvim, name), "the difference")
    assert nvim.lua("return vim.bo[vim.fn.bufnr(...)].filetype", name) == "diff"
    assert not lines_of(nvim, "shapes.py")

    nvim.press(":TacitApply<CR>")
    wait_for(lambda: lines_of(nvim, "shapes.py") == expected(workspace, BOTH), "the change")
    nvim.press(":buffer shapes.py<CR>u")
    wait_for(lambda: nvim.lines() == expected(workspace, SHAPES), "the state before")
    nvim.press("<C-r>:write<CR>")
    newline = "\r\n" if b"\r\n" in on_disk else "\n"
    mark = "\ufeff" if on_disk.startswith(b"\xef\xbb\xbf") else ""
    written = mark + "".join(line + newline for line in expected(workspace, BOTH))
    wait_for(lambda: (workspace / "shapes.py").read_bytes() == written.encode(), "the file on disk")


@pytest.mark.parametrize("workspace", ["plain"], indirect=True)
def test_hunks_that_are_selected_in_the_preview_are_applied(nvim: Nvim, workspace: Path) -> None:
    nvim.press(":TacitApplyPreview<CR>")
    name = "[.]diff$"
    wait_for(lambda: "+    return abs(width * height)" in lines_of(nvim, name), "the difference")
    nvim.lua("vim.fn.win_gotoid(vim.fn.bufwinid(...))", name)
    line = lines_of(nvim, name).index("-    return width * height * depth") + 1
    nvim.press(f":{line},{line + 1}TacitApply<CR>")
    second = BOTH.replace("abs(width * height)\n", "width * height\n")
    wait_for(lambda: lines_of(nvim, "shapes.py") == expected(workspace, second), "the second hunk alone")


@pytest.mark.parametrize("workspace", ["plain"], indirect=True)
def test_a_register_and_a_refusal(nvim: Nvim, workspace: Path) -> None:
    nvim.press(":edit shapes.py<CR>")
    wait_for(lambda: nvim.lines() == expected(workspace, SHAPES), "the file")
    nvim.lua("vim.fn.setreg('a', ...)", "def nowhere():\n    pass\n\n# ...\n\ndef neither():\n    pass\n")
    nvim.press(":TacitApply a<CR>")
    wait_for(
        lambda: "Tacit: shapes.py: " in nvim.call("nvim_exec2", "messages", {"output": True})["output"],
        "a reason",
    )
    assert nvim.lines() == expected(workspace, SHAPES)
    nvim.lua("vim.fn.setreg('a', ...)", TWO_PARTS)
    nvim.press(":TacitApply a<CR>")
    wait_for(lambda: nvim.lines() == expected(workspace, BOTH), "the change")
