"""What the gate weighs of a proposal: where it is, what it is drawn from, and what stands beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import log2
from typing import Final

from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.tokens import indent_of, names_of, tokens_of

_PAST: Final = 6  # changes that a proposal is compared with
_ALIKE: Final = 0.6
_REACH: Final = 150  # lines above in which a block begins
_COMMENT: Final = ("#", "//", "*", "/*", "--", '"""')
_FAR: Final = 9.0  # doublings of a distance in lines: 512 and beyond count the same


def features(moment: Moment, proposals: Sequence[Proposal]) -> list[dict[str, float]]:
    """The features of every proposal, by name, about between 0 and 1. What is not named is 0."""
    groups: dict[tuple[str, int], list[Proposal]] = defaultdict(list)
    agreeing: dict[tuple[object, ...], set[tuple[str, int]]] = defaultdict(set)
    for proposal in proposals:
        groups[proposal.kind, proposal.change].append(proposal)
        agreeing[proposal.key].add((proposal.kind, proposal.change))
    past = [_gist(change.old, change.new) for change in moment.recent[::-1]][:_PAST]
    streak = _likeness(past[0], past[1]) if len(past) > 1 else 0.0
    blocks = Blocks(moment)
    order = {source: _ranks(moment, group) for source, group in groups.items()}
    overall = _ranks(moment, proposals)
    found = []
    for proposal in proposals:
        source = proposal.kind, proposal.change
        ranks = order[source]
        place = proposal.path, proposal.start, proposal.old_count
        agreement = len(agreeing[proposal.key])
        own = {
            **_where(moment, proposal),
            "first": float(ranks[place] == 0),
            "rank": min(ranks[place], 8) / 8,
            "first_of_all": float(overall[place] == 0),
            "rank_of_all": min(overall[place], 16) / 16,
            "group": min(log2(len(ranks)), 6) / 6,
            "only": float(len(ranks) == 1),
            "agreement": min(agreement - 1, 3) / 3,
            "agreed": float(agreement > 1),
            "last_change": float(proposal.change == 0),
            "age": min(proposal.change, 3) / 3,
            "streak": streak,
            **_deed(moment, proposal, past),
            **blocks.of(proposal),
            **proposal.evidence,
        }
        crossed = {f"{proposal.kind}:{name}": value for name, value in own.items()}
        found.append({**crossed, "bias": 1.0, proposal.kind: 1.0, **{name: own[name] for name in _SHARED}})
    _compete(proposals, found)
    return found


