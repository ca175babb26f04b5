from __future__ import annotations

import pytest

from completion.next_edit.statements import place, statement, statements, with_names
from completion.next_edit.wanted import wanted
from tests.completion.next_edit.support import moment, texts


@pytest.mark.parametrize(
    ("language", "text", "module", "names"),
    [
        ("python", "from a.b import c, d as e", "a.b", ("c", "e")),
        ("python", "from a import (\n    b,\n    c,\n)", "a", ("b", "c")),
        ("python", "import a.b as c", "a.b", ("c",)),
        ("python", "import a.b", "a.b", ("a",)),
        ("java", "import static a.B.c;", "a.B.c", ("c",)),
        ("javascript", "import { a, b as c } from './d.js';", "./d.js", ("a", "c")),
        ("javascript", "const fs = require('node:fs')", "node:fs", ("fs",)),
        ("rust", "use std::io::{Read, Write};", "std::io", ("Read", "Write")),
        ("rust", "pub(crate) use a::b;", "a", ("b",)),
        ("go", '\t"net/http"', "net/http", ("http",)),
    ],
)
def test_imports_are_read(language: str, text: str, module: str, names: tuple[str, ...]) -> None:
    found = statement(0, text.split("\n"), language)
    assert found is not None
    assert (found.module, found.names) == (module, names)


@pytest.mark.parametrize(
    ("language", "text", "added", "expected"),
    [
        ("python", "from a import b, d", ["c"], "from a import b, c, d"),
        ("python", "from a import d, b", ["c"], "from a import d, b, c"),
        ("python", "from a import Any, b", ["C"], "from a import Any, C, b"),
        ("python", "from a import (\n    b,\n    d,\n)", ["c"], "from a import (\n    b,\n    c,\n    d,\n)"),
        ("javascript", "import { a } from 'b';", ["c"], "import { a, c } from 'b';"),
        ("javascript", "import {a} from 'b'", ["c"], "import {a, c} from 'b'"),
        ("rust", "use a::B;", ["C"], "use a::{B, C};"),
        ("python", "from a import *", ["c"], None),
    ],
)
def test_a_list_takes_another_name_in_its_order(
    language: str, text: str, added: list[str], expected: str | None
) -> None:
    found = statement(0, text.split("\n"), language)
    assert found is not None
    new = with_names(found, added, language)
    assert (None if new is None else "\n".join(new)) == expected


def test_a_new_import_stands_among_those_like_it() -> None:
    lines = ["import os", "import sys", "from a import b", "", "import requests", "", "x = 1"]
    found = list(statements(lines, "python"))
    assert [one.start for one in found] == [0, 1, 2, 4]
    assert place(found, "import re", "re", "python") == 1
    assert place(found, "from c import d", "c", "python") == 3
    assert place([], "import re", "re", "python") is None


@pytest.mark.parametrize(
    ("text", "old", "new", "others", "expected"),
    [
        (
            "import os\n\nx = 1\n", "x = 1", "x = json.loads(y)", {},
            "a.py:1 +import json",
        ),
        (
            "import os\n\nx = 1\n", "x = 1", "x = Path(y)", {"b.py": "from pathlib import Path\n"},
            "a.py:2 +from pathlib import Path",
        ),
        (
            "from lib.tools import old\n\nx = 1\n", "x = 1", "x = fresh(y)",
            {"lib/tools.py": "def fresh(y):\n    pass\n"},
            "a.py:1 -from lib.tools import old +from lib.tools import fresh, old",
        ),
    ],
)  # fmt: skip
def test_what_is_used_and_not_imported_is_imported(
    text: str, old: str, new: str, others: dict[str, str], expected: str
) -> None:
    state = moment(text, (old, new), others=others)
    assert expected in texts(list(wanted(state)), state)


def test_what_is_bound_already_is_not_imported() -> None:
    bound = moment("import json\n\nx = 1\n", ("x = 1", "x = json.loads(y)"))
    assert list(wanted(bound)) == []
    local = moment("class json:\n    pass\n\nimport os\nx = 1\n", ("x = 1", "x = json.loads(y)"))
    assert list(wanted(local)) == []
