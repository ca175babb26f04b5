"""Definitions that were given another name, in the languages that are known."""

from __future__ import annotations

import pytest

from completion.history import History
from completion.next_edit.ensemble import NextEdit, next_edit
from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.renamed import Renamed, accepted, renamed
from completion.reasons import Reason, Silence
from tests.completion.next_edit.support import lines_of


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


TILL = "from shop import load\n\n\nfirst = load(1)\n"
SHOP = "def load(n):\n    return n\n"


def moment(*, by_model: bool, shop: str = SHOP) -> Moment:
    """A function was renamed, and one file of those that use it follows."""
    history = History()
    done, follows = shop.replace("def load", "def read"), TILL.replace("load", "read")
    history.record("shop.py", shop, done, 0.0)
    history.record("till.py", TILL, follows, 10.0, by_model=by_model)
    files = {"till.py": follows, "shop.py": done, "other.py": TILL, "loads.py": "load = 1\nprint(loads)\n"}
    return Moment({path: lines_of(text) for path, text in files.items()}, history.changes(), "till.py", 4)


def test_what_was_accepted_speaks_for_the_other_uses() -> None:
    use = Proposal("other.py", 4, 1, ("first = read(1)",), "substitute")
    assert accepted(moment(by_model=True), use) == 2
    assert accepted(moment(by_model=False), use) == 0
    # More than the name; and a definition whose file knows the old name still.
    more = Proposal("other.py", 4, 1, ("first = read(2)",), "substitute")
    assert accepted(moment(by_model=True), more) == 0
    assert accepted(moment(by_model=True, shop=SHOP + "\n\nload(2)\n"), use) == 0


def test_a_chain_of_accepts_goes_on() -> None:
    state = moment(by_model=True)
    answer = next_edit(state)
    assert isinstance(answer, NextEdit)
    assert answer.proposal.path == "other.py"
    assert answer.probability >= 3 / 4
    assert next_edit(state, 0.99) == Silence(Reason.UNLIKELY, f"{answer.probability:.2f}")


def test_it_ends_once_the_user_has_gone_on() -> None:
    first = change("def load(path):", "def read(path):")
    use = change("    load(1)", "    read(1)", "b.py")
    other = change("x", "y")
    assert list(renamed([first, use, other])) == [Renamed("a.py", "load", "read")]
    assert not list(renamed([first, other, other, other]))
