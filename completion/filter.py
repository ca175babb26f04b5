"""What is never shown, however sure the model is."""

from __future__ import annotations

import re
from typing import Final

from completion.reasons import Reason
from completion.stop import Site, is_repeat

_SPECIAL: Final = re.compile(r"<\|\w+\|>|<(?:fim_\w+|file_sep|repo_name|filename|jupyter_\w+|endoftext)>")

# Shapes of credentials that a model may have learnt by heart, or copied from elsewhere in the file.
_SECRET: Final = re.compile(
    r"""
      -----BEGIN\ [A-Z ]*PRIVATE\ KEY
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                                        # AWS
    | \b(?:gh[pousr]_|github_pat_)[0-9A-Za-z_]{22,}                        # GitHub
    | \bxox[abprs]-[0-9A-Za-z-]{10,}                                       # Slack
    | \bsk-[0-9A-Za-z_-]{20,}                                              # several model vendors
    | \bAIza[0-9A-Za-z_-]{35}\b                                            # Google
    | \beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}                       # JSON web token
    | (?i:passw(?:or)?d|secret|token|api_?key)\w*["']?\s*[:=]\s*["'](?=[^"']*\d)[0-9A-Za-z+/_=-]{16,}["']
    """,
    re.VERBOSE,
)

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
    return _SECRET.search(text) is not None
