"""Sketches of every kind, applied to small files, and the reasons for which they are refused."""

from __future__ import annotations

import pytest

from apply.apply import Applied, Refused, apply_sketch
from text.edits import apply as apply_edits

BANK = '''\
"""Accounts."""

import json


class Account:
    """Somebody's money."""

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        self.balance += amount
        return self.balance

    def withdraw(self, amount):
        self.balance -= amount
        return self.balance

    def close(self):
        print("closing", self.owner)
        self.balance = 0


def load(path):
    with open(path) as file:
        return [Account(**each) for each in json.load(file)]
'''


def check(old: str, sketch: str, new: str, path: str = "bank.py") -> Applied:
    outcome = apply_sketch(old, sketch, path)
    assert isinstance(outcome, Applied), outcome
    assert outcome.text == new
    assert apply_edits(old, outcome.edits) == new
    assert 0 < outcome.confidence <= 1
    return outcome


def refused(old: str, sketch: str, path: str = "bank.py") -> Refused:
    outcome = apply_sketch(old, sketch, path)
    assert isinstance(outcome, Refused), outcome
    return outcome


WITHDRAW = "        self.balance -= amount\n"
CHECKED = '        if amount > self.balance:\n            raise ValueError("not enough")\n' + WITHDRAW


@pytest.mark.parametrize(
    "sketch",
    [
        # With markers.
        "# ... existing code ...\nclass Account:\n    # ... existing code ...\n"
        "    def withdraw(self, amount):\n"
        + CHECKED
        + "        return self.balance\n\n    # ... existing code ...\n",
        # The method alone, dedented.
        "def withdraw(self, amount):\n    if amount > self.balance:\n"
        '        raise ValueError("not enough")\n    self.balance -= amount\n    return self.balance\n',
        # An elided body.
        "// ... unchanged ...\n    def withdraw(self, amount):\n"
        + CHECKED
        + "        // ... rest unchanged ...\n",
        # A diff with wrong numbers.
        "@@ -1,99 +7,3 @@\n     def withdraw(self, amount):\n+        if amount > self.balance:\n"
        '+            raise ValueError("not enough")\n         self.balance -= amount\n',
        # A search block.
        "<<<<<<< SEARCH\n" + WITHDRAW + "=======\n" + CHECKED + ">>>>>>> REPLACE\n",
        # The whole file.
        BANK.replace(WITHDRAW, CHECKED),
        # Tabs for blanks, in a fence that names the file.
        "Now it checks:\n\n```python src/bank.py\n# ...\n\tdef withdraw(self, amount):\n"
        + CHECKED.replace("    ", "\t")
        + "\t\treturn self.balance\n\n# ...\n```\n\nThat is all.\n",
        # Carelessly copied: other quotes, other blanks.
        "# ...\n    def withdraw(self,amount):\n" + CHECKED + "        return self.balance\n    # ...\n",
    ],
)
def test_one_change_in_many_formats(sketch: str) -> None:
    check(BANK, sketch, BANK.replace(WITHDRAW, CHECKED))


def test_several_hunks_in_one_sketch() -> None:
    sketch = (
        "import json\nfrom pathlib import Path\n\n# ... existing code ...\n\ndef load(path):\n"
        "    with Path(path).open() as file:\n        return [Account(**each) for each in json.load(file)]\n"
    )
    new = BANK.replace("import json\n", "import json\nfrom pathlib import Path\n")
    done = check(BANK, sketch, new.replace("open(path)", "Path(path).open()"))
    assert done.report.new_names == ("pathlib", "Path")


def test_what_a_whole_function_no_longer_shows_goes() -> None:
    sketch = "# ...\n    def close(self):\n        self.balance = 0\n\n# ...\n"
    check(BANK, sketch, BANK.replace('        print("closing", self.owner)\n', ""))


