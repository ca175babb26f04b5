"""The act of search: the project as it is in the editor now, by meaning and by name."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from bench.client import Json, LspError
from lsp_server.demo.hands import Hands
from lsp_server.demo.moment import Hit, Moment
from lsp_server.demo.script import Question

ANSWERS = 3
SNIPPET = 3  # lines
REPLY_LIMIT = 30.0
COMPLETE_SECONDS = 20.0
"""For the server to have read a project of a few files, begun when its model was ready."""


def play_questions(questions: Sequence[Question], hands: Hands) -> Iterator[Moment]:
    """Ask each question; where the server has no index, its reason is the only answer."""
    try:
        _await_index(questions[0], hands)
        for question in questions:
            pending = hands.search(question.text, ANSWERS, SNIPPET)
            hits = tuple(_hit(each, hands) for each in pending.result(REPLY_LIMIT)["hits"])
            yield Moment("found", question.text, ms=pending.latency_ms, hits=hits)
    except LspError as error:
        yield Moment("step", error.message)


def _await_index(question: Question, hands: Hands) -> None:
    """Let the server finish reading, so that nothing is missing among the answers."""
    deadline = time.monotonic() + COMPLETE_SECONDS
    while time.monotonic() < deadline:
        if hands.search(question.text, ANSWERS, SNIPPET).result(REPLY_LIMIT)["complete"]:
            return
        time.sleep(0.1)


def _hit(found: Json, hands: Hands) -> Hit:
    container = found["containerName"]
    inside = container and not container.endswith(found["name"]) and "." not in container
    name = f"{container}.{found['name']}" if inside else found["name"]
    return Hit(
        hands.name_of(found["uri"]), found["selectionRange"]["start"]["line"] + 1, name, found["excerpt"]
    )
