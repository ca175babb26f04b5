"""What is never shown, however sure the model is."""

from __future__ import annotations

import re
from typing import Final

from completion.reasons import Reason
from completion.stop import Site, is_repeat
from text.secrets import REDACTED, secrets

_SPECIAL: Final = re.compile(r"<\|\w+\|>|<(?:fim_\w+|file_sep|repo_name|filename|jupyter_\w+|endoftext)>")

_SURE: Final = 0.9  # a repeated line is shown only above this


def veto(new: str, site: Site, sureness: float) -> Reason | None:
    """Return why text for the cursor must not be shown, None if it may be."""
    line = site.line + new.split("\n")[0]
    if not new.strip():
        return Reason.EMPTY
    if _SPECIAL.search(new):
        return Reason.SPECIAL
    if holds_secret(site.line + new):
        return Reason.SECRET
    if is_repeat(line, site.above) and sureness < _SURE:
        return Reason.REPEATS
    return None


def holds_secret(text: str) -> bool:
    """Return whether a text looks as if it held a password or key."""
    return REDACTED * 4 in text or any(secrets(text))
