from __future__ import annotations

import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.properties import steady
from tests.text.reference import ALPHABET, width_of
from text.positions import ByteMap, Encoding, column_from_units, units_from_column

LINE = st.lists(st.sampled_from([char for char in ALPHABET if char not in ("\r", "\n", "\r\n")])).map("".join)
ENCODING = st.sampled_from(Encoding)


@pytest.mark.parametrize(
    ("encoding", "units", "column"),
    [
        (Encoding.UTF8, 0, 0),
        (Encoding.UTF8, 1, 0),  # inside é
        (Encoding.UTF8, 2, 1),
        (Encoding.UTF8, 5, 1),  # inside the emoji
        (Encoding.UTF8, 6, 2),
        (Encoding.UTF8, 99, 3),
        (Encoding.UTF16, 1, 1),
        (Encoding.UTF16, 2, 1),  # between the surrogates
        (Encoding.UTF16, 3, 2),
        (Encoding.UTF16, 99, 3),
        (Encoding.UTF32, 2, 2),
        (Encoding.UTF32, 99, 3),
        (Encoding.UTF32, -1, 0),
        (Encoding.UTF16, -1, 0),
    ],
)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r"])
def test_units_round_down_and_stop_before_the_ending(
    encoding: Encoding, units: int, column: int, ending: str
) -> None:
    assert column_from_units("é😀x" + ending, units, encoding) == column


@steady
@given(LINE, ENCODING, st.integers(-1, 60))
def test_both_ways_agree_with_walking_over_the_characters(line: str, encoding: Encoding, units: int) -> None:
    starts = list(accumulate((width_of(char, encoding) for char in line), initial=0))
    column = column_from_units(line + "\r\n", units, encoding)
    assert column == max([index for index, start in enumerate(starts) if start <= units], default=0)
    for index, start in enumerate(starts):
        assert units_from_column(line + "\n", index, encoding) == start
        assert column_from_units(line, start, encoding) == index
    assert units_from_column(line + "\n", len(line) + 1, encoding) == starts[-1]


@pytest.mark.parametrize("alphabet", [["a", "\n"], ALPHABET])
@pytest.mark.parametrize("length", [0, 1, ByteMap.STRETCH - 1, ByteMap.STRETCH, 3 * ByteMap.STRETCH, 5000])
def test_byte_map(alphabet: list[str], length: int) -> None:
    text = "".join(random.Random(length).choices(alphabet, k=length))[:length]
    bytes_of = ByteMap(text)
    assert bytes_of.data == text.encode("utf-8", "surrogatepass")
    starts = list(accumulate((width_of(char, Encoding.UTF8) for char in text), initial=0))
    for offset, start in enumerate(starts):
        assert bytes_of.byte(offset) == start
        assert bytes_of.offset(start) == offset
        if offset and starts[offset - 1] < start - 1:
            assert bytes_of.offset(start - 1) == offset - 1
    assert (bytes_of.byte(-1), bytes_of.byte(length + 9)) == (0, starts[-1])
    assert (bytes_of.offset(-1), bytes_of.offset(starts[-1] + 9)) == (0, length)