class Blocks:
    """What a place has in common with the last change: the block, the lines around, the comment."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._parents: dict[tuple[str, int], int] = {}
        last = moment.recent[-1]
        self._last = last
        self._own = self._parent(last.path, last.start) if last.path in moment.files else 0
        self._around = [name for line in (*last.before[-2:], *last.after[:2]) for name in names_of(line)]

    def of(self, proposal: Proposal) -> dict[str, float]:
        """The features of one place."""
        lines = self._moment.files[proposal.path]
        here = proposal.path == self._last.path
        beside = (
            *lines[max(proposal.start - 3, 0) : proposal.start - 1],
            *lines[proposal.end - 1 : proposal.end + 1],
        )
        names = {name for line in beside for name in names_of(line)}
        known = set(self._around)
        first = lines[proposal.start - 1].lstrip() if proposal.start <= len(lines) else ""
        return {
            "same_block": float(here and self._parent(proposal.path, proposal.start) == self._own),
            "around": len(names & known) / len(names | known) if names and known else 0.0,
            "comment": float(first.startswith(_COMMENT)),
            "doubled": float(
                bool(proposal.new) and not proposal.old_count and all(line in beside for line in proposal.new)
            ),
            "both_tests": float("test" in proposal.path and "test" in self._last.path),
            "into_test": float("test" in proposal.path and "test" not in self._last.path),
        }

    def _parent(self, path: str, line: int) -> int:
        """The line that the block around a line begins with: the next one above that is less indented."""
        key = path, line
        if key not in self._parents:
            lines = self._moment.files[path]
            at = min(line, len(lines)) - 1
            depth = len(indent_of(lines[at])) if at >= 0 else 0
            above = at - 1
            while above >= max(at - _REACH, 0) and not (
                lines[above].strip() and len(indent_of(lines[above])) < depth
            ):
                above -= 1
            self._parents[key] = above
        return self._parents[key]


def _gist(old: Sequence[str], new: Sequence[str]) -> frozenset[tuple[bool, str]]:
    """The tokens that go (True) and those that come."""
    gone = {token for line in old for token in tokens_of(line) if not token.isspace()}
    come = {token for line in new for token in tokens_of(line) if not token.isspace()}
    return frozenset([*((True, token) for token in gone - come), *((False, token) for token in come - gone)])


def _likeness(one: frozenset[tuple[bool, str]], other: frozenset[tuple[bool, str]]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _deed(
    moment: Moment, proposal: Proposal, past: Sequence[frozenset[tuple[bool, str]]]
) -> dict[str, float]:
    """How much what a proposal does is like what the last changes did."""
    lines = moment.files[proposal.path]
    own = _gist(lines[proposal.start - 1 : proposal.end - 1], proposal.new)
    like = [_likeness(own, each) for each in past]
    return {
        "like_last": like[0],
        "like_most": max(like),
        "like_many": min(sum(each >= _ALIKE for each in like) / 3, 1.0),
        "tokens": min(len(own), 24) / 24,
    }


_SHARED: Final = (
    "first",
    "first_of_all",
    "rank_of_all",
    "below",
    "near",
    "other_file",
    "agreement",
    "agreed",
    "age",
    "like_last",
    "like_most",
    "like_many",
    "same_block",
    "around",
    "comment",
    "streak",
)


def dot(weights: Mapping[str, float], values: Mapping[str, float]) -> float:
    """The weighted sum of features."""
    return sum(weights.get(name, 0.0) * value for name, value in values.items())


def _where(moment: Moment, proposal: Proposal) -> dict[str, float]:
    here = proposal.path == moment.path
    distance = proposal.start - moment.line
    near = 1 - min(log2(1 + abs(distance)), _FAR) / _FAR if here else 0.0
    # What was done before the change that it is drawn from does not tell where the user has gone on since.
    since = moment.recent[-1 - proposal.change :]
    changed = {change.path for change in since}
    edits_here = [change for change in since if change.path == proposal.path]
    return {
        "below": float(here and distance > 0),
        "near": near,
        "near_below": near if distance > 0 else 0.0,
        "other_file": float(not here),
        "other_changed": float(not here and proposal.path in changed),
        "file_order": float(not here and proposal.path > moment.path),
        "passed": float(any(change.start > proposal.end for change in edits_here)),
        "changes": min(len(moment.changes) - 1, 4) / 4,
        "first_change": float(len(moment.changes) == 1),
        "deletes": float(not proposal.new),
        "long": min(proposal.old_count, 8) / 8,
    }


def _ranks(moment: Moment, group: Sequence[Proposal]) -> dict[tuple[str, int, int], int]:
    """The places of a group in the order of a visit: down from the cursor, then around."""
    paths = list(moment.files)
    here = paths.index(moment.path) if moment.path in moment.files else 0

    def visited(place: tuple[str, int, int]) -> tuple[int, bool, int]:
        path, start, _ = place
        return (paths.index(path) - here) % len(paths), path == moment.path and start < moment.line, start

    places = {(one.path, one.start, one.old_count) for one in group}
    starts: dict[tuple[str, int], int] = {}
    ordered = sorted(places, key=visited)
    for path, start, _ in ordered:
        starts.setdefault((path, start), len(starts))
    return {place: starts[place[0], place[1]] for place in ordered}


def _compete(proposals: Sequence[Proposal], found: Sequence[dict[str, float]]) -> None:
    """Tell each proposal whether others would do something else with the same lines."""
    by_line: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, proposal in enumerate(proposals):
        for line in range(proposal.start, max(proposal.end, proposal.start + 1)):
            by_line[proposal.path, line].append(index)
    for index, proposal in enumerate(proposals):
        rivals = {
            proposals[other].key
            for line in range(proposal.start, max(proposal.end, proposal.start + 1))
            for other in by_line[proposal.path, line]
        } - {proposal.key}
        found[index]["rivals"] = min(len(rivals), 4) / 4
        found[index][f"{proposal.kind}:rivals"] = min(len(rivals), 4) / 4
        inside = any(
            key[1] <= proposal.start and key[1] + key[2] >= proposal.end and key[2] > proposal.old_count
            for key in rivals
        )
        found[index]["inside"] = float(inside)
        found[index][f"{proposal.kind}:inside"] = float(inside)
