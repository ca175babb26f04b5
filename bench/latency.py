"""Latency as an editor feels it: a recorded session replayed, key by key, through the real server over stdio.

Two paces. `paced` plays the keys at human speed and asks after each one, as editors do: a request whose
reply is not there at the next key counts as superseded, the others as answered. `waited` sends the next key
when the reply is there: no request gets out of the way of another, so this is how long all answers take.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import psutil

from bench.client import Client, Json, LspError, Pending, server_command, server_environment
from bench.editor import AUTOMATIC, Editor
from bench.report import summary
from bench.session import Session, keystrokes, load, pause_after, unpack
from engine.paths import cache_dir

WORKDAY = Path(__file__).parent / "sessions" / "workday.toml"
FIRST_ANSWER_LIMIT = 120.0
REPLY_LIMIT = 30.0
IDLE_SECONDS = 5.0
MANY = 500
"""Files that make a folder worth indexing meanwhile."""

LOOK_SECONDS = 1.0
"""Nobody types in the instant of arriving somewhere else, at whatever pace."""

PROBE = "def add(a, b):\n    return "
"""Something that any model can continue: when it is answered, the model is there."""

Pace = Literal["paced", "waited"]
PACES: tuple[Pace, ...] = get_args(Pace)


@dataclass(frozen=True)
class Options:
    """How to replay: `gap_ms` is the median time between keys; a `model` of None leaves it to the server."""

    pace: Pace = "paced"
    keys: int = 300
    gap_ms: float = 120.0
    seed: int = 1
    model: str | None = None
    session: Path = WORKDAY
    indexing: Path | None = None
    """A folder that is indexed from cold meanwhile; without one, nothing is indexed."""


@dataclass(frozen=True)
class Answer:
    """One key's request: what the user saw of it."""

    key: str
    ms: float
    ghost: str
    superseded: bool
    typed_through: bool
    error: str = ""


def measure(options: Options, command: Sequence[str] | None = None) -> dict[str, Any]:
    """Replay through a fresh server and return all figures; raises ClientError or TimeoutError.

    The server is this very Tacit unless there is a `command` for another.
    """
    session = load(options.session)
    environment = server_environment(**({"TACIT_MODEL": options.model} if options.model else {}))
    with tempfile.TemporaryDirectory(prefix="tacit-bench-") as folder:
        root = unpack(options.session, session, Path(folder))
        environment["TACIT_CACHE_DIR"] = str(_without_index(Path(folder) / "cache"))
        started = time.perf_counter()
        with Client(command or server_command("serve"), cwd=root, env=environment) as client:
            settings = {
                "shareModel": False,
                "index": {"enabled": options.indexing is not None},
                "background": "always",  # the bench itself would be what indexing waits for
            }
            client.initialize(root, client_name="tacit-bench", options=settings)
            initialize_ms = (time.perf_counter() - started) * 1000
            first_answer_ms = await_first_answer(client, root, started)
            if options.indexing is not None:
                _begin_indexing(client, options.indexing)
            before = _cpu(client.process.pid)
            answers = list(replay(session, Editor(client, root), options))
            cpu = _cpu(client.process.pid) - before
            indexed = client.request("tacit/status", {})["index"]
            idle = _idle_cpu(client.process.pid)
            server = client.request("tacit/status", {})
            memory = psutil.Process(client.process.pid).memory_info().rss
            exit_status = client.shutdown()
    return {
        "pace": options.pace,
        "gap_ms": options.gap_ms if options.pace == "paced" else None,
        "initialize_ms": round(initialize_ms, 1),
        "first_answer_ms": round(first_answer_ms, 1),
        **figures(answers),
        "cpu_ms_per_key": round(1000 * cpu / len(answers), 1),
        "rss_mb": round(memory / 1e6),
        "idle_cpu_percent": round(idle, 2),
        "exit_status": exit_status,
        "prefix_cache_hit_rate": _share(server["cached_tokens"], server["prompt_tokens"]),
        "outcomes": server["outcomes"],
        "index": {key: indexed[key] for key in ("phase", "done", "total")},
        "stages_ms": server["stages"],
    }


def figures(answers: list[Answer]) -> dict[str, Any]:
    """Counts and latencies of a replay, of all answers and of each kind."""
    seen = [answer for answer in answers if not answer.superseded and not answer.error]
    shown = [answer for answer in seen if answer.ghost]
    return {
        "keys": len(answers),
        "superseded": sum(answer.superseded for answer in answers),
        "errors": sum(bool(answer.error) and not answer.superseded for answer in answers),
        "shown": len(shown),
        "answered_ms": summary([answer.ms for answer in seen]),
        "model_ms": summary([answer.ms for answer in shown if not answer.typed_through]),
        "typed_through_ms": summary([answer.ms for answer in shown if answer.typed_through]),
        "silent_ms": summary([answer.ms for answer in seen if not answer.ghost]),
    }


