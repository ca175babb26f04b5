"""Priority prompts: declare what could be shown, render what fits.

A prompt is a sequence of parts in the order in which they will stand, each with a priority. Rendering takes
the most important ones until the budget is spent, and keeps their order. The parts that found no room stay on
record, so that the same inputs can be rendered again under another budget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of prompt text that is taken or left as a whole."""

    text: str
    priority: float
    # Parts that share a run are neighbours: where one finds no room, all less important ones stay out too, so
    # that the lines around a cursor never have a gap.
    run: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a budget made of the parts. `kept` holds indices into `parts`, ascending; `cost` their tokens."""

    parts: tuple[Part, ...]
    kept: tuple[int, ...]
    cost: int

    def text(self, run: str | None = None) -> str:
        """Join the kept parts (of one run) in their declared order."""
        parts = (self.parts[index] for index in self.kept)
        return "".join(part.text for part in parts if run is None or part.run == run)


def render(parts: Sequence[Part], budget: int, count: Callable[[str], int]) -> Rendered:
    """Choose parts by priority until `budget` tokens are spent; of equal ones, the later declared first.

    `count` gives the tokens of one part. It is asked for no part beyond the budget, so that declaring a whole
    file costs little.
    """
    closed: set[str] = set()
    kept: list[int] = []
    left = budget
    for index in sorted(range(len(parts)), key=lambda index: (-parts[index].priority, -index)):
        part = parts[index]
        if left <= 0:
            break
        if part.run and part.run in closed:
            continue
        cost = count(part.text)
        if cost <= left:
            kept.append(index)
            left -= cost
        elif part.run:
            closed.add(part.run)
    return Rendered(tuple(parts), tuple(sorted(kept)), budget - left)
