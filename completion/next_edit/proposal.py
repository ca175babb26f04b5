"""What the parts of the ensemble propose, and how one is chosen from what they say of the same place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from text.edits import Edit
from text.lines import split_lines


@dataclass(frozen=True)
class Proposal:
    """Replace `old_count` lines from line `start` of `path` by `new`; with none, insert before `start`.

    `kind` names the part that proposes it, `change` says from which recent change it was drawn (0 is the last
    one), and `evidence` holds what the gate weighs, each between 0 and 1.
    """

    path: str
    start: int
    old_count: int
    new: tuple[str, ...]
    kind: str
    change: int = 0
    evidence: Mapping[str, float] = field(default_factory=dict, compare=False, hash=False)

    @property
    def end(self) -> int:
        """The line behind the old ones."""
        return self.start + self.old_count

    @property
    def key(self) -> tuple[str, int, int, tuple[str, ...]]:
        """Proposals with the same key do the same."""
        return self.path, self.start, self.old_count, self.new

    def result(self, lines: Sequence[str]) -> list[str]:
        """The lines of the file with the proposal carried out."""
        return [*lines[: self.start - 1], *self.new, *lines[self.end - 1 :]]


def squeezed(lines: Sequence[str]) -> str:
    """The text without blanks: what two layouts of the same code have in common."""
    return "".join("".join(lines).split())


def as_edit(proposal: Proposal, text: str) -> Edit:
    """The proposal as an edit of the file's text, with the line ends that its neighbours have.

    Raises ValueError where the text has no such lines.
    """
    lines = split_lines(text)
    count = len(lines) - (lines[-1] == "")
    first, last = proposal.start - 1, proposal.end - 1
    if not 0 <= first <= last <= count:
        raise ValueError(f"lines {proposal.start} to {last} of a text of {count}")
    ending = next((line[len(line.rstrip("\r\n")) :] for line in lines if line.endswith(("\r", "\n"))), "\n")
    start = sum(map(len, lines[:first]))
    end = start + sum(map(len, lines[first:last]))
    new = "".join(f"{line}{ending}" for line in proposal.new)
    if last == count and lines[-1] != "":  # the file's last line has no ending, and shall have none
        new = new.removesuffix(ending)
        if first == last or (not proposal.new and first > 0):
            previous = lines[first - 1] if first else ""
            gap = len(previous) - len(previous.rstrip("\r\n"))
            if proposal.new:
                new = ending * (gap == 0) + new
            else:
                start -= gap
    return Edit(start, end, new)
