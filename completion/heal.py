"""Token healing: take back the prompt's last word, so that the model may write it in its own tokens.

A prompt that ends inside a word (`return confi`) or after a blank ends in tokens that training text seldom
shows there: the tokenizer would have merged them with what follows. So the last piece of text is taken off
the prompt and the output is constrained to begin with it. Idea: "token healing", Lundberg, The Art of Prompt
Design, 2023.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from completion.prompt import Encoder

# The longest end of the text that byte-pair pre-tokenizers (GPT-2's and Qwen's) could merge with what comes
# next: a word with the punctuation and one blank before it, or blanks. Digits and line ends are never merged
# onwards.
_OPEN_END = re.compile(r"(?:[ \t]?(?:[^\w\s]|_)*(?:[^\W\d_])+|[ \t]?(?:[^\w\s]|_)+|[ \t]+)\Z")
_MOST_TOKENS = 3  # each costs a decode step; the rest of a longer word stays as it is
_LOOK_BACK = 80


def take_back(text: str, encoder: Encoder) -> tuple[Sequence[int], str]:
    """Return the tokens of `text` without its open end, and that end."""
    tokens = encoder.encode(text)
    match = _OPEN_END.search(text, max(0, len(text) - _LOOK_BACK))
    if not match:
        return tokens, ""
    wanted = len(match.group().encode())
    taken = b""
    kept = len(tokens)
    while kept and len(taken) < wanted and len(tokens) - kept < _MOST_TOKENS:
        kept -= 1
        taken = encoder.token_bytes(tokens[kept]) + taken
    # A token may hold part of a character: give back tokens until the cut lies between two.
    while taken and not _starts_a_character(taken):
        taken = taken[len(encoder.token_bytes(tokens[kept])) :]
        kept += 1
    return tokens[:kept], taken.decode()


def _starts_a_character(taken: bytes) -> bool:
    return (taken[0] & 0b1100_0000) != 0b1000_0000
