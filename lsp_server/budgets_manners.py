"""When work that nobody waits for has to wait: on a low battery, and on a machine that is busy.

What waits is the index's passes over folders and the scan of a whole workspace. The documents that are open
are read all the same, below everything else.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from text.coded import Coded

LOW_BATTERY = 20
"""Per cent, without a charger."""
BUSY = 2.0
"""Processes that want to run, per core, over the last minute."""
PATIENCE_S = 120.0
"""How long a busy machine is waited for. Some are always busy, and the index yields to everything anyway."""


class Rest(Coded):
    """Why work waits: a code and a sentence."""

    BATTERY = "low-battery", "The battery is low: indexing and scans wait."
    LOAD = "busy", "The machine is busy: indexing and scans wait a while."

    @staticmethod
    def over() -> str:
        """The sentence for when nothing waits any more."""
        return "Indexing and scans go on."


class Machine:
    """What there is to know. Each may be None where the system does not tell."""

    cores = os.cpu_count() or 1

    def battery(self) -> float | None:
        """Per cent that are left, while it is being used."""
        import psutil

        found: Any = None
        with contextlib.suppress(OSError, ValueError, AttributeError):  # not on every system
            found = psutil.sensors_battery()
        return float(found.percent) if found is not None and found.power_plugged is False else None

    def load(self) -> float | None:
        """Processes that want to run, over the last minute."""
        return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


class Manners:
    """Says whether to wait. `look` is called every few seconds."""

    def __init__(self, machine: Machine | None = None) -> None:
        self._machine = machine or Machine()
        self._busy_since: float | None = None

    def look(self, now: float) -> Rest | None:
        """Why to wait at `now` (seconds), or None."""
        battery, load = self._machine.battery(), self._machine.load()
        if load is None or load <= BUSY * self._machine.cores:
            self._busy_since = None
        elif self._busy_since is None:
            self._busy_since = now
        if battery is not None and battery < LOW_BATTERY:
            return Rest.BATTERY
        if self._busy_since is not None and now - self._busy_since < PATIENCE_S:
            return Rest.LOAD
        return None
