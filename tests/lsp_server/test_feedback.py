"""The record of what became of suggestions: private, without text, learnt from, and its owner's."""

from __future__ import annotations

import json
import sqlite3
import stat
import time
from collections.abc import Iterator

import pytest

from lsp_server import app, feedback
from lsp_server.feedback import Event, Feedback


@pytest.fixture
def record() -> Iterator[Feedback]:
    record = Feedback()
    record.open("file:///project", on=True)
    record.flush()
    yield record
    record.close()


def event(number: int, outcome: str, kind: str = "insert", at: float | None = None) -> Event:
    return Event(str(number), at or time.time(), "", "python", kind, 0.7, 1, 2.5, outcome)


def tell(record: Feedback, outcome: str, times: int, fingerprint: str = "f") -> None:
    for number in range(times):
        record.record(event(number, outcome), f"{fingerprint}{number}")
    record.flush()


def reopened(project: str = "file:///project") -> Feedback:
    other = Feedback()
    other.open(project, on=True)
    other.flush()
    other.close()
    return other


def test_a_few_dozen_outcomes_move_the_probability_and_a_reset_returns_it(record: Feedback) -> None:
    assert record.correction("insert", 0.7) == 0.7
    tell(record, "rejected", 30)
    assert record.correction("insert", 0.7) < 0.5
    record.reset().result(5)
    assert record.correction("insert", 0.7) == 0.7
    assert len(list(feedback.events())) == 30


def test_it_survives_a_restart(record: Feedback) -> None:
    tell(record, "accepted", 30)
    assert reopened().correction("insert", 0.7) == record.correction("insert", 0.7) > 0.8


def test_only_its_owner_can_read_it_and_it_holds_no_text(record: Feedback) -> None:
    print_ = record.fingerprint("shop/cart.py", "old_secret", "new_secret")
    record.record(event(1, "rejected"), print_)
    record.flush()
    assert stat.S_IMODE(feedback.path().stat().st_mode) == 0o600
    stored = b"".join(each.read_bytes() for each in feedback.path().parent.glob("feedback*"))
    assert not any(word in stored for word in (b"secret", b"cart", b"project/"))


def test_a_rejected_edit_is_remembered_in_its_project(record: Feedback) -> None:
    print_ = record.fingerprint("a.py", "x = 1", "x = 2")
    record.record(event(1, "rejected"), print_)
    record.flush()
    assert print_ in record.rejected
    assert print_ in reopened().rejected
    assert print_ not in reopened("file:///another").rejected
    record.record(event(1, "accepted"), print_)
    record.flush()
    assert print_ not in record.rejected


def test_an_edit_that_was_ignored_again_and_again_is_rejected(record: Feedback) -> None:
    for number in range(3):
        assert "f" not in record.rejected
        record.record(event(number, "ignored"), "f")
        record.flush()
    assert "f" in record.rejected


def test_a_rejection_is_forgotten_in_time(record: Feedback) -> None:
    record.record(event(1, "rejected", at=time.time() - feedback.REMEMBERED_S - 1), "f")
    record.flush()
    assert "f" not in record.rejected


def test_off_means_that_nothing_is_kept() -> None:
    record = Feedback()
    record.open("file:///project", on=False)
    record.record(event(1, "rejected"), "f")
    record.keep("1", True)
    record.flush()
    record.close()
    assert not feedback.path().exists()
    assert record.correction("insert", 0.7) == 0.7


def test_the_command_line_shows_exports_resets_and_deletes(
    record: Feedback, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(record, "rejected", 30)
    record.keep("3", True)
    record.flush()
    assert app.main(["feedback", "export"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 30
    assert [line["id"] for line in lines if line["kept"]] == ["3"]
    assert app.main(["feedback"]) == 0
    assert "insert" in capsys.readouterr().out
    assert app.main(["feedback", "reset"]) == 0
    record.refresh()
    record.flush()
    assert record.correction("insert", 0.7) == 0.7, "a running server has not noticed"
    assert app.main(["feedback", "delete"]) == 0
    assert list(feedback.events()) == []


def test_two_servers_write_at_once(record: Feedback) -> None:
    other = Feedback()
    other.open("file:///project", on=True)
    for number in range(20):
        record.record(event(number, "accepted"), "a")
        other.record(event(100 + number, "accepted"), "b")
    record.flush()
    other.flush()
    other.close()
    assert len(list(feedback.events())) == 40


def test_a_damaged_record_is_put_aside() -> None:
    feedback.path().parent.mkdir(parents=True)
    feedback.path().write_bytes(b"this is no database" * 100)
    record = reopened()
    assert record.correction("insert", 0.7) == 0.7
    assert list(feedback.path().parent.glob("feedback.damaged-*"))
    with sqlite3.connect(feedback.path()) as database:
        assert database.execute("select count(*) from events").fetchone() == (0,)
