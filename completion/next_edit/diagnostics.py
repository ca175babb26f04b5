"""What the last changes broke, as other language servers and the syntax tell, and what speaks for mending it.

A problem counts where it appeared after the last changes began and names something that stands in them: the
error at a call whose function has another name now, the import that nothing uses any more. Where the cause
determines the text, as a rename does, that is proposed. A proposal for the place of a problem, or for the
import that it misses, is likelier than it would be without.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from completion.next_edit.gate import Ranked
from completion.next_edit.moment import Moment, Problem
from completion.next_edit.proposal import Proposal
from completion.next_edit.replay import CHANGES
from completion.next_edit.substitution import rules_of
from completion.next_edit.tokens import is_name
from completion.next_edit.vetoes import Parsed
from completion.next_edit.wanted import WANTED

BACKED: Final = 1.0
"""What a problem adds to the score of what mends it, where two are compared: set by hand, not fitted."""

_PLACES: Final = 8  # problems that are proposed as places
_MENDING: Final = 3  # proposals that are tried on a file that no longer parses
_WIDEST: Final = 80  # characters of a range whose names count
_ARGUMENTS: Final = re.compile("argument|parameter", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d]\w*")
_QUOTED: Final = re.compile("[\"'`\u2018]([^\"'`\u2018\u2019\\s]{1,80})[\"'`\u2019]|: ([^\\W\\d][\\w.]*)$")


def repairs(moment: Moment) -> Iterator[Proposal]:
    """The new name wherever a problem says that the old one is not known any more."""
    renamed = _renamed(moment) if moment.problems else {}
    by_line: dict[tuple[str, int], dict[tuple[int, int], str]] = defaultdict(dict)
    for problem in moment.problems:
        if problem.unused or moment.is_recent(problem.path, problem.line, problem.line + 1):
            continue
        for word in _culprits(moment, problem):
            if word[0] in renamed:
                by_line[problem.path, problem.line][word.span()] = word[0]
    for (path, number), found in by_line.items():
        line = moment.files[path][number - 1]
        for (start, end), name in sorted(found.items(), reverse=True):
            line = line[:start] + renamed[name][0] + line[end:]
        name = min(found.values(), key=lambda each: renamed[each][1])
        evidence = {
            "strong": float(len(name) > 2),
            "rename": 1.0,
            "size": min(len(name) / 12, 1.0),
            "places": 1 / len(by_line),
            "all_rules": 1.0,
        }
        age = renamed[name][1]
        yield Proposal(path, number, 1, (line,), "substitute", age, evidence)


def troubles(moment: Moment, kind: str, parsed: Parsed) -> Iterator[Proposal]:
    """The places of problems and of new syntax errors, which keep their text: to look at, whatever is due."""
    places = [(each.path, each.line) for each in _caused(moment)]
    places += [(moment.recent[-1].path, line) for line in parsed.broken]
    for path, number in list(dict.fromkeys(places))[:_PLACES]:
        line = moment.files[path][number - 1]
        if not moment.is_recent(path, number, number + 1):
            yield Proposal(path, number, 1, (line,), kind, 0, {"gone": 1.0, "rare": 1 / len(places)})


def weighed(moment: Moment, ranked: Sequence[Ranked], parsed: Parsed) -> list[Ranked]:
    """The same in the order in which what a problem or a new syntax error speaks for counts more.

    The scores stay where they are: a problem says which is likelier, and not that the likeliest is likelier
    than it was. Without any of these nothing changes.
    """
    caused = _caused(moment)
    backed = {
        one.proposal.key for one in ranked if any(_backs(moment, each, one.proposal) for each in caused)
    }
    if parsed.broken:
        tried = [one.proposal for one in ranked if one.proposal.path == moment.recent[-1].path]
        backed |= {each.key for each in tried[:_MENDING] if parsed.parses_with(each)}
    if not backed:
        return list(ranked)
    # What changes no more of a line than the problem's range goes before all that change the same line, which
    # may hold the name of something else, too.
    exact = {each.key: (each.path, each.start) for each in repairs(moment)}
    best = {
        place: max((one.score for one in ranked if _holds(one.proposal, *place)), default=0.0)
        for place in exact.values()
    }
    raised = sorted(
        ranked,
        key=lambda one: (
            BACKED * (one.proposal.key in backed) + best.get(exact.get(one.proposal.key, ("", 0)), one.score),
            one.proposal.key in exact,
        ),
        reverse=True,
    )
    return [Ranked(was.score, one.proposal) for was, one in zip(ranked, raised, strict=True)]


def _holds(proposal: Proposal, path: str, line: int) -> bool:
    return proposal.path == path and proposal.start <= line < proposal.end


def _caused(moment: Moment) -> list[Problem]:
    """The problems that name something in the last changes; where it is unused, something that went."""
    touched: set[str] = set()
    gone: set[str] = set()
    for change in moment.recent[::-1][:CHANGES] if moment.problems else ():
        old, new = set(_WORD.findall("\n".join(change.old))), set(_WORD.findall("\n".join(change.new)))
        touched |= old | new
        gone |= old - new
    return [each for each in moment.problems if _names(moment, each) & (gone if each.unused else touched)]


def _backs(moment: Moment, problem: Problem, proposal: Proposal) -> bool:
    """Whether a problem speaks for a proposal: it changes the very line, or imports what is not known."""
    if _holds(proposal, problem.path, problem.line):
        return moment.files[problem.path][problem.line - 1] not in proposal.new
    if problem.path != proposal.path or proposal.kind != WANTED or problem.unused:
        return False
    old = moment.files[proposal.path][proposal.start - 1 : proposal.end - 1]
    brought = set(_WORD.findall("\n".join(proposal.new))) - set(_WORD.findall("\n".join(old)))
    return bool(_names(moment, problem) & brought)


def _renamed(moment: Moment) -> dict[str, tuple[str, int]]:
    """What names were renamed to in the end, and how many changes ago."""
    found: dict[str, tuple[str, int]] = {}
    recent = moment.recent[::-1][:CHANGES]
    for age, change in reversed(list(enumerate(recent))):
        for rule in rules_of(change):
            if not rule.is_rename or not _is_telling(rule.old[0]):
                continue
            old, new = rule.old[0], rule.new[0]
            found.update({name: (new, age) for name, (now, _) in found.items() if now == old})
            found[old] = new, age
    return {name: each for name, each in found.items() if each[0] != name}


def _culprits(moment: Moment, problem: Problem) -> Iterator[re.Match[str]]:
    """The words of its line that a problem is about: its whole range, or those that its message quotes."""
    line = moment.files[problem.path][problem.line - 1]
    inside = list(_WORD.finditer(line, problem.start, problem.end))
    if len(inside) == 1 and inside[0].span() == (problem.start, problem.end):
        yield inside[0]
        return
    quoted = _quoted(problem)
    named = [word for word in inside if word[0] in quoted]
    elsewhere = [word for word in _WORD.finditer(line) if word[0] in quoted]
    yield from named or (elsewhere if len(elsewhere) == 1 else [])


def _names(moment: Moment, problem: Problem) -> set[str]:
    """The names that a problem is about, and those that stand in its range."""
    found = {word[0] for word in _culprits(moment, problem)} | _quoted(problem)
    line = moment.files[problem.path][problem.line - 1]
    # Of a call that has too many arguments some servers underline these alone.
    start = 0 if _ARGUMENTS.search(problem.message) else problem.start
    if problem.end - problem.start <= _WIDEST:
        found |= {word for word in _WORD.findall(line, start, problem.end) if is_name(word)}
    return found


def _quoted(problem: Problem) -> set[str]:
    found = (
        word for match in _QUOTED.finditer(problem.message) for word in _WORD.findall(match[1] or match[2])
    )
    return {word for word in found if is_name(word)}


def _is_telling(word: str) -> bool:
    return is_name(word) or len(word) == 1