def test_what_a_comment_says_is_deleted_goes() -> None:
    start, end = BANK.index("    def deposit"), BANK.index("    def withdraw")
    sketch = (
        "# ...\n        self.balance = balance\n\n    # removed: deposit\n\n"
        "    def withdraw(self, amount):\n# ...\n"
    )
    check(BANK, sketch, BANK[:start] + BANK[end:])


def test_a_new_method_keeps_the_distance_of_its_neighbours() -> None:
    sketch = (
        "class Account:\n    # ... existing methods ...\n    def close(self):\n        # ...\n"
        "        self.balance = 0\n\n    def __repr__(self):\n        return self.owner\n\n# ...\n"
    )
    method = "        self.balance = 0\n\n    def __repr__(self):\n        return self.owner\n"
    check(BANK, sketch, BANK.replace("        self.balance = 0\n", method))


def test_nothing_without_a_marker_is_deleted_in_silence() -> None:
    sketch = (
        "    def deposit(self, amount):\n        self.balance += amount * 2\n        return self.balance\n\n"
        "    def close(self):\n        self.balance = 0\n"
    )
    new = BANK.replace("+= amount", "+= amount * 2").replace('        print("closing", self.owner)\n', "")
    check(BANK, sketch, new)


@pytest.mark.parametrize("eol", ["\r\n", "\r"])
def test_the_files_own_line_ends_win(eol: str) -> None:
    sketch = "<<<<<<< SEARCH\n" + WITHDRAW + "=======\n" + CHECKED + ">>>>>>> REPLACE\n"
    check(BANK.replace("\n", eol), sketch, BANK.replace(WITHDRAW, CHECKED).replace("\n", eol))


def test_bom_and_missing_final_newline_stay() -> None:
    old = "\ufeff" + BANK.rstrip("\n")
    sketch = '# ...\n        return [Account(**each) for each in json.load(file)]\n\n\nUMLAUT = "ä😀"\n'
    check(old, sketch, old + '\n\n\nUMLAUT = "ä😀"')


def test_tabs_stay_tabs() -> None:
    old = "func f() int {\n\tx := 1\n\treturn x\n}\n"
    sketch = "func f() int {\n    x := 1\n    if x > 0 {\n        x = 2\n    }\n    return x\n}\n"
    check(old, sketch, "func f() int {\n\tx := 1\n\tif x > 0 {\n\t\tx = 2\n\t}\n\treturn x\n}\n", "f.go")


def test_lost_blank_lines_stay_in_the_file() -> None:
    dense = "\n".join(line for line in BANK.replace(WITHDRAW, CHECKED).splitlines() if line.strip()) + "\n"
    check(BANK, dense, BANK.replace(WITHDRAW, CHECKED))


def test_elided_arguments_are_the_files() -> None:
    new = "        self.owner = None\n        self.balance = 0\n"
    sketch = f"# ...\n    def close(self):\n        print(...)\n{new}# ...\n"
    check(BANK, sketch, BANK.replace("        self.balance = 0\n", new))


def test_a_sketch_of_another_file_is_refused() -> None:
    sketch = "# ...\nclass Server:\n    def start(self, port):\n        self.socket.bind(port)\n# ...\n"
    assert "another" in refused(BANK, sketch).reason


def test_an_ambiguous_place_is_refused_and_both_are_named() -> None:
    outcome = refused(
        BANK, "<<<<<<< SEARCH\n        return self.balance\n=======\n        return None\n>>>>>>> REPLACE\n"
    )
    lines = BANK.splitlines()
    assert [lines[place].strip() for place in outcome.places] == ["return self.balance"] * 2
    assert outcome.preview is not None


@pytest.mark.parametrize("file", ["def f():\n{0}\n\n\ndef g():\n{0}\n", "{0}\n\n\ny = 4\n\n{0}\nz = 4\n"])
def test_the_ends_of_a_file_are_as_good_a_place_as_any(file: str) -> None:
    line = "    balance = amount()"
    outcome = refused(file.format(line), f"<<<<<<< SEARCH\n{line}\n=======\n    x = 2\n>>>>>>> REPLACE\n")
    assert len(outcome.places) == 2


