"""Cards: what a set holds and where it comes from, for people (Markdown) and programs (JSON).

A page's first part, down to MARK, is written by people: what the set is for, its filters, its known noise. A
builder that is asked for the card writes the rest anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

MARK = "<!-- From here on the builder writes this page. -->"

Facts = dict[str, Any]


def write_card(folder: Path, name: str, recipe: str, shards: Sequence[Facts]) -> None:
    """Write `name`.json and `name`.md: the counts of all shards and every source."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = ("repository", "language", "licence", "head", "split", "records", "bytes", "digest")
    sources = [{column: facts[column] for column in columns} for facts in shards]
    splits = sorted({facts["split"] for facts in shards}, reverse=True)
    totals = {split: _totals(facts for facts in shards if facts["split"] == split) for split in splits}
    card = {"name": name, "recipe": recipe, "totals": totals, "sources": sources}
    (folder / f"{name}.json").write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    page = folder / f"{name}.md"
    ours = page.read_text(encoding="utf-8").partition(MARK)[0] if page.exists() else f"# {name}\n\n"
    page.write_text(f"{ours}{MARK}\n\n{_generated(recipe, totals, sources)}", encoding="utf-8")


def _totals(shards: Iterable[Facts]) -> Facts:
    counts: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for facts in shards:
        counts.update(facts["counts"])
        skipped.update(facts["skipped"])
        numbers.update({"repositories": 1, "records": facts["records"], "bytes": facts["bytes"]})
    return {**numbers, "counts": dict(counts), "skipped": dict(skipped)}


def _generated(recipe: str, totals: dict[str, Facts], sources: Sequence[Facts]) -> str:
    splits = list(totals)
    rows: list[Sequence[object]] = [
        ["sources", *(totals[split]["repositories"] for split in splits)],
        ["examples", *(totals[split]["records"] for split in splits)],
        ["megabytes", *(round(totals[split]["bytes"] / 1e6) for split in splits)],
    ]
    counted = sorted({count for split in splits for count in totals[split]["counts"]})
    rows += [[count, *(totals[split]["counts"].get(count, 0) for split in splits)] for count in counted]
    passed_over = sum((Counter(totals[split]["skipped"]) for split in splits), Counter[str]())
    columns = ["repository", "language", "licence", "head", "split", "records"]
    parts = [
        f"## Counts\n\nRecipe: `{recipe}`",
        _table(["", *splits], rows),
        "## Passed over",
        _table(["reason", "number"], passed_over.most_common()),
        "## Sources",
        _table(columns, [[str(source[column])[:40] for column in columns] for source in sources]),
    ]
    return "\n\n".join(parts) + "\n"


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
