"""Proposals that do the last changes again wherever they fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.substitution import HOLE, Fit, Rule, fit, needles, proven, rules_of
from completion.next_edit.transfer import Analogy, analogies

CHANGES: Final = 4  # recent changes that are looked at
_SETS: Final = 5  # combinations of the rules of one change
_JOINED: Final = 1  # unchanged lines between two changed ones that are one proposal
_LONGEST: Final = 20  # lines of one proposal
_PARTS: Final = 4  # lines of one proposal that are proposed by themselves as well
_ALIKE: Final = 0.7  # likeness of lines that are taken together
_LIKELY: Final = 0.9  # likeness of analogies that are kept where there are too many
_ANALOGIES: Final = 40  # of one change in one file: beyond that it is like everything


def replayed(moment: Moment) -> Iterator[Proposal]:
    """What the last changes would do elsewhere: by their tokens, and by likeness of lines."""
    recent = moment.recent[::-1][:CHANGES]
    renames = [rule for change in recent for rule in rules_of(change) if rule.is_rename and rule.is_strong]
    done = [{rule.does for rule in rules_of(change)} for change in recent]
    for age, change in enumerate(recent):
        undone = {rule.does[::-1] for newer in recent[:age] for rule in rules_of(newer)}
        rules = [rule for rule in rules_of(change) if rule.does not in undone]
        for chosen in _sets(rules):
            again = sum(any(rule.does in other for rule in chosen) for other in done) - 1
            others = [rule for rule in renames if rule not in chosen] if chosen else []
            yield from _substituted(moment, age, chosen, others, again)
        for earlier in recent[age + 1 :] if age == 0 else ():
            for rule in rules:
                for other in rules_of(earlier):
                    common = proven(rule, other) if rule.does == other.does else None
                    if common:
                        yield from _substituted(moment, age, (common,), [], 1)
        for path, lines in moment.files.items():
            yield from _transferred(moment, age, change, path, lines)


def _sets(rules: Sequence[Rule]) -> list[tuple[Rule, ...]]:
    """All rules of a change together, and each one by itself."""
    sets = [tuple(rules), *((rule,) for rule in rules)] if len(rules) > 1 else [tuple(rules)]
    return [chosen for chosen in sets if chosen][: 1 + _SETS]


def _substituted(
    moment: Moment, age: int, rules: tuple[Rule, ...], others: Sequence[Rule], again: int
) -> Iterator[Proposal]:
    wanted = needles(rules)
    found: list[tuple[str, list[tuple[int, Fit]]]] = []
    for path, lines in moment.files.items():
        fits = []
        for number, line in enumerate(lines, 1):
            if not any(needle in line for needle in wanted) or fit(rules, line) is None:
                continue
            whole = fit((*rules, *others), line)
            if whole and not moment.is_recent(path, number, number + 1):
                fits.append((number, whole))
        found += [(path, group) for group in _grouped(fits)]
    strong = all(rule.is_strong for rule in rules)
    holes = any(HOLE in rule.old for rule in rules)
    rename = all(rule.is_rename for rule in rules)
    size = sum(len("".join(rule.old).strip()) for rule in rules) / len(rules)
    for path, group in found:
        parts = [group] if len(group) == 1 else [group, *([one] for one in group[:_PARTS])]
        for part in parts:
            first, last = part[0][0], part[-1][0]
            if last - first >= _LONGEST:
                continue
            lines = moment.files[path]
            changed = {number: fitted.line for number, fitted in part}
            new = tuple(changed.get(number, lines[number - 1]) for number in range(first, last + 1))
            evidence = {
                "left": min(fitted.left for _, fitted in part) / 4,
                "right": min(fitted.right for _, fitted in part) / 4,
                "strong": float(strong),
                "proven": float(rules[0].is_proven),
                "hole": float(holes),
                "rename": float(rename),
                "size": min(size / 12, 1.0),
                "again": min(again / 2, 1.0),
                "places": 1 / len(found),
                "rules": min((part[0][1].rules - 1) / 2, 1.0),
                "all_rules": part[0][1].rules / len(rules),
                "several": float(len(part) > 1),
                "part": float(part is not group),
                "first_part": float(part is not group and first == group[0][0]),
                "near_part": float(part is not group and last + 1 == group[-1][0]),
            }
            yield Proposal(path, first, last + 1 - first, new, "substitute", age, evidence)


def _grouped(fits: Sequence[tuple[int, Fit]]) -> list[list[tuple[int, Fit]]]:
    groups: list[list[tuple[int, Fit]]] = []
    for number, fitted in fits:
        if groups and number - groups[-1][-1][0] - 1 <= _JOINED:
            groups[-1].append((number, fitted))
        else:
            groups.append([(number, fitted)])
    return groups


def _transferred(
    moment: Moment, age: int, change: Change, path: str, lines: Sequence[str]
) -> Iterator[Proposal]:
    found: list[Analogy] = []
    for analogy in analogies(change, lines):
        if moment.is_recent(path, analogy.start, analogy.start + analogy.count):
            continue
        found.append(analogy)
    if len(found) > _ANALOGIES:
        least = sorted((analogy.likeness for analogy in found), reverse=True)[_ANALOGIES - 1]
        found = [analogy for analogy in found if analogy.likeness >= least and analogy.likeness >= _LIKELY]
        if len(found) > _ANALOGIES:
            return
    kind = "delete" if not change.new else "replace" if change.old else "insert"
    for analogy in _joined(found) if change.old else found:
        evidence = {
            "likeness": analogy.likeness,
            "kept": analogy.kept,
            "holes": min(analogy.holes / 4, 1.0),
            "same": float(analogy.likeness == 1.0),
            "places": 1 / len(found),
            "lines": min(len(change.old) / 4, 1.0),
            "text": min(sum(len(line.strip()) for line in (*change.old, *change.new)) / 80, 1.0),
        }
        yield Proposal(path, analogy.start, analogy.count, analogy.new, kind, age, evidence)


def _joined(found: Sequence[Analogy]) -> Iterator[Analogy]:
    """Analogies of one change; those of single lines that follow each other are made one as well."""
    yield from found
    run: list[Analogy] = []
    for analogy in [*found, None]:
        if analogy and (analogy.count != 1 or analogy.kept < 1 or analogy.likeness < _ALIKE):
            continue
        if analogy and run and analogy.start == run[-1].start + 1:
            run.append(analogy)
            continue
        if 1 < len(run) <= _LONGEST:
            new = tuple(line for part in run for line in part.new)
            worst = min(run, key=lambda part: part.likeness)
            yield Analogy(run[0].start, len(run), new, worst.likeness, worst.kept, worst.holes)
        run = [analogy] if analogy else []
