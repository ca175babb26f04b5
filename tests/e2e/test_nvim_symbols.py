"""Workspace symbols in Neovim: a person looks for a name, for a meaning, and for what is not saved yet."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import user_without_model
from tests.e2e.nvim import Nvim, wait_for

pytestmark = [pytest.mark.editor, pytest.mark.slow]

UPLOADS = '''\
NAME = "é 𝒳 👩‍👩‍👧"


# Sends things.
class Uploader:
    def upload_with_retry(self, item, attempts=3):
        """Send an item, and try again when the network fails."""
        for attempt in range(attempts):
            if self.send(item): return "é 𝒳 👩‍👩‍👧"
'''
MATHS = "def greatest_common_divisor(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"

# What `:lua vim.lsp.buf.workspace_symbol()` does is to fill the quickfix list with these.
ASK = """
local query = ...
vim.fn.setqflist({}, 'r')
vim.lsp.buf.workspace_symbol(query, { on_list = function(list) vim.fn.setqflist({}, ' ', list) end })
"""
LIST = """
return vim.tbl_map(function(item)
  local name = item.filename or vim.api.nvim_buf_get_name(item.bufnr)
  return { vim.fs.basename(name), item.lnum, item.end_lnum, item.text }
end, vim.fn.getqflist())
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, launcher: Path) -> Mapping[str, str]:
    """A user with an empty home who has run `tacit setup nvim --write`. No model: none is needed."""
    home = tmp_path_factory.mktemp("home")
    variables = user_without_model(home) | {"TACIT_CACHE_DIR": str(home / "cache"), "HOME": str(home)}
    command = [sys.executable, "-m", "tacit", "setup", "nvim", "--write"]
    subprocess.run(command, env=variables, cwd=home, check=True)
    return variables


@pytest.fixture
def nvim(launcher: Path, tmp_path: Path, environment: Mapping[str, str]) -> Iterator[Nvim]:
    folder = tmp_path / "w"
    (folder / ".git").mkdir(parents=True)
    (folder / "net").mkdir()
    (folder / "net" / "uploads.py").write_text(UPLOADS, "utf-8")
    (folder / "maths.py").write_text(MATHS)
    (folder / ".env").write_text("upload_password=1\n")
    with Nvim(launcher, folder / "maths.py", environment, tmp_path / "s") as nvim:
        attached = (
            "local c = vim.lsp.get_clients({ bufnr = 0, name = 'tacit' })[1] return c and c.initialized"
        )
        wait_for(lambda: nvim.lua(attached), "the server", seconds=30)
        yield nvim


def found(nvim: Nvim, query: str) -> list[Any]:
    """The quickfix list that Neovim makes of the answer."""
    nvim.lua(ASK, query)
    items: list[Any] = wait_for(lambda: nvim.lua(LIST), f"answers to {query!r}", seconds=40)
    return items


def test_names_and_meanings_in_the_quickfix_list(nvim: Nvim) -> None:
    for query in ("UploadRetr", "where do we retry failed uploads?"):
        file, line, end, text = found(nvim, query)[0]
        assert (file, line, end) == ("uploads.py", 6, 9)
        assert "upload_with_retry" in text
        assert "Method" in text
    assert all(file != ".env" for file, *_ in found(nvim, "upload password"))
    nvim.lua("vim.cmd.cfirst()")
    found(nvim, "UploadRetr")
    nvim.press(":cfirst<CR>")
    wait_for(lambda: nvim.cursor() == (5, 4), "the cursor on the definition")


def test_what_is_typed_and_not_saved_is_found(nvim: Nvim) -> None:
    assert found(nvim, "GreatestComm")[0][:2] == ["maths.py", 1]
    nvim.press("ggO# A line more.<CR>def least_common_multiple(a, b): return a * b<CR><Esc>")
    wait_for(lambda: len(nvim.lines()) == 7, "what was typed")
    assert found(nvim, "LeastComm")[0][:2] == ["maths.py", 2]
    assert found(nvim, "GreatestComm")[0][:2] == ["maths.py", 4]
