"""Waits for the server's model and shows what the server reports meanwhile, as an editor would."""

from __future__ import annotations

import threading
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from bench.client import Client, Json

STALL_SECONDS = 180.0
"""The longest time without any sign of progress; converting a model has quiet stretches."""

POLL_SECONDS = 0.05

PHASES = {"choosing": "Measuring this machine", "loading": "Loading the model"}
"""What the server does while it reports no progress of its own."""


class NotReady(Exception):
    """The server has no model; the message is the server's own, with its remedy."""


def await_model(client: Client, console: Console) -> dict[str, Any]:
    """Return the model's report when it can answer; raises NotReady where it will not."""
    with _Bar(console) as bar:
        client.on_notification = bar.notice
        try:
            while True:
                model = status(client)["model"]
                bar.say(PHASES.get(model["phase"], "Starting"))
                if model["phase"] == "ready":
                    return dict(model)
                if model["phase"] == "failed":
                    raise NotReady(model["detail"] or "the server has no model")
                if bar.quiet_seconds > STALL_SECONDS:
                    raise NotReady(f"nothing has happened for {STALL_SECONDS:.0f} s ({model['phase']})")
                time.sleep(POLL_SECONDS)
        finally:
            client.on_notification = None


def status(client: Client) -> dict[str, Any]:
    """The server's own report, as `tacit status --json` has it."""
    return dict(client.request("tacit/status", {}))


class _Bar(Progress):
    """The server's work-done progress as a bar; what the reader thread brings is drawn by rich's own."""

    def __init__(self, console: Console) -> None:
        text, bar, share = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[share]}")
        super().__init__(SpinnerColumn(), text, bar, share, console=console, transient=True)
        self._bars: dict[str, TaskID] = {}
        self._phase = self.add_task("Starting", total=None, share="")
        self._heard = time.monotonic()
        self._guard = threading.Lock()

    @property
    def quiet_seconds(self) -> float:
        """Seconds since the server last reported something."""
        return time.monotonic() - self._heard

    def say(self, phase: str) -> None:
        """Show what is going on where no bar does."""
        with self._guard:
            self.update(self._phase, description=phase, visible=not self._bars)

    def notice(self, method: str, params: Json) -> None:
        """Take one notification of the server."""
        if method != "$/progress":
            return
        self._heard = time.monotonic()
        value, token = params["value"], str(params["token"])
        with self._guard:
            if token not in self._bars:
                self._bars[token] = self.add_task(value.get("title", ""), total=None, share="")
            if value["kind"] == "end":
                self.remove_task(self._bars.pop(token))
                return
            percent = value.get("percentage")
            total = None if percent is None else 100.0
            share = value.get("message") or ("" if percent is None else f"{percent} %")
            self.update(self._bars[token], total=total, completed=percent or 0, share=share)
