"""Prompt version prefix_v1: plain continuation, for models without fill-in-the-middle tokens (SmolLM2).

    <filename> path, excerpt ... <filename> path, head, tail

Files are announced as they were in training. What follows the cursor is not shown: put above the text, it
helped little, and a prompt that changes near its start would have to be read anew whenever the cursor moves.

A shipped version is never edited: predictions on record were made with it.
"""

from __future__ import annotations

from typing import Final

from completion.heal import take_back
from completion.prompt import Encoder, Prompt, PromptInputs, announced

VERSION: Final = "prefix_v1"


def build(inputs: PromptInputs, encoder: Encoder) -> Prompt:
    """Return the prompt. Each piece is encoded by itself: a change in one leaves the others' tokens alone."""
    tail, heal = take_back(inputs.tail, encoder)
    files = [
        *((excerpt.path, f"{excerpt.text}\n") for excerpt in inputs.excerpts),
        (inputs.path, inputs.head),
    ]
    mark = encoder.special("<filename>")
    tokens = [token for path, text in files for token in announced(path, text, mark, encoder)]
    return Prompt(VERSION, (*tokens, *tail), heal, inputs)
