"""Next edits as an editor gets them: changes of real commits typed key by key, through the real server.

    python -m bench.next_edit_typing CASES.jsonl.gz [--count N] [--gap MS] [--model NAME]

The last change of each case is typed. After each key the next edit is asked for; a reply that is not there at
the next key counts as overtaken. At the end of the change the typist waits, makes what is offered, and asks
what comes after it, up to CHAIN times.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.client import Client, server_command, server_environment
from bench.editor import Editor, Offered
from bench.latency import await_first_answer
from bench.report import summary
from bench.retyping import Retyped, retyped
from bench.session import keystrokes, pause_after
from completion.next_edit.ensemble import PRECISION
from text.edits import Edit

CHAIN: Final = 5
AT_ONCE_MS: Final = 20.0
REPLY_LIMIT: Final = 10.0
LONGEST: Final = 400  # characters of a change that is typed
LOOK_SECONDS: Final = 0.6  # at an edit before it is made


@dataclass
class Seen:
    """What came of all keys: milliseconds from a key to its reply, and from an accept to the next edit's."""

    keys: int = 0
    offered_while_typing: int = 0
    ends: int = 0
    offered_at_end: list[float] = field(default_factory=list)
    silent_at_end: list[float] = field(default_factory=list)
    after_accept: list[float] = field(default_factory=list)


def measure(
    cases: Iterable[Mapping[str, Any]],
    *,
    gap_ms: float = 120.0,
    model: str | None = None,
    precision: float = PRECISION,
    command: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Type the cases' last changes through a fresh server, and return the figures."""
    seen, chance = Seen(), random.Random(1)
    with tempfile.TemporaryDirectory(prefix="tacit-bench-") as folder:
        environment = server_environment(TACIT_STATE_DIR=str(Path(folder) / "state"))
        environment |= {"TACIT_MODEL": model} if model else {}
        root = Path(folder) / "project"
        root.mkdir()
        with Client(command or server_command("serve"), cwd=root, env=environment) as client:
            settings = {"shareModel": False, "index": {"enabled": False}, "precision": precision}
            client.initialize(root, client_name="tacit-bench", options=settings)
            await_first_answer(client, root, time.perf_counter())
            for number, case in enumerate(cases):
                _work(client, root / str(number), case, gap_ms / 1000, chance, seen)
            client.shutdown()
    at_once = sum(ms <= AT_ONCE_MS for ms in seen.after_accept)
    return {
        "keys": seen.keys,
        "offered_while_typing": seen.offered_while_typing,
        "ends": seen.ends,
        "offered_at_end_ms": summary(seen.offered_at_end),
        "silent_at_end_ms": summary(seen.silent_at_end),
        "after_accept_ms": summary(seen.after_accept),
        "after_accept_at_once": round(at_once / max(len(seen.after_accept), 1), 3),
    }


def _cases(path: Path, count: int) -> Iterator[Mapping[str, Any]]:
    """So many cases by the order of their ids, of those that have a change to type."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for case in sorted(map(json.loads, lines), key=lambda case: random.Random(case["id"]).random()):
            if count and 1 < len(retyped(case).typed) <= LONGEST:
                count -= 1
                yield case


def _work(
    client: Client, root: Path, case: Mapping[str, Any], gap: float, chance: random.Random, seen: Seen
) -> None:
    again = retyped(case)
    for path, text in {**case["files"], again.path: again.before}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8", newline="")
    editor = Editor(client, root)
    for path in [each for each in case["files"] if each != again.path] + [again.path]:
        editor.visit(path)
    answer, ms = _type(editor, again, gap, chance, seen)
    seen.ends += 1
    (seen.offered_at_end if answer else seen.silent_at_end).append(ms)
    for _ in range(CHAIN):
        if not answer:
            return
        time.sleep(LOOK_SECONDS)
        editor.make(answer)
        began = time.perf_counter()
        answer = editor.offered(editor.ask_next_edit().result(REPLY_LIMIT))
        seen.after_accept.append((time.perf_counter() - began) * 1000)


def _type(
    editor: Editor, again: Retyped, gap: float, chance: random.Random, seen: Seen
) -> tuple[Offered | None, float]:
    """Type the change; what is offered at its end, and how long after the last key that came."""
    if again.end > again.start:
        editor.replace(Edit(again.start, again.end, ""))
    editor.cursor = again.start
    keys = keystrokes(again.typed)
    for key in keys[:-1]:
        editor.insert(key)
        seen.keys += 1
        pending = editor.ask_next_edit()
        time.sleep(pause_after(key, gap, chance))
        seen.offered_while_typing += bool(pending.done and pending.result()["edits"])
    editor.insert(keys[-1])
    began = time.perf_counter()
    result = editor.ask_next_edit().result(REPLY_LIMIT)
    return editor.offered(result), (time.perf_counter() - began) * 1000


def main() -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--gap", type=float, default=120.0, metavar="MS", help="median time between keys")
    parser.add_argument("--model", help="default: the server's choice")
    parser.add_argument("--precision", type=float, default=PRECISION)
    arguments = parser.parse_args()
    cases = _cases(arguments.cases, arguments.count)
    figures = measure(cases, gap_ms=arguments.gap, model=arguments.model, precision=arguments.precision)
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
