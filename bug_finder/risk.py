"""How much a finding matters: how probable it is, times how far a bug at its place would reach."""

from __future__ import annotations

import math
import re
from typing import Literal

from bug_finder.finding import Finding

Level = Literal["warning", "information", "hint"]

_TEST = re.compile(
    r"(?:^|[/_.-])(?:tests?|spec|testing|mocks?|examples?|fixtures?)(?:[/_.-]|$)|Tests?\.java$", re.IGNORECASE
)


def reach(finding: Finding, text: str, path: str = "") -> float:
    """From .5 (in a test) over 1 (in a function that the file names once) to 2 (that it names often)."""
    if _TEST.search(path):
        return 0.5
    name = finding.function.rpartition(".")[2]
    named = len(re.findall(rf"\b{re.escape(name)}\b", text)) - 1 if name else 0
    return min(1 + 0.25 * math.log2(1 + max(named, 0)), 2.0)


def risk(finding: Finding, text: str, path: str = "") -> float:
    """What findings are ranked by where a change is reviewed."""
    return finding.probability * reach(finding, text, path)


def level(finding: Finding, text: str, path: str = "") -> Level:
    """How loudly an editor should speak. Never as an error: those are what compilers know for sure."""
    amount = risk(finding, text, path)
    return "warning" if amount >= 0.85 else "information" if amount >= 0.4 else "hint"
