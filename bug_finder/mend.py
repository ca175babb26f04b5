"""A proposed fix as an edit, if it holds: it changes its place alone, and what parsed still does."""

from __future__ import annotations

from bug_finder.finding import Finding
from text.edits import Edit, apply
from text.syntax import parse


def mend(finding: Finding, text: str, language: str) -> Edit | None:
    """The edit of `text`; None where nothing is proposed, nothing would change, or something would break."""
    if finding.replacement is None or text[finding.start : finding.end] == finding.replacement:
        return None
    edit = Edit(finding.start, finding.end, finding.replacement)
    before, after = parse(text, language), parse(apply(text, (edit,)), language)
    if before is None or after is None or after.error_count > before.error_count:
        return None
    return edit
