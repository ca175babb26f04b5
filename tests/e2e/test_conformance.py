"""Every scenario in every editor. Without `--editors`, in those that CI plays: the quick ones.

`python -m tests.e2e [EDITOR...]` plays all of it, keeps the results and writes the README's table.
"""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import pytest

from tests.e2e import world as worlds
from tests.e2e.driver import EDITORS, Driver
from tests.e2e.results import Results
from tests.e2e.scenarios import SCENARIOS, Scenario

pytestmark = [pytest.mark.editor, pytest.mark.slow]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name.replace(" ", "-"))
@pytest.mark.parametrize("editor", EDITORS)
def test_scenario(
    editor: str,
    scenario: Scenario,
    played: list[str],
    results: Results,
    screens: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if editor not in played:
        pytest.skip(f"--editors names {', '.join(played)}")
    try:
        module = importlib.import_module(f"tests.e2e.drivers.{editor}")
    except ModuleNotFoundError:
        pytest.skip(f"there is no driver for {EDITORS[editor]} yet")
    reason = module.CANNOT.get(scenario.name, "")
    if reason:
        results.note(editor, scenario.name, "cannot", reason)
        pytest.skip(reason)
    world = worlds.make(tmp_path_factory.mktemp("w"))
    world = dataclasses.replace(world, settings={**world.settings, **scenario.settings})
    with module.start(world) as driver:
        results.version(editor, driver.version)
        try:
            scenario.play(driver, world)
        except BaseException as failure:
            results.note(editor, scenario.name, "fails", str(failure).partition("\n")[0])
            raise
        finally:
            keep(driver, editor, scenario, screens)
    results.note(editor, scenario.name, "passes")


def keep(driver: Driver, editor: str, scenario: Scenario, screens: Path | None) -> None:
    """The last screen, where `--screens` asks for it."""
    if screens:
        name = scenario.name.replace(" ", "-").replace(":", "")
        (screens / f"{editor}-{name}.txt").write_text(driver.screen() + "\n")


def test_what_an_editor_cannot_do_is_a_scenario() -> None:
    names = {scenario.name for scenario in SCENARIOS}
    for editor in EDITORS:
        try:
            module = importlib.import_module(f"tests.e2e.drivers.{editor}")
        except ModuleNotFoundError:
            continue
        assert set(module.CANNOT) <= names, editor
        assert all(module.CANNOT.values()), editor
