"""Names of which a question is one, the beginning, or an abbreviation: `UploadRetr`, `upl_ret`, `UR`."""

from __future__ import annotations

import re
from typing import Any

import apsw

from retrieval.tokens import parts

MOST = 100  # of each way to look
_NAME = re.compile(r"[^\W\d]\w{2,}")
_LAST = "\U0010ffff"  # sorts behind every letter

EXACT, PREFIX, ABBREVIATED = 1.0, 0.6, 0.4


def find_symbols(connection: apsw.Connection, text: str) -> dict[int, float]:
    """Chunk id -> how well its name is what was typed, from 0 to 1.

    A question of one word is looked for in all ways. In a sentence, a word that can only be an identifier is
    looked for as it is.
    """
    words = _NAME.findall(text)
    found: dict[int, float] = {}
    if len(words) == 1 and len(text.split()) == 1:
        name = words[0]
        for id, other in _abbreviated(connection, name):
            found[id] = ABBREVIATED * len(name) / max(len(other), len(name))
        for id, other in _prefixed(connection, name.lower()):
            found[id] = PREFIX + (EXACT - PREFIX) * len(name) / len(other) / 2
        words = [name]
    else:
        words = [word for word in words if "_" in word.strip("_") or len(parts(word)) > 1]
    for word in words:
        for (id,) in _named(connection, word.lower()):
            found[id] = EXACT
    return found


def _named(connection: apsw.Connection, name: str) -> list[tuple[Any, ...]]:
    return connection.execute("select chunk from symbol where name = ? limit ?", (name, MOST)).fetchall()


def _prefixed(connection: apsw.Connection, name: str) -> list[tuple[Any, ...]]:
    """Names that begin with this, shortest first."""
    return connection.execute(
        "select chunk, name from symbol where name >= ? and name < ? order by length(name) limit ?",
        (name, name + _LAST, MOST),
    ).fetchall()


def _abbreviated(connection: apsw.Connection, name: str) -> list[tuple[Any, ...]]:
    """Names whose parts begin with the parts of this one: `upl_ret`, `UR` and `ur` for `uploadRetry`."""
    typed = list(name.lower()) if name.isupper() else parts(name)
    if not typed:
        return []
    initials = "".join(part[0] for part in typed)
    pattern = re.compile("".join(rf"{re.escape(part)}.*?" for part in typed))
    rows = connection.execute(
        "select chunk, name from symbol where initials >= ? and initials < ? and initials like ? limit ?",
        (initials[0], initials[0] + _LAST, "%".join(initials) + "%", 20 * MOST),
    )
    found: list[tuple[Any, ...]] = [row for row in rows if pattern.match(str(row[1]))]
    if len(typed) == 1:
        whole = (name.lower(), name.lower() + _LAST, MOST)
        sql = "select chunk, name from symbol where initials >= ? and initials < ? limit ?"
        found += connection.execute(sql, whole).fetchall()
    return found[:MOST]
