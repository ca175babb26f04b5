"""Why a sketch was not applied, or a search showed nothing: a code and a sentence each, for `tacit why`.

Those of ghost text and next edits are in `completion.reasons`, those of findings in `bug_finder.reasons`.
"""

from __future__ import annotations

from text.coded import Coded


class Reason(Coded):
    """A code that reports can count (`value`), and a sentence for people (`sentence`)."""

    # A sketch was not applied. What exactly is wrong is in the editor's message: it may quote the file.
    REFUSED = "refused", "The sketch does not fit the file in one way only, or its result would be wrong."
    CHANGED = "changed-meanwhile", "The file or the sketch has changed since."
    BAD_REQUEST = "bad-request", "The request itself was amiss."
    GIVEN_UP = "given-up", "It was given up."

    # A search showed nothing.
    NO_INDEX = "no-index", "There is no search index yet, or none is wanted."
    NO_QUERY = "no-query", "Nothing was asked for."
    NO_MATCH = "no-match", "Nothing in the index fits."
    CANCELLED = "cancelled", "The editor took the request back."
    FAILED = "failed", "The request failed inside the server; its log says where."
