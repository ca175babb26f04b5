"""How many threads a model gets."""

from __future__ import annotations

import os
from typing import Final

import psutil

MOST_THREADS: Final = 8  # decoding is bound by memory: more cores add little and take much from the user


def default_threads() -> int:
    """Return the number of physical cores that this process may use; their siblings only get in the way."""
    cores = psutil.cpu_count(logical=False) or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed, MOST_THREADS))
