"""Prompt version fim_v1: fill in the middle, for models trained on it (Qwen2.5-Coder and its kin).

    <file_sep> path, excerpt ... <fim_prefix> head <fim_suffix> suffix <fim_middle> tail ...

The format puts prefix and suffix before the middle. Here a part of the text before the cursor, the tail, is
given as the beginning of the middle. For the model that is one more cut among the many it was trained on; for
the cache it means that a keystroke changes the last few tokens of the prompt only. The file's own name is
left out: it changed no prediction.

A shipped version is never edited: predictions on record were made with it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from completion.heal import take_back
from completion.prompt import Encoder, Prompt, PromptInputs, announced

if TYPE_CHECKING:
    from engine.model import FimTokens

VERSION: Final = "fim_v1"


def build(inputs: PromptInputs, encoder: Encoder, fim: FimTokens) -> Prompt:
    """Return the prompt. Each piece is encoded by itself: a change in one leaves the others' tokens alone."""
    tail, heal = take_back(inputs.tail, encoder)
    excerpts = [
        announced(excerpt.path, f"{excerpt.text}\n", fim.file, encoder) for excerpt in inputs.excerpts
    ]
    tokens = (
        *chain.from_iterable(excerpts),
        fim.prefix,
        *encoder.encode(inputs.head),
        fim.suffix,
        *encoder.encode(inputs.suffix),
        fim.middle,
        *tail,
    )
    return Prompt(VERSION, tokens, heal, inputs)
