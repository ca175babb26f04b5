"""Why nothing was shown: one code and one plain sentence for every silence."""

from __future__ import annotations

from dataclasses import dataclass

from text.coded import Coded


class Reason(Coded):
    """A code that logs and `tacit why` can count (`value`), and a sentence for people (`sentence`)."""

    # Nothing was asked of the model.
    NO_MODEL = "no-model", "No model is ready yet."
    MODEL_FAILED = "model-failed", "The model could not be made ready."
    REMOTE = "remote", "The server that has the model is in trouble."
    MEMORY = "memory", "Memory is above its limit even with empty caches, so nothing is suggested."
    DISABLED = "disabled", "Suggestions are switched off."
    LANGUAGE_OFF = "language-off", "Suggestions are switched off for this language."
    SCOPE_OFF = "scope-off", "Suggestions are switched off inside comments or strings."
    PRIVATE = "private", "This file may hold secrets or is switched off, so the model is not shown it."
    MID_WORD = "mid-word", "The cursor stands inside a word."
    MID_LINE = "mid-line", "There is code after the cursor that a suggestion would have to displace."
    LONG_LINE = "long-line", "The line is too long to be code."
    COLD = "cold", "The model has not read this place yet and cannot do so in time."
    STALE = "stale", "The document has changed since the request."
    UNKNOWN_DOCUMENT = "unknown-document", "The editor has not opened this document."
    DESYNCHRONISED = "desynchronised", "The editor's changes no longer fit its document; open it anew."
    POPUP = "popup", "The entry selected in the editor's popup does not continue what was typed."
    SHAPE = "shape", "The suggestion has a shape that editors cannot show."

    # A next edit was not asked for, or not here.
    NEXT_EDITS_OFF = "next-edits-off", "Next edits are switched off."
    SNOOZED = "snoozed", "Suggestions are asleep for a while, as you asked."
    UNDONE = "undone", "Something was just undone or redone."
    SEVERAL_PLACES = "several-places", "Several places are being changed at once, as by several cursors."
    COOLDOWN = "cooldown", "A next edit was rejected a moment ago."
    REJECTED = "rejected", "The same edit was rejected here before."
    GHOST_TEXT = "ghost-text", "There is ghost text at the cursor."
    NEXT_EDIT = "next-edit", "There is a next edit at the cursor."

    # The model was stopped.
    CANCELLED = "cancelled", "The editor took the request back."
    SUPERSEDED = "superseded", "A newer request took its place."
    DEADLINE = "deadline", "The model did not finish a line in time."
    TOO_LONG = "too-long", "The model did not come to the end of a line."

    # The model's text was not good enough.
    EMPTY = "empty", "The model has nothing to add here."
    UNSURE = "unsure", "The model is not sure enough of its suggestion."
    REPEATS = "repeats", "The suggestion only repeats a neighbouring line."
    REVERTS = "reverts", "The suggestion would only bring back what was just removed."
    BREAKS_SYNTAX = "breaks-syntax", "The suggestion would add a syntax error."
    SPECIAL = "special", "The model wrote one of its own control tokens."
    SECRET = "secret", "The suggestion looks like a password or key."

    # No next edit.
    NOTHING_CHANGED = "nothing-changed", "Nothing was changed yet that an edit could follow from."
    NO_NEXT_EDIT = "no-next-edit", "Nothing follows from the last changes."
    UNLIKELY = "unlikely", "The next edit is not likely enough to be right."
    FORMATTING = "formatting", "The next edit would only change white space."

    # Something went wrong.
    FAILED = "failed", "The request failed inside the server; its log says where."


@dataclass(frozen=True, slots=True)
class Silence:
    """The answer of a request that shows nothing."""

    reason: Reason
    detail: str = ""  # for logs and `tacit why`; never source text
