from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from training.learning_curve import Curve, Point, drawn, foretold, read

LOG = Path(__file__).parents[2] / "training" / "log"
TABLE = LOG / "learning_curve.tsv"

LOSS = Curve([Point("a", tokens, 2 * tokens**-0.1) for tokens in (10**5, 10**6, 10**7)])
SHARE = Curve([Point("a", 10**5, 0.1, 100), Point("b", 10**6, 0.2, 100, 12, 2)])


def test_a_power_law_is_found_again() -> None:
    assert LOSS.fit() == pytest.approx((math.log10(2), -0.1))
    assert LOSS.at(10**8) == pytest.approx(2 * 10**-0.8)
    assert LOSS.tokens_for(LOSS.at(10**9)) == pytest.approx(10**9)
    assert LOSS.tokens_for(LOSS.at(10**6)) == 10**7  # what is had already needs no more than was seen


def test_shares_grow_with_every_tenfold() -> None:
    assert SHARE.fit()[1] == pytest.approx(0.1)
    assert SHARE.tokens_for(0.3) == pytest.approx(10**7)
    assert SHARE.error() == pytest.approx(math.sqrt(14 - 1) / 100)


def test_the_base_is_in_no_fit() -> None:
    assert Curve([Point("base", 0, 0.05, 100), *SHARE.points]).fit() == SHARE.fit()


def test_how_unsure_it_is_is_said() -> None:
    assert SHARE.tokens_for(0.3, 1.0) < SHARE.tokens_for(0.3) < SHARE.tokens_for(0.3, -1.0)
    assert math.isinf(SHARE.tokens_for(0.3, -3.0))
    alike = Curve([SHARE.points[0], Point("b", 10**6, 0.11, 100, 8, 7)])
    assert foretold(alike, 0.2).endswith("never")


def test_points_off_the_line_make_a_loss_unsure() -> None:
    assert LOSS.error() == pytest.approx(0.0, abs=1e-9)
    bent = Curve([*LOSS.points[:2], Point("a", 10**7, 1.1 * LOSS.at(10**7))])
    assert bent.error() == pytest.approx(math.log10(1.1) / math.sqrt(12))


def test_what_gets_worse_never_arrives() -> None:
    worse = Curve([Point("a", 10**5, 1.0), Point("a", 10**6, 1.1)])
    assert math.isinf(worse.tokens_for(0.9))


def test_the_picture_in_the_log_is_that_of_the_table() -> None:
    assert (LOG / "learning_curve.svg").read_text(encoding="utf-8") == drawn(read(TABLE))


def test_every_measurement_is_drawn() -> None:
    curves = read(TABLE)
    picture = list(ElementTree.fromstring(drawn(curves)))
    tags = [element.tag.partition("}")[2] for element in picture]
    assert tags.count("circle") == sum(len(curve.points) for curve in curves.values())
    assert tags.count("polyline") == len(curves)