def strokes(session: Session, editor: Editor) -> Iterator[str]:
    """Perform the session on `editor`, one key for each item that is taken; yield the key."""
    for step in session.step:
        if step.undo:
            editor.undo()
            yield "undo"
            continue
        if step.file:
            editor.visit(step.file)
        if step.after:
            editor.find(step.after)
            yield "move"
        editor.mark()
        for _ in range(step.erase):
            editor.backspace()
            yield "backspace"
        for key in keystrokes(step.type):
            editor.insert(key)
            yield key


def replay(session: Session, editor: Editor, options: Options) -> Iterator[Answer]:
    """Perform the session, asking after each key."""
    rng = random.Random(options.seed)
    expected = ""  # the ghost text that is still right if it is only typed through
    for count, key in enumerate(strokes(session, editor), 1):
        pending = editor.ask()
        pause = pause_after(key, options.gap_ms / 1000, rng) if options.pace == "paced" else None
        expected = expected[len(key) :] if expected.startswith(key) else ""
        answer = _answer(pending, editor, key, pause, expected)
        expected = expected if answer.superseded else answer.ghost
        yield answer
        if count == options.keys:
            return
        if key == "move" and pause is None:
            time.sleep(LOOK_SECONDS)


def _answer(pending: Pending, editor: Editor, key: str, pause: float | None, expected: str) -> Answer:
    """Wait for the reply, at most `pause` seconds if that is a number, and then at least that long."""
    result: Json = None
    error = ""
    try:
        result = pending.result(REPLY_LIMIT if pause is None else pause)
    except TimeoutError:
        if pause is None:
            raise
        return Answer(key, pause * 1000, "", superseded=True, typed_through=False)
    except LspError as refused:
        error = str(refused)
    if pause is not None:
        time.sleep(max(0.0, pending.sent_at + pause - time.perf_counter()))
    ghost = "" if error else editor.ghost(result)
    through = bool(ghost) and ghost == expected
    return Answer(key, pending.latency_ms, ghost, superseded=False, typed_through=through, error=error)


def await_first_answer(client: Client, root: Path, started: float) -> float:
    """Wait for ghost text: milliseconds from the start to the first ghost text, asked for again and again."""
    uri = (root / "probe.py").as_uri()
    client.open(uri, "python", PROBE)
    line, _, rest = PROBE.rpartition("\n")
    where = {"line": line.count("\n") + 1, "character": len(rest)}
    params = {"textDocument": {"uri": uri}, "position": where, "context": {"triggerKind": AUTOMATIC}}
    while time.perf_counter() - started < FIRST_ANSWER_LIMIT:
        reply = client.request("textDocument/inlineCompletion", params)
        if reply and reply["items"]:
            client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            return (time.perf_counter() - started) * 1000
        time.sleep(0.05)
    model = client.request("tacit/status", {})["model"]
    raise TimeoutError(
        f"no ghost text within {FIRST_ANSWER_LIMIT:.0f} s; the server says of its model: {model}"
    )


def _without_index(folder: Path) -> Path:
    """A cache folder with the models of the user's, but no index."""
    folder.mkdir()
    for each in cache_dir().iterdir() if cache_dir().is_dir() else ():
        if each.name != "index":
            (folder / each.name).symlink_to(each.resolve())
    return folder


def _begin_indexing(client: Client, folder: Path) -> None:
    """Add a workspace folder, and wait until its files are being read."""
    added = [{"uri": folder.resolve().as_uri(), "name": folder.name}]
    event = {"added": added, "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    end = time.perf_counter() + REPLY_LIMIT
    while client.request("tacit/status", {})["index"]["total"] < MANY:
        if time.perf_counter() > end:
            raise TimeoutError(f"{folder} was not indexed, or was too soon done")
        time.sleep(0.05)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _idle_cpu(pid: int) -> float:
    """Percent of one core that the server uses while nobody types."""
    time.sleep(1)
    before = _cpu(pid)
    time.sleep(IDLE_SECONDS)
    return 100 * (_cpu(pid) - before) / IDLE_SECONDS


def _cpu(pid: int) -> float:
    """Seconds of processor time of the server itself, without its index process: tells work from waiting."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)
