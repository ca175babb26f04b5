"""Where a part of a sketch meets what it leaves out: what shows no line of the file there is refused."""

from __future__ import annotations

import pytest

from apply.apply import Applied, Refused, apply_sketch

SHOP = '''\
"""A shop."""

LIMIT = 20
CURRENCY = "EUR"
RATES = {"EUR": 1.0}


class Basket:
    """What somebody wants."""

    def __init__(self, owner):
        self.owner = owner
        self.goods = []

    def add(self, good,count=1):
        for _ in range(count):
            self.goods.append(good)
        return self

    def total(self, rate):
        result = 0
        for good in self.goods:
            result += good.price
        return result * rate
'''


def refused(sketch: str) -> Refused:
    outcome = apply_sketch(SHOP, sketch, "shop.py")
    assert isinstance(outcome, Refused), outcome.text
    assert outcome.preview is not None
    return outcome


def test_a_line_of_the_file_is_not_written_again_as_the_edge_of_a_part() -> None:
    sketch = (
        "# ...\n        return result * rate\n\n    def clear(self):\n        self.goods = []\n\n"
        "    def add(self, good,count=1):\n        # ...\n"
    )
    assert "begins or ends with 'return result * rate'" in refused(sketch).reason


def test_lines_above_a_sketch_that_marks_what_it_leaves_out_but_not_there() -> None:
    assert "above" in refused('RATES = {"EUR": 1.0, "CHF": 0.9}\n\n\nclass Basket:\n    # ...\n').reason


def test_a_blank_line_does_not_leave_out_a_single_line() -> None:
    assert (
        "Line 9"
        in refused(
            'RATES = {"EUR": 1.0, "CHF": 0.9}\n\n\nclass Basket:\n\n    def __init__(self, owner):\n'
        ).reason
    )


def test_a_changed_line_before_lines_that_nothing_marks_is_refused() -> None:
    sketch = (
        "    def __init__(self, owner):\n        self.owner = owner\n        self.goods = {}\n\n"
        "        for good in self.goods:\n            result += good.cost\n        return result * rate\n"
    )
    assert "no marker tells" in refused(sketch).reason


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("def add(self, good, count=1):", "def add(self, good, count=1):"),  # tidier: meant
        ("def add(self, good,count = 1):", "def add(self, good,count = 1):"),
        ("def add(self,good,count=1):", "def add(self, good,count=1):"),  # a careless copy
        ("def add( self, good,count=1):", "def add(self, good,count=1):"),
    ],
)
def test_blanks_in_a_line_are_meant_unless_they_are_careless(shown: str, meant: str) -> None:
    body = "        for _ in range(int(count)):\n            self.goods.append(good)\n"
    sketch = f"# ...\n    {shown}\n{body}        # ...\n"
    outcome = apply_sketch(SHOP, sketch, "shop.py")
    assert isinstance(outcome, Applied), outcome
    assert outcome.text == SHOP.replace("def add(self, good,count=1):", meant).replace(
        "range(count)", "range(int(count))"
    )


def test_a_part_that_would_change_nothing_is_refused() -> None:
    sketch = (
        'RATES = {"EUR": 1.0, "CHF": 0.9}\n\n\nclass Basket:\n    """What somebody wants."""\n\n'
        "    def total(self, rate):\n        result = 0\n"
    )
    assert "would change nothing" in refused(sketch).reason
    head = "// ...\nint first_of_goods() {\n    return 3;\n    // ...\n"
    marked = head + "}\n\nint second_of_goods() {\n    // ...\n"
    assert "begins with '}' would change nothing" in outcome_in_c(marked).reason


def outcome_in_c(sketch: str) -> Refused:
    text = "int first_of_goods() {\n    return 1;\n}\n\nint second_of_goods() {\n    return 2;\n}\n"
    outcome = apply_sketch(text, sketch, "shop.c")
    assert isinstance(outcome, Refused), outcome.text
    return outcome


def test_the_head_of_what_holds_a_part_may_stand_alone() -> None:
    sketch = (
        "class Basket:\n\n    def total(self, rate):\n        result = 0\n"
        "        for good in self.goods:\n            result += good.price + 1\n"
        "        return result * rate\n"
    )
    outcome = apply_sketch(SHOP, sketch, "shop.py")
    assert isinstance(outcome, Applied), outcome
    assert outcome.text == SHOP.replace("+= good.price", "+= good.price + 1")


def test_a_part_does_not_begin_with_a_new_line_behind_what_is_left_out() -> None:
    sketch = (
        "# ...\n    @lru_cache(maxsize=20)\n    def total(self, rate):\n        result = 0\n"
        "        for good in self.goods:\n        # ...\n"
    )
    assert "may replace what is above it" in refused(sketch).reason


CASES = """\
cases = [
    {
        code: "first one",
        options: ["plain", "short"],
        errors: ["none at all"],
    },
    {
        code: "second one",
        options: ["plain", "short"],
        errors: ["none at all"],
    },
]
"""


