"""Predictions for apply cases, through the very code that the command line and the server run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from apply.apply import Refused, apply_sketch


def predict(case: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one case as the scorer reads it; raises KeyError where it lacks a field."""
    original, sketch, path = case["original"], case["sketch"], case["path"]
    started = time.perf_counter()
    outcome = apply_sketch(original, sketch, path)
    ms = round((time.perf_counter() - started) * 1000, 1)
    if isinstance(outcome, Refused):
        return {"id": case["id"], "refused": True, "reason": outcome.reason, "ms": ms}
    return {"id": case["id"], "result": outcome.text, "confidence": round(outcome.confidence, 3), "ms": ms}
