"""What is said under the picture, and in lines of text instead of one."""

from __future__ import annotations

from lsp_server.demo.moment import Moment


def caption(moment: Moment) -> str:
    """One short line about what is shown and how long it took; empty where there is nothing to say."""
    ms = f"{moment.ms:4.0f} ms"
    match moment.kind:
        case "key" if moment.ghost:
            return f"{ms} {'still fits, no model call' if moment.typed_through else 'from the model'}"
        case "jump":
            return f"{ms} next edit at {moment.text}: jump"
        case "next":
            return f"{ms} next edit, {'asked for' if moment.asked else 'by itself'}"
        case "pass":
            return "Not what was meant: Esc"
        case "sketch":
            return "A model's answer, as it came"
        case "exact":
            return f"{ms} {moment.text}"
        case "applied":
            return "Applied, one undo step"
        case "refused":
            return f"{ms} refused"
        case "found":
            return f"{ms} by meaning and by name"
    return ""
