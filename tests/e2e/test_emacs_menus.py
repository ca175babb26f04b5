"""Completion popups beside ghost text and next edits in Emacs: company and corfu, as Debian has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import scenarios
from tests.e2e import world as worlds
from tests.e2e.driver import World
from tests.e2e.drivers import emacs
from tests.e2e.nvim import wait_for
from tests.e2e.test_other_clients import PACKAGES

pytestmark = [pytest.mark.editor, pytest.mark.slow]

COMPANY = """
(require 'company)
(defun test-words (command &rest rest)
  (pcase command
    ('prefix (company-grab-symbol))
    ('candidates (all-completions (car rest) '("qty_of" "qty_in")))))
(setq company-idle-delay 0.3 company-minimum-prefix-length 1 company-backends '(test-words))
(add-hook 'eglot-managed-mode-hook (lambda () (setq-local company-backends '(test-words))))
(add-hook 'prog-mode-hook #'company-mode)
(defun test-menu-p () (and company-candidates t))
"""
CORFU = """
(require 'corfu)
(setq corfu-auto t corfu-auto-delay 0.3 corfu-auto-prefix 1)
(cl-defmethod corfu--popup-support-p () t) ; a terminal shows none, and all else is as ever
(add-hook 'prog-mode-hook #'corfu-mode)
(defun test-words () (add-hook 'completion-at-point-functions
  (lambda () (when-let* ((word (bounds-of-thing-at-point 'word)))
               (list (car word) (cdr word) '("qty_of" "qty_in") :exclusive 'yes)))
  -90 t))
(add-hook 'eglot-managed-mode-hook #'test-words)
(defun test-menu-p () completion-in-region-mode)
"""
PLUGINS = {"company": COMPANY, "corfu": CORFU}


@pytest.fixture(params=PLUGINS)
def editor(request: pytest.FixtureRequest, made: World) -> Iterator[Any]:
    with emacs.start(made, PACKAGES + PLUGINS[request.param] + emacs.PACKAGE) as driver:
        yield driver


@pytest.fixture
def made(tmp_path: Path) -> World:
    return worlds.make(tmp_path)


def beside_ghost_text_a_menu_opens(editor: Any, made: World) -> str:
    """The text then: one letter is typed along the ghost text, which is another word's first letter, too."""
    scenarios.show_ghost_text(editor, made)
    assert not menu(editor)
    editor.type("q")
    wait_for(lambda: menu(editor), "the menu")
    wait_for(lambda: not editor.suggests("return q", "ty / 2"), "no ghost text beside it")
    text: str = editor.text()
    assert text.endswith("return q\n")
    return text


def menu(editor: Any) -> bool:
    return bool(editor.ask("(if (test-menu-p) t :false)"))


def test_an_open_menu_has_tab(editor: Any, made: World) -> None:
    beside_ghost_text_a_menu_opens(editor, made)
    editor.type("\t")
    wait_for(lambda: "    return qty_" in editor.text(), "what both entries have in common")


def test_closing_the_menu_brings_ghost_text_back(editor: Any, made: World) -> None:
    text = beside_ghost_text_a_menu_opens(editor, made)
    editor.press("dismiss")
    wait_for(lambda: editor.suggests("return q", "ty / 2"), "the ghost text")
    assert not menu(editor)
    assert editor.text() == text
    editor.press("accept")
    wait_for(lambda: "    return qty / 2\n" in editor.text(), "the suggestion in the text")
