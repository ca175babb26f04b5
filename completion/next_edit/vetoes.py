"""What is never proposed, however likely it seems."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal, squeezed
from completion.reasons import Reason
from text.languages import language_of
from text.syntax import Syntax, parse

_LONGEST: Final = 3000  # lines of a file whose new syntax errors are looked for


class Parsed:
    """The syntax trees of a moment's files, each parsed when it is first asked for."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._trees: dict[str, Syntax | None] = {}

    def errors_added(self, proposal: Proposal) -> bool:
        """Whether the file has more syntax errors with the proposal than without."""
        before = self._tree(proposal.path)
        after = self._with(proposal) if before else None
        return before is not None and after is not None and after.error_count > before.error_count

    def parses_with(self, proposal: Proposal) -> bool:
        """Whether the file has no syntax errors with the proposal."""
        after = self._with(proposal)
        return after is not None and not after.has_error

    @cached_property
    def broken(self) -> tuple[int, ...]:
        """The lines with syntax errors of the last change's file, where it had none before."""
        change = self._moment.recent[-1]
        lines = self._moment.files.get(change.path, ())
        now = self._tree(change.path) if 0 < len(lines) <= _LONGEST else None
        if now is None or not now.has_error:
            return ()
        before = [*lines[: change.start - 1], *change.old, *lines[change.end - 1 :]]
        tree = parse(_text(before), language_of(path=change.path))
        if tree is None or tree.has_error:
            return ()
        text = _text(lines)
        found = {text.count("\n", 0, start) + 1 for start, _ in now.errors}
        return tuple(sorted(min(number, len(lines)) for number in found))

    def _tree(self, path: str) -> Syntax | None:
        if path not in self._trees:
            self._trees[path] = parse(_text(self._moment.files[path]), language_of(path=path))
        return self._trees[path]

    def _with(self, proposal: Proposal) -> Syntax | None:
        lines = self._moment.files[proposal.path]
        return parse(_text(proposal.result(lines)), language_of(path=proposal.path))


def reason_against(moment: Moment, proposal: Proposal, parsed: Parsed) -> Reason | None:
    """Why a proposal must not be shown; what costs least is looked at first."""
    lines = moment.files[proposal.path]
    old = lines[proposal.start - 1 : proposal.end - 1]
    if squeezed(old) == squeezed(proposal.new):
        return Reason.FORMATTING
    if reverts(moment, proposal):
        return Reason.REVERTS
    if parsed.errors_added(proposal):
        return Reason.BREAKS_SYNTAX
    return None


def reverts(moment: Moment, proposal: Proposal) -> bool:
    """Whether it changes what a recent change has just written, or puts back what one has taken away."""
    lines = moment.files[proposal.path]
    for change in moment.recent:
        if change.path != proposal.path:
            continue
        if change.start < proposal.end and proposal.start < change.end:
            first = max(change.start, proposal.start) - proposal.start
            last = min(change.end, proposal.end) - proposal.start
            kept = lines[proposal.start - 1 + first : proposal.start - 1 + last]
            if not _holds(proposal.new, kept):
                return True
        elif change.start < proposal.start < change.end:
            return True
        gone = [line for line in change.old if line.strip() and line not in change.new]
        beside = proposal.start <= change.end + 1 and change.start - 1 <= proposal.end
        if beside and gone and all(line in proposal.new for line in gone):
            return True
    return False


def _holds(lines: Sequence[str], kept: Sequence[str]) -> bool:
    """Whether `kept` stand in `lines`, one after the other."""
    size = len(kept)
    return any(list(lines[at : at + size]) == list(kept) for at in range(len(lines) - size + 1))


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
