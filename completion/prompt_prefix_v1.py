"""Prompt version prefix_v1: plain continuation, for models without fill-in-the-middle tokens (SmolLM2).

    excerpts, path, head, tail ...

A shipped version is never edited: predictions on record were made with it.
"""

from __future__ import annotations

from typing import Final

from completion.heal import take_back
from completion.prompt import Encoder, Prompt, PromptInputs

VERSION: Final = "prefix_v1"


def build(inputs: PromptInputs, encoder: Encoder) -> Prompt:
    """Return the prompt. Each piece is encoded by itself: a change in one leaves the others' tokens alone."""
    tail, heal = take_back(inputs.tail, encoder)
    tokens = (
        *encoder.encode("".join(f"# {excerpt.path}\n{excerpt.text}\n" for excerpt in inputs.excerpts)),
        *encoder.encode(f"# {inputs.path}\n"),
        *encoder.encode(inputs.head),
        *tail,
    )
    return Prompt(VERSION, tokens, heal, inputs)
