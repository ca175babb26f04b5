"""How a sketch is indented, compared with its file: which of the file's indentations its own mean.

Models dedent a method that they show alone, write blanks for tabs, or two for four. Whatever was done was
done to a whole piece, so one rule has to explain most of the lines that sketch and file share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apply.rows import TAB

Pair = tuple[str, str]  # the indentation of a line in the sketch, and in the file

ENOUGH = 0.25  # of the lines: those that stand as deep in both, for there to be no rule at all
FIRST = 3  # so many lines are the first ones
CONVINCING = 0.6  # of the lines: what a rule has to explain


def indent_of(line: str) -> str:
    """The blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


@dataclass(frozen=True)
class Rule:
    """From the sketch's indentation to the file's: `step` columns are one level, moved by `shift` columns.

    With `step` 0 columns stay columns.
    """

    unit: str
    step: int = 0
    shift: int = 0

    @property
    def is_identity(self) -> bool:
        """Whether the sketch is indented as its file is."""
        return not self.step and not self.shift

    def __call__(self, blanks: str) -> str:
        """The file's indentation for a line that the sketch indents by `blanks`."""
        if self.is_identity:
            return blanks
        wide = 4 if self.unit == "\t" else len(self.unit)
        columns = max(0, self._columns(blanks))
        return "\t" * (columns // wide) + " " * (columns % wide) if self.unit == "\t" else " " * columns

    def clips(self, blanks: str) -> bool:
        """Whether a line would have to stand further to the left than there is room."""
        return self._columns(blanks) < 0

    def _columns(self, blanks: str) -> int:
        columns = len(blanks.expandtabs(self.step or 4))
        if self.step:
            wide = 4 if self.unit == "\t" else len(self.unit)
            columns = columns // self.step * wide + columns % self.step
        return columns + self.shift


def rule_of(pairs: Sequence[Pair], unit: str, fallback: Rule | None = None) -> Rule:
    """`fallback`, or no rule, if that explains enough of `pairs`; or else what explains the most of them.

    It is enough that it explains the first ones: a change may move all that follows.
    """
    for usual in (fallback, Rule(unit)) if fallback else (Rule(unit),):
        telling = [pair for pair in pairs if pair[0] or pair[1] or usual("")]
        fits = [usual(mine) == real for mine, real in telling]
        if sum(fits) >= ENOUGH * len(fits) or (len(fits) >= FIRST and all(fits[:FIRST])):
            return usual
    best, explained = fallback or Rule(unit), 0
    for rule in _rules(pairs, unit):
        count = sum(rule(mine) == real and not rule.clips(mine) for mine, real in pairs)
        if count > explained:
            best, explained = rule, count
    return best if explained >= CONVINCING * len(pairs) else fallback or Rule(unit)


def _rules(pairs: Sequence[Pair], unit: str) -> Iterator[Rule]:
    """The rules that explain at least one of the pairs, the simplest first."""
    steps = [0, 4, 2, 8, 3, 1] if unit != "\t" else [4, 2, 8, 3, 1]
    if any("\t" in mine for mine, _ in pairs) and unit != "\t":
        steps = [4, *steps]
    yield Rule(unit)
    for shifted in (False, True):
        for step in steps:
            shifts = (
                {_columns(real) - _columns(Rule(unit, step)(mine)) for mine, real in pairs}
                if shifted
                else {0}
            )
            yield from (Rule(unit, step, shift) for shift in sorted(shifts, key=abs) if step or shift)


def _columns(blanks: str) -> int:
    return len(blanks.expandtabs(TAB))
