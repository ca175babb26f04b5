"""What is drawn is what was measured."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch (the extra `train`)")

from training.bug_calibrate import curve, surest, tenths
from training.pictures import precision_recall

pytestmark = pytest.mark.train

PREDICTED = np.array([0.95, 0.9, 0.2, 0.1])
RIGHT = np.array([1, 0, 1, 0])
ALIKE = np.ones(4)


def test_precision_falls_as_recall_rises() -> None:
    recall, precision = zip(*curve(PREDICTED, RIGHT, ALIKE), strict=True)
    assert recall == (0.5, 1.0)
    assert precision == pytest.approx((1.0, 2 / 3), abs=1e-4)


def test_weights_count() -> None:
    recall, precision = curve(PREDICTED, RIGHT, np.array([1.0, 9.0, 1.0, 1.0]))[-1]
    assert recall == 1.0
    assert precision == pytest.approx(2 / 11, abs=1e-4)


def test_tenths_say_how_far_it_holds() -> None:
    counts, said, held = zip(*tenths(PREDICTED, RIGHT, ALIKE), strict=True)
    assert counts == (1, 1, 2)
    assert said == pytest.approx((0.1, 0.2, 0.925))
    assert held == (0.0, 1.0, 0.5)


def test_every_language_has_a_line_and_a_name() -> None:
    picture = ElementTree.fromstring(precision_recall({"c": [(0.5, 1.0)], "go": [(1.0, 0.2)]}, "Some"))
    assert sum(shape.tag.endswith("polyline") for shape in picture.iter()) == 2
    assert {"c", "go"} <= {shape.text for shape in picture.iter()}


def test_nothing_surer_is_claimed_than_the_surest_were_right() -> None:
    assert surest(PREDICTED, RIGHT, ALIKE) == 0.5
    many = np.linspace(0, 1, 100)
    assert surest(many, many > 0.9, np.ones(100)) == pytest.approx(10 / 25)
