from __future__ import annotations

import pytest

from completion.next_edit.imports import removals, unused_imports
from tests.completion.next_edit.support import moment, texts


@pytest.mark.parametrize(
    ("language", "line", "use", "left"),
    [
        ("python", "import contextlib", "pass", None),
        ("python", "import numpy as np", "pass", None),
        ("python", "from typing import Any, List", "x: List", "from typing import List"),
        ("python", "from a import b as c, d", "d()", "from a import d"),
        ("java", "import java.util.List;", "f();", None),
        ("java", "import static a.B.SECONDS;", "f();", None),
        ("typescript", "import { A, type B } from './a'", "new A()", "import { A } from './a'"),
        ("typescript", "import { A } from './a'", "f()", None),
        ("javascript", "const fs = require('node:files')", "f()", None),
        ("rust", "use std::io::{Read, Write};", "Write", "use std::io::{Write};"),
        ("go", 'import "os"', "f()", None),
    ],
)
def test_what_stands_nowhere_else_is_unused(language: str, line: str, use: str, left: str | None) -> None:
    (found,) = unused_imports([line, "", use], language)
    assert (found.number, found.line) == (1, left)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("python", ["import os", "os.sep"]),
        ("python", ["from __future__ import annotations"]),
        ("python", ["import re  # noqa"]),
        ("python", ['"""from a import b', 'c"""', "b"]),
        ("go", ["import (", '\t"os"', ")", "os.Exit(1)"]),
        ("go", ['x := "os"']),
        ("c", ["#include <stdio.h>"]),
        ("", ["import os"]),
    ],
)
def test_what_is_used_or_meant_stays(language: str, lines: list[str]) -> None:
    assert list(unused_imports(lines, language)) == []


def test_an_import_that_the_last_change_left_behind_goes() -> None:
    state = moment("import os\nimport re\n\n\nprint(os.sep)\nprint(re)\n", ("print(os.sep)\n", ""))
    (proposal,) = removals(state)
    assert texts([proposal], state) == ["a.py:1 -import os"]
    assert proposal.evidence["dropped"] == 1


def test_lines_that_follow_each_other_go_together() -> None:
    state = moment(
        "from a import (\n    one,\n    two,\n    three,\n)\n\nprint(one, two, three)\n",
        ("print(one, two, three)", "print(three)"),
    )
    assert texts(list(removals(state)), state) == ["a.py:2 -one, -two,"]
