from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lsp_server import feedback, reports, trace, trace_prompts
from lsp_server.dashboard.serving import PAGE, Dashboard, policy
from lsp_server.reports import Request
from lsp_server.status import Status
from tests.lsp_server.test_trace_prompts import of


@pytest.fixture
def dashboard() -> Iterator[Dashboard]:
    served = Dashboard()
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


def get(
    dashboard: Dashboard, path: str, *, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.server_port, timeout=20)
    connection.request(
        method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    answer = connection.getresponse()
    result = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return result


def figures(dashboard: Dashboard) -> Any:
    status, _, body = get(dashboard, f"/{dashboard.token}/figures")
    assert status == 200
    return json.loads(body)


def test_only_who_knows_the_token_is_answered(dashboard: Dashboard) -> None:
    token = dashboard.token
    assert dashboard.server_address[0] == "127.0.0.1"
    assert len(token) >= 32
    with Dashboard() as other:
        assert token != other.token
    assert get(dashboard, f"/{token}/")[0] == 200
    for path in (
        "/",
        "/figures",
        f"/{token[:-1]}/",
        f"/{token}x/figures",
        f"/{token}/../{token}/secret",
        "//",
    ):
        status, _, body = get(dashboard, path)
        assert (status, body) == (404, b"not found")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "tacit.example"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_other_names_and_other_pages_are_refused(dashboard: Dashboard, headers: dict[str, str]) -> None:
    for path in (f"/{dashboard.token}/", f"/{dashboard.token}/figures"):
        assert get(dashboard, path, **headers)[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(dashboard: Dashboard, method: str) -> None:
    assert get(dashboard, f"/{dashboard.token}/", method=method)[0] == 501


def test_the_page_loads_nothing_and_runs_its_own_script_only(dashboard: Dashboard) -> None:
    status, headers, body = get(dashboard, f"/{dashboard.token}/", Host=f"localhost:{dashboard.server_port}")
    page = body.decode()
    assert status == 200
    assert headers["content-security-policy"] == policy(page)
    assert "default-src 'none'" in policy(page)
    assert "unsafe" not in policy(page)
    assert policy(page).count("'sha256-") == 2 == page.count("<script>") + page.count("<style>")
    assert policy(page.replace("use strict", "use nothing")) != policy(page)
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    addresses = set(re.findall(r"https?://[^\"'\s]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name and no address
    assert not re.search(r"\b(src|href|style|on\w+)=|innerHTML|eval|@import|url\(", PAGE.read_text("utf-8"))


def test_the_figures_are_those_of_trace_reports_and_feedback(dashboard: Dashboard) -> None:
    assert figures(dashboard)["servers"] == []
    base: dict[str, Any] = {"method": "m", "document": "a.py", "version": 3, "total_ms": 40.0}
    worked: dict[str, Any] = {
        "stages_ms": {"wait": 1.0, "prefill": 20.0},
        "prompt_tokens": 100,
        "cached_tokens": 75,
    }
    cold: dict[str, Any] = {"outcome": "silent", "reason": "cold", "sentence": "Too cold."}
    late: dict[str, Any] = {"outcome": "silent", "reason": "cancelled", "sentence": "Gone."}
    trace.append(
        [
            Request(at=1.0, outcome="shown", id="1-1", **base, **worked),
            Request(at=2.0, outcome="accepted", about="1-1", **base),
            Request(at=3.0, id="1-3", **base, **cold),
            Request(at=4.0, id="1-4", **base, **cold),
            Request(at=5.0, id="1-5", **base, **late),
            Request(at=6.0, id="1-6", kind="next-edit", outcome="shown", **base),
            Request(at=7.0, kind="next-edit", outcome="rejected", about="1-6", **base),
        ]
    )
    record = feedback.Feedback()
    record.open("project", on=True)
    for kept in (True, True, False):
        event = feedback.Event(str(time.time()), time.time(), "", "python", "replay", 0.5, 1, 1.0, "accepted")
        record.record(event, "x")
        record.keep(event.id, kept)
    record.close()
    reports.write(Status("0.1.0").report())
    trace_prompts.write(of(1))
    found = figures(dashboard)
    assert found["hit_rate"] == 0.75
    stages = {each["name"]: each["of"]["p50"] for each in found["stages"]}
    assert stages == {"ghost-text: prefill": 20.0, "ghost-text: total": 40.0, "ghost-text: wait": 1.0}
    ghost, edits = found["answers"]
    assert [ghost[name] for name in ("shown", "silent", "dropped", "accepted")] == [1, 2, 1, 1]
    assert [edits[name] for name in ("shown", "accepted", "not_accepted", "kept", "not_kept")] == [
        1,
        0,
        1,
        2,
        1,
    ]
    assert [(each["reason"], each["count"]) for each in found["silences"]] == [("cold", 2), ("cancelled", 1)]
    facts = dict(found["servers"][0]["facts"])
    assert {"server", "model", "shared", "memory", "disk", "index", "findings", "cached"} <= facts.keys()
    assert found["prompts"][0]["id"] == "1-1"
    assert json.loads(get(dashboard, f"/{dashboard.token}/prompt/1-1")[2])["model"] == "given"
    assert get(dashboard, f"/{dashboard.token}/prompt/1-2")[0] == 404
