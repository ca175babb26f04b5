from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bench.other_files import cases, compare
from retrieval.embedding import StaticEmbedding

SHAPES = "def area_of_circle(radius):\n    return 3 * radius**2\n"
BEFORE = "from shapes import area_of_circle\n\n\ndef report():\n    pass\n"
AFTER = BEFORE.replace("    pass\n", "    total = area_of_circle(radius=2)\n    return total\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    made = tmp_path / "repository"
    made.mkdir()

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(made), *who, *arguments], check=True, capture_output=True)

    git("init", "-q")
    for shapes, main in ((SHAPES, "pass\n"), (SHAPES, BEFORE), (SHAPES, AFTER)):
        (made / "shapes.py").write_text(shapes)
        (made / "main.py").write_text(main)
        git("add", "-A")
        git("commit", "-qm", "next")
    return made


def test_a_case_is_an_added_line_and_what_the_commit_before_says_of_it(repository: Path) -> None:
    made = list(cases(repository, 5, 1, StaticEmbedding.load()))
    assert {case["path"] for case in made} == {"main.py"}
    assert not any(case["prefix"].rpartition("\n")[2].startswith("from") for case in made)
    (case,) = (case for case in made if "total" in case["prefix"] + case["target_line"])
    assert (case["prefix"] + case["target_line"]).endswith("    total = area_of_circle(radius=2)")
    assert case["suffix"] == "\n"
    assert [(each["path"], each["text"]) for each in case["excerpts"]] == [
        ("shapes.py", "def area_of_circle(radius)")
    ]


def test_comparing(tmp_path: Path) -> None:
    shown = [{"id": str(number), "target_line": "abcd"} for number in range(40)]
    files = {
        "cases": shown,
        "without": [{"id": case["id"], "completion": "ab"} for case in shown],
        "with": [{"id": case["id"], "completion": "abcd\nmore"} for case in shown[:39]],
    }
    for name, rows in files.items():
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    figures = compare(*(tmp_path / name for name in files))
    assert figures == {
        "cases": 39,
        "line_exact": {"without": 0.0, "with": 1.0, "gain": [1.0, 1.0]},
        "chars_saved": {"without": 0.5, "with": 1.0, "gain": [0.5, 0.5]},
    }
