from __future__ import annotations

from completion.line_drafts import LineDrafter
from tests.support.scripted import byte_tokenizer

TOKENIZER = byte_tokenizer()


def drafted(prompt: str, written: str, limit: int = 99) -> str:
    drafter = LineDrafter(TOKENIZER.encode(prompt), TOKENIZER)
    return TOKENIZER.decode(drafter.draft(TOKENIZER.encode(prompt + written), limit))


def test_what_followed_before_is_drafted_to_the_end_of_its_line() -> None:
    assert drafted("x = first(1)\ny = second(2)\n", "x = f") == "irst(1)\n"


def test_the_limit_holds() -> None:
    assert drafted("x = first(1)\n", "x = f", limit=3) == "irs"


def test_without_a_likeness_nothing_is_drafted() -> None:
    assert drafted("x = first(1)\n", "zz") == ""
