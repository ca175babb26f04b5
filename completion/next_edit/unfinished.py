"""Whether the last change is still being typed, and what that is worth.

Half a name or half a call says mostly wrong things of other places, and what was fitted on whole changes does
not know it. So where the cursor is in the last change, the probability of a proposal is corrected by what can
be seen there: a logistic regression, fitted on changes of histories while they are typed
(training/next_edit_unfinished.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from completion.next_edit.gate import logistic
from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.vetoes import Parsed

_NAME_BEFORE: Final = re.compile(r"[^\W\d]\w*\Z")
_REST_OF_NAME: Final = re.compile(r"\w*")
_NAME: Final = re.compile(r"\w+")
_EXPECTS_MORE: Final = frozenset(" ,.=([{:;+-*/%<>&|!?@$\\\"'`\t")
_TAIL: Final = 6  # characters before the cursor that are looked for in proposals


class Ending(NamedTuple):
    """How the last change ends at the cursor: signs by name, the name there, and the last few characters."""

    signs: Mapping[str, float]
    name: str
    tail: str


def ending(moment: Moment, parsed: Parsed) -> Ending | None:
    """What the text at the cursor tells of the last change; None where the cursor is not in it."""
    change = moment.recent[-1]
    if moment.column is None or change.by_model or change.path != moment.path:
        return None
    lines = moment.files[moment.path]
    if not change.start <= moment.line < max(change.end, change.start + 1) or moment.line > len(lines):
        return None
    line = lines[moment.line - 1]
    before, after = line[: moment.column], line[moment.column :]
    if after.strip() and not before.strip():
        return None  # in front of what was written
    signs = {
        "open": 1.0,
        "broken": float(bool(parsed.broken)),
        "blank": float(not before.strip()),
        "at_end": float(not after.strip()),
        "expects_more": float(bool(before.strip()) and before[-1] in _EXPECTS_MORE),
        "last_line": float(moment.line == change.end - 1),
        "adds": float(not change.old),
    }
    tail = before.strip()[-_TAIL:]
    start, rest = _NAME_BEFORE.search(before), _REST_OF_NAME.match(after)
    if start is None or rest is None:
        return Ending(signs, "", tail)
    name = start[0] + rest[0]
    uses, longer = _uses(moment, name)
    signs |= {
        "name": 1.0,
        "short_name": float(len(name) < 3),
        "inside_name": float(bool(rest[0])),
        "new_name": float(uses < 2),
        "part_of_name": float(longer),
        "new_part_of_name": float(longer and uses < 2),
    }
    return Ending(signs, name, tail)


def doubted(
    moment: Moment, chance: float, proposal: Proposal, end: Ending, weights: Mapping[str, float]
) -> float:
    """The probability of a proposal, given how the last change ends."""
    return logistic(regressors(moment, chance, proposal, end), weights)


def regressors(moment: Moment, chance: float, proposal: Proposal, end: Ending) -> dict[str, float]:
    """What is weighed: the probability as a logit, the signs, and what of the ending the proposal repeats."""
    clipped = min(max(chance, 0.001), 0.999)
    found = {"chance": math.log(clipped / (1 - clipped)), proposal.kind: 1.0, **end.signs}
    old = moment.files[proposal.path][proposal.start - 1 : proposal.end - 1]
    if end.name and _holds_name(proposal.new, end.name) and not _holds_name(old, end.name):
        for sign in ("name", "new_name", "part_of_name", "new_part_of_name"):
            found[f"repeats_{sign}"] = end.signs[sign]
    repeats = len(end.tail) > 2 and any(end.tail in line for line in proposal.new)
    found["repeats_tail"] = float(repeats and not any(end.tail in line for line in old))
    if proposal.change == 0:
        for sign in ("open", "broken", "expects_more", "at_end"):
            found[f"last_{sign}"] = end.signs[sign]
    return found


def _holds_name(lines: Sequence[str], name: str) -> bool:
    return any(name in line and name in _NAME.findall(line) for line in lines)


def _uses(moment: Moment, name: str) -> tuple[int, bool]:
    """How often a name stands in the files, two being many, and whether longer ones begin with it."""
    uses, longer = 0, False
    pattern = re.compile(rf"\b{re.escape(name)}(\w?)")
    for lines in moment.files.values():
        for line in lines:
            if name not in line:
                continue
            for found in pattern.finditer(line):
                uses += not found[1]
                longer = longer or bool(found[1])
            if uses > 1 and longer:
                return uses, longer
    return uses, longer
