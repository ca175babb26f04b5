from __future__ import annotations

import asyncio
import os
from typing import Any

import msgspec
import psutil
import pytest

from lsp_server import reports, tell
from lsp_server.reports import Report, Request
from lsp_server.status import Status, quantiles


def report() -> Report:
    status = Status("0.1.0")
    return status.report()


def test_a_report_is_read_as_it_was_written() -> None:
    written = report()
    reports.write(written)
    assert reports.read_all() == [written]
    reports.remove(written.pid)
    assert reports.read_all() == []
    reports.remove(written.pid)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}', b'{"schema": 99}'])
def test_files_of_other_versions_are_passed_over(content: bytes) -> None:
    reports.write(report())
    reports.path_of(1).write_bytes(content)
    assert [each.pid for each in reports.read_all()] == [os.getpid()]


def test_a_process_id_that_another_process_has_taken_over_is_no_server() -> None:
    before = psutil.Process().create_time() - 60
    reports.write(msgspec.structs.replace(report(), started=before - 60, updated=before))
    assert reports.read_all() == []
    assert not reports.path_of(os.getpid()).exists()


def test_a_server_is_known_although_the_clock_was_set_forward() -> None:
    reports.write(msgspec.structs.replace(report(), started=psutil.Process().create_time() - 3600))
    assert [each.pid for each in reports.read_all()] == [os.getpid()]


def test_quantiles_are_values_that_occurred() -> None:
    of_hundred = quantiles(range(1, 101))
    assert (of_hundred.p50, of_hundred.p99, of_hundred.count) == (50, 99, 100)
    of_one = quantiles([7.0])
    assert (of_one.p50, of_one.p99, of_one.count) == (7, 7, 1)


def test_figures_are_of_requests_that_took_work() -> None:
    base: dict[str, Any] = {"at": 0.0, "method": "m", "document": "a.py", "version": 3}
    shown = Request(**base, outcome="shown", total_ms=40.0, stages_ms={"wait": 1.0})
    refused = Request(**base, outcome="silent", total_ms=0.1, reason="unknown-document")

    async def record() -> Report:
        status = Status("0.1.0")
        status.record(shown)
        status.record(refused)
        made = status.report()
        status.close()
        return made

    made = asyncio.run(record())
    assert made.stages["total"].p50 == 40
    assert made.stages["wait"].count == made.stages["total"].count == 1
    assert made.outcomes == {"shown": 1, "unknown-document": 1}


def test_a_report_in_words() -> None:
    base: dict[str, Any] = {"at": 0.0, "method": "m", "document": "a.py", "version": 3, "total_ms": 12.0}
    silent = Request(**base, outcome="silent", reason="cold", sentence="Too cold.", detail="5 tokens")
    assert tell.request(silent) == "a.py, version 3: nothing was shown. Too cold. (5 tokens)"
    shown = Request(**base, outcome="shown", source="model", stages_ms={"wait": 1.0}, prompt_tokens=9)
    assert tell.request(shown) == "a.py, version 3: a suggestion, from the model."
    assert tell.times(shown) == "12.0 ms, wait 1.0; 0 of 9 prompt tokens cached, 0 written"
    assert tell.note(silent) == "silent (cold, 5 tokens)"
    assert report().hit_rate is None
