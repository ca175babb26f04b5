"""Findings in Neovim: they appear, go with an edit, are fixed by code action, dismissed and brought back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.bug_finder.samples import MENDED, SHAPES, WRONG, certain
from tests.e2e.conftest import user_without_model
from tests.e2e.nvim import Nvim, wait_for

pytestmark = [pytest.mark.editor, pytest.mark.slow]

SETTINGS = (
    "vim.lsp.config('tacit', { settings = { tacit = { bugs = { precision = 0, maxPerFile = 100 } } } })\n"
)
# Without `workspace.diagnostics.refreshSupport` it is pushed to instead.
PUSHED = """
local capabilities = vim.lsp.protocol.make_client_capabilities()
capabilities.textDocument.diagnostic = nil
vim.lsp.config('tacit', { capabilities = capabilities })
"""
WIDE = "NAME = 'é𝒳👩'\n"
TEXT = WIDE + SHAPES
ROW = TEXT[: TEXT.index(WRONG)].count("\n")

DIAGNOSTICS = """
return vim.tbl_map(function(each)
  local line = vim.api.nvim_buf_get_lines(0, each.lnum, each.lnum + 1, false)[1] or ''
  return { each.lnum, each.message, each.source, line:sub(each.col + 1, each.end_col) }
end, vim.diagnostic.get(0))
"""

CHOOSE = """
local title = ...
vim.lsp.buf.code_action({ apply = true, filter = function(action)
  local about = action.diagnostics and action.diagnostics[1].message or ''
  return vim.startswith(action.title, title) and about:find('same object', 1, true) ~= nil
end })
"""


@pytest.fixture(params=["pulled", "pushed"])
def environment(request: pytest.FixtureRequest, tmp_path: Path, launcher: Path) -> Mapping[str, str]:
    """A user with an empty home who has run `tacit setup nvim --write`. No model: none is needed."""
    home = tmp_path / "home"
    home.mkdir()
    variables = user_without_model(home)
    command = [sys.executable, "-m", "tacit", "setup", "nvim", "--write"]
    subprocess.run(command, env=variables, cwd=home, check=True)
    own = SETTINGS + (PUSHED if request.param == "pushed" else "")
    (home / "config" / "nvim" / "init.lua").write_text(own)
    return variables


@pytest.fixture
def nvim(
    launcher: Path, environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nvim]:
    folder = tmp_path_factory.mktemp("w")
    (folder / ".git").mkdir()
    (folder / "shapes.py").write_text(TEXT)
    with Nvim(launcher, folder / "shapes.py", environment, folder / "s") as nvim:
        attached = (
            "local c = vim.lsp.get_clients({ bufnr = 0, name = 'tacit' })[1] return c and c.initialized"
        )
        wait_for(lambda: nvim.lua(attached), "the server", seconds=30)
        yield nvim


def shown(nvim: Nvim) -> list[Any]:
    """Row, message, source and marked text of each diagnostic, in the order of the text."""
    found: list[Any] = nvim.lua(DIAGNOSTICS)
    return sorted(each for each in found if certain(each[1]))


def until(nvim: Nvim, count: int) -> list[Any]:
    wait_for(lambda: len(shown(nvim)) == count, f"{count} findings", seconds=30)
    return shown(nvim)


def choose(nvim: Nvim, row: int, title: str) -> None:
    """Go there, and pick the entry of the code action menu that begins so and is about the comparison."""
    nvim.call("nvim_win_set_cursor", 0, [row + 1, 4])
    nvim.lua(
        CHOOSE,
        title,
    )


def test_a_finding_is_shown_fixed_and_taken_away(nvim: Nvim) -> None:
    first, second = until(nvim, 2)
    assert first[0] == ROW
    assert first[2:] == ["tacit", "is"]
    assert "% sure" in first[1]
    assert second[3] == "a.size"
    choose(nvim, ROW, "Fix:")
    wait_for(lambda: nvim.lines()[ROW] == f"    if shape {MENDED}:", "the fix")
    assert nvim.lines() == TEXT.replace(WRONG, MENDED).splitlines()
    (left,) = until(nvim, 1)
    assert left[3] == "a.size"
    nvim.press("u")
    wait_for(lambda: nvim.lines() == TEXT.splitlines(), "one undo step")
    until(nvim, 2)


def test_an_edit_moves_and_clears(nvim: Nvim) -> None:
    until(nvim, 2)
    nvim.press("ggO# a line<Esc>")
    wait_for(lambda: [each[0] for each in shown(nvim)][:1] == [ROW + 1], "the finding, one line down")
    nvim.call("nvim_win_set_cursor", 0, [ROW + 2, 0])
    nvim.press("dd")
    wait_for(lambda: "is_square" not in "".join(each[1] for each in shown(nvim)), "no finding for the line")
    (left,) = until(nvim, 1)
    assert left[3] == "a.size"
    nvim.press("ggdG")
    until(nvim, 0)


def test_dismissed_and_brought_back(nvim: Nvim) -> None:
    until(nvim, 2)
    choose(nvim, ROW, "Dismiss")
    (left,) = until(nvim, 1)
    assert left[3] == "a.size"
    choose(nvim, ROW, "Undo dismissal")
    until(nvim, 2)


def test_why_is_told(nvim: Nvim) -> None:
    until(nvim, 2)
    choose(nvim, ROW, "Why?")
    wait_for(
        lambda: "in 10 are right" in nvim.call("nvim_exec2", "messages", {"output": True})["output"],
        "the explanation",
    )
