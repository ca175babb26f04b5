"""What the demo comes to, as a table."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def print_summary(figures: dict[str, Any], console: Console) -> None:
    """Print `tacit demo --json`'s figures for people."""
    table = Table.grid(padding=(0, 2))
    for name, value in _rows(figures):
        table.add_row(f"[bold]{name}[/]", value)
    console.print()
    console.print(table)
    console.print("\nIn your own editor: [bold]tacit setup EDITOR --write[/], such as nvim, emacs or vscode")


def _rows(figures: dict[str, Any]) -> list[tuple[str, str]]:
    model, through = figures["model_ms"], figures["typed_through_ms"]
    following, apply, search = figures["next_edits"], figures["apply"], figures["search"]
    return [
        ("Model", f"{figures['model']}, on this machine alone"),
        ("First ghost text", f"{figures['first_answer_s']} s after the start"),
        ("Ghost text", f"{figures['suggestions']} from the model, {_times(model)}"),
        ("  typed through", f"{through['n']} without the model, {_times(through)}"),
        ("  written by Tab", f"{figures['tabbed_share']:.0%} of the characters, {figures['tabs']} times Tab"),
        (
            "Next edits",
            f"{following['made']} made by Tab, {following['jumps']} jumps, {_times(following['ms'])}",
        ),
        ("Apply", f"{apply['applied']} exact, {apply['refused']} refused, {_times(apply['ms'])}"),
        ("Search", f"{search['answered']} answered, {_times(search['ms'])}"),
        ("Read from the cache", f"{figures['prefix_cache_hit_rate'] or 0:.0%} of all prompt tokens"),
        ("Memory of the server", f"{figures['memory_mb']} MB"),
    ]


def _times(ms: dict[str, Any]) -> str:
    if not ms["n"]:
        return "none"
    return f"p50 {ms['p50']:.0f} ms" + (f", p99 {ms['p99']:.0f} ms" if ms["n"] > 1 else "")
