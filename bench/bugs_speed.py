"""How fast bugs are looked for: functions a second, from a save to the diagnostics, and beside the typing.

`functions` reads a folder without a cache. `save` edits and saves a file of 1,000 lines in the real
server and asks for its diagnostics: all of its functions unknown, or one of them changed. `typing`
replays a recorded session key by key, with and without a scan of the workspace going on, in turns.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.client import CAPABILITIES, Client, ClientError, server_command, server_environment
from bench.editor import Editor
from bench.latency import Answer, Options, await_first_answer, figures, replay
from bench.report import percentile, summary
from bench.session import load, unpack
from bug_finder.cache import Cache
from bug_finder.choose import Wish
from bug_finder.detect import Detector
from bug_finder.examine import examine
from engine.cancel import NEVER
from text.languages import language_of

HOME = Path(__file__).resolve().parent.parent
"""The program's own code, which is read where no folder is named."""
ENOUGH = 2000  # functions
LINES = 1000
LATE_S = 60.0
PATIENT = {"shareModel": False, "budgetMs": 3000, "minConfidence": 0}
"""Settings with which every request takes as long as it takes: none is given up at a deadline."""
PULLS: Any = {
    **CAPABILITIES,
    "textDocument": {**CAPABILITIES["textDocument"], "diagnostic": {}},
    "workspace": {**CAPABILITIES["workspace"], "diagnostics": {"refreshSupport": True}},
}
"""A pull is answered once the findings are those of the text."""

Progress = Callable[[], None]


def measure(options: Options, rounds: int, corpus: Path | None, progress: Progress) -> dict[str, Any]:
    """All of it; `progress` is called 2 + 2 * `rounds` times. Raises ClientError, OSError or TimeoutError."""
    texts = _texts(corpus or HOME)
    made: dict[str, Any] = {"functions": functions(texts)}
    progress()
    made["save"] = save(texts, 5 * rounds)
    progress()
    made["typing"] = typing(texts, options, rounds, progress)
    return made


