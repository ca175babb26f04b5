"""Plugins made for another server show the next edit in Neovim, as they are: sidekick.nvim and copilot-lsp.

Their code is not ours to keep: `TACIT_SIDEKICK` and `TACIT_COPILOT_LSP` name the folders of a checkout. No
model is needed, as the edits here follow from the ones before.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lsp_server import feedback, reports, tell
from tests.e2e.conftest import user_without_model
from tests.e2e.nvim import Nvim, wait_for
from tests.e2e.screen import capture

pytestmark = [pytest.mark.editor, pytest.mark.slow]

SERVER = [sys.executable, "-P", "-m", "tacit", "serve"]
OPTIONS = "precision = 0, cooldownMs = 0, budgetMs = 5000, download = false"

# As their READMEs say, but for the command. Insertions and jumps are left to the user's Tab.
SIDEKICK = f"""
vim.opt.runtimepath:prepend(os.getenv('TACIT_SIDEKICK'))
vim.lsp.config('copilot', {{
  cmd = vim.json.decode(os.getenv('TACIT_TEST_SERVER')),
  filetypes = {{ 'python' }},
  init_options = {{ editorPluginInfo = {{ name = 'sidekick.nvim' }}, tacit = {{ {OPTIONS} }} }},
}})
vim.lsp.enable('copilot')
require('sidekick').setup({{}})
vim.keymap.set('n', '<Tab>', function()
  if not require('sidekick').nes_jump_or_apply() then return '<Tab>' end
end, {{ expr = true }})
function Shown()
  local edit = require('sidekick.nes').get(vim.api.nvim_get_current_buf())[1]
  return edit and {{ edit.range.start.line, edit.text }}
end
function Elsewhere()
  for _, edit in ipairs(require('sidekick.nes').get()) do
    if edit.buf ~= vim.api.nvim_get_current_buf() then return edit.buf end
  end
end
"""
COPILOT_LSP = f"""
vim.opt.runtimepath:prepend(os.getenv('TACIT_COPILOT_LSP'))
vim.g.copilot_nes_debounce = 100
vim.lsp.config('copilot_ls', {{
  cmd = vim.json.decode(os.getenv('TACIT_TEST_SERVER')),
  filetypes = {{ 'python' }},
  init_options = {{
    editorInfo = {{ name = 'neovim', version = '0.12' }},
    editorPluginInfo = {{ name = 'Github Copilot LSP for Neovim', version = '0.0.1' }},
    tacit = {{ {OPTIONS} }},
  }},
}})
vim.lsp.enable('copilot_ls')
vim.keymap.set('n', '<Tab>', function()
  if vim.b[vim.api.nvim_get_current_buf()].nes_state then
    local nes = require('copilot-lsp.nes')
    local _ = nes.walk_cursor_start_edit() or (nes.apply_pending_nes() and nes.walk_cursor_end_edit())
    return nil
  end
  return '<C-i>'
end, {{ expr = true }})
function Shown()
  local edit = vim.b[vim.api.nvim_get_current_buf()].nes_state
  return edit and {{ edit.range.start.line, edit.newText }}
end
"""
PLUGINS = {"sidekick": (SIDEKICK, "TACIT_SIDEKICK"), "copilot-lsp": (COPILOT_LSP, "TACIT_COPILOT_LSP")}

SHOP = """\
def price(qty):
    print("DEBUG", qty)
    return qty * 3


def total(qty, factor):
    print("DEBUG", qty)
    return price(qty) * factor


def rest(qty):
    print("DEBUG", qty)
    return 7 - qty
