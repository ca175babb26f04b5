"""What a server says about itself: the file `<state_dir>/servers/<pid>.json`, written by one, read by
`tacit why`.

Schema 1, one JSON object, the fields of `Report`. No source text and no paths: documents go by their file
name.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from engine.paths import state_dir
from engine.storage import write_whole

SCHEMA = 1


class Request(msgspec.Struct, frozen=True):
    """One answer of any kind and why it was so; or, later, what became of what was shown (`about` it)."""

    at: float  # seconds since 1970
    method: str
    document: str  # file name only
    version: int
    outcome: str  # "shown" | "silent"; of what was shown: "accepted", "ignored" and others of feedback
    total_ms: float
    reason: str = ""  # a code of completion.reasons; empty where something was shown
    sentence: str = ""
    detail: str = ""
    source: str = ""  # "model" | "typed-through" | "next-edit, " and its kind
    stages_ms: dict[str, float] = {}  # wait, prefill, decode
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    kind: str = "ghost-text"  # "ghost-text" | "next-edit" | "apply" | "findings" | "symbols" | "budget"
    id: str = ""  # of the server's process, in base 16, and a number
    about: str = ""  # the id of what was shown

    @property
    def dropped(self) -> bool:
        """Whether nobody waited for the answer any more."""
        return self.reason in ("cancelled", "superseded", "stale", "given-up")


class FileFindings(msgspec.Struct, frozen=True):
    """What the bug finder made of a document, and why it shows no more."""

    at: float  # seconds since 1970
    document: str  # file name only
    version: int
    shown: int
    reason: str = ""  # a code of bug_finder.reasons; empty where something is shown
    sentence: str = ""
    detail: str = ""
    functions: int = 0
    read: int = 0  # of them were not known
    hidden: dict[str, int] = {}  # by reason's code
    ms: float = 0.0


class ModelReport(msgspec.Struct, frozen=True):
    """Which model there is, or why there is none."""

    phase: str = "waiting"
    name: str = ""
    tier: str = ""
    detail: str = ""
    host: int = 0  # the process that has it, if that is another server's
    guests: int = 0  # other servers that use it


class IndexReport(msgspec.Struct, frozen=True):
    """How far the search index is. Phases: off, starting, those of `workspace_index.messages.State`."""

    phase: str = "off"
    folders: int = 0
    files: int = 0
    done: int = 0  # of the pass that is under way
    total: int = 0
    detail: str = ""


class BudgetReport(msgspec.Struct, frozen=True):
    """What it may take of the machine, and what had to give way."""

    level: str = "fine"  # a code of budgets.Level
    sentence: str = ""
    memory_limit_mb: int = 0
    cache_mb: float = 0.0  # of the memory: prompts that the model has read
    disk_mb: int = 0  # of index and findings, when it was looked at last
    disk_limit_mb: int = 0
    room: str = ""  # what was done about the disk
    rest: str = ""  # why indexing and scans wait


class Quantiles(msgspec.Struct, frozen=True):
    """Of the last thousand values, in milliseconds."""

    p50: float
    p99: float
    count: int


class Report(msgspec.Struct, frozen=True):
    """A server's state at `updated`."""

    pid: int
    version: str
    client: str
    started: float
    updated: float
    model: ModelReport
    memory_mb: float
    documents: int
    running: str  # the lane at work, or ""
    waiting: dict[str, int]  # jobs per lane
    prompt_tokens: int
    cached_tokens: int
    stages: dict[str, Quantiles]
    outcomes: dict[str, int]  # "shown", or a reason's code
    requests: list[Request]  # the newest last
    index: IndexReport = IndexReport()
    budget: BudgetReport = BudgetReport()
    findings: list[FileFindings] = []  # of each open document, the newest last
    schema: int = SCHEMA

    @property
    def hit_rate(self) -> float | None:
        """The share of prompt tokens that did not have to be read again; None before the first prompt."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else None


def path_of(pid: int) -> Path:
    """Where the server `pid` writes."""
    return state_dir() / "servers" / f"{pid}.json"


def write(report: Report) -> None:
    """Replace the server's file, so that a reader sees the old one or the new one. Raises OSError."""
    write_whole(path_of(report.pid), msgspec.json.encode(report))


def remove(pid: int) -> None:
    """Forget the server `pid`. A file that is not there, or cannot go, is no matter."""
    for path in (path_of(pid), path_of(pid).with_suffix(".json.new")):
        with contextlib.suppress(OSError):
            path.unlink()


def read_all() -> list[Report]:
    """The reports of all running servers, the one that was active last at the end.

    Files of servers that were killed are removed on the way.
    """
    reports = []
    for path in path_of(0).parent.glob("*.json"):
        try:
            report = msgspec.json.decode(path.read_bytes(), type=Report)
        except (OSError, msgspec.DecodeError):
            continue  # Of another version of Tacit, or gone between listing and reading.
        if _lives(report):
            reports.append(report)
        else:
            remove(report.pid)
    return sorted(reports, key=lambda report: report.updated)


def _lives(report: Report) -> bool:
    """Whether its server runs. A process that came later has only taken over the process id.

    The last word of the server counts and not its first: where the clock is set forward, every process
    seems to have started later than it did.
    """
    import psutil

    try:
        return bool(psutil.Process(report.pid).create_time() <= report.updated)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
