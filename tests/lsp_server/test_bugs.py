"""`tacit bugs`: what it prints, what it returns, and that no file can stop it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bug_finder.detect import Detector
from bug_finder.dismissed import Dismissed
from bug_finder.examine import Examined, examine
from bug_finder.fingerprint import fingerprint
from lsp_server.app import main
from lsp_server.cli import bugs
from tests.bug_finder.samples import MENDED, SHAPES, WRONG, certain, examined, literal

ALL = ["--min-precision", "0", "--max-per-file", "1000"]

Run = Callable[..., tuple[int, str, str]]


def certain_lines(out: str) -> list[str]:
    """The findings that do not depend on the network."""
    return [line for line in out.splitlines() if certain(line)]


@pytest.fixture
def tacit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `tacit bugs` in a folder of its own; exit code, stdout and stderr."""
    folder = tmp_path / "w"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["bugs", *arguments])
        except SystemExit as exit:
            code = int(exit.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_findings_are_1_and_none_is_0(tacit: Run) -> None:
    Path("a.py").write_text(SHAPES)
    code, out, err = tacit("a.py", *ALL)
    assert code == 1
    first, _ = certain_lines(out)
    line = literal().line + 1
    assert first.startswith(f"a.py:{line}:{SHAPES.splitlines()[line - 1].index('is') + 1}: ")
    assert first.endswith(f"[{literal().kind}]")
    assert "in 3 functions of 1 files" in err
    assert tacit("a.py", *ALL, "--exit-zero")[0] == 0
    assert tacit("a.py", "--min-precision", "1")[:2] == (0, "")
    kinds = [f"--off={each.kind}" for each in examined(SHAPES).findings]
    assert tacit("a.py", *ALL, *kinds)[:2] == (0, "")
    assert len(tacit("a.py", *ALL, "--max-per-file", "1")[1].splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such.py"],
        ["--min-precision", "2", "."],
        ["--json", "--sarif", "."],
        ["--diff", "no-such-rev"],
    ],
)
def test_usage_is_2(arguments: list[str], tacit: Run) -> None:
    code, out, err = tacit(*arguments)
    assert (code, out) == (2, "")
    assert err


def test_json_is_one_document(tacit: Run) -> None:
    Path("ä.py").write_text("NAME = '𝒳'\n" + SHAPES)
    Path("b.bin.py").write_bytes(b"\0\0")
    code, out, _ = tacit(".", "--json", *ALL)
    document = json.loads(out)
    assert (code, document["files"], document["functions"]) == (1, 1, 3)
    assert {each["path"] for each in document["findings"]} == {"ä.py"}
    found = next(each for each in document["findings"] if certain(each["message"]))
    assert "NAME = '𝒳'\n".count("\n") + SHAPES[: SHAPES.index(WRONG)].count("\n") + 1 == found["line"]
    assert found["replacement"] == "=="
    assert document["skipped"] == [
        {"path": "b.bin.py", "reason": "binary", "sentence": "The file is no text."}
    ]


def test_sarif_has_paths_from_the_root(tacit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("src").mkdir()
    Path("src/a.py").write_text(SHAPES)
    root = Path.cwd()
    monkeypatch.chdir("src")
    Path("empty.py").touch()
    code, out, _ = tacit("a.py", "empty.py", "--sarif", *ALL)
    (run,) = json.loads(out)["runs"]
    assert code == 1
    assert run["originalUriBaseIds"] == {"%SRCROOT%": {"uri": root.as_uri() + "/"}}
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "src/a.py", "uriBaseId": "%SRCROOT%"}
    assert "src/empty.py" in str(run["invocations"][0]["toolExecutionNotifications"])


def test_dismissed_and_ignored_files_are_left_out(tacit: Run) -> None:
    Path("a.py").write_text(SHAPES)
    Path("ignored.py").write_text(SHAPES)
    Path(".gitignore").write_text("ignored.py\n")
    Path(".git/HEAD").write_text("ref: refs/heads/main\n")
    record = Dismissed(Path.cwd())
    record.add(fingerprint(literal(), SHAPES))
    _, out, err = tacit(".", *ALL)
    assert [line.partition(":")[0] for line in certain_lines(out)] == ["a.py"]
    assert "1 dismissed" in err


