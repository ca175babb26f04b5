"""Completion menus beside ghost text and next edits in Neovim: blink.cmp and nvim-cmp, as they are.

Their code is not ours to keep: `TACIT_BLINK_CMP` and `TACIT_NVIM_CMP` name the folders of a checkout.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import world as worlds
from tests.e2e.driver import World
from tests.e2e.nvim import Nvim, wait_for

pytestmark = [pytest.mark.editor, pytest.mark.slow]

BLINK = """
require('blink.cmp').setup({
  fuzzy = { implementation = 'lua' },
  keymap = { preset = '%s' },
  sources = { default = { 'buffer' } },
})
function Menu() return require('blink.cmp').is_menu_visible() end
function CloseMenu() require('blink.cmp').hide() end
"""
NVIM_CMP = """
local cmp = require('cmp')
cmp.register_source('words', { complete = function(_, _, answer)
  answer(vim.tbl_map(function(word) return { label = word } end, { 'qty', 'cost_of_all', 'factor' }))
end })
cmp.setup({
  sources = { { name = 'words' } },
  mapping = {
    ['<Tab>'] = cmp.mapping(function(fallback)
      if cmp.visible() then cmp.confirm({ select = true }) else fallback() end
    end, { 'i' }),
  },
})
function Menu() return cmp.visible() end
function CloseMenu() cmp.close() end
"""
PLUGINS = {
    "blink.cmp": (BLINK % "default", "TACIT_BLINK_CMP"),
    "blink.cmp, super-tab": (BLINK % "super-tab", "TACIT_BLINK_CMP"),
    "nvim-cmp": (NVIM_CMP, "TACIT_NVIM_CMP"),
}


@pytest.fixture(params=PLUGINS)
def plugin(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if PLUGINS[name][1] not in os.environ:
        pytest.skip(f"{PLUGINS[name][1]} names no checkout of {name}")
    return name


@pytest.fixture
def nvim(plugin: str, launcher: Path, tmp_path: Path) -> Iterator[Nvim]:
    """What `tacit setup nvim --write` makes, and the plugin, on shop.py."""
    world: World = worlds.make(tmp_path)
    world.set_up("nvim")
    told = json.dumps({"settings": {"tacit": dict(world.settings)}})
    setup, variable = PLUGINS[plugin]
    init = (
        f"vim.lsp.config('tacit', vim.json.decode([==[{told}]==]))\n"
        f"vim.opt.runtimepath:prepend({json.dumps(os.environ[variable])})\n{setup}"
    )
    (world.home / "config" / "nvim" / "init.lua").write_text(init)
    shop = world.folder / "shop.py"
    shop.write_text(worlds.SHOP + "\n\ncost_of_all = 0\n")
    with Nvim(launcher, shop, world.environment, world.home / "nvim.sock") as nvim:
        attached = "return #vim.lsp.get_clients({ name = 'tacit', bufnr = 0 }) > 0"
        wait_for(lambda: nvim.lua(attached), "Tacit", seconds=30)
        yield nvim


def menu(nvim: Nvim) -> bool:
    return bool(nvim.lua("return Menu()"))


def line(nvim: Nvim) -> str:
    text: str = nvim.call("nvim_get_current_line")
    return text


def begin_to_type(nvim: Nvim, text: str) -> None:
    nvim.press(f"{worlds.HALF}GA")
    nvim.type(text)


def test_ghost_text_is_taken_with_tab(nvim: Nvim) -> None:
    begin_to_type(nvim, "return ")
    wait_for(nvim.ghost_text, "ghost text")
    nvim.press("<Tab>")
    wait_for(lambda: line(nvim) == "    return qty / 2", "the suggestion in the text")


def test_tab_is_tab_where_nothing_is_shown(nvim: Nvim) -> None:
    nvim.press(f"{worlds.HALF}GS")
    nvim.press("<Tab>x")
    wait_for(lambda: line(nvim).endswith("x"), "what was typed")
    assert line(nvim).strip() == "x"
    assert line(nvim) != "x"


def test_an_open_menu_has_tab_where_it_wants_it(nvim: Nvim, plugin: str) -> None:
    """With blink.cmp's default keys Tab is not the menu's, and takes what is grey."""
    begin_to_type(nvim, "return ")
    wait_for(nvim.ghost_text, "ghost text")
    nvim.type("q")
    wait_for(lambda: menu(nvim), "the menu")
    nvim.press("<Tab>")
    taken = "return qty / 2" if plugin == "blink.cmp" else "return qty"
    wait_for(lambda: line(nvim).strip() == taken, "what Tab takes")


def test_a_next_edit_waits_for_the_menu(nvim: Nvim) -> None:
    """It is not shown, and so not made, beside an open menu; it is once the menu is closed."""
    nvim.press("gg0wcw")
    nvim.type("cost")
    wait_for(lambda: menu(nvim), "the menu")
    with pytest.raises(AssertionError):
        wait_for(nvim.shows_next_edit, "a next edit beside the menu", seconds=2)
    assert menu(nvim)
    nvim.lua("CloseMenu()")
    wait_for(nvim.shows_next_edit, "the next edit")
    nvim.press("<Esc>")
    wait_for(nvim.shows_next_edit, "the next edit")
    for _ in range(6):
        nvim.press("<Tab>")
        try:
            wait_for(lambda: "    return cost(qty) * factor" in nvim.lines(), "the call", seconds=1)
            return
        except AssertionError:
            continue
    raise AssertionError(nvim.lines())
