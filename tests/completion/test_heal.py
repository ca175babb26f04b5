from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from completion.heal import take_back


class Words:
    """Tokens as a real vocabulary has them: the given pieces, and bytes for the rest."""

    def __init__(self, *pieces: str) -> None:
        self.pieces = [bytes([byte]) for byte in range(256)] + [piece.encode() for piece in pieces]

    def encode(self, text: str) -> list[int]:
        data, tokens = text.encode(), []
        while data:
            fitting = [token for token, piece in enumerate(self.pieces) if data.startswith(piece)]
            tokens.append(max(fitting, key=lambda token: len(self.pieces[token])))
            data = data[len(self.pieces[tokens[-1]]) :]
        return tokens

    def token_bytes(self, token: int) -> bytes:
        return self.pieces[token]

    def special(self, name: str) -> int | None:
        return None

    def decode(self, tokens: Sequence[int]) -> str:
        return b"".join(map(self.token_bytes, tokens)).decode()


BYTES = Words()
WORDS = Words("return", " conf", "igu", "self", "    ", " x", "é", "日本")


@pytest.mark.parametrize(
    ("text", "heal"),
    [
        ("return configu", " configu"),
        ("return self.", "."),
        ("f(self", "(self"),
        ("if x:\n    ", "    "),
        ("x = ", " "),
        ("x = 12", ""),
        ("x\n", ""),
        ("", ""),
        ("a = 日本", " 日本"),
    ],
)
def test_the_open_end_is_taken_back(text: str, heal: str) -> None:
    tokens, taken = take_back(text, WORDS)
    assert taken == heal
    assert WORDS.decode(tokens) + taken == text


def test_a_long_word_is_taken_back_in_part() -> None:
    tokens, taken = take_back("abcdefgh", WORDS)
    assert (WORDS.decode(tokens), taken) == ("abcde", "fgh")


@given(st.text())
def test_nothing_is_lost_and_no_character_is_cut(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    tokens, taken = take_back(text, BYTES)
    assert BYTES.decode(tokens) + taken == text
