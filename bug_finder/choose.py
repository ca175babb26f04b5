"""Which findings are shown: the probable, wanted ones, and not too many; the others have a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bug_finder.danger import LESS, Danger
from bug_finder.finding import Finding
from bug_finder.fingerprint import fingerprint
from bug_finder.reasons import Reason
from bug_finder.review import Span, touches
from bug_finder.suppress import Suppressions


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants to see: findings this probable, not of these kinds, so many of a file.

    In lines that match one of the `dangerous` patterns, or that a comment marks, less is enough (danger.py).
    """

    precision: float = 0.7
    kinds_off: frozenset[str] = frozenset()
    most: int = 5
    dangerous: tuple[str, ...] = ()


class Chosen(NamedTuple):
    """What is shown, the most probable first; how many are not, by reason; and what was dismissed."""

    shown: list[Finding]
    hidden: Counter[Reason]
    dismissed: list[Finding]


def choose(
    findings: Sequence[Finding],
    text: str,
    language: str,
    wish: Wish,
    dismissed: Container[str] = (),
    changed: Sequence[Span] | None = None,
) -> Chosen:
    """Choose among the findings in `text`; with `changed`, only among those that a change has touched."""
    shown: list[Finding] = []
    hidden: Counter[Reason] = Counter()
    gone: list[Finding] = []
    comments = Suppressions(text, language)
    danger = Danger(text, language, wish.dangerous)
    for each in sorted(findings, key=lambda finding: (-finding.probability, finding.start)):
        if changed is not None and not touches(each, changed):
            hidden[Reason.UNTOUCHED] += 1
        elif each.kind in wish.kinds_off:
            hidden[Reason.KIND_OFF] += 1
        elif each.probability < wish.precision * (LESS if danger.holds(each) else 1):
            hidden[Reason.UNLIKELY] += 1
        elif comments.ignore(each):
            hidden[Reason.SUPPRESSED] += 1
        elif fingerprint(each, text) in dismissed:
            hidden[Reason.DISMISSED] += 1
            gone.append(each)
        elif len(shown) >= wish.most:
            hidden[Reason.TOO_MANY] += 1
        else:
            shown.append(each)
    return Chosen(shown, hidden, gone)


def why_none(chosen: Chosen) -> Reason:
    """The reason that most of what is hidden has, where nothing is shown."""
    return chosen.hidden.most_common(1)[0][0] if chosen.hidden else Reason.NOTHING
