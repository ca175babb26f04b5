"""How sure the model was of the first line: the part of a suggestion that is read before it is accepted."""

from __future__ import annotations

import math
import re
from typing import Final

from completion.prompt import Encoder
from engine.model import Generation

_BARE_OPENING: Final = re.compile(rb"""\s*(?:[rRuU]?(?:"{3}|'{3})|/\*+)[ \t]*\r?\n""")


def confidence(generation: Generation, heal: str, encoder: Encoder) -> float:
    """Return the model's probability of the whole first line, its end included; 0 if it has no line.

    That is the product over its tokens. It tells right lines from wrong ones better than the mean or the
    least probability of a token, and it is close to the share of lines that are right (docs/EVALUATION.md).
    A line that only opens a doc string or comment says nothing yet, so the next one belongs to it.
    Tokens that only write the healed text again are not the model's choice.
    """
    healed = len(heal.encode())
    written = b""
    logprobs = []
    for token, logprob in zip(generation.tokens, generation.logprobs, strict=True):
        said = written[healed:]
        opening = _BARE_OPENING.match(said)
        if b"\n" in said[opening.end() if opening else 0 :].lstrip(b"\r\n \t"):
            break
        written += encoder.token_bytes(token)
        if len(written) > healed:
            logprobs.append(logprob)
    return math.exp(sum(logprobs)) if logprobs else 0.0
