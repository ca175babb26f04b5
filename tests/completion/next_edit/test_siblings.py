from __future__ import annotations

from completion.next_edit.names import renamings
from completion.next_edit.siblings import siblings
from tests.completion.next_edit.support import moment, texts


def check(text: str, old: str, new: str, expected: str, path: str = "a.py") -> None:
    state = moment(text, (old, new), path=path)
    assert expected in texts(list(siblings(state)), state)


def test_a_new_parameter_is_passed_on_where_its_neighbours_are() -> None:
    check(
        "def write(\n    data,\n    options,\n):\n    pass\n\n"
        "send(\n    data=data,\n    options=options,\n)\n",
        "    data,\n    options",
        "    data,\n    mode,\n    options",
        "a.py:10 +mode=mode,",
    )


def test_a_new_argument_comes_into_a_list_on_one_line() -> None:
    check(
        "fn load(config: &Value, depth: usize) {\n}\n\nlet x = imports(config, depth);\n",
        "config: &Value, depth",
        "config: &Value, base: &Path, depth",
        "a.rs:4 -let x = imports(config, depth); +let x = imports(config, base, depth);",
        path="a.rs",
    )


def test_a_name_is_found_in_every_way_of_writing_it() -> None:
    check(
        '"COOKIE_SECURE": False,\n"COOKIE_PATH": None,\n\nsecure = self.get_cookie_secure(app)\nrun()\n',
        '"COOKIE_SECURE": False,\n',
        '"COOKIE_SECURE": False,\n"COOKIE_PARTITIONED": False,\n',
        "a.py:6 +partitioned = self.get_cookie_partitioned(app)",
    )


def test_columns_keep_their_width() -> None:
    check(
        "UseRawPath bool\nLast bool\n\n"
        "{\n\tUseRawPath:             false,\n\tLast:                   true,\n}\n",
        "UseRawPath bool\n",
        "UseRawPath bool\nUseEscapedPath bool\n",
        "a.go:7 +UseEscapedPath:         false,",
        path="a.go",
    )


def test_a_block_is_copied_whole() -> None:
    check(
        "max_size: usize,\n}\n\n"
        "if let Some(max) = config.max_size {\n    builder.max_size(max);\n}\nend();\n",
        "max_size: usize,\n",
        "max_size: usize,\nmax_age: usize,\n",
        "a.rs:8 +if let Some(max) = config.max_age { +builder.max_age(max); +}",
        path="a.rs",
    )


def test_nothing_is_copied_to_where_it_stands_already() -> None:
    text = "width = 1\n\nuse(width)\nuse(height)\n"
    state = moment(text, ("width = 1\n", "width = 1\nheight = 1\n"))
    assert list(siblings(state)) == []


def test_renamings() -> None:
    values = renamings("max_size", "max_age")
    assert values["max_size"] == "max_age"
    assert values["MAX_SIZE"] == "MAX_AGE"
    assert values["maxSize"] == "maxAge"
    assert values["Size"] == "Age"
