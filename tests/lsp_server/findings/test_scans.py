"""Whole workspaces and changes are looked through, behind everything that somebody waits for."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import pytest

from lsp_server.warming import Warmer
from tests.bug_finder.samples import MENDED, SHAPES, WRONG
from tests.lsp_server.connection import RequestFailed
from tests.lsp_server.findings.screen import LINE, Screen


def test_only_what_changed_is_read(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing takes the model's thread from a reading: it would begin anew, and know what it has read already.
    monkeypatch.setattr(Warmer, "warm_latest", lambda self: None)
    uri = screen.open("shapes.py", SHAPES)
    screen.shows(uri, 2)
    assert (screen.why()["functions"], screen.why()["read"]) == (3, 3)
    screen.replace(uri, "radius**2", "radius**3", 1)
    screen.connection.wait_for(lambda: screen.why()["version"] == 1)
    assert (screen.why()["functions"], screen.why()["read"]) == (3, 1)


def test_the_workspace_is_scanned_on_request(screen: Screen) -> None:
    for name in ("a.py", "b/c.py"):
        screen.write(name, SHAPES)
    screen.write("big.py", b"\n" * (3 << 20))
    screen.write("deep.py", "x = " + "(\n" * 5000 + "1" + "\n)" * 5000)
    screen.write("latin.py", SHAPES.replace("Shapes", "é").encode("latin-1"))
    screen.write("vendor/d.py", SHAPES)
    opened = screen.open("a.py", SHAPES)
    screen.shows(opened, 2)
    outcome = screen.connection.request("workspace/executeCommand", {"command": "tacit.findBugs"})
    assert (outcome["files"], outcome["functions"], outcome["cancelled"]) == (3, 9, False)
    assert outcome["findings"] >= 6
    assert outcome["skipped"] == {"too-large": 1, "too-deep": 1, "vendored": 1}
    assert len(screen.pushed(opened)) == 1
    other = (screen.root / "b" / "c.py").as_uri()
    assert len(screen.shown(other)) == 2
    assert "window/workDoneProgress/create" in screen.connection.asked
    ends = [p["value"]["kind"] for m, p in screen.connection.notifications if m == "$/progress"]
    assert ends[-1:] in ([], ["end"])
    # Once it is open it speaks for itself; and what changes on the disk is no longer spoken of.
    screen.open("b/c.py", "x = 1\n")
    screen.shows(other, 0)
    latin = (screen.root / "latin.py").as_uri()
    screen.write("latin.py", "x = 2\n")
    screen.shows(latin, 0)


def test_a_scan_can_be_given_up(screen: Screen) -> None:
    for number in range(300):
        screen.write(f"f{number}.py", SHAPES.replace("radius", f"radius{number}"))
    scan = screen.connection.start("workspace/executeCommand", {"command": "tacit.findBugs"})
    begun: list[Any] = []

    def has_begun() -> bool:
        begun[:] = [
            p
            for m, p in list(screen.connection.notifications)
            if m == "$/progress" and p["value"]["kind"] == "begin"
        ]
        return bool(begun) or scan in screen.connection.replies

    screen.connection.wait_for(has_begun)
    if begun:
        screen.connection.notify("window/workDoneProgress/cancel", {"token": begun[0]["token"]})
    outcome = screen.connection.result(scan)
    assert outcome["cancelled"] or outcome["files"] == 300


def test_a_scan_waits_while_somebody_types_and_still_reads_everything(screen: Screen) -> None:
    for number in range(10):
        screen.write(f"f{number}.py", SHAPES.replace("radius", f"radius{number}"))
    uri = screen.open("open.py", "x = 1\n")
    scan = screen.connection.start("workspace/executeCommand", {"command": "tacit.findBugs"})
    for version in range(1, 20):
        at = {"line": 0, "character": 0}
        screen.connection.change(uri, version, {"range": {"start": at, "end": at}, "text": "\n"})
        time.sleep(0.02)
    outcome = screen.connection.result(scan)
    assert (outcome["files"], outcome["cancelled"]) == (10, False)


def test_what_changed_since_the_commit_is_reviewed(screen: Screen) -> None:
    (screen.root / ".git").rmdir()
    path = screen.write("shapes.py", SHAPES.replace(WRONG, MENDED))
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", screen.root, *who, *command], check=True)
    uri = screen.open("shapes.py", SHAPES)
    screen.shows(uri, 2)
    deadline = time.monotonic() + 20
    review: list[Any] = []
    while not review and time.monotonic() < deadline:  # git may take longer than the menu waits
        review = [each for each in screen.actions(uri, LINE) if each["kind"] == "source.reviewChanges"]
    outcome = screen.connection.request("workspace/executeCommand", review[0]["command"])
    assert {each["function"] for each in outcome["findings"]} == {"is_square"}
    assert [each["line"] for each in screen.certain(outcome["findings"])] == [LINE]
    assert outcome["hidden"]["untouched"] >= 1
    assert f"line {outcome['findings'][0]['line'] + 1}" in screen.connection.messages()[-1]
    assert not [each for each in screen.actions(uri, 0) if each["kind"] == "source.reviewChanges"]
    with pytest.raises(RequestFailed, match="What changed is not known"):
        screen.command("tacit.reviewChanges", uri=uri, rev="no-such")
    assert path.read_text() == SHAPES.replace(WRONG, MENDED)


def test_keystrokes_go_first_and_no_finding_is_of_an_older_text(screen: Screen) -> None:
    """Typing in a document of a hundred functions: every push is of the version that it names."""
    text = SHAPES + "".join(f"\n\ndef f{n}(v):\n    return v is 'a{n}'\n" for n in range(100))
    uri = screen.open("many.py", text)
    for version in range(1, 40):
        at = {"line": 0, "character": 0}
        screen.connection.change(uri, version, {"range": {"start": at, "end": at}, "text": "\n"})
    screen.connection.wait_for(
        lambda: screen.pushed(uri)[-1:] != [] and screen.pushed(uri)[-1]["version"] == 39
    )
    lines = ("\n" * 39 + text).split("\n")
    for each in screen.shown(uri):
        where = each["range"]["start"]
        assert lines[where["line"]][where["character"] :].startswith(("is ", "a.size"))
    assert 20 < len(screen.pushed(uri)[-1]["diagnostics"]) <= 100
