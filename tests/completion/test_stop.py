from __future__ import annotations

import pytest

from completion.stop import Site, Stop, Unit, unit_at


def ends(
    unit: Unit, line: str, body: str, *, language: str = "python", below: str = "", max_lines: int = 10
) -> str | None:
    """Feed `body` by characters, as a model writes it; return what is kept, None if it never stops."""
    stop = Stop(Site(language, line, "", "", below), unit, max_lines, healed=0)
    for size in range(1, len(body) + 1):
        if stop(body[:size]):
            return body[: stop.end(body[:size])]
    return None


def test_a_line_ends_with_the_line() -> None:
    assert ends(Unit.LINE, "x = ", "1\ny = 2\n") == "1"


def test_a_simple_statement_ends_with_its_line() -> None:
    assert ends(Unit.STATEMENT, "    x = ", "1\n") == "1"


def test_an_open_bracket_carries_the_statement_on() -> None:
    assert ends(Unit.STATEMENT, "    x = ", "f(\n        1,\n    )\n    y") == "f(\n        1,\n    )"


def test_brackets_in_strings_and_comments_do_not_count() -> None:
    assert ends(Unit.STATEMENT, "x = ", "'('  # (\n") == "'('  # ("


def test_a_string_of_several_lines_is_not_cut() -> None:
    assert (
        ends(Unit.STATEMENT, "    ", '"""One.\n\n    Two.\n    """\n    x') == '"""One.\n\n    Two.\n    """'
    )


def test_a_suite_lasts_while_it_is_indented() -> None:
    body = "x:\n        return 1\n\n    return 2\n"
    assert ends(Unit.STATEMENT, "    if ", body) == "x:\n        return 1"


def test_braces_hold_a_statement_together() -> None:
    body = "(x) {\n    return 1;\n} else {\n    return 2;\n}\nf();\n"
    kept = "(x) {\n    return 1;\n} else {\n    return 2;\n}"
    assert ends(Unit.STATEMENT, "if ", body, language="javascript") == kept


def test_a_block_ends_where_the_indentation_falls_below_the_cursors() -> None:
    assert ends(Unit.BLOCK, "    ", "a = 1\n\n    return a\n\ndef g():") == "a = 1\n\n    return a"


def test_a_unit_has_at_most_so_many_lines() -> None:
    assert ends(Unit.BLOCK, "", "a\nb\nc\nd\n", max_lines=2) == "a\nb"


def test_the_line_below_is_not_written_again() -> None:
    assert ends(Unit.BLOCK, "    ", "a = 1\n    b = 2\n", below="    b = 2") == "a = 1"


def test_the_healed_text_is_not_part_of_the_unit() -> None:
    stop = Stop(Site("python", "\n", "", "", ""), Unit.LINE, 1, healed=1)
    assert not stop("\nx")
    assert stop("\nx\n")


@pytest.mark.parametrize(
    ("site", "unit"),
    [
        (Site("python", "    ", "", "def f():", ""), Unit.BLOCK),
        (Site("python", "    ", "", "def f():", "    return 1"), Unit.LINE),
        (Site("python", "    ", "", "    x = 1", ""), Unit.STATEMENT),
        (Site("python", "    x", ")", "def f():", ""), Unit.LINE),
        (Site("python", "# x", "", "", "", "comment"), Unit.LINE),
        (Site("", "    ", "", "todo:", ""), Unit.LINE),
    ],
)
def test_the_place_decides_the_unit(site: Site, unit: Unit) -> None:
    assert unit_at(site, max_lines=10) is unit
