"""Prompt version apply_v1: a region of a file and a sketch of its change; the model writes the region anew.

It is a conversation, as models that follow instructions were trained on, with one example of the task. What
never changes comes first, so that it is read once.

    <im_start>user
    Apply the sketch to the code. ...
    Code: ```...```
    Sketch: ```...```<im_end>
    <im_start>assistant
    ```...```<im_end>
    (the same with the region and the sketch that are meant)
    <im_start>assistant
    ```

A shipped version is never edited: predictions on record were made with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

VERSION: Final = "apply_v1"
FENCE: Final = "```"

_TASK: Final = (
    "Write the whole code again with the change of the sketch merged in. Change nothing else. "
    "A comment in the sketch such as `... existing code ...` stands for code that stays as it is."
)
_EXAMPLE_CODE: Final = """\
def total(cart):
    result = 0
    for item in cart:
        result += item.price
    return result


def show(cart):
    print(total(cart))
"""
_EXAMPLE_SKETCH: Final = """\
def total(cart, rate=0):
    # ... existing code ...
    return result * (1 + rate)

# ... existing code ...
"""
_EXAMPLE_RESULT: Final = """\
def total(cart, rate=0):
    result = 0
    for item in cart:
        result += item.price
    return result * (1 + rate)


def show(cart):
    print(total(cart))
"""


class Encoder(Protocol):
    """The part of `engine.model.Tokenizer` that the prompt needs."""

    def encode(self, text: str) -> list[int]:
        """Return the tokens of plain text; control tokens are never read out of it."""
        ...

    def special(self, name: str) -> int | None:
        """Return the control token of that name, None if the model has none."""
        ...


def build(region: str, sketch: str, encoder: Encoder) -> list[int]:
    """Return the prompt's tokens; the model answers with the new region, a fence and an end token.

    `region` and `sketch` are texts with `\\n` line ends.
    """
    return [
        *fixed(encoder),
        *_turn("user", _question(region, sketch), encoder),
        *_open("assistant", f"{FENCE}\n", encoder),
    ]


def fixed(encoder: Encoder) -> list[int]:
    """Return what all prompts begin with, to be read ahead."""
    return [
        *_turn("user", f"{_TASK}\n\n{_question(_EXAMPLE_CODE, _EXAMPLE_SKETCH)}", encoder),
        *_turn("assistant", f"{FENCE}\n{_EXAMPLE_RESULT}{FENCE}", encoder),
    ]


def _question(region: str, sketch: str) -> str:
    return f"Code:\n{FENCE}\n{_ended(region)}{FENCE}\nSketch:\n{FENCE}\n{_ended(sketch)}{FENCE}"


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _turn(role: str, text: str, encoder: Encoder) -> Sequence[int]:
    return [*_open(role, text, encoder), *_control("<|im_end|>", encoder), *encoder.encode("\n")]


def _open(role: str, text: str, encoder: Encoder) -> Sequence[int]:
    return [*_control("<|im_start|>", encoder), *encoder.encode(f"{role}\n{text}")]


def _control(name: str, encoder: Encoder) -> Sequence[int]:
    token = encoder.special(name)
    return () if token is None else (token,)