def test_only_what_changed_the_riskiest_first(tacit: Run) -> None:
    Path(".git").rmdir()
    Path("a.py").write_text(SHAPES.replace(WRONG, MENDED))
    Path("old.py").write_text(SHAPES)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *command], check=True)
    assert tacit("--diff", *ALL)[:2] == (0, "")
    Path("a.py").write_text(SHAPES)
    _, out, err = tacit("--diff", *ALL)
    assert [line.partition(":")[0] for line in certain_lines(out)] == ["a.py"]
    assert "untouched" in err
    Path("new.py").write_text(SHAPES)
    document = json.loads(tacit("--diff", "HEAD", ".", "--json", *ALL)[1])
    risks = [each["risk"] for each in document["findings"]]
    assert {each["path"] for each in document["findings"]} == {"a.py", "new.py"}
    assert risks == sorted(risks, reverse=True)
    assert len(certain_lines(tacit("--diff", "HEAD", "new.py", *ALL)[1])) == 2
    assert len(certain_lines(tacit("--diff", "new.py", *ALL)[1])) == 2


def test_every_file_that_is_skipped_has_a_reason(tacit: Run) -> None:
    with Path("big.py").open("wb") as file:
        file.truncate(100 << 20)
    Path("deep.py").write_text("x = " + "(\n" * 50_000 + "1" + "\n)" * 50_000)
    Path("open.py").write_text("x = " + "[\n" * 50_000)
    Path("broken.py").write_text("def f(:\n  return\n<<<<<<< HEAD\n")
    Path("binary.py").write_bytes(os.urandom(100) + b"\0" * 100)
    Path("latin.py").write_bytes(SHAPES.replace("Shapes", "é").encode("latin-1"))
    Path("wide.py").write_bytes(SHAPES.encode("utf-16"))
    Path("note.txt").write_text("x")
    Path("node_modules").mkdir()
    Path("node_modules/x.js").write_text("function f(a) { return a == a }\n")
    Path("link.py").symlink_to("nowhere")
    if sys.platform != "win32":
        os.mkfifo("pipe.py")
    named = ["note.txt", "node_modules/x.js", "link.py", *(["pipe.py"] if Path("pipe.py").exists() else [])]
    code, out, _ = tacit(".", *named, "--json", *ALL)
    document = json.loads(out)
    reasons = {each["path"]: each["reason"] for each in document["skipped"]}
    expected = {
        "big.py": "too-large",
        "deep.py": "too-deep",
        "open.py": "unparsable",
        "broken.py": "unparsable",
        "binary.py": "binary",
        "note.txt": "language",
        "node_modules/x.js": "vendored",
        "link.py": "missing",
        "pipe.py": "no-file",
    }
    assert reasons == {name: reason for name, reason in expected.items() if os.path.lexists(name)}
    assert code == 1
    assert {each["path"] for each in document["findings"]} == {"latin.py", "wide.py"}


@pytest.mark.parametrize("rests", [True, False])
def test_a_file_that_changes_meanwhile(rests: bool, tacit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its findings are those of what it holds in the end, or it is skipped: never of an older text."""
    path = Path("a.py")
    path.write_text(SHAPES)
    real, changes = examine, iter(range(1 if rests else 100))

    def slow(*arguments: Any) -> Examined:
        found = real(*arguments)
        for number in changes:
            path.write_text("\n" * (number + 1) + SHAPES)
            break
        return found

    monkeypatch.setattr(bugs, "examine", slow)
    document = json.loads(tacit("a.py", "--json", *ALL)[1])
    if rests:
        assert literal().line + 2 in [each["line"] for each in document["findings"]]
        assert literal().line + 1 not in [e["line"] for e in document["findings"] if certain(e["message"])]
    else:
        assert document["findings"] == []
        assert document["skipped"][0]["reason"] == "changed"


def test_what_fails_on_one_file_does_not_stop_the_others(tacit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.py").write_text(SHAPES.replace("area", "ring"))
    Path("b.py").write_text(SHAPES)
    real = Detector.find

    def find_or_fail(self: Detector, text: str, *arguments: Any) -> Any:
        if "ring" in text:
            raise RecursionError
        return real(self, text, *arguments)

    monkeypatch.setattr(Detector, "find", find_or_fail)
    code, out, err = tacit(".", "--json", *ALL)
    document = json.loads(out)
    assert [(each["path"], each["reason"]) for each in document["skipped"]] == [("a.py", "failed")]
    assert {each["path"] for each in document["findings"]} == {"b.py"}
    assert "RecursionError" in err
    assert code == 1


def test_it_works_as_a_program_and_stdout_holds_the_document_alone(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SHAPES)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tacit", "bugs", ".", "--sarif", *ALL],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["version"] == "2.1.0"