"""
TILL = "from shop import price\n\nprint(price(7))\n"


@dataclass
class Session:
    """Neovim in normal mode on shop.py, beside till.py, with a plugin that talks to our server."""

    nvim: Nvim
    keep_screen: Callable[[str], object]

    def shown(self) -> Any:
        """The row and the text of the edit on the screen."""
        return self.nvim.lua("return Shown()")

    def wait_for_edit(self) -> Any:
        with contextlib.suppress(AssertionError):
            return wait_for(self.shown, "a next edit", seconds=20)
        raise AssertionError(f"no next edit; {self.why()}; {self.nvim.lines()}")

    def why(self) -> str:
        return "; ".join(tell.request(each) for report in reports.read_all() for each in report.requests[-9:])

    def settle(self, keys: str) -> None:
        """Press keys, and be back in normal mode."""
        self.nvim.press(keys)
        wait_for(lambda: self.nvim.call("nvim_get_mode")["mode"] == "n", "normal mode")

    def accept(self) -> Any:
        """Tab jumps, perhaps within the line too, and then applies. Returns the edit that was shown."""
        edit, before = self.wait_for_edit(), self.nvim.lines()
        for _ in range(4):
            self.nvim.press("<Tab>")
            with contextlib.suppress(AssertionError):
                wait_for(lambda: self.nvim.lines() != before, "the edit in the buffer", seconds=1)
                return edit
        raise AssertionError(f"Tab does not apply {edit}")


def outcomes() -> list[str]:
    return [event.outcome for event in feedback.events()]


@pytest.fixture(params=PLUGINS)
def session(
    request: pytest.FixtureRequest,
    launcher: Path,
    screens: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Session]:
    script, variable = PLUGINS[request.param]
    if variable not in os.environ:
        pytest.skip(f"{variable} does not name a checkout of the plugin")
    folder = tmp_path_factory.mktemp("n")
    environment = user_without_model(folder / "home")
    environment["TACIT_TEST_SERVER"] = str(SERVER).replace("'", '"')
    monkeypatch.setenv("TACIT_STATE_DIR", environment["TACIT_STATE_DIR"])
    init = folder / "home" / "config" / "nvim" / "init.lua"
    init.parent.mkdir(parents=True)
    init.write_text(script)
    project = folder / "project"
    project.mkdir()
    (project / "till.py").write_text(TILL)
    (project / "shop.py").write_text(SHOP)
    socket_path = folder / "nvim"

    def keep_screen(moment: str) -> None:
        if screens:
            path = screens / f"{request.param}-{moment}.txt"
            path.write_text(capture(launcher, socket_path, environment) + "\n")

    with Nvim(launcher, project / "shop.py", environment, socket_path) as nvim:
        wait_for(lambda: nvim.lua("return #vim.lsp.get_clients({ bufnr = 0 }) > 0"), "the server", 60)
        wait_for(reports.read_all, "the server's report", 60)
        yield Session(nvim, keep_screen)


def rename(session: Session) -> None:
    """The first function is given another name, and nothing else."""
    session.settle("ggwciwcost<Esc>")


def test_a_rename_goes_on_by_tab(session: Session) -> None:
    rename(session)
    edit = session.wait_for_edit()
    session.keep_screen("replace")
    assert edit[0] == 7
    session.accept()
    assert session.nvim.lines() == SHOP.replace("price", "cost").splitlines()
    session.keep_screen("replaced")
    wait_for(lambda: outcomes() == ["accepted"], f"the accept, in {outcomes()}")
    session.settle("u")
    wait_for(lambda: session.nvim.lines()[7] == "    return price(qty) * factor", "one step of undo")
    wait_for(lambda: outcomes() == ["undone"], f"that it was undone, in {outcomes()}")


def test_the_edit_goes_on_in_another_file(session: Session) -> None:
    """sidekick.nvim alone shows an edit of another file there; copilot-lsp never gets one."""
    nvim = session.nvim
    nvim.call("nvim_command", "edit till.py")
    wait_for(lambda: nvim.lua("return #vim.lsp.get_clients({ bufnr = 0 }) > 0"), "the server")
    nvim.call("nvim_command", "buffer shop.py")
    rename(session)
    session.accept()
    if not nvim.lua("return Elsewhere ~= nil"):
        wait_for(lambda: session.shown() is None, "nothing more to show")
        return
    buffer = wait_for(lambda: nvim.lua("return Elsewhere()"), f"an edit of the other file; {session.why()}")
    nvim.call("nvim_set_current_buf", buffer)
    assert nvim.lines() == TILL.splitlines()
    session.keep_screen("another-file")
    session.accept()
    assert any("cost" in line for line in nvim.lines())


def test_lines_are_deleted(session: Session) -> None:
    session.settle("2Gdd")
    edit = session.wait_for_edit()
    session.keep_screen("delete")
    assert edit[1] == ""
    session.accept()
    assert sum("DEBUG" in line for line in session.nvim.lines()) == 1


def test_lines_are_inserted(session: Session) -> None:
    session.settle("3GOcheck(qty)<Esc>")
    edit = session.wait_for_edit()
    session.keep_screen("insert")
    before = session.nvim.lines()
    session.accept()
    assert "check(qty)" in edit[1]
    assert sum("check(qty)" in line for line in session.nvim.lines()) > 1
    assert len(session.nvim.lines()) > len(before)


def test_an_edit_that_is_not_wanted_goes_away(session: Session) -> None:
    rename(session)
    row = session.wait_for_edit()[0]
    time.sleep(1)  # the user looks at it
    # Something else is done at its place.
    session.settle(f"{row + 1}GS    pass<Esc>")
    assert session.nvim.lines()[row].strip() == "pass"
    wait_for(lambda: "rejected" in outcomes(), f"the rejection, in {outcomes()}; {session.why()}")
