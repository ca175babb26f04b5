"""Pictures of the editors in a terminal, one of them moving: `--screens docs/screens` keeps them."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

import pytest

from tests.e2e import recording, scenarios, terminal
from tests.e2e import world as worlds
from tests.e2e.drivers import nvim

pytestmark = [pytest.mark.editor, pytest.mark.slow]


MOMENTS = {
    "ghost-text": scenarios.show_ghost_text,
    "next-edit": scenarios.show_next_edit,
    "search": scenarios.show_search,
    "bug": scenarios.show_finding,
}
ORDERS = """\
def price(order):
    return order.amount * 3


def total(orders):
    return sum(price(order) for order in orders)


def cheapest(orders):
    return min(orders, key=price)


def receipt(orders):
    for order in orders:
        print(order.name, price(order))
    print("total", total(orders))
"""


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


def test_a_chain_of_next_edits(tmp_path: Path, screens: Path | None) -> None:
    """One name is changed, and Tab changes all the others: a picture that moves."""
    world = worlds.make(tmp_path)
    (world.folder / "orders.py").write_text(ORDERS)
    expected = ORDERS.replace("price", "cost")
    rows = 20
    frames: list[tuple[float, recording.Frame]] = []
    with nvim.start(world) as editor:
        editor.open("orders.py", 1, 5)

        def look() -> None:
            frames.append((1.2 * len(frames), recording.drawn(editor.display, rows)))

        look()
        scenarios.rename(editor, world, "orders.py", "cost")
        for _ in range(20):
            if editor.text() == expected:
                break
            before = editor.screen()
            give_up = time.monotonic() + 10
            while not editor.nvim.shows_next_edit() and time.monotonic() < give_up:
                time.sleep(0.1)
            look()
            editor.press("next")
            while editor.screen() == before and time.monotonic() < give_up:
                time.sleep(0.1)
        look()
        assert editor.text() == expected
    assert len(frames) > 4
    if screens:
        (screens / "nvim-next-edits.svg").write_text(recording.svg(frames, terminal.COLUMNS))
