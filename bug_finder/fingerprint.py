"""What a finding is known by while the file changes: its kind, its function, what its statement says.

No line numbers, no blanks, no path: it stays the same when code moves within a file or to another, and when
it is laid out anew. Equal statements of one function share a fingerprint, and so are dismissed together.
"""

from __future__ import annotations

import hashlib
import re

from bug_finder.finding import Finding

_TOKEN = re.compile(r"\w+|[^\w\s]")
_SUPPRESSION = re.compile(r"(?:#|//|/\*|--|;|<!--)\s*tacit:\s*ignore\b.*")


def fingerprint(finding: Finding, text: str) -> str:
    """32 hexadecimal digits that stand for a finding in `text`."""
    start = text.rfind("\n", 0, finding.start) + 1
    end = text.find("\n", max(finding.end - 1, finding.start))
    statement = _SUPPRESSION.sub("", text[start : len(text) if end < 0 else end])
    parts = (finding.kind, finding.function, _said(statement), _said(text[finding.start : finding.end]))
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _said(text: str) -> str:
    return " ".join(_TOKEN.findall(text))
