"""Speed of rewriting a region with drafts that follow it, beside writing the same tokens one by one.

first_hunk_ms   from the request to the first stable hunk, with nothing of region or sketch read before
tokens_per_s    of the rewriting, once the prompt is read; `plain` without drafts
speedup         the one over the other: all regions together, and the worst of them
equal           share of the regions where both wrote the same; in fp32 all of them, by a test
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apply.formats.recognise import read_sketch
from apply.prompt_apply_v1 import fixed
from apply.rewrite import RewriteRequest, Rewriting, request_of, rewrite
from bench.engine import SAMPLE
from bench.report import summary
from completion.prompt import shared
from engine.model import Model


@dataclass(frozen=True)
class Task:
    """A region of a sample file, from its first line to its last, and a sketch of a change to it."""

    file: str
    first: str
    last: str
    sketch: str

    def request(self) -> RewriteRequest:
        """What is asked of the model."""
        text = (SAMPLE / self.file).read_text("utf-8")
        start = text.index(self.first)
        region = text[start : text.index(self.last, start) + len(self.last)] + "\n"
        (sketch,) = read_sketch(self.sketch, region.splitlines())
        return request_of(region, sketch, self.sketch)


TASKS: Final = (
    Task(
        "ledger.py",
        "def parse_row",
        "row[CATEGORY].strip(), cents)",
        "def parse_row(row: list[str], number: int) -> Entry:\n"
        '    """Read one line of the file; `number` is for the error message."""\n'
        "    if len(row) < 4:\n"
        "    # ... existing code ...\n",
    ),
    Task(
        "ledger.py",
        "def print_table",
        ':>12}")',
        "def print_table(sums: dict[str, int], title: str) -> None:\n"
        '    """Print one line per name and a total."""\n'
        "    width = max((len(name) for name in sums), default=8)\n"
        "    # ... existing code ...\n",
    ),
    Task(
        "queue.go",
        "func (q *Queue) Put",
        "return nil\n}",
        "func (q *Queue) Put(job *Job) error {\n"
        "\tif job == nil {\n\t\treturn ErrNoJob\n\t}\n"
        "\tq.mu.Lock()\n"
        "\t// ... existing code ...\n",
    ),
    Task(
        "table.ts",
        "  sortBy(column",
        "\n  }",
        "  sortBy(column: Column<Row>): void {\n"
        "    this.page = 0;\n"
        "    if (this.sortColumn === column) {\n"
        "    // ... existing code ...\n",
    ),
)


def measure(
    model: Model,
    *,
    rounds: int,
    tasks: Sequence[Task] = TASKS,
    progress: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Rewrite each region `rounds` times in both ways; call `progress` after each.

    `model` must remember no prompts but the last one (`cache_bytes=0`): else they would be read already.
    """
    runs = [_run(task.request(), model, progress) for _ in range(rounds) for task in tasks]
    drafted, plain = sum(run.drafted_s for run in runs), sum(run.plain_s for run in runs)
    tokens = sum(run.tokens for run in runs)
    return {
        "regions": len(tasks),
        "rounds": rounds,
        "tokens": tokens // rounds,
        "first_hunk_ms": summary([run.first_hunk_ms for run in runs]),
        "tokens_per_s": round(tokens / drafted),
        "plain_tokens_per_s": round(tokens / plain),
        "speedup": round(plain / drafted, 2),
        "speedup_worst": round(min(run.plain_s / run.drafted_s for run in runs), 2),
        "equal": round(sum(run.difference_nats is None for run in runs) / len(runs), 3),
        "tolerance_nats": round(max(run.difference_nats or 0.0 for run in runs), 3),
    }


@dataclass(frozen=True)
class _Run:
    first_hunk_ms: float
    tokens: int
    drafted_s: float
    plain_s: float  # for as many tokens
    difference_nats: float | None


def _run(request: RewriteRequest, model: Model, progress: Callable[[], object]) -> _Run:
    model.warm(fixed(model.tokenizer))
    hunks: list[float] = []
    began = time.perf_counter()
    ours = rewrite(request, model, on_hunk=lambda _: hunks.append(time.perf_counter()))
    hunks.append(time.perf_counter())  # where nothing changed, the end is what one waits for
    plain = rewrite(request, model, drafts=False)
    progress()
    tokens = ours.usage.generated_tokens
    return _Run(
        first_hunk_ms=(hunks[0] - began) * 1e3,
        tokens=tokens,
        drafted_s=ours.usage.decode_ms / 1e3,
        plain_s=plain.usage.decode_ms / 1e3 / plain.usage.generated_tokens * tokens,
        difference_nats=_difference(ours, plain, model),
    )


def _difference(ours: Rewriting, plain: Rewriting, model: Model) -> float | None:
    """How far apart the model finds the first tokens that differ; None where there are none."""
    if ours.tokens == plain.tokens:
        return None
    same = shared(ours.tokens, plain.tokens)
    before = [*ours.prompt, *ours.tokens[:same]]
    choices = [model.score(before, each.tokens[same : same + 1]) for each in (ours, plain)]
    return abs(sum(choices[0]) - sum(choices[1])) if all(choices) else 0.0
