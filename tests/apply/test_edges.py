"""Where a part of a sketch meets what it leaves out: what shows no line of the file there is refused."""

from __future__ import annotations

import pytest

from apply.apply import Applied, Refused, apply_sketch

SHOP = '''\
"""A shop."""

LIMIT = 20
CURRENCY = "EUR"
RATES = {"EUR": 1.0}


class Basket:
    """What somebody wants."""

    def __init__(self, owner):
        self.owner = owner
        self.goods = []

    def add(self, good,count=1):
        for _ in range(count):
            self.goods.append(good)
        return self

    def total(self, rate):
        result = 0
        for good in self.goods:
            result += good.price
        return result * rate
'''


def refused(sketch: str) -> Refused:
    outcome = apply_sketch(SHOP, sketch, "shop.py")
    assert isinstance(outcome, Refused), outcome.text
    assert outcome.preview is not None
    return outcome


def test_a_line_of_the_file_is_not_written_again_as_the_edge_of_a_part() -> None:
    sketch = (
        "# ...\n        return result * rate\n\n    def clear(self):\n        self.goods = []\n\n"
        "    def add(self, good,count=1):\n        # ...\n"
    )
    assert "begins or ends with 'return result * rate'" in refused(sketch).reason


def test_lines_above_a_sketch_that_marks_what_it_leaves_out_but_not_there() -> None:
    assert "above" in refused('RATES = {"EUR": 1.0, "CHF": 0.9}\n\n\nclass Basket:\n    # ...\n').reason


def test_a_blank_line_does_not_leave_out_a_single_line() -> None:
    assert (
        "Line 9"
        in refused(
            'RATES = {"EUR": 1.0, "CHF": 0.9}\n\n\nclass Basket:\n\n    def __init__(self, owner):\n'
        ).reason
    )


def test_a_changed_line_before_lines_that_nothing_marks_is_refused() -> None:
    sketch = (
        "    def __init__(self, owner):\n        self.owner = owner\n        self.goods = {}\n\n"
        "        for good in self.goods:\n            result += good.cost\n        return result * rate\n"
    )
    assert "no marker tells" in refused(sketch).reason


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("def add(self, good, count=1):", "def add(self, good, count=1):"),  # tidier: meant
        ("def add(self, good,count = 1):", "def add(self, good,count = 1):"),
        ("def add(self,good,count=1):", "def add(self, good,count=1):"),  # a careless copy
        ("def add( self, good,count=1):", "def add(self, good,count=1):"),
    ],
)
def test_blanks_in_a_line_are_meant_unless_they_are_careless(shown: str, meant: str) -> None:
    body = "        for _ in range(int(count)):\n            self.goods.append(good)\n"
    sketch = f"# ...\n    {shown}\n{body}        # ...\n"
    outcome = apply_sketch(SHOP, sketch, "shop.py")
    assert isinstance(outcome, Applied), outcome
    assert outcome.text == SHOP.replace("def add(self, good,count=1):", meant).replace(
        "range(count)", "range(int(count))"
    )
