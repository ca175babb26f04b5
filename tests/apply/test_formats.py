"""Answers, fences, markers, deletion comments, diffs and search blocks, each read for what it is."""

from __future__ import annotations

import pytest

from apply.apply import Applied, apply_sketch
from apply.formats.answer import read_answer, same_file
from apply.formats.comments import deletion, is_marker
from apply.formats.recognise import read_sketch
from apply.rows import Kind


@pytest.mark.parametrize(
    "line",
    [
        "# ... existing code ...",
        "    // ... rest of the file unchanged ...",
        "/* ... other methods ... */",
        "{/* ... existing JSX code ... */}",
        "<!-- ... unchanged ... -->",
        "# …",
        "...",
        "// rest of the function remains the same",
        "# (existing code unchanged)",
        "-- ... keep existing code ...",
        "# unchanged",
        "// ... same as before ...",
        "# [...]",
        "; ... omitted for brevity ...",
    ],
)
def test_markers_in_any_wording_and_comment_syntax(line: str) -> None:
    assert is_marker(line)


@pytest.mark.parametrize(
    "line",
    [
        "# the rest is up to the caller, who has to close it before anything else happens to the file again",
        "# existing users keep their names",
        "x = ...",
        "...process.env,",
        "// keep in step with the other implementation",
        "# Delete existing files when original files have been",
        "#include <stdio.h>",
        "int x; // ... existing code ...",
        "#" + " existing" * 100,
    ],
)
def test_ordinary_lines_are_no_markers(line: str) -> None:
    assert not is_marker(line)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("# removed: connect", "connect"),
        ("// deleted: import java.util.List;", "import java.util.List;"),
        ("# ... from rich.console import Console removed ...", "from rich.console import Console"),
        ("    # removed self.cache = {}", "self.cache = {}"),
        ("// deleted: /**", "/**"),
        ("/* old helper() was removed */", "helper"),
        ("# Remove it when nobody needs it", None),
        ("x = removed", None),
    ],
)
def test_deletion_comments_name_what_goes(line: str, name: str | None) -> None:
    assert deletion(line) == name


def kinds(text: str, file: str) -> list[list[Kind]]:
    return [[row.kind for row in sketch.rows] for sketch in read_sketch(text, file.splitlines())]


def test_a_deletion_comment_counts_only_if_the_file_has_what_it_names() -> None:
    assert kinds("a()\n# removed: b\n# ...\n", "a()\nb = 1\n") == [[Kind.LINE, Kind.GONE, Kind.GAP]]
    assert kinds("a()\n# removed: c\n# ...\n", "a()\nb = 1\n") == [[Kind.LINE, Kind.LINE, Kind.GAP]]


def test_a_line_of_the_file_is_no_marker() -> None:
    assert kinds("# ... existing code ...\nx\n", "# ... existing code ...\n" * 9) == [[Kind.LINE, Kind.LINE]]


def test_dots_are_the_body_of_a_new_stub() -> None:
    assert kinds("def new():\n    ...\n# ...\n", "x = 1\n") == [[Kind.LINE, Kind.LINE, Kind.GAP]]
    assert kinds("def old():\n    ...\n", "def old():\n    pass\n") == [[Kind.LINE, Kind.GAP]]


def test_a_diff_says_of_each_line_what_becomes_of_it() -> None:
    diff = "--- a/x.py\n+++ b/x.py\n@@ -7,9 +3,1 @@ def f():\n a\n-b\n+c\n\n"
    assert kinds(diff, "a\nb\n") == [
        [Kind.GAP, Kind.GAP, Kind.KNOWN, Kind.OLD, Kind.NEW, Kind.KNOWN, Kind.GAP],
    ]


def test_each_search_block_is_a_sketch() -> None:
    block = "<<<<<<< SEARCH\na\nb\n=======\na\nc\n>>>>>>> REPLACE\n"
    assert kinds(block * 2, "a\nb\n") == [[Kind.GAP, Kind.KNOWN, Kind.OLD, Kind.NEW, Kind.GAP]] * 2


