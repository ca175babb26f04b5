"""A household ledger: entries in a CSV file, sums by month and by category.

The file has one entry per line: date, payee, category, amount in cents. Positive amounts are income.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DATE, PAYEE, CATEGORY, AMOUNT = range(4)


class LedgerError(Exception):
    """A line of the file that is not an entry."""


@dataclass(frozen=True)
class Entry:
    """One payment, in or out."""

    day: date
    payee: str
    category: str
    cents: int

    @property
    def month(self) -> str:
        """The entry's month, such as 2024-03."""
        return f"{self.day.year:04d}-{self.day.month:02d}"

    @property
    def is_income(self) -> bool:
        """Whether money came in."""
        return self.cents > 0


def parse_row(row: list[str], number: int) -> Entry:
    """Read one line of the file; `number` is for the error message."""
    if len(row) != 4:
        raise LedgerError(f"line {number}: expected 4 fields, found {len(row)}")
    try:
        day = date.fromisoformat(row[DATE])
    except ValueError as error:
        raise LedgerError(f"line {number}: {row[DATE]!r} is not a date") from error
    try:
        cents = int(row[AMOUNT])
    except ValueError as error:
        raise LedgerError(f"line {number}: {row[AMOUNT]!r} is not an amount") from error
    return Entry(day, row[PAYEE].strip(), row[CATEGORY].strip(), cents)


def read_ledger(path: Path) -> Iterator[Entry]:
    """Read every entry of a file, in its order."""
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            if row:
                yield parse_row(row, number)


def write_ledger(path: Path, entries: Iterable[Entry]) -> None:
    """Write entries such that `read_ledger` reads them again."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for entry in entries:
            writer.writerow([entry.day.isoformat(), entry.payee, entry.category, entry.cents])


def sum_by_month(entries: Iterable[Entry]) -> dict[str, int]:
    """Add up the cents of each month."""
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.month] += entry.cents
    return dict(sums)


def format_cents(cents: int) -> str:
    """Write an amount for people, such as -12.50 €."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d} €"


def print_table(sums: dict[str, int], title: str) -> None:
    """Print one line per name and a total."""
    width = max((len(name) for name in sums), default=5)
    print(title)
    for name, cents in sorted(sums.items()):
        print(f"{name:<{width}}  {format_cents(cents):>12}")
    print(f"{'total':<{width}}  {format_cents(sum(sums.values())):>12}")


def main() -> None:
    """Print the months of the ledger beside this file."""
    entries = list(read_ledger(Path("ledger.csv")))
    print_table(sum_by_month(entries), "By month")


if __name__ == "__main__":
    main()
