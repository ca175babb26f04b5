"""What an event of a completion says: its first choice, the tokens of that, and how probable they are.

Servers tell probabilities in two forms: llama.cpp's has a list of objects, everybody else's several lists.
Everything here raises `exchange.foreign()` where an event has another form than its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.remote.exchange import foreign


def first_choice(event: Any) -> Mapping[str, Any]:
    """The first choice of an event; an empty one in events that only count."""
    try:
        choice = (event["choices"] or [{}])[0]
    except (TypeError, KeyError, IndexError):
        raise foreign() from None
    if not isinstance(choice, dict):
        raise foreign()
    return choice


def pieces(choice: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The tokens of a choice with their log-probabilities, 0 where none are told.

    A text that is not the sum of its tokens, as at a character of several, counts as one.
    """
    text, told = choice.get("text") or "", choice.get("logprobs") or {}
    try:
        if content := told.get("content"):
            found = [(each["token"], each["logprob"]) for each in content]
        else:
            found = list(zip(told.get("tokens") or (), told.get("token_logprobs") or (), strict=True))
        found = [(piece, min(0.0, float(logprob or 0.0))) for piece, logprob in found]
        if "".join(piece for piece, _ in found) == text:
            return [(piece, logprob) for piece, logprob in found if piece]
        return [(str(text), sum(logprob for _, logprob in found))] if text else []
    except (TypeError, KeyError, ValueError, AttributeError):
        raise foreign() from None


def likeliest(choice: Mapping[str, Any]) -> dict[str, float]:
    """The likeliest first tokens of a choice with their log-probabilities; empty where none are told."""
    told = choice.get("logprobs") or {}
    try:
        if content := told.get("content"):
            return {each["token"]: float(each["logprob"]) for each in content[0].get("top_logprobs") or ()}
        top = (told.get("top_logprobs") or [{}])[0] or {}
        return {text: float(logprob) for text, logprob in top.items()}
    except (TypeError, KeyError, ValueError, AttributeError, IndexError):
        raise foreign() from None


def message(choice: Mapping[str, Any]) -> str:
    """The text of a chat's choice; empty where there is none, as in the first event."""
    try:
        text = (choice.get("delta") or choice.get("message") or {}).get("content") or ""
    except AttributeError:
        raise foreign() from None
    return text if isinstance(text, str) else ""
