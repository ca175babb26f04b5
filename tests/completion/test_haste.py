from __future__ import annotations

import time

from completion.haste import Hasty
from engine.model import never


def stops_after(text: str, seconds_left: float) -> str:
    """Feed `text` by characters that take a millisecond each; return what was fed."""
    stop = Hasty(never, time.monotonic() + seconds_left)
    for size in range(1, len(text) + 1):
        time.sleep(0.001)
        if stop(text[:size]):
            return text[:size]
    return text


def test_with_time_left_nothing_is_cut_short() -> None:
    assert stops_after("one\ntwo\nthree\n", 10) == "one\ntwo\nthree\n"


def test_without_time_for_a_line_the_last_whole_one_is_the_end() -> None:
    assert stops_after("one\ntwo\nthree\n", 0.004) == "one\n"


def test_a_line_that_is_begun_is_not_cut() -> None:
    assert stops_after("a long first line\nx", 0) == "a long first line\n"


def test_blank_lines_are_no_end() -> None:
    assert stops_after("\n\nx\n", 0) == "\n\nx\n"
