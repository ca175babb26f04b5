"""`moment`: a file before some changes and the changes, written as (old, new) pieces of its text."""

from __future__ import annotations

from collections.abc import Sequence

from completion.history import History
from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal


def moment(
    text: str, *changes: tuple[str, str], path: str = "a.py", others: dict[str, str] | None = None
) -> Moment:
    """The state after each change replaced the first occurrence of its old text, with the cursor there."""
    history = History()
    line = 1
    for number, (old, new) in enumerate(changes):
        assert old in text, old
        after = text.replace(old, new, 1)
        history.record(path, text, after, at=100.0 * number)
        line = text[: text.index(old)].count("\n") + 1
        text = after
    files = {path: text, **(others or {})}
    return Moment({name: lines_of(each) for name, each in files.items()}, history.changes(), path, line)


def lines_of(text: str) -> list[str]:
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")


def texts(proposals: Sequence[Proposal], state: Moment) -> list[str]:
    """What each proposal does, as `path:line -old +new`."""
    found = []
    for one in proposals:
        old = state.files[one.path][one.start - 1 : one.end - 1]
        parts = [f"{one.path}:{one.start}", *(f"-{line.strip()}" for line in old)]
        found.append(" ".join([*parts, *(f"+{line.strip()}" for line in one.new)]))
    return found