def functions(texts: list[tuple[str, str]]) -> dict[str, Any]:
    """Functions a second over a folder, and over those of about the median length alone."""
    detector = Detector.load()
    spans = [
        (each.end - each.start, text, language, (each.start, each.end))
        for text, language in texts
        for each in detector.functions(text, language)
    ]
    if not spans:
        raise ClientError("there are no functions in the folder")
    spans.sort(key=lambda each: each[0])
    middle = spans[len(spans) * 45 // 100 : len(spans) * 55 // 100 + 1]
    lone = [text[start:end] for _, text, _, (start, end) in middle]
    # As one file, as a scan reads them.
    language = statistics.mode(each[2] for each in middle)
    joined = "\n\n\n".join(each for each, of in zip(lone, middle, strict=True) if of[2] == language)
    count = len(detector.functions(joined, language))
    made: dict[str, Any] = {
        "functions": len(spans),
        "median_characters": spans[len(spans) // 2][0],
        "cores": os.cpu_count(),
    }
    # As the settings are by default, and with the network wherever it has something to say.
    for name, finder in (("", detector.at(Wish().precision)), ("with_network_", detector)):
        finder.find(joined[:2000], language)
        typical = _timed(partial(finder.find, joined, language))
        whole = _timed(partial(_examine, finder, texts))
        made |= {
            f"{name}per_s": round(len(spans) / whole[0]),
            f"{name}per_cpu_s": round(len(spans) / whole[1]),
            f"{name}median_function_per_s": round(count / typical[0]),
            f"{name}median_function_per_cpu_s": round(count / typical[1]),
        }
    return made


def _examine(finder: Detector, texts: list[tuple[str, str]]) -> None:
    for each in texts:
        examine(finder, Cache(None), *each, NEVER)


def save(texts: list[tuple[str, str]], rounds: int) -> dict[str, Any]:
    """Milliseconds from a save to the diagnostics of a Python file of 1,000 lines."""
    lines = "\n".join(text for text, language in texts if language == "python").splitlines()[: LINES - 10]
    text = "\n".join(lines) + "\n\n\ndef changed(a):\n    return a\n"
    times: dict[str, list[float]] = {"all_unknown_ms": [], "one_changed_ms": []}
    with tempfile.TemporaryDirectory(prefix="tacit-bench-") as folder:
        uri = (Path(folder) / "long.py").as_uri()
        environment = server_environment(
            TACIT_CACHE_DIR=folder, TACIT_STATE_DIR=folder, TACIT_MODEL="/none.gguf"
        )
        with Client(server_command("serve"), cwd=Path(folder), env=environment) as client:
            client.initialize(Path(folder), capabilities=PULLS, client_name="tacit-bench")
            client.open(uri, "python", text)
            _pull(client, uri)
            end = {"line": text.count("\n"), "character": 0}
            for version in range(1, 2 * rounds + 1):
                # A new import is seen by every function, a comment in the last one by that alone.
                at, new = (
                    ({"line": 0, "character": 0}, f"import a{version}\n")
                    if version % 2
                    else ({**end, "line": end["line"] + version // 2}, "    # changed\n")
                )
                end["line"] += 0 if version % 2 else 1
                client.change(uri, version, [{"range": {"start": at, "end": at}, "text": new}])
                started = time.perf_counter()
                client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
                _pull(client, uri)
                kind = "all_unknown_ms" if version % 2 else "one_changed_ms"
                times[kind].append((time.perf_counter() - started) * 1000)
    return {"lines": text.count("\n"), **{kind: summary(values) for kind, values in times.items()}}


def typing(texts: list[tuple[str, str]], options: Options, rounds: int, progress: Progress) -> dict[str, Any]:
    """The latencies of a session with and without a scan: of all answers, and of the model's."""
    answers: dict[str, list[Answer]] = {"quiet": [], "scan": []}
    scans = 0
    for _ in range(rounds):
        for name, given in answers.items():
            more, count = _typed(texts, replace(options, pace="waited"), scan=name == "scan")
            given += more
            scans += count
            progress()
    made: dict[str, Any] = {"scans": scans}
    for kind, wanted in (("all", _any), ("model", _by_the_model)):
        times = {name: [each.ms for each in given if wanted(each)] for name, given in answers.items()}
        made |= {f"{kind}_{name}_ms": summary(values) for name, values in times.items()}
        for name, share in (("p50", 0.5), ("p90", 0.9)) if all(times.values()) else ():
            ratio = percentile(times["scan"], share) / percentile(times["quiet"], share)
            made[f"{kind}_ratio_{name}"] = round(ratio, 2)
    return made


def _any(answer: Answer) -> bool:
    return not answer.error


def _by_the_model(answer: Answer) -> bool:
    return bool(answer.ghost) and not answer.typed_through


def _typed(texts: list[tuple[str, str]], options: Options, *, scan: bool) -> tuple[list[Answer], int]:
    session = load(options.session)
    environment = server_environment(**({"TACIT_MODEL": options.model} if options.model else {}))
    with tempfile.TemporaryDirectory(prefix="tacit-bench-") as folder:
        root = unpack(options.session, session, Path(folder))
        started = time.perf_counter()
        with Client(server_command("serve"), cwd=root, env=environment) as client:
            client.initialize(root, client_name="tacit-bench", options=PATIENT)
            await_first_answer(client, root, started)
            over = threading.Event()
            scans: list[int] = []
            scanner = threading.Thread(target=_scan, args=(client, root, texts, over, scans))
            if scan:
                scanner.start()
            try:
                answers = list(replay(session, Editor(client, root), options))
            finally:
                over.set()
                if scan:
                    scanner.join()
            assert figures(answers)["keys"] == len(answers)
            return answers, len(scans)


def _scan(
    client: Client, root: Path, texts: list[tuple[str, str]], over: threading.Event, scans: list[int]
) -> None:
    """Scan the workspace again and again, with nothing known, until it is over."""
    while not over.is_set():
        for number, text in enumerate(text for text, language in texts if language == "python"):
            (root / f"scanned_{number}.py").write_text(f"# {time.monotonic_ns()}\n{text}", "utf-8", "replace")
        pending = client.send("workspace/executeCommand", {"command": "tacit.findBugs"})
        while not pending.done and not over.wait(0.05):
            pass
        if not pending.done:
            client.cancel(pending)
        scans.append(1)


def _pull(client: Client, uri: str) -> None:
    """Wait for the findings of the document as it is."""
    client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}}, LATE_S)


def _texts(folder: Path) -> list[tuple[str, str]]:
    """The folder's files with their languages, up to so many functions."""
    return list(_files(folder))


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    size = 0
    for path in sorted(folder.rglob("*")):
        language = language_of(path=path.name)
        if not language or not path.is_file() or any(part.startswith(".") for part in path.parts):
            continue
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        yield text, language
        size += text.count("\n")
        if size > ENOUGH * 10:
            return


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of processor time."""
    clock, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - worked
