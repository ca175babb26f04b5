from __future__ import annotations

import pytest

from completion.next_edit.replay import replayed
from tests.completion.next_edit.support import moment, texts


def check(text: str, *changes: tuple[str, str], expected: str, path: str = "a.py") -> None:
    state = moment(text, *changes, path=path)
    assert expected in texts(list(replayed(state)), state)


def test_a_renamed_name_is_renamed_everywhere_and_neighbours_are_one_proposal() -> None:
    check(
        "total = 0\n\nx = 1\nlog(total)\ny = total\n",
        ("total = 0", "amount = 0"),
        expected="a.py:4 -log(total) -y = total +log(amount) +y = amount",
    )


def test_a_part_of_a_longer_word_is_left_alone() -> None:
    state = moment("item = 1\nitems = [2]\n", ("item =", "entry ="))
    assert list(replayed(state)) == []


def test_a_dotted_name_becomes_another() -> None:
    check(
        'var A = fmt.Errorf("a")\n\nvar B = fmt.Errorf("b")\n',
        ('fmt.Errorf("a")', 'errors.New("a")'),
        expected='a.go:3 -var B = fmt.Errorf("b") +var B = errors.New("b")',
        path="a.go",
    )


def test_an_argument_is_added_to_a_similar_call() -> None:
    check(
        "open_file(path)\nx = 1\nopen_file(other)\n",
        ("open_file(path)", "open_file(path, mode)"),
        expected="a.py:3 -open_file(other) +open_file(other, mode)",
    )


def test_a_wrapped_operand_is_wrapped_elsewhere() -> None:
    check(
        "clear(words, sizeof words);\nnext();\nclear(tmp, sizeof tmp);\n",
        ("sizeof words", "sizeof(words)"),
        expected="a.c:3 -clear(tmp, sizeof tmp); +clear(tmp, sizeof(tmp));",
        path="a.c",
    )


def test_a_name_inside_and_outside_of_a_string_moves_alike() -> None:
    check(
        'trace!("dir: {:?}", dir);\nnext();\ntrace!("name: {:?}", name);\n',
        ('"dir: {:?}", dir', '"dir: {dir:?}"'),
        expected='a.rs:3 -trace!("name: {:?}", name); +trace!("name: {name:?}");',
        path="a.rs",
    )


def test_a_line_comes_after_every_line_like_the_one_before_it() -> None:
    check(
        "found = parse('')\ncheck(found.empty)\n\nfound = parse('x')\ncheck(found.empty)\n",
        ("check(found.empty)\n\n", "check(found.empty)\ncheck(found.kind)\n\n"),
        expected="a.py:7 +check(found.kind)",
    )


def test_lines_that_go_take_their_like_along() -> None:
    check(
        "/* c8 ignore start */\nwork();\n/* c8 ignore stop */\n",
        ("/* c8 ignore start */\n", ""),
        expected="a.js:2 -/* c8 ignore stop */",
        path="a.js",
    )


def test_an_insertion_needs_its_context() -> None:
    check(
        "def one(secret: str,):\n    pass\ndef two(name: str, secret: str,):\n    pass\n",
        ("secret: str", "secret: str | bytes"),
        expected="a.py:3 -def two(name: str, secret: str,): +def two(name: str, secret: str | bytes,):",
    )


def test_what_is_done_already_is_not_done_twice() -> None:
    state = moment("f(a)\nf(a, mode)\n", ("f(a)\n", "f(a, mode)\n"))
    assert all("mode, mode" not in "".join(one.new) for one in replayed(state))


@pytest.mark.parametrize("text", ["", "\n", "\t\n", "é = 1\n", "((((\n" * 30])
def test_odd_files_are_no_trouble(text: str) -> None:
    state = moment("x = 1\n", ("x", "y"), others={"b.py": text})
    assert list(replayed(state)) == []


def test_what_two_changes_have_in_common_is_enough() -> None:
    check(
        "var width = 1\n\n\nvar height = 2\n\n\nvar template = `x`\n",
        ("var width", "const width"),
        ("var height", "const height"),
        expected="a.go:7 -var template = `x` +const template = `x`",
        path="a.go",
    )


def test_a_word_between_two_differences_is_any_word() -> None:
    check(
        "clear(words, 0, sizeof words);\n\n\nint n = write(src + 12, sizeof tmp - 1);\n",
        ("sizeof words", "sizeof(words)"),
        expected="a.c:4 -int n = write(src + 12, sizeof tmp - 1); +int n = write(src + 12, sizeof(tmp) - 1);",
        path="a.c",
    )


def test_capitals_follow_the_name_that_stands_here() -> None:
    check(
        "// BindXml binds.\nfn BindXml() {}\n\n\n// BindYaml binds.\nfn BindYaml() {}\n",
        ("// BindXml binds.\n", "// BindXml binds.\n// It reads XML data.\n"),
        expected="a.rs:7 +// It reads YAML data.",
        path="a.rs",
    )
