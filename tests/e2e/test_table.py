"""The README's table of editors says what the kept results say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import table
from tests.e2e.results import Results, read


def test_the_readme_has_the_table_of_the_results() -> None:
    readme = table.README.read_text("utf-8")
    assert table.inserted(readme, table.table()) == readme


def test_results_are_kept_and_shown_with_their_reasons(tmp_path: Path) -> None:
    for outcome in ("fails", "passes"):  # the later one counts
        results = Results(tmp_path)
        results.version("nvim", "0.12.4")
        results.note("nvim", "ghost text", outcome)
        results.write()
    other = Results(tmp_path)
    other.note("helix", "ghost text", "cannot", "it has none")
    other.write()
    kept = read("nvim", tmp_path)
    assert kept is not None
    assert kept.cells["ghost text"].outcome == "passes"
    made = table.table(tmp_path)
    assert "| ghost text | passes | cannot: 1 |" in made
    assert "1. Helix 25.07: it has none." in made
    assert f"Played: Neovim 0.12.4, Helix at commit `{kept.commit}`." in made


def test_a_readme_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="conformance"):
        table.inserted("# Tacit\n", "")