@pytest.mark.parametrize(
    "old",
    [
        "Usage:\n>>> one()\n1\n>>>\nend\n",
        "Title\n=======\ntext\n",
        "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n",
    ],
)
def test_code_that_looks_like_a_fence_is_in_its_block(old: str) -> None:
    new = old.replace("text", "words").replace("end", "over").replace("<<<<<<< HEAD\n", "")
    block = f"<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n"
    outcome = apply_sketch(f"before\n{old}after\n", block, "some.txt")
    assert isinstance(outcome, Applied), outcome
    assert outcome.text == f"before\n{new}after\n"


def test_the_end_of_a_file_is_not_the_file() -> None:
    file = [f"line {n} = {n}" for n in range(40)]
    (whole,) = read_sketch("\n".join([*file[:30], "more", *file[30:]]), file)
    (end,) = read_sketch("\n".join([*file[10:30], "more", *file[30:]]), file)
    assert whole.whole
    assert not end.whole


def test_all_of_a_file_but_its_last_lines_is_the_file_without_them() -> None:
    file = [f"line {n} = {n}" for n in range(80)]
    (most,) = read_sketch("\n".join([*file[:77], "more"]), file)
    assert most.whole


def test_dots_between_new_lines_are_new_too() -> None:
    file = "".join(f"line_{n} = {n}\n" for n in range(30))
    text = '"""\n    {1: one,\n     ...\n     9: nine}\n"""\n'
    outcome = apply_sketch(file, f"# ... the same ...\nline_28 = 28\n{text}line_29 = 29\n", "lines.py")
    assert isinstance(outcome, Applied), outcome.reason
    assert outcome.text == file.replace("line_29", f"{text}line_29")


def test_several_files_in_one_answer() -> None:
    answer = (
        "First:\n\n```python src/a.py\nx = 1\n```\n\nThen `lib/b.go`:\n\n```go\ny := 2\n```\n"
        '```ts:web/c.ts\nz\n```\n```py title="d.py"\nw\n```\n'
    )
    assert [(block.path, block.text) for block in read_answer(answer)] == [
        ("src/a.py", "x = 1\n"),
        ("lib/b.go", "y := 2\n"),
        ("web/c.ts", "z\n"),
        ("d.py", "w\n"),
    ]


def test_a_diff_of_several_files_is_a_block_for_each() -> None:
    diff = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n--- a/y.py\n+++ b/y.py\n@@ -1 +1 @@\n-c\n+d\n"
    assert [block.path for block in read_answer(diff)] == ["x.py", "y.py"]


def test_without_fences_the_answer_is_the_sketch() -> None:
    text = 'def f():\n    """Usage::\n\n    ```\n    f()\n    ```\n    """\n'
    assert [block.text for block in read_answer(text)] == [text]


def test_one_path_is_an_end_of_the_other() -> None:
    assert same_file("src/a.py", "/home/me/src/a.py")
    assert same_file("./a.py", "src/a.py")
    assert same_file("", "src/a.py")
    assert not same_file("b.py", "src/a.py")
    assert not same_file("lib/a.py", "src/a.py")


@pytest.mark.parametrize("form", ["{:>6}\t{}", "{:>4} | {}", "{}: {}", "{:4d}  {}"])
def test_the_numbers_of_lines_are_no_part_of_the_code(form: str) -> None:
    old = "def area(a, b):\n    size = a * b\n    return size\n\n\nprint(area(2, 3))\n"
    new = old.replace("    return size", "    assert size > 0\n    return size")
    sketch = "".join(form.format(at, line).rstrip() + "\n" for at, line in enumerate(new.splitlines(), 8))
    outcome = apply_sketch(old, sketch, "area.py")
    assert isinstance(outcome, Applied)
    assert outcome.text == new


def test_numbers_that_the_file_has_are_its_own() -> None:
    old = 'NAMES = {\n    1: "one",\n    2: "two",\n    3: "three",\n}\n'
    outcome = apply_sketch(old, '    1: "one",\n    2: "deux",\n    3: "three",\n', "names.py")
    assert isinstance(outcome, Applied)
    assert outcome.text == old.replace("two", "deux")
