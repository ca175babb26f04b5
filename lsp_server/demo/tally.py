"""What a replayed session adds up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.report import summary
from lsp_server.demo.player import Moment


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

    def add(self, moment: Moment) -> None:
        """Count one moment."""
        if moment.kind == "tab":
            self.tabs += 1
            self.tabbed += len(moment.text)
        elif moment.kind == "key":
            self.keys += 1
            self.typed += len(moment.text)
            if not moment.ghost:
                self.silent += 1
            elif moment.typed_through:
                self.typed_through_ms.append(moment.ms)
            else:
                self.shown += 1
                self.model_ms.append(moment.ms)

    @property
    def tabbed_share(self) -> float:
        """The share of all characters that did not have to be typed."""
        return self.tabbed / max(1, self.tabbed + self.typed)

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
        }
