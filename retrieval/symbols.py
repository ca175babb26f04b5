"""Names of which a question is one, a beginning, an abbreviation or a part: `UploadRetr`, `upl_ret`, `UR`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from retrieval.schema import name_of
from retrieval.tokens import parts

MOST = 100  # of each way to look
LOOKED_AT = 20_000  # rows of each way: the names of other views are among them
_NAME = re.compile(r"[^\W\d]\w{2,}")
_LAST = "\U0010ffff"  # sorts behind every letter

EXACT, PREFIX, ABBREVIATED, INSIDE, SCATTERED = 1.0, 0.6, 0.4, 0.3, 0.15

Holds = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.bool_]]


def initials(name: str) -> str:
    """The first characters of a name's parts: `uploadRetryCount` is `urc`."""
    return "".join(part[0] for part in parts(name))


class Wanted:
    """The names that a question asks for.

    A question of one word is looked for in all ways. In a sentence, a word that can only be an identifier is
    looked for as it is.
    """

    def __init__(self, text: str) -> None:
        words = _NAME.findall(text) if len(text.split()) > 1 else re.findall(r"\w+", text)[:1]
        self.typed = words[0] if len(words) == 1 and len(text.split()) == 1 else ""
        said = (word for word in words if "_" in word.strip("_") or len(parts(word)) > 1)
        self.names = {word.lower() for word in ([self.typed] if self.typed else said)}

    @cached_property
    def parts(self) -> list[str]:
        """What was typed, in parts: single letters where all are capitals."""
        return list(self.typed.lower()) if self.typed.isupper() else parts(self.typed)

    @cached_property
    def initials(self) -> str:
        """The first characters of the parts."""
        return "".join(part[0] for part in self.parts)

    def rate(self, name: str, initials: str) -> float:
        """How well a name, in small letters, is what was typed: from 0, not at all, to 1."""
        if name in self.names:
            return EXACT
        if not self.parts or not self._scattered.search(name):
            return 0.0
        share = len(self.typed) / max(len(name), len(self.typed))
        if name.replace("_", "").startswith(self._letters):
            return PREFIX + (EXACT - PREFIX) * share / 2
        if self._in_parts.match(name) and self._abbreviation.match(initials):
            return ABBREVIATED * share
        return (INSIDE if self._in_parts.search(name) else SCATTERED) * share

    @cached_property
    def _letters(self) -> str:
        return self.typed.lower().replace("_", "")

    @cached_property
    def _in_parts(self) -> re.Pattern[str]:
        return re.compile(".*?".join(map(re.escape, self.parts)))

    @cached_property
    def _abbreviation(self) -> re.Pattern[str]:
        whole = re.escape(self.typed.lower())
        in_order = ".*?".join(map(re.escape, self.initials))
        return re.compile(f"{in_order}|{whole}" if len(self.parts) == 1 else in_order)

    @cached_property
    def _scattered(self) -> re.Pattern[str]:
        return re.compile(".*?".join(map(re.escape, "".join(self.parts))))


def find_symbols(
    connection: apsw.Connection, wanted: Wanted, holds: Holds = lambda ids: np.ones(len(ids), bool)
) -> dict[int, float]:
    """Chunk id -> how well its name is what was asked for; of chunks that `holds` says are in the view."""
    found: dict[int, float] = {}
    for rows in _ways(connection, wanted, found):
        for chunk, name, initials in _held(rows, holds):
            rate = wanted.rate(name, initials)
            if rate > found.get(chunk, 0.0):
                found[chunk] = rate
    return found


def _ways(connection: apsw.Connection, wanted: Wanted, found: dict[int, float]) -> Iterator[Iterable[Any]]:
    """Rows (chunk, name, initials) of each way to look, the surest first; the costly ones only if need be."""
    select = "select chunk, name, initials from symbol"
    for each in sorted(wanted.names):
        yield connection.execute(f"{select} where name = ?", (each,))
    if not wanted.typed or not wanted.parts:
        return
    typed, letters = wanted.typed.lower(), wanted.initials
    yield connection.execute(
        f"{select} where name >= ? and name < ? order by length(name) limit {LOOKED_AT}",
        (typed, typed + _LAST),
    )
    yield connection.execute(
        f"{select} where initials >= ? and initials < ? and initials like ?",
        (letters[0], letters[0] + _LAST, "%".join(letters) + "%"),
    )
    if len(wanted.parts) == 1:
        yield connection.execute(f"{select} where initials >= ? and initials < ?", (typed, typed + _LAST))
    if len(typed) >= 3 and not wanted.typed.isupper() and len(found) < MOST:
        said = " AND ".join(f'"{part}" *' for part in wanted.parts if len(part) > 1)
        if said:
            yield _named_inside(connection, said)
    if len(typed) >= 3 and max(found.values(), default=0.0) <= SCATTERED:
        yield connection.execute(f"{select} where name like ?", (f"%{'%'.join(typed)}%",))


def _named_inside(connection: apsw.Connection, said: str) -> Iterator[tuple[int, str, str]]:
    """Chunks whose qualified names have terms with these beginnings."""
    rows = connection.execute(
        "select id, context from chunk where id in (select rowid from words where words match ? limit ?)",
        (f"name : ({said})", LOOKED_AT // 4),
    )
    for chunk, context in rows:
        name = name_of(context)
        yield chunk, name.lower(), initials(name)


def _held(rows: Iterable[Any], holds: Holds) -> Iterator[Any]:
    """The first MOST rows whose chunk is in the view."""
    rows, count = islice(rows, LOOKED_AT), 0
    while count < MOST and (block := list(islice(rows, 2 * MOST))):
        for at in np.flatnonzero(holds(np.array([row[0] for row in block], np.int64))):
            yield block[at]
            count += 1