def test_a_line_number_that_is_right_decides() -> None:
    number = BANK.splitlines().index("        self.balance -= amount") + 2
    sketch = f"@@ -{number},1 +{number},1 @@\n-        return self.balance\n+        return None\n"
    outcome = apply_sketch(BANK, sketch, "bank.py")
    assert isinstance(outcome, Refused) or outcome.text.index("return None") > outcome.text.index("-= amount")


def test_what_the_file_does_not_have_cannot_be_replaced() -> None:
    sketch = "<<<<<<< SEARCH\n        self.frobnicate(9)\n=======\n        pass\n>>>>>>> REPLACE\n"
    assert "no line" in refused(BANK, sketch).reason


def test_a_result_that_parses_worse_is_refused() -> None:
    sketch = "<<<<<<< SEARCH\n" + WITHDRAW + "=======\n        self.balance -= (amount\n>>>>>>> REPLACE\n"
    assert "syntax" in refused(BANK, sketch).reason


@pytest.mark.parametrize("sketch", ["", "\n\n", "# ... existing code ...\n", "```\n```\n", BANK])
def test_nothing_to_do_is_refused(sketch: str) -> None:
    refused(BANK, sketch)


def test_a_sketch_for_another_path_is_refused() -> None:
    assert "says nothing" in refused(BANK, "```python other.py\nx = 1\n```\n").reason


def test_one_refused_block_of_several_leaves_everything() -> None:
    good = "<<<<<<< SEARCH\n" + WITHDRAW + "=======\n" + CHECKED + ">>>>>>> REPLACE\n"
    refused(BANK, good + "<<<<<<< SEARCH\nnot there\n=======\nx\n>>>>>>> REPLACE\n")


def test_a_comment_that_speaks_of_the_file_is_not_written_into_it() -> None:
    sketch = (
        "# ...\n    def withdraw(self, amount):\n        # ... frobnicate removed ...\n"
        + WITHDRAW
        + "# ...\n"
    )
    assert "speak of the file" in refused(BANK, sketch).reason


def test_a_line_that_is_wrapped_keeps_its_depth_and_says_nothing_of_the_others() -> None:
    sketch = (
        "try:\n    import json5 as json\nexcept ImportError:\n    import json\n\n\nclass Account:\n# ...\n"
    )
    new = BANK.replace("import json\n", sketch.split("\n\n")[0] + "\n")
    check(BANK[BANK.index("import") :], sketch, new[new.index("try:") :])


def test_blanks_in_a_string_or_between_words_are_no_careless_copy() -> None:
    old = 'def f():\n    name = "a b"\n    # two  words\n    return name\n'
    sketch = 'def f():\n    name = "ab"\n    # twowords\n    return name\n'
    check(old, sketch, sketch, "f.py")


def test_one_line_may_be_all_that_comes_between() -> None:
    start, end = BANK.index("    def deposit"), BANK.index("    def withdraw")
    sketch = (
        "# ...\n        self.owner = owner\n        self.balance = balance\n\n"
        "    def withdraw(self, amount):\n# ...\n"
    )
    check(BANK, sketch, BANK[:start] + BANK[end:])


SHOP = """\
def total_price(items, tax):
    return sum(items) * (1 + tax)


def report(items):
    price = total_price(items, 0.2)
    return f"total: {price}"


def receipt(items):
    price = total_price(items, 0.1)
    return f"receipt: {price}"
"""


def test_a_changed_call_is_no_definition_of_what_it_calls() -> None:
    old, new = "price = total_price(items, 0.1)", "price = total_price(items, 0.1, discount=5)"
    check(SHOP, f"def receipt(items):\n    {new}\n    # ... rest unchanged ...\n", SHOP.replace(old, new))


def test_the_changed_end_of_a_function_is_that_functions_own() -> None:
    sketch = 'def report(items):\n    # ... existing code ...\n    return f"total sum: {price}"\n'
    check(SHOP, sketch, SHOP.replace("total:", "total sum:"))
