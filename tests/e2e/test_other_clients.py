"""Clients that others have made, as they are, with the lines that our READMEs have for them.

lsp-mode comes with the Emacs of editors.sh. `TACIT_COPILOT_EL` and `TACIT_COC_NVIM` name the folders of
checkouts, the second one built; `TACIT_NODE` a Node.js that is new enough for coc.nvim.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import scenarios
from tests.e2e import world as worlds
from tests.e2e.driver import World
from tests.e2e.drivers import emacs, vim
from tests.e2e.nvim import wait_for
from tests.support.fresh import ROOT

pytestmark = [pytest.mark.editor, pytest.mark.slow]

PACKAGES = """
(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)
(dolist (folder (file-expand-wildcards
                 (expand-file-name "../../site-lisp/elpa-src/*" (getenv "EMACSDATA"))))
  (add-to-list 'load-path folder)
  (mapc (lambda (autoloads) (load autoloads nil t)) (directory-files folder t "-autoloads")))
"""
"""What a package manager would have done."""
COPILOT_EL = """
(add-to-list 'load-path "{checkout}")
(require 'copilot)
(require 'copilot-nes)
(setq copilot-server-executable "tacit"
      copilot-lsp-settings '(:tacit ({settings})))
(keymap-set copilot-completion-map "<tab>" #'copilot-accept-completion)
(keymap-set copilot-completion-map "TAB" #'copilot-accept-completion)
(keymap-set copilot-completion-map "M-f" #'copilot-accept-completion-by-word)
(add-hook 'prog-mode-hook #'copilot-mode)
(add-hook 'prog-mode-hook #'copilot-nes-mode)
"""
LSP_MODE = """
(require 'lsp-mode)
(setq lsp-keep-workspace-alive nil lsp-auto-guess-root t lsp-enable-suggest-server-download nil)
(add-to-list 'load-path {folder})
(require 'tacit)
(setq tacit-settings '({settings}))
(add-hook 'prog-mode-hook #'lsp-deferred)
(setq lsp-inline-completion-enable t)
(with-eval-after-load 'lsp-inline-completion
  (keymap-set lsp-inline-completion-active-map "TAB" #'lsp-inline-completion-accept))
"""
COC = """
set nocompatible encoding=utf-8 hidden noswapfile
let g:coc_node_path = '{node}'
set runtimepath^={checkout}
inoremap <silent><expr> <Tab> coc#inline#visible() ? coc#inline#accept() : "\\<Tab>"
nmap <silent> ga <Plug>(coc-codeaction-cursor)
"""


def checkout(variable: str) -> str:
    if variable not in os.environ:
        pytest.skip(f"{variable} names no folder")
    return os.environ[variable]


@pytest.fixture
def made(tmp_path: Path) -> World:
    return worlds.make(tmp_path)


@pytest.fixture
def with_copilot_el(made: World) -> Iterator[Any]:
    client = PACKAGES + COPILOT_EL.replace("{checkout}", checkout("TACIT_COPILOT_EL"))
    with emacs.start(made, client, ready="copilot-mode") as driver:
        yield driver


@pytest.fixture
def with_lsp_mode(made: World) -> Iterator[Any]:
    with emacs.start(made, PACKAGES + LSP_MODE, ready="lsp-inline-completion-mode") as driver:
        yield driver


@pytest.fixture
def with_coc(made: World) -> Iterator[Any]:
    client = COC.replace("{checkout}", checkout("TACIT_COC_NVIM"))
    client = client.replace("{node}", os.environ.get("TACIT_NODE", "node"))
    settings = json.loads((ROOT / "editors" / "vim" / "coc-settings.json").read_text())
    settings["languageserver"]["tacit"]["settings"] = {"tacit": dict(made.settings)}
    (made.home / ".vim").mkdir()
    (made.home / ".vim" / "coc-settings.json").write_text(json.dumps(settings))
    with vim.start(made, client) as driver:
        yield driver


def change_name(editor: Any, made: World, settling_s: float = 0) -> None:
    """The function of line 1 is called otherwise now, and the cursor still stands behind its name.

    What is done before the server has the text is nothing that it could go on with: so long after its start.
    """
    editor.open("shop.py", 1, 5)
    wait_for(made.server_ids, "the server", seconds=30)
    time.sleep(settling_s)
    editor.press("delete word")
    editor.type("cost")


def test_copilot_el_shows_ghost_text_and_takes_it(with_copilot_el: Any, made: World) -> None:
    scenarios.show_ghost_text(with_copilot_el, made)
    with_copilot_el.press("accept")
    with_copilot_el.wait_for("return qty / 2")
    wait_for(lambda: "    return qty / 2\n" in with_copilot_el.text(), "the suggestion in the text")


def test_copilot_el_shows_next_edits_and_makes_them(with_copilot_el: Any, made: World) -> None:
    editor = with_copilot_el
    change_name(editor, made, settling_s=3)
    wait_for(lambda: editor.ask("(if copilot-nes--edit t :false)"), "a next edit", seconds=30)
    for _ in range(3):
        editor.type("\t")
        try:
            wait_for(lambda: editor.text() == worlds.SHOP.replace("price", "cost"), "the edit", seconds=3)
            return
        except AssertionError:
            continue
    raise AssertionError(editor.text() + editor.screen())


def test_lsp_mode_shows_ghost_text_and_takes_it(with_lsp_mode: Any, made: World) -> None:
    editor = with_lsp_mode
    scenarios.show_ghost_text(editor, made)
    editor.press("accept")
    wait_for(lambda: "    return qty / 2\n" in editor.text(), "the suggestion in the text")


def test_lsp_mode_offers_next_edits_among_its_code_actions(with_lsp_mode: Any, made: World) -> None:
    editor = with_lsp_mode
    change_name(editor, made)
    editor.ask(
        "(progn (run-with-timer 0.2 nil (lambda () (call-interactively #'lsp-execute-code-action))) t)"
    )
    editor.wait_for("Select code action", seconds=20)
    editor.type("\t\t")  # names them
    editor.wait_for("ext edit", seconds=20)


def test_coc_shows_ghost_text_and_takes_it(with_coc: Any, made: World) -> None:
    scenarios.show_ghost_text(with_coc, made)
    with_coc.press("accept")
    wait_for(lambda: "    return qty / 2\n" in with_coc.text(), "the suggestion in the text")


def test_coc_offers_next_edits_among_its_code_actions(with_coc: Any, made: World) -> None:
    editor = with_coc
    scenarios.rename(editor, made, "shop.py", "cost")
    editor.open("shop.py", 8, 12)
    editor.type("\x1bga")
    editor.wait_for("ext edit", seconds=20)
