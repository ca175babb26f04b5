"""The next edit in Helix, which has no plug-in of ours and knows none: a code action."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_server import feedback
from tests.e2e.conftest import editor, user_without_model
from tests.e2e.helix import ESCAPE, LANGUAGES, Helix
from tests.e2e.nvim import wait_for

pytestmark = [pytest.mark.editor, pytest.mark.slow]

SHOP = "def price(qty):\n    return qty * 3\n\n\ndef total(qty, factor):\n    return price(qty) * factor\n"
SETTINGS = "config = { tacit = { precision = 0.0, cooldownMs = 0, budgetMs = 5000, download = false } }"


@pytest.fixture
def helix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Helix]:
    project, home = tmp_path / "project", tmp_path / "home"
    (project / ".git").mkdir(parents=True)
    (project / "shop.py").write_text(SHOP)
    languages = home / "config" / "helix" / "languages.toml"
    languages.parent.mkdir(parents=True)
    told = LANGUAGES.format(command=sys.executable)
    languages.write_text(told.replace('args = ["-m", "tacit"]', f'args = ["-m", "tacit"]\n{SETTINGS}'))
    environment = {**user_without_model(home), "XDG_CACHE_HOME": str(home / "cache")}
    monkeypatch.setenv("TACIT_STATE_DIR", environment["TACIT_STATE_DIR"])
    with Helix(editor("helix"), "shop.py:1:5", project, environment) as helix:
        yield helix


def test_the_next_edit_is_a_code_action(helix: Helix, tmp_path: Path) -> None:
    helix.wait_for("def price(qty)")
    open_menu(helix, "No code actions available")  # the server is there, and nothing was done yet
    helix.press("eccost")  # the word under the cursor
    helix.press(ESCAPE)
    helix.wait_for("def cost(qty)", "NOR")
    open_menu(helix, "Next edit: line")
    helix.press("\r")
    helix.wait_for("def cost(qty)", "return cost(qty) * factor", without="Next edit")
    helix.press(":write\r")
    expected = SHOP.replace("price", "cost")
    wait_for(lambda: (tmp_path / "project" / "shop.py").read_text() == expected, "both places renamed")
    wait_for(lambda: [event.outcome for event in feedback.events()] == ["accepted"], "the accept on record")


def open_menu(helix: Helix, shown: str) -> None:
    """Open the code action menu until it shows this."""
    for _ in range(20):
        helix.press(" a")
        with contextlib.suppress(AssertionError):
            helix.wait_for(shown, seconds=2)
            return
        helix.press(ESCAPE)
    raise AssertionError("\n".join(helix.screen()))
