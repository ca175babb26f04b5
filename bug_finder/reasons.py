"""Why a file, or a finding in it, was not shown: one code and one plain sentence each."""

from __future__ import annotations

from text.coded import Coded


class Reason(Coded):
    """A code that reports can count (`value`), and a sentence for people (`sentence`)."""

    # A file was not read, or not to its end.
    OFF = "bugs-off", "The bug finder is switched off."
    NO_MODEL = "no-model", "The bug finder's model could not be loaded."
    LANGUAGE = "language", "The language is not one that is understood, or it is switched off."
    PRIVATE = "private", "The file may hold secrets or is switched off, so it is not read."
    UNKNOWN_DOCUMENT = "unknown-document", "The editor has not opened this document, or it was lost."
    MISSING = "missing", "There is no such file."
    NO_FILE = "no-file", "It is no regular file."
    UNREADABLE = "unreadable", "The file cannot be read."
    TOO_LARGE = "too-large", "The file is too large to have been written by hand."
    EMPTY = "empty", "The file is empty."
    BINARY = "binary", "The file is no text."
    GENERATED = "generated", "The file says that it was generated."
    MINIFIED = "minified", "The file is minified, or a table."
    VENDORED = "vendored", "The file lies in a folder of code that others wrote."
    TOO_DEEP = "too-deep", "The code is nested too deeply to have been written by hand."
    UNPARSABLE = "unparsable", "Too much of the file does not parse."
    CHANGED = "changed", "The file kept changing while it was read."
    CANCELLED = "cancelled", "It was given up."
    FAILED = "failed", "The bug finder failed on it; the log says where."
    NO_FUNCTIONS = "no-functions", "There is no function in it."

    # A finding was not shown.
    UNTOUCHED = "untouched", "It is not in what the change touched."
    KIND_OFF = "kind-off", "Findings of its kind are switched off."
    SUPPRESSED = "suppressed", "A comment says that it is to be ignored."
    DISMISSED = "dismissed", "It was dismissed in this project."
    BROKEN = "broken", "Its function does not parse."
    UNLIKELY = "unlikely", "It is less probable than the wanted precision."
    TOO_MANY = "too-many", "There are more probable ones, as many as are shown of one file."

    NOTHING = "nothing", "Nothing looks wrong."