def test_one_more_of_a_kind_is_not_taken_for_another_one() -> None:
    item = '        options: ["plain", "short"],\n        errors: ["none at all"],\n'
    sketch = (
        f'    {{\n        code: "first one",\n{item}    }},\n    {{\n        title: null,\n{item}    // ...\n'
    )
    outcome = apply_sketch(CASES, sketch, "cases.js")
    assert isinstance(outcome, Refused), outcome.text
    assert "may be to go, or what is new stands beside it" in outcome.reason


def test_one_more_of_a_kind_does_not_replace_its_neighbour() -> None:
    def case(name: str, result: str, more: str = "") -> str:
        return (
            f'test("{name} of a page", async () => {{\n'
            f'  const page = new Template(\n    "./stubs/{name}.html",\n    "./stubs/",\n'
            '    "./output"\n  );\n\n'
            "  const data = await page.getData();\n  const pages = await page.getTemplates(data);\n"
            f'  equal(pages[0].data.items, ["{result}"]);\n{more}}});\n'
        )

    cases = [
        case("start", "zero"),
        case("before", "one", '  equal(pages[0].alias, "one");\n'),
        case("end", "two"),
    ]
    old = "\n".join(cases)
    sketch = (
        "// ...\n});\n\n" + case("metadata", "three") + '\ntest("end of a page", async () => {\n  // ...\n'
    )
    outcome = apply_sketch(old, sketch, "page.test.js")
    assert isinstance(outcome, Refused)
    assert "what is new comes in" in outcome.reason


def test_a_part_that_changes_nothing_and_may_end_further_down_is_refused() -> None:
    old = """\
import os


def report(items):
    total = sum(items)
    print(f"the total is {total}")
    close()
    log("all of it", os.getpid())
    for item in items:
        keep(item, total)
        send(item, to="the archive")
    tell("nobody", of=items)
    forget(items, at="once")
    wait(seconds=20)
    close()
    return total
"""
    sketch = """\
import os
import sys
# ...
    total = sum(items)
    print(f"the total is {total}")
    close()
# ...
"""
    outcome = apply_sketch(old, sketch, "report.py")
    assert isinstance(outcome, Refused)
    assert "would change nothing" in outcome.reason


def test_what_stands_between_the_head_of_a_class_and_a_method_does_not_go() -> None:
    old = """\
import math


class Point:
    # Where it begins.
    start = 0

    def move(self, by):
        self.place += by
        return self


print(math.pi)
"""
    shown = "class Point:\n    def move(self, by):\n        self.place += 2 * by\n        return self\n"
    outcome = apply_sketch(old, f"# ...\n{shown}# ...\n", "point.py")
    assert isinstance(outcome, Refused) or "start = 0" in outcome.text


BANK = """\
import os


@cached
def rate(bank):
    if bank.open:
        check(bank)
    tell(bank, "rate")
    if bank.fees:
        pay(bank.fees)
    return bank.rate


def fees(bank):
    value = bank.sheet["fees"]
    tell(bank, "rate")
    return value


def close(bank):
    save(bank, to=os.getcwd())
    bank.open = False


def lock(bank):
    save(bank, to=os.getcwd())
    bank.locked = True
"""


def test_what_decorates_a_definition_is_in_doubt_where_its_first_line_changes() -> None:
    sketch = "# ...\ndef rate(bank, day):\n    if bank.open:\n        check(bank, day)\n    # ...\n"
    outcome = apply_sketch(BANK, sketch, "bank.py")
    assert isinstance(outcome, Refused), outcome.text
    assert "'@cached'" in outcome.reason


def test_a_marker_in_a_block_does_not_end_it_and_go_on_in_another() -> None:
    blocks = "    if (a) {\n        tell(a);\n    }\n    if (b) {\n        tell(b);\n    }\n"
    old = f"int sum(int a) {{\n{blocks}    end(a);\n}}\n"
    sketch = "int sum(int a) {\n    begin(a);\n    if (a) {\n        // ...\n    }\n    end(a);\n}\n"
    outcome = apply_sketch(old, sketch, "sum.c")
    assert isinstance(outcome, Refused), outcome.text


def test_a_call_wrapped_onto_several_lines_is_the_one_of_the_file() -> None:
    call = "    save(\n        bank,\n        to=os.getcwd()\n    )\n"
    sketch = f"# ...\ndef lock(bank):\n{call}    bank.locked = now()\n"
    old = BANK.replace("save(bank, to=os.getcwd())\n    bank.open", "bank.open")
    outcome = apply_sketch(old, sketch, "bank.py")
    assert isinstance(outcome, Applied), outcome.reason
    assert outcome.text.count("save(") == 1
    assert "bank.locked = now()" in outcome.text


