"""How sure the model was of the first line: the part of a suggestion that is read before it is accepted."""

from __future__ import annotations

import math

from completion.prompt import Encoder
from engine.decode import Generation


def confidence(generation: Generation, heal: str, encoder: Encoder) -> float:
    """Return a figure in 0..1 from the log-probabilities of the first line's tokens, 0 if there are none.

    The geometric mean of a token's probability, drawn towards its least likely token: one wrong name spoils a
    line that is otherwise certain. Tokens that only write the healed text again are not the model's choice.
    """
    healed = len(heal.encode())
    written = b""
    logprobs = []
    for token, logprob in zip(generation.tokens, generation.logprobs, strict=True):
        new = encoder.token_bytes(token)
        if written[healed:].strip(b"\r\n \t") and b"\n" in written[healed:].lstrip(b"\r\n"):
            break
        written += new
        if len(written) > healed:
            logprobs.append(logprob)
    if not logprobs:
        return 0.0
    mean = sum(logprobs) / len(logprobs)
    return math.exp((mean + min(logprobs)) / 2)
