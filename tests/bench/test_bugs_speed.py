from __future__ import annotations

from pathlib import Path

import pytest

from bench import bugs_speed
from bench.client import ClientError
from tests.bug_finder.samples import SHAPES

TEXTS = [(SHAPES * 60, "python")]


def test_functions_and_saves_are_timed() -> None:
    made = bugs_speed.functions(TEXTS)
    assert made["functions"] == 180
    assert made["per_s"] > 0
    assert made["median_function_per_s"] > 0
    saved = bugs_speed.save(TEXTS, 2)
    assert saved["all_unknown_ms"]["n"] == saved["one_changed_ms"]["n"] == 2
    assert 900 <= saved["lines"] <= 1010


def test_a_folder_without_functions_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    with pytest.raises(ClientError):
        bugs_speed.functions(bugs_speed._texts(tmp_path))
