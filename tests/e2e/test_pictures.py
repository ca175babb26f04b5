"""Pictures of the editors in a terminal: `--screens docs/screens` keeps them."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.e2e import scenarios
from tests.e2e import world as worlds

pytestmark = [pytest.mark.editor, pytest.mark.slow]


MOMENTS = {
    "ghost-text": scenarios.show_ghost_text,
    "next-edit": scenarios.show_next_edit,
    "search": scenarios.show_search,
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("editor", ["nvim", "helix", "vim", "emacs"])
def test_a_picture(editor: str, moment: str, tmp_path: Path, screens: Path | None) -> None:
    world = worlds.make(tmp_path)
    with importlib.import_module(f"tests.e2e.drivers.{editor}").start(world) as driver:
        MOMENTS[moment](driver, world)
        drawn = driver.picture()
    assert drawn.startswith("<svg ")
    assert str(tmp_path) not in drawn
    if screens:
        (screens / f"{editor}-{moment}.svg").write_text(drawn)
