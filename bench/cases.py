"""Evaluation cases and predictions: JSON lines, one object per line, cases gzipped or not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class CasesError(Exception):
    """A file of cases that cannot be read; the message names the line."""


def read_cases(path: Path, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The cases of a .jsonl or .jsonl.gz file, the first `limit` of them; raises CasesError and OSError."""
    opened = gzip.open if path.suffix == ".gz" else open
    count = 0
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if count == limit:
                return
            if line.strip():
                yield _parse(line, f"{path}, line {number}")
                count += 1


def _parse(line: str, where: str) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except json.JSONDecodeError as error:
        raise CasesError(f"{where}: {error}") from error
    if not isinstance(case, dict) or "id" not in case:
        raise CasesError(f"{where}: not an object with an id")
    return case
