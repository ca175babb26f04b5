"""A finding in plain words, for editors, terminals and reports."""

from __future__ import annotations

from bug_finder.finding import Finding

_LONGEST = 60


def message(finding: Finding, text: str) -> str:
    """What looks wrong, how probably, and what is proposed."""
    proposed = proposal(finding, text)
    return f"{finding.message} {finding.probability:.0%} sure.{f' Proposed: {proposed}.' if proposed else ''}"


def proposal(finding: Finding, text: str) -> str:
    """The proposed fix in a few words; "" where there is none."""
    if finding.replacement is None:
        return ""
    old, new = _short(text[finding.start : finding.end]), _short(finding.replacement)
    if not new:
        return f"remove {old}"
    return f"{new} instead of {old}" if old else f"insert {new}"


def kind(finding: Finding) -> str:
    """The finding's kind as words."""
    return _spaced(finding.kind)


def titled(kind: str) -> str:
    """The name of a kind as a title."""
    name = _spaced(kind)
    return f"{name[:1].upper()}{name[1:]}"


def _spaced(kind: str) -> str:
    return kind.replace("_", " ").replace("-", " ")


def _short(text: str) -> str:
    words = " ".join(text.split())
    cut = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    return f"`{cut}`" if cut else ""
