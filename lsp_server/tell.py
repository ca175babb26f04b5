"""Reports in words: for logs, for messages in the editor, and for `tacit why` and `tacit status`."""

from __future__ import annotations

import time

from lsp_server.reports import FileFindings, IndexReport, ModelReport, Report, Request

_PHASES = {
    "waiting": "not started",
    "choosing": "measuring which model this machine can run",
    "preparing": "being prepared",
    "loading": "being loaded",
    "ready": "ready",
    "failed": "failed",
}

_SHOWN = {
    "model": "a suggestion, from the model.",
    "typed-through": "a suggestion, continued as typed.",
    "next-edit": "a suggestion, which is the next edit.",
}

_OTHERS = {"apply": "a sketch, as an edit.", "symbols": "what was found.", "findings": "findings."}


def note(request: Request) -> str:
    """A request's outcome for a log line."""
    times = [f"{stage} {ms:.1f}" for stage, ms in request.stages_ms.items()]
    facts = [request.reason, request.detail, request.source, *times]
    return f"{request.outcome} ({', '.join(filter(None, facts))})"


def request(of: Request) -> str:
    """A request and its outcome in one sentence."""
    if of.outcome == "shown" and of.kind in _OTHERS:
        outcome = _OTHERS[of.kind]
    elif of.outcome == "shown":
        outcome = _SHOWN.get(of.source) or f"a {of.source.replace(', ', ' (')})."
    else:
        outcome = f"nothing was shown. {of.sentence}{f' ({of.detail})' if of.detail else ''}"
    if of.kind == "budget":
        return f"{of.sentence}{f' ({of.detail})' if of.detail else ''}"
    about = "a search" if of.kind == "symbols" else of.document or "a document"
    return f"{about}{f', version {of.version}' if of.kind not in _OTHERS else ''}: {outcome}"


def findings(of: FileFindings) -> str:
    """What the bug finder made of a document, in one sentence."""
    shown = (
        f"{of.shown} finding{'' if of.shown == 1 else 's'}." if of.shown else f"no findings. {of.sentence}"
    )
    hidden = ", ".join(f"{reason} {count}" for reason, count in of.hidden.items())
    notes = "; ".join(filter(None, [of.detail, f"not shown: {hidden}" if hidden else ""]))
    return f"{of.document}, version {of.version}: {shown}{f' ({notes})' if notes else ''}"


def times(of: Request) -> str:
    """Where a request's time went."""
    stages = "".join(f", {stage} {ms:.1f}" for stage, ms in of.stages_ms.items())
    tokens = (
        f"; {of.cached_tokens} of {of.prompt_tokens} prompt tokens cached, {of.generated_tokens} written"
        if of.prompt_tokens
        else ""
    )
    return f"{of.total_ms:.1f} ms{stages}{tokens}"


def clock(at: float) -> str:
    """The local time of day."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def model(of: ModelReport) -> str:
    """The model and its state."""
    state = _PHASES.get(of.phase, of.phase)
    name = f"{of.name} (tier {of.tier})" if of.tier else of.name or "no model"
    return f"{name}: {state}{f' ({of.detail})' if of.detail else ''}"


def index(of: IndexReport) -> str:
    """How far the search index is."""
    if of.phase == "off":
        return "off"
    how_far = f"{of.done:,} of {of.total:,} files" if of.phase == "indexing" else f"{of.files:,} files"
    folders = f"{of.folders} folder{'s' if of.folders != 1 else ''}"
    return f"{of.phase}, {how_far} in {folders}{f' ({of.detail})' if of.detail else ''}"


def summary(of: Report) -> str:
    """A server in one line."""
    hits = f", {of.hit_rate:.0%} of prompt tokens cached" if of.hit_rate is not None else ""
    total = of.stages.get("total")
    speed = f", p50 {total.p50:.0f} ms, p99 {total.p99:.0f} ms" if total else ""
    return f"{model(of.model)}; {of.memory_mb:.0f} MB{hits}{speed}"


def outcomes(of: Report) -> str:
    """How often what came of the requests, the most frequent first."""
    ranked = sorted(of.outcomes.items(), key=lambda item: -item[1])
    return ", ".join(f"{outcome} {count}" for outcome, count in ranked) or "none yet"


def sharing(of: ModelReport) -> str:
    """Whose model it is, and who else uses it."""
    if of.host:
        return f"the model of process {of.host}"
    return f"host of {of.guests} other server{'' if of.guests == 1 else 's'}" if of.guests else "alone"


def memory(of: Report) -> str:
    """What it takes, may take, and what had to give way for that."""
    limit = f" of {of.budget.memory_limit_mb}" if of.budget.memory_limit_mb else ""
    trouble = f". {of.budget.sentence}" if of.budget.level != "fine" else ""
    return f"{of.memory_mb:.0f}{limit} MB, {of.documents} documents open{trouble}"


def facts(of: Report) -> list[tuple[str, str]]:
    """A server in rows: what, and how it is."""
    hits = "no prompt yet" if of.hit_rate is None else f"{of.hit_rate:.1%} of prompt tokens"
    waiting = ", ".join(f"{count} {lane}" for lane, count in of.waiting.items()) or "none"
    files, found = len(of.findings), sum(each.shown for each in of.findings)
    return [
        ("server", f"process {of.pid}, for {of.client or 'an editor'} since {clock(of.started)}"),
        ("model", model(of.model)),
        ("shared", sharing(of.model)),
        ("memory", memory(of)),
        ("disk", f"{of.budget.disk_mb} of {of.budget.disk_limit_mb} MB of caches. {of.budget.room}".strip()),
        ("index", f"{index(of.index)}{f'. {of.budget.rest}' if of.budget.rest else ''}"),
        ("findings", f"{found} in {files} file{'' if files == 1 else 's'}"),
        ("lanes", f"running: {of.running or 'none'}, waiting: {waiting}"),
        ("cached", f"{hits}, {of.budget.cache_mb:.0f} MB"),
        ("outcomes", outcomes(of)),
        *(
            (f"{stage} ms", f"p50 {q.p50:.1f}  p99 {q.p99:.1f}  of {q.count}")
            for stage, q in of.stages.items()
        ),
    ]
