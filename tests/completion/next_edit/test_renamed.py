"""Definitions that were given another name, in the languages that are known."""

from __future__ import annotations

import pytest

from completion.next_edit.moment import Change
from completion.next_edit.renamed import Renamed, renamed


def change(old: str, new: str, path: str = "a.py") -> Change:
    return Change(path, 1, tuple(old.split("\n")), tuple(new.split("\n")))


@pytest.mark.parametrize(
    "line",
    [
        "def {}(path):",
        "    async def {}(self):",
        "class {}(Base):",
        "{} = 3",
        "{}: int = 3",
        "export function {}(path: string) {{",
        "export default class {} {{",
        "export const {} = (x) => x;",
        "  async {}(id: string): Promise<void> {{",
        "interface {} {{",
        "func {}(a int) error {{",
        "func (r *Reader) {}(a int) error {{",
        "pub fn {}(&self) -> u32 {{",
        "pub(crate) struct {} {{",
        "    public static int {}(String s) {{",
        "static char *{}(const char *s) {{",
    ],
)
def test_a_definition_with_another_name_is_renamed(line: str) -> None:
    one, other = line.format("load_all"), line.format("read_all")
    assert list(renamed([change(one, other)])) == [Renamed("a.py", "load_all", "read_all")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    total = load(path)", "    total = read(path)"),  # a use
        ("    count = 1", "    number = 1"),  # a name of a function's own
        ("if (load(path)) {", "if (read(path)) {"),
        ("def load(path):", "def load(path, mode):"),
        ("def load(path):", "value = 1\ndef read(path):"),  # not one for one
        ("def load(path):", ""),
        ("x = 1", "y = 1"),
    ],
)
def test_other_changes_are_not(old: str, new: str) -> None:
    assert not list(renamed([change(old, new)]))


def test_it_ends_once_the_user_has_gone_on() -> None:
    first = change("def load(path):", "def read(path):")
    use = change("    load(1)", "    read(1)", "b.py")
    other = change("x", "y")
    assert list(renamed([first, use, other])) == [Renamed("a.py", "load", "read")]
    assert not list(renamed([first, other, other, other]))
