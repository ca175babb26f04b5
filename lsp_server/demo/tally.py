"""What a replayed session adds up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.report import summary
from lsp_server.demo.moment import Moment


@dataclass
class Tally:
    """Counts moments as they come."""

    keys: int = 0
    tabs: int = 0
    typed: int = 0
    """Characters that keys wrote."""
    tabbed: int = 0
    """Characters that Tab wrote."""
    shown: int = 0
    """Suggestions that came up, each counted once however long it was typed through."""
    silent: int = 0
    model_ms: list[float] = field(default_factory=list)
    typed_through_ms: list[float] = field(default_factory=list)
    next_ms: list[float] = field(default_factory=list)
    """Of each next edit that was shown."""
    asked: int = 0
    """Next edits that the person had to ask for."""
    made: int = 0
    """Next edits that Tab made."""
    jumps: int = 0
    applied: int = 0
    refused: int = 0
    apply_ms: list[float] = field(default_factory=list)
    found: int = 0
    """Questions that had an answer."""
    search_ms: list[float] = field(default_factory=list)

    def add(self, moment: Moment) -> None:
        """Count one moment."""
        match moment.kind:
            case "tab":
                self.tabs += 1
                self.tabbed += len(moment.text)
            case "key":
                self._add_key(moment)
            case "jump":
                self.jumps += 1
            case "next":
                self.next_ms.append(moment.ms)
                self.asked += moment.asked
            case "made":
                self.made += 1
            case "exact" | "refused":
                self.apply_ms.append(moment.ms)
                self.applied += moment.kind == "exact"
                self.refused += moment.kind == "refused"
            case "found":
                self.search_ms.append(moment.ms)
                self.found += bool(moment.hits)

    @property
    def tabbed_share(self) -> float:
        """The share of all characters that did not have to be typed."""
        return self.tabbed / max(1, self.tabbed + self.typed)

    def _add_key(self, moment: Moment) -> None:
        self.keys += 1
        self.typed += len(moment.text)
        if not moment.ghost:
            self.silent += 1
        elif moment.typed_through:
            self.typed_through_ms.append(moment.ms)
        else:
            self.shown += 1
            self.model_ms.append(moment.ms)

    def figures(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "keys": self.keys,
            "tabs": self.tabs,
            "characters_typed": self.typed,
            "characters_tabbed": self.tabbed,
            "tabbed_share": round(self.tabbed_share, 3),
            "suggestions": self.shown,
            "silent": self.silent,
            "model_ms": summary(self.model_ms),
            "typed_through_ms": summary(self.typed_through_ms),
            "next_edits": {
                "shown": len(self.next_ms),
                "asked_for": self.asked,
                "made": self.made,
                "jumps": self.jumps,
                "ms": summary(self.next_ms),
            },
            "apply": {"applied": self.applied, "refused": self.refused, "ms": summary(self.apply_ms)},
            "search": {
                "answered": self.found,
                "ms": summary(self.search_ms),
            },
        }
