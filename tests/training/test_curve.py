from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from training.curve import drawn, mean

LOG: list[dict[str, Any]] = [
    {"step": 1, "loss": 4.0},
    {"step": 2, "loss": 2.0, "held_out": {"edits": {"loss": 3.0, "exact": 0.1}, "cuts": {"loss": 1.0}}},
    {"step": 3, "loss": 1.0},
]


def test_a_picture_shows_steps_mean_and_held_out_samples() -> None:
    picture = ElementTree.fromstring(drawn(LOG))
    tags = [element.tag.partition("}")[2] for element in picture]
    assert tags.count("polyline") == 2
    assert tags.count("circle") == 2
    assert {"edits", "cuts", "step 3", "4.00"} <= {element.text for element in picture}
    steps = next(element for element in picture if element.tag.endswith("polyline"))
    heights = [float(point.split(",")[1]) for point in steps.attrib["points"].split()]
    assert heights == sorted(heights)  # a lower loss is further down


def test_the_mean_looks_back() -> None:
    points = [(float(step), float(step)) for step in range(1, 31)]
    assert mean(points)[9] == (10.0, 9.0)
    assert len(mean(points)) == 30


def test_a_run_that_has_not_begun() -> None:
    assert "<svg" in drawn([])
