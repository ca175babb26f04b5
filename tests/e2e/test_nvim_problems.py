"""A real second language server beside ours in Neovim: what it says an edit broke is the next edit.

Ruff's server is a development dependency already, and knows of undefined names.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_server import reports, tell
from tests.e2e.conftest import user_without_model
from tests.e2e.nvim import Nvim, wait_for

pytestmark = [pytest.mark.editor, pytest.mark.slow]

SETTINGS = {"precision": 0, "cooldownMs": 0, "budgetMs": 5000, "download": False}
INIT = """
vim.lsp.config('tacit', { settings = { tacit = vim.json.decode([==[%s]==]) } })
vim.lsp.config('ruff', { cmd = vim.json.decode([==[%s]==]), filetypes = { 'python' } })
vim.lsp.enable('ruff')
"""
# `x` is too short a name to be replaced wherever it stands, and in `own` it is another one.
AREA = "def area(x, h):\n    return 2 * x\n\n\ndef own(x):\n    return x + x\n"
SHOWN = """
local namespace = vim.api.nvim_get_namespaces()['tacit.next_edit']
local rows = {}
for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
  if mark[4].virt_text then table.insert(rows, { mark[2], mark[4].virt_text[1][1] }) end
end
return rows
"""


@pytest.fixture
def nvim(launcher: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nvim]:
    folder = tmp_path_factory.mktemp("n")
    environment = user_without_model(folder / "home")
    (folder / "home").mkdir()
    command = [sys.executable, "-m", "tacit", "setup", "nvim", "--write"]
    subprocess.run(command, env=environment, cwd=folder, check=True)
    other = [sys.executable, "-m", "ruff", "server"]
    init = folder / "home" / "config" / "nvim" / "init.lua"
    init.write_text(INIT % (json.dumps(SETTINGS), json.dumps(other)))
    project = folder / "project"
    project.mkdir()
    (project / "area.py").write_text(AREA)
    with Nvim(launcher, project / "area.py", environment, folder / "s") as nvim:
        both = """local clients = vim.lsp.get_clients({ bufnr = 0 })
            return #clients == 2 and clients[1].initialized and clients[2].initialized"""
        wait_for(lambda: nvim.lua(both), "both servers", 150)
        yield nvim


def test_what_the_other_server_says_is_broken_is_mended_by_tab(nvim: Nvim) -> None:
    nvim.press("fxry")  # the first x becomes y
    said = "return vim.tbl_map(function(each) return each.message end, vim.diagnostic.get(0))"
    wait_for(lambda: any("`x`" in each for each in nvim.lua(said)), "what ruff says")

    def why() -> str:
        return "; ".join(tell.request(each) for report in reports.read_all() for each in report.requests[-9:])

    assert wait_for(lambda: nvim.lua(SHOWN), f"the next edit; {why()}") == [[1, "y"]]
    nvim.press("<Tab>")
    fixed = AREA.replace("area(x", "area(y").replace("2 * x", "2 * y").splitlines()
    wait_for(lambda: nvim.lines() == fixed, "the edit in the buffer")
    wait_for(lambda: not nvim.lua(said), "that ruff is content")