def test_quotes_that_all_new_lines_have_are_meant() -> None:
    old = "NAMES = {\n    'one': 1,\n    'two': 2,\n    'three': 3,\n}\nUNITS = ['m', 's']\n"
    sketch = (
        'NAMES = {\n    "one": 1,\n    "two": 2,\n    "four": 4,\n    "five": 5,\n    "three": 3,\n}\n# ...\n'
    )
    outcome = apply_sketch(old, sketch, "names.py")
    assert isinstance(outcome, Applied), outcome.reason
    assert outcome.text.startswith(sketch.removesuffix("# ...\n"))


PARSER = """\
// Made by a machine.
// Do not change.

// Copyright: nobody.

package parser

const limit = 20

func parse(text string) int {
	return len(text)
}
"""


def test_a_comment_above_the_comment_that_begins_a_sketch_may_be_to_go() -> None:
    sketch = "// Copyright: nobody.\n\n// Made by a machine.\npackage parser\n\n// ... existing code ...\n"
    outcome = apply_sketch(PARSER, sketch, "parser.go")
    assert isinstance(outcome, Refused), outcome.text
    assert "What is above" in outcome.reason


def test_what_would_stand_twice_in_and_beside_a_part_was_moved() -> None:
    old = (
        "def total(items):\n    result = 0\n    for item in items:\n        result += item.price\n"
        "    return result * CURRENT_RATE\n"
    )
    sketch = (
        "# ...\n    for item in items:\n        result += price(item)\n    return result * CURRENT_RATE\n\n\n"
        "def price(item):\n    return item.price\n    # ...\n"
    )
    outcome = apply_sketch(old, sketch, "total.py")
    assert isinstance(outcome, Refused) or outcome.text.count("return result * CURRENT_RATE") == 1


def test_a_new_end_may_replace_the_one_that_a_sketch_leaves_out() -> None:
    old = (
        "first();\nglobal.tool = tool;\n\n// For the tests.\nmodule.exports = Object.assign(tool, global);\n"
    )
    outcome = apply_sketch(old, "global.tool = tool;\n\nmodule.exports = tool;\n", "entry.js")
    assert isinstance(outcome, Refused), outcome.text


def test_lines_that_are_shown_first_say_how_deep_a_part_is() -> None:
    head = "        items = self.items\n        check(items)\n        note(items)\n"
    body = "".join(f"        step{n}(item)\n" for n in range(20))
    deep = "        if items:\n" + "".join(f"    {line}\n" for line in body.splitlines())
    run = "class Run:\n    def all(self):\n"
    outcome = apply_sketch(f"{run}{head}{deep}", f"class Run:\n    # ...\n{head}{body}", "run.py")
    assert isinstance(outcome, Applied), outcome.reason
    assert outcome.text == f"{run}{head}{body}"


def test_what_a_function_shows_up_to_a_bracket_is_not_all_of_it() -> None:
    old = (
        "def make(owner):\n    goods = old(owner)\n    basket = Basket(\n        owner, goods\n    )\n"
        "    basket.check()\n    basket.save(\n        now(),\n    )\n"
    )
    sketch = "def make(owner):\n    goods = new(owner)\n    basket = Basket(\n        owner, goods\n    )\n"
    outcome = apply_sketch(old, sketch, "basket.py")
    assert isinstance(outcome, Refused) or "basket.save(" in outcome.text


def test_a_wrapped_head_of_a_class_is_the_files() -> None:
    old = SHOP.replace("class Basket:", "class Basket(Owned, Priced):")
    sketch = (
        "# ...\nclass Basket(\n    Owned,\n    Priced,\n):\n    # ...\n    def total(self, rate):\n"
        "        result = 1\n        for good in self.goods:\n# ...\n"
    )
    outcome = apply_sketch(old, sketch, "shop.py")
    assert isinstance(outcome, Applied), outcome.reason
    assert outcome.text == old.replace("result = 0", "result = 1").replace(
        "(Owned, Priced):", "(\n    Owned,\n    Priced,\n):"
    )


def test_lines_do_not_go_up_to_a_bracket_of_another_depth() -> None:
    old = (
        "def first():\n    tell(1)\n    check(2)\n\n\n@mark(\n    names(),\n    size=2,\n    bank=KNOWN,\n)\n"
        "def second():\n    tell(2)\n"
    )
    sketch = "# ...\ndef first():\n    tell(1)\n    check(\n        3\n    )\n# ...\n"
    outcome = apply_sketch(old, sketch, "first.py")
    assert isinstance(outcome, Refused) or "    size=2,\n    bank=KNOWN,\n)\n" in outcome.text


def test_what_stands_behind_the_brace_of_a_head_does_not_go() -> None:
    docs = "".join(f"    /// It says {word}.\n" for word in ("one", "two", "three"))
    head, end = (
        "impl<R> Lines<R>\nwhere\n    R: Read,\n{\n",
        "    /// The end.\n    pub fn next() {\n        go(",
    )
    old = f"{head}{docs}{end}1)\n    }}\n}}\n"
    sketch = f"// ...\n{head}{end}2)\n    // ...\n"
    outcome = apply_sketch(old, sketch, "lines.rs")
    assert isinstance(outcome, Refused) or docs in outcome.text
