"""Predictions for bug cases, through the very code that the command line and the server run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from bug_finder.calibrate import logit
from bug_finder.detect import ABOUT_COMMENTS, Detector

LINES = 3  # that are named, the most suspicious first


def predict(case: Mapping[str, Any], detector: Detector) -> Iterator[dict[str, Any]]:
    """Answers for a bug case, as it was and as it was mended, or for a clean case, as the scorer reads them.

    `score` is the logarithm of the odds that something is wrong in the function. Raises KeyError where the
    case lacks a field.
    """
    if "code" in case:
        yield _judged(case["id"], case["code"], case["language"], detector)
    else:
        yield _judged(case["id"], case["buggy"], case["language"], detector)
        yield _judged(f"{case['id']}#fixed", case["fixed"], case["language"], detector)


def _judged(name: str, text: str, language: str, detector: Detector) -> dict[str, Any]:
    started = time.perf_counter()
    (judged,) = detector.judge(text, language, [(0, len(text))])
    ms = round((time.perf_counter() - started) * 1000, 2)
    # A doc string that is wrong is a finding, and no bug of the code.
    findings = sorted(judged.findings, key=lambda each: each.kind in ABOUT_COMMENTS)
    lines = list(dict.fromkeys(each.line + 1 for each in findings))[:LINES]
    kind = findings[0].kind if findings else ""
    return {"id": name, "score": logit(judged.probability), "lines": lines or [1], "kind": kind, "ms": ms}
