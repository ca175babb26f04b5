"""`python -m tests.e2e.table [--check]`: the results as the README's table, written between its markers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.e2e.driver import EDITORS
from tests.e2e.results import FOLDER, read
from tests.e2e.scenarios import SCENARIOS
from tests.support.fresh import ROOT

README: Final = ROOT / "README.md"
BEGIN: Final = "<!-- conformance: made by `python -m tests.e2e.table` -->"
END: Final = "<!-- end of conformance -->"


def table(folder: Path = FOLDER) -> str:
    """Markdown: a row per scenario, a column per editor that was played; the commits, and the reasons."""
    played = {name: found for name in EDITORS if (found := read(name, folder))}
    reasons: list[str] = []

    def cell(editor: str, scenario: str) -> str:
        found = played[editor].cells.get(scenario)
        if found is None:
            return "not played"
        if found.outcome == "cannot":
            reason = f"{EDITORS[editor]}: {found.reason}"
            if reason not in reasons:
                reasons.append(reason)
            return f"cannot: {reasons.index(reason) + 1}"
        return found.outcome

    head = [f"{EDITORS[name].rstrip('.0123456789').strip()} {each.version}" for name, each in played.items()]
    head = [each if each.strip() else name for each, name in zip(head, played, strict=True)]
    rows = [[each.name, *(cell(name, each.name) for name in played)] for each in SCENARIOS]
    lines = [_row(["", *head]), "|" + "---|" * (len(played) + 1), *map(_row, rows)]
    commits: dict[str, list[str]] = {}
    for title, each in zip(head, played.values(), strict=True):
        commits.setdefault(each.commit, []).append(title.strip())
    at = "; ".join(f"{', '.join(titles)} at commit `{commit}`" for commit, titles in commits.items())
    lines += ["", f"Played: {at}."]
    if reasons:
        lines += ["", "Cannot:", "", *(f"{n}. {reason}." for n, reason in enumerate(reasons, start=1))]
    return "\n".join(lines) + "\n"


def inserted(readme: str, made: str) -> str:
    """The README with the table between its markers; raises ValueError where they are not there."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{made}\n{END}{after}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    """Write the table; with `--check`, only say whether it is as it should be."""
    readme = README.read_text("utf-8")
    wanted = inserted(readme, table())
    if "--check" in arguments:
        return int(wanted != readme)
    README.write_text(wanted, "utf-8")
    print(table())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
