"""How sure the model was of the first line: the part of a suggestion that is read before it is accepted."""

from __future__ import annotations

import math

from completion.prompt import Encoder
from engine.decode import Generation


def confidence(generation: Generation, heal: str, encoder: Encoder) -> float:
    """Return the model's probability of the whole first line, its end included; 0 if it has no line.

    That is the product over its tokens. It tells right lines from wrong ones better than the mean or the
    least probability of a token, and it is close to the share of lines that are right (docs/EVALUATION.md).
    Tokens that only write the healed text again are not the model's choice.
    """
    healed = len(heal.encode())
    written = b""
    logprobs = []
    for token, logprob in zip(generation.tokens, generation.logprobs, strict=True):
        if b"\n" in written[healed:].lstrip(b"\r\n \t"):
            break
        written += encoder.token_bytes(token)
        if len(written) > healed:
            logprobs.append(logprob)
    return math.exp(sum(logprobs)) if logprobs else 0.0
