"""What a change has touched, by texts and by git; and the report of it."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from bug_finder import source
from bug_finder.functions import functions
from bug_finder.reasons import Reason
from bug_finder.review import changed_spans, touched, touches
from bug_finder.review_git import GitError, Tree
from bug_finder.sarif import Shown, place_of, sarif
from bug_finder.source import MOST_BYTES, has_changed, judge, read
from tests.bug_finder.samples import SHAPES, find, literal
from text.document import Document


def names(old: str, new: str) -> set[str]:
    """The functions whose findings a change brings up."""
    spans = touched(changed_spans(old, new), functions(new, "python"))
    return {each.function for each in find(new) if touches(each, spans)}


def test_findings_in_touched_functions_alone() -> None:
    assert names(SHAPES, SHAPES) == set()
    assert names(SHAPES, SHAPES.replace("return math", "return 2 * math")) == set()
    assert names(SHAPES, SHAPES.replace("        return True\n", "", 1)) == {"is_square"}
    assert names(SHAPES.replace("b.size", "c.size"), SHAPES) == set()
    assert names(SHAPES.replace("== a.size", "== b.size"), SHAPES) == {"same_size"}
    assert names("", SHAPES) == {"is_square", "same_size"}


def test_changed_spans_hold_all_that_differs() -> None:
    rng = random.Random(3)
    for _ in range(100):
        new = list(SHAPES)
        for _ in range(rng.randrange(4)):
            at = rng.randrange(len(new))
            new[at : at + rng.randrange(30)] = rng.choice(["", "x", "\ny\n"])
        text = "".join(new)
        spans = changed_spans(SHAPES, text)
        kept = text
        for start, end in reversed(spans):
            kept = kept[:start] + kept[end:]
        old = iter(SHAPES)
        assert all(each in old for each in kept), "what is not in a span stands in the old text, in order"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "größe"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for name, text in {
        "a.py": SHAPES,
        "ä b.py": SHAPES,
        "gone.py": "x = 1\n",
        ".gitignore": "ignored.py\n",
    }.items():
        (folder / name).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Begin")
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


def test_what_git_says_has_changed(tree: Path) -> None:
    assert Tree(tree).changed() == []
    (tree / "ä b.py").write_text(SHAPES + "\n")
    (tree / "gone.py").unlink()
    (tree / "ignored.py").touch()
    (tree / "new.py").write_text(SHAPES)
    git(tree, "mv", "a.py", "moved.py")
    found = {each.path.name: each.before for each in Tree(tree).changed()}
    assert found == {"ä b.py": "ä b.py", "moved.py": "a.py", "new.py": None}
    assert Tree(tree).before("a.py").decode() == SHAPES
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "Change")
    assert {each.path.name for each in Tree(tree, "HEAD~1").changed()} == {"ä b.py", "moved.py", "new.py"}
    git(tree, "checkout", "-q", "-b", "other", "HEAD~1")
    (tree / "only.py").write_text("x = 1\n")
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "Only here")
    assert [each.path.name for each in Tree(tree, "main...").changed()] == ["only.py"]


def test_a_repository_runs_no_program_of_its_own(tree: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    git(tree, "config", "core.fsmonitor", f"touch {ran}; false")
    git(tree, "config", "filter.evil.clean", f"touch {ran}; cat")
    git(tree, "config", "filter.evil.required", "true")
    git(tree, "config", "diff.evil.textconv", f"touch {ran}; cat")
    (tree / ".gitattributes").write_text("* filter=evil diff=evil\n")
    (tree / "new.py").write_text(SHAPES)
    (tree / "a.py").write_text(SHAPES.replace("a", "b"))  # as long as before: only its content tells
    assert {"a.py", "new.py"} <= {each.path.name for each in Tree(tree, "HEAD").changed()}
    assert not ran.exists()


def test_git_that_cannot_answer(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GitError, match="no-such"):
        Tree(tree, "no-such")
    with pytest.raises(GitError):
        Tree(tree, "--output=x")
    with pytest.raises(GitError):
        Tree(tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="git cannot be run"):
        Tree(tree)


def test_sarif_says_where_and_what() -> None:
    text = 'NAME = "𝒳"\r\n' + SHAPES
    finding = literal(text)
    log = sarif([Shown("src/ä b.py", text, finding)], {"x.bin": Reason.BINARY}, "1.0", "file:///root/")
    (run,) = json.loads(json.dumps(log))["runs"]
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/%C3%A4%20b.py", "uriBaseId": "%SRCROOT%"}
    line, column = place_of(text, finding.start)
    region = {"startLine": line + 1, "startColumn": column + 1, "endLine": line + 1, "endColumn": column + 3}
    assert place["region"] == region
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding.kind
    change = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert change == {"deletedRegion": region, "insertedContent": {"text": "=="}}
    (skipped,) = run["invocations"][0]["toolExecutionNotifications"]
    assert skipped["descriptor"]["id"] == "binary"


def test_places_are_those_of_editors() -> None:
    text = "a\r\nb\rc\n𝒳d\u2028e"
    document = Document.create("file:///x", text)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] != "\r\n":
            assert place_of(text, offset) == document.position(offset)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.py", SHAPES.encode(), None),
        ("a.py", SHAPES.replace("Shapes", "é").encode("latin-1"), None),
        ("a.py", SHAPES.encode("utf-16"), None),
        ("a.py", b"\xef\xbb\xbf" + SHAPES.encode(), None),
        ("a.txt", b"x", Reason.LANGUAGE),
        ("a.py", b"", Reason.EMPTY),
        ("a.py", b"\0\1\2", Reason.BINARY),
        ("a.go", b"// Code generated by stringer. DO NOT EDIT.\n\npackage a\n", Reason.GENERATED),
        ("a.js", b"var a=1;" * 1000, Reason.MINIFIED),
        ("node_modules/a.js", b"var a = 1;\n", Reason.VENDORED),
        ("a.py", b"x = 1\n" * MOST_BYTES, Reason.TOO_LARGE),
    ],
)
def test_what_is_read_of_a_file(name: str, data: bytes, reason: Reason | None, tmp_path: Path) -> None:
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(data)
    source = read(place, name)
    assert source.reason is reason
    if reason is None:
        assert "def is_square" in source.text
        assert judge(source.text, name, source.language) is None
        assert not has_changed(place, source.stamp)
        place.write_bytes(data + b"\n")
        assert has_changed(place, source.stamp)


def test_a_file_of_100_megabytes_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a.py").open("wb") as file:
        file.truncate(100 << 20)
    opened: list[int] = []
    monkeypatch.setattr(source, "decoded", opened.append)
    assert read(tmp_path / "a.py", "a.py").reason is Reason.TOO_LARGE
    assert judge("x = 1\n" * (1 << 20), "a.py", "python") is Reason.TOO_LARGE
    assert opened == []


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    assert read(tmp_path / "folder.py", "folder.py").reason is Reason.NO_FILE
    assert read(tmp_path / "none.py", "none.py").reason is Reason.MISSING
    assert read(Path("/dev/zero"), "zero.py").reason is Reason.NO_FILE
