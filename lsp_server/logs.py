"""Logging to stderr, one line per event, never source text and never a traceback below level debug."""

from __future__ import annotations

import logging
import sys
import traceback


def configure(level: str) -> None:
    """Set logging up for the process. Of libraries only errors are heard: pygls would log whole messages."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(traces=level == "debug"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.ERROR)
    logging.getLogger("tacit").setLevel(level.upper())
    logging.getLogger("pygls").addHandler(logging.NullHandler())
    logging.getLogger("pygls").propagate = False


class Formatter(logging.Formatter):
    """`09:12:33.127 INFO tacit.protocol: ...`, on one line whatever the message holds."""

    def __init__(self, *, traces: bool) -> None:
        super().__init__("%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
        self._traces = traces

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line; with its traceback only where that was asked for."""
        if self._traces:
            return super().format(record)
        error = record.exc_info[1] if record.exc_info else None
        plain = logging.makeLogRecord(
            {**record.__dict__, "exc_info": None, "exc_text": None, "stack_info": None}
        )
        line = super().format(plain).replace("\n", " ")
        return f"{line} ({type(error).__name__})" if error else line


def place_of(error: BaseException) -> str:
    """Where an error was raised, for a log that must not hold source text: `file.py:12`."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "nowhere"
