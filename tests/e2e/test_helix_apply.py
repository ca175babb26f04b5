"""The same in Helix, which has no plug-in of ours: code actions alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import editor, user_without_model
from tests.e2e.helix import LANGUAGES, Helix
from tests.e2e.nvim import wait_for
from tests.lsp_server.applying import BOTH, FIRST, IN_THE_SKETCH, NOTES, SHAPES

pytestmark = [pytest.mark.editor, pytest.mark.slow]

REFUSED = "```python shapes.py\ndef nowhere():\n    pass\n\n# ...\n\ndef neither():\n    pass\n```\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "notes.md").write_text(NOTES)
    (tmp_path / "refused.md").write_text(REFUSED)
    (tmp_path / "shapes.py").write_text(SHAPES.replace("\n", "\r\n"), newline="")
    return tmp_path


@pytest.fixture
def helix(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Helix]:
    home = tmp_path_factory.mktemp("home")
    languages = home / "config" / "helix" / "languages.toml"
    languages.parent.mkdir(parents=True)
    languages.write_text(LANGUAGES.format(command=sys.executable))
    environment = {**user_without_model(home), "XDG_CACHE_HOME": str(home / "cache")}
    with Helix(editor("helix"), f"notes.md:{IN_THE_SKETCH}", folder, environment) as helix:
        yield helix


def written(folder: Path, text: str) -> None:
    """Wait until the file holds `text`, with its own line ends."""
    expected = text.replace("\n", "\r\n").encode()
    wait_for(lambda: (folder / "shapes.py").read_bytes() == expected, f"the file on disk to be {expected!r}")


def test_a_part_is_accepted_and_undone_and_the_rest_follows(helix: Helix, folder: Path) -> None:
    helix.choose("Apply only line 2")
    helix.wait_for("NOR", without="(part ")
    helix.press(":open shapes.py\r")
    helix.wait_for("shapes.py [+]", "return abs(width * height)", "return width * height * depth")
    helix.press("u")
    helix.wait_for("return width * height", without="abs(")
    helix.press("U:write\r")
    written(folder, FIRST)

    helix.press(f":open notes.md:{IN_THE_SKETCH}\r")
    helix.wait_for("Make them positive")
    helix.choose("Apply this sketch")
    helix.wait_for("NOR", without="this sketch on")
    helix.press(":open shapes.py\r")
    helix.wait_for("return abs(width * height * depth)")
    helix.press(":write\r")
    written(folder, BOTH)


def test_the_difference_is_shown_and_a_refusal_has_its_reason(helix: Helix, folder: Path) -> None:
    helix.choose("Preview this sketch")
    helix.wait_for("--- a/shapes.py", "-    return width * height", "+    return abs(width * height)")
    helix.press(":open refused.md:2\r")
    helix.wait_for("def nowhere")
    helix.choose("Apply this sketch")
    helix.wait_for("Tacit: shapes.py: ")
    written(folder, SHAPES)
