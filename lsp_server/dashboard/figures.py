"""What the page shows, as one JSON object: from the servers' reports, the trace and the feedback record."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from lsp_server import feedback, reports, tell, trace, trace_prompts
from lsp_server.reports import Quantiles, Report, Request
from lsp_server.status import quantiles

LATEST = 2_000
"""Entries of the trace that are looked at."""
DRAWN = 150
"""Values in a chart."""
LISTED = 30


class Server(msgspec.Struct, frozen=True):
    """A running server, in words."""

    title: str
    facts: list[tuple[str, str]]
    memory_mb: float


class Stage(msgspec.Struct, frozen=True):
    """How long one stage took, in milliseconds."""

    name: str
    of: Quantiles
    latest: list[float]


class Answers(msgspec.Struct, frozen=True):
    """How often what came of one kind of answer."""

    kind: str
    shown: int
    silent: int
    dropped: int
    accepted: int
    not_accepted: int
    kept: int
    not_kept: int


class Silent(msgspec.Struct, frozen=True):
    """How often there was one reason for silence."""

    kind: str
    reason: str
    sentence: str
    count: int


class Line(msgspec.Struct, frozen=True):
    """One answer, in words."""

    at: str
    kind: str
    said: str
    times: str


class Prompt(msgspec.Struct, frozen=True):
    """A prompt that is kept."""

    id: str
    title: str


class Figures(msgspec.Struct, frozen=True):
    """All of it."""

    at: str
    servers: list[Server]
    stages: list[Stage]
    answers: list[Answers]
    silences: list[Silent]
    hit_rate: float | None
    hits: list[float]  # share of each prompt, the newest last
    latest: list[Line]
    prompts: list[Prompt]
    trace_bytes: int


def figures() -> Figures:
    """As things are now. Reads files; takes some hundredths of a second."""
    entries = trace.read(LATEST)
    asked = [each for each in entries if each.prompt_tokens]
    read = sum(each.prompt_tokens for each in asked)
    return Figures(
        at=tell.clock(time.time()),
        servers=[server(each) for each in reports.read_all()],
        stages=stages(entries),
        answers=answers(entries, feedback.events()),
        silences=silences(entries),
        hit_rate=sum(each.cached_tokens for each in asked) / read if read else None,
        hits=[round(each.cached_tokens / each.prompt_tokens, 3) for each in asked[-DRAWN:]],
        latest=[
            Line(tell.clock(each.at), each.kind, tell.request(each), tell.times(each))
            for each in reversed([each for each in entries if not each.about][-LISTED:])
        ],
        prompts=[
            Prompt(each.id, f"{tell.clock(each.at)} {each.path}")
            for each in reversed(trace_prompts.read_all())
        ],
        trace_bytes=trace.bytes_kept(),
    )


def server(report: Report) -> Server:
    """A server's report, in words."""
    title = f"{report.client or 'an editor'}, process {report.pid}"
    return Server(title, tell.facts(report), report.memory_mb)


def stages(entries: Iterable[Request]) -> list[Stage]:
    """How long each stage took, of the answers that took work."""
    found: dict[str, list[float]] = defaultdict(list)
    for each in entries:
        if each.stages_ms:
            for name, ms in {**each.stages_ms, "total": each.total_ms}.items():
                found[f"{each.kind}: {name}"].append(ms)
    return [Stage(name, quantiles(ms), ms[-DRAWN:]) for name, ms in sorted(found.items())]


def answers(entries: Iterable[Request], events: Iterable[feedback.Event]) -> list[Answers]:
    """How often what came of each kind; what was kept is known of next edits, from the feedback record."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in entries:
        if each.kind == "budget":
            continue
        taken = "accepted" if each.outcome in feedback.ACCEPTED else "not_accepted"
        if not each.about:
            counts[each.kind]["dropped" if each.dropped else each.outcome] += 1
        elif each.outcome != "unseen":
            counts[each.kind][taken] += 1
    for event in events:
        if event.kept is not None:
            counts["next-edit"]["kept" if event.kept else "not_kept"] += 1
    names = Answers.__struct_fields__[1:]
    return [Answers(kind, *(of[name] for name in names)) for kind, of in sorted(counts.items())]


def silences(entries: Iterable[Request]) -> list[Silent]:
    """The reasons for silence, the most frequent first."""
    found = Counter((each.kind, each.reason, each.sentence) for each in entries if each.outcome == "silent")
    return [Silent(*which, count) for which, count in found.most_common()]
