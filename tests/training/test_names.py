from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from training.data.names import names_in, occurrences


def test_words_of_languages_are_no_names() -> None:
    assert names_in(["return self.first_name if x else 2"]) == {"first_name"}


@given(st.text(alphabet="ab_1 .é", max_size=60), st.sampled_from(["ab", "a_b", "aa", "é1"]))
def test_occurrences_are_those_of_whole_words(text: str, name: str) -> None:
    expected = [match.start() for match in re.finditer(rf"(?<!\w){name}(?!\w)", text)]
    assert list(occurrences(name, text)) == expected
