"""The one list of what Tacit does in an editor, as things that a person does and then sees.

A scenario knows no editor: it asks a `Driver`. What an editor has no way to express stands in its driver's
`cannot`, with the reason; what the server does not announce is not played anywhere.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e import world as files
from tests.e2e.driver import Driver, World

Play = Callable[[Driver, World], None]


@dataclass(frozen=True)
class Scenario:
    """What is played, with settings beside those of the world."""

    name: str
    play: Play
    settings: Mapping[str, Any] = field(default_factory=dict)


def ghost_text(editor: Driver, world: World) -> None:
    """What probably follows is shown, is not yet in the text, and is one undo step once it was taken."""
    show_ghost_text(editor, world)
    typed = _in_shop("return ")
    assert editor.text() == typed
    editor.press("accept")
    editor.wait_for_text(_in_shop("return qty / 2"))
    editor.press("leave")
    editor.press("undo")
    editor.wait_for_text(typed)


def completion_menu(editor: Driver, world: World) -> None:
    """The same suggestion as an entry of the completion menu, for editors without ghost text."""
    show_ghost_text(editor, world)
    editor.press("accept")
    editor.press("leave")
    editor.wait_for_text(_in_shop("return qty / 2"))


def late_ghost_text(editor: Driver, world: World) -> None:
    """What the model had no time for is shown once it is there, to somebody who types nothing more."""
    show_ghost_text(editor, world)
    editor.type("late ")
    _until(lambda: editor.suggests(files.SLOW, "/ qty"), "the late suggestion", editor)
    editor.press("accept")
    editor.wait_for_text(_in_shop("return late / qty"))


def type_through(editor: Driver, world: World) -> None:
    """Typing the beginning of ghost text keeps the rest of it, and taking that doubles nothing."""
    show_ghost_text(editor, world)
    editor.type("qt")
    _until(lambda: editor.suggests("return qt", "y / 2"), "the rest of it", editor)
    assert editor.text() == _in_shop("return qt")
    editor.press("accept")
    editor.wait_for_text(_in_shop("return qty / 2"))


def accept_word(editor: Driver, world: World) -> None:
    """One word of it is taken, the rest stays on offer."""
    show_ghost_text(editor, world)
    editor.press("accept word")
    _until(lambda: editor.text() in (_in_shop("return qty"), _in_shop("return qty ")), "one word", editor)
    editor.wait_for("return qty / 2")
    editor.press("accept")
    editor.wait_for_text(_in_shop("return qty / 2"))


def next_edit_replace(editor: Driver, world: World) -> None:
    """A function is given another name: its call is next, is shown, and is changed on Tab."""
    show_next_edit(editor, world)
    _next(editor, files.SHOP.replace("price", "cost"))


def next_edit_delete(editor: Driver, world: World) -> None:
    """A line is deleted: the same line in the next function goes too."""
    line = '    print("DEBUG", qty)\n'
    _open(editor, world, "shop.py", 2, 1)
    editor.press("delete line")
    first = files.SHOP.replace(line, "", 1)
    editor.wait_for_text(first)
    editor.press("look")
    _next(editor, first.replace(line, ""))


def next_edit_jump(editor: Driver, world: World) -> None:
    """The next edit is beyond the window's edge: its line is named there, and the cursor goes there first."""
    rename(editor, world, "long.py", "share")
    before = editor.text()
    editor.press("look")
    editor.wait_for(str(files.FAR), without="print(rate(3))")
    editor.press("next")
    _until(lambda: editor.place() == ("long.py", files.FAR), "the cursor at the call", editor)
    assert editor.text() == before, "only looked at"
    editor.wait_for("(3))")
    _next(editor, files.LONG.replace("rate", "share"))


def next_edit_other_file(editor: Driver, world: World) -> None:
    """Once this file is done, the next edit is in another one."""
    _open(editor, world, "till.py")
    editor.wait_for("print(price(7))")
    rename(editor, world, "shop.py", "cost")
    _next(editor, files.SHOP.replace("price", "cost"))
    _until(lambda: _gone_on(editor), "an edit of the other file", editor, seconds=30)


def next_edit_closed_file(editor: Driver, world: World) -> None:
    """It is in a file that is not open: first its place is shown, and the edit once it is open."""
    symbol_search(editor, world)  # so the index is there
    rename(editor, world, "shop.py", "cost")
    _next(editor, files.SHOP.replace("price", "cost"))
    _until(lambda: _gone_on(editor), "an edit of the closed file", editor, seconds=30)


def next_edit_late(editor: Driver, world: World) -> None:
    """What the server had no time to find is shown once it is there, to somebody who does nothing more."""
    rename(editor, world, "late.py", "share")
    _until(lambda: editor.shows_next(5, "share"), "the late next edit", editor)
    _next(editor, files.LATE.replace("fee", "share"))


def next_edit_reject(editor: Driver, world: World) -> None:
    """What is not wanted goes away, changes nothing, and does not come back."""
    show_next_edit(editor, world)
    before = editor.text()
    editor.press("reject")
    _until(lambda: not editor.shows_next(8, "cost"), "its end", editor)
    _stays(lambda: not editor.shows_next(8, "cost"), "it came back", editor)
    assert editor.text() == before


def next_edit_undo(editor: Driver, world: World) -> None:
    """One undo takes back what was accepted, which is not offered again; what follows has a next edit."""
    show_next_edit(editor, world)
    before = editor.text()
    _next(editor, files.SHOP.replace("price", "cost"))
    editor.press("leave")
    editor.press("undo")
    editor.wait_for_text(before)
    _stays(lambda: not editor.shows_next(8, "cost"), "it was offered again", editor)
    editor.open("shop.py", 1, 5)
    editor.type("new_")
    editor.press("leave")
    editor.press("look")
    _until(lambda: editor.shows_next(8, "new_cost"), "the next edit of another name", editor)


def dismiss(editor: Driver, world: World) -> None:
    """Ghost text that is not wanted goes away and leaves the text as it is; typing goes on."""
    show_ghost_text(editor, world)
    editor.press("dismiss")
    _until(lambda: not editor.suggests("return ", "qty / 2"), "its end", editor)
    _stays(lambda: not editor.suggests("return ", "qty / 2"), "it came back", editor)
    editor.type("q")
    editor.wait_for_text(_in_shop("return q"))


def apply(editor: Driver, world: World) -> None:
    """A sketch in an answer becomes an edit of the file that it names."""
    _open(editor, world, "notes.md", files.IN_THE_SKETCH, 1)
    editor.wait_for("Make it positive")
    editor.press("apply")
    time.sleep(0.5)
    _open(editor, world, "shop.py")
    editor.wait_for_text(files.SHOP.replace("return qty * 3", "return abs(qty * 3)"))


def symbol_search(editor: Driver, world: World) -> None:
    """A name is found wherever it is defined, and taken there."""
    show_search(editor, world)
    editor.press("choose")
    _until(lambda: editor.place() == ("lib.py", 4), "the cursor at the definition", editor)


def diagnostics(editor: Driver, world: World) -> None:
    """A bug is found as soon as its file is open, and its quick fix mends it."""
    _open(editor, world, "bug.py", 2, 14)
    for _ in range(6):  # before it is found there is nothing to mend
        with contextlib.suppress(AssertionError):
            editor.press("quick fix")
            editor.wait_for_text(files.BUG.replace('is "', '== "'), seconds=4)
            return
        editor.press("leave")
    editor.wait_for_text(files.BUG.replace('is "', '== "'))


def fast_typing(editor: Driver, world: World) -> None:
    """Keys without a pause between them: none is lost or changed, and the last state gets its ghost text."""
    _open(editor, world, "shop.py", files.HALF, 5)
    keys = "value = 1; " * 15 + "return "
    editor.type(keys, pause=0)
    _until_ghost(editor, "; return ", "value")
    editor.wait_for_text(_in_shop(keys))
    assert len(world.server_ids()) == 1


def emoji_and_crlf(editor: Driver, world: World) -> None:
    """Ghost text after wide characters stands where it belongs, and the file keeps its line ends."""
    _open(editor, world, "hard.py", 5, 12)
    editor.type("return ")
    _until_ghost(editor, "return ", "qty / 3")
    editor.press("accept")
    expected = files.HARD.replace('"; \r\n', '"; return qty / 3\r\n')
    editor.wait_for_text(expected.replace("\r\n", "\n"))
    editor.press("leave")
    editor.press("save")
    _until(lambda: (world.folder / "hard.py").read_bytes() == expected.encode(), "the file on disk", editor)


def restart(editor: Driver, world: World) -> None:
    """The server is killed: nothing typed is lost, and once it is back there is ghost text again."""
    _open(editor, world, "shop.py", files.HALF, 5)
    (process,) = world.server_ids()
    os.kill(process, signal.SIGKILL)
    _until(lambda: process not in world.server_ids(), "its end", editor)
    time.sleep(0.5)
    editor.press("restart")
    _until(lambda: bool(world.server_ids()), "another server", editor, seconds=30)
    editor.type("return ")
    _until_ghost(editor, "return ", "qty / 2")
    assert editor.text() == _in_shop("return ")


SCENARIOS = (
    Scenario("ghost text", ghost_text),
    Scenario("late ghost text", late_ghost_text, {"budgetMs": 150}),
    Scenario("completion menu", completion_menu),
    Scenario("type through", type_through),
    Scenario("accept a word", accept_word),
    Scenario("dismiss", dismiss),
    Scenario("next edit: replace", next_edit_replace),
    Scenario("next edit: delete", next_edit_delete),
    Scenario("next edit: jump", next_edit_jump),
    Scenario("next edit: other file", next_edit_other_file),
    Scenario("next edit: closed file", next_edit_closed_file),
    Scenario("next edit: late", next_edit_late, {"budgetMs": 150}),
    Scenario("next edit: reject", next_edit_reject),
    Scenario("next edit: undo", next_edit_undo),
    Scenario("apply", apply),
    Scenario("symbol search", symbol_search),
    Scenario("bug and quick fix", diagnostics, {"bugs.precision": 0.0}),
    Scenario("fast typing", fast_typing),
    Scenario("emoji and CRLF", emoji_and_crlf),
    Scenario("server killed", restart),
)


def show_ghost_text(editor: Driver, world: World) -> None:
    """The beginning of a line is typed, and its end is shown."""
    _open(editor, world, "shop.py", files.HALF, 5)
    editor.type("return ")
    _until_ghost(editor, "return ", "qty / 2")


def show_next_edit(editor: Driver, world: World) -> None:
    """A function is renamed, and its call is shown with the new name."""
    rename(editor, world, "shop.py", "cost")
    editor.press("look")
    _until(lambda: editor.shows_next(8, "cost"), "the new name beside the call", editor)


def show_search(editor: Driver, world: World) -> None:
    """A name is looked for, and its file is among the answers."""
    _open(editor, world, "notes.md")
    editor.search("discounted")
    editor.wait_for("lib.py", seconds=30)


def show_finding(editor: Driver, world: World) -> None:
    """A bug is marked where it is, and what mends it is on offer."""
    _open(editor, world, "bug.py", 2, 14)
    for _ in range(6):  # before it is found there is nothing to mend
        with contextlib.suppress(AssertionError):
            return editor.press("fixes")
    raise AssertionError(f"nothing is found:\n{editor.screen()}")


def rename(editor: Driver, world: World, file: str, name: str) -> None:
    """The function of line 1 is given another name, and nothing else."""
    _open(editor, world, file, 1, 5)
    before = editor.text()
    old = before.removeprefix("def ").partition("(")[0]
    editor.press("delete word")
    editor.type(name)
    editor.press("leave")
    editor.wait_for_text(before.replace(old, name, 1))


def _open(editor: Driver, world: World, file: str, line: int = 1, column: int = 1) -> None:
    """Show the file, once a server is up: what is done before may be unknown to it."""
    editor.open(file, line, column)
    _until(lambda: bool(world.server_ids()), "the server", editor, seconds=30)


def _in_shop(typed: str) -> str:
    assert files.SHOP.endswith("    \n")
    return files.SHOP[:-1] + typed + "\n"


def _until_ghost(editor: Driver, typed: str, ghost: str) -> None:
    """On a busy machine the server may come up after the last key: then a key and its opposite ask again."""
    for _ in range(8):
        with contextlib.suppress(AssertionError):
            _until(lambda: editor.suggests(typed, ghost), "a suggestion", editor, seconds=3)
            return
        editor.type(" \b")
    raise AssertionError(f"no suggestion {ghost!r}:\n{editor.screen()}")


def _next(editor: Driver, expected: str) -> None:
    """Go there and make the edit, until the buffer is as expected: a jump within the line may come first."""
    give_up = time.monotonic() + 30
    while (before := editor.text()) != expected:
        assert time.monotonic() < give_up, f"expected\n{expected}\nthere is\n{before}\n{editor.screen()}"
        editor.press("next")
        wait = time.monotonic() + 1.5
        while editor.text() == before and time.monotonic() < wait:
            time.sleep(0.05)


def _gone_on(editor: Driver) -> bool:
    """Press on until the other file is changed where the name stands."""
    if editor.place()[0] == "till.py" and "cost" in editor.text():
        return True
    editor.press("next")
    time.sleep(1)
    return False


def _stays(holds: Callable[[], bool], otherwise: str, editor: Driver, seconds: float = 1.5) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert holds(), f"{otherwise}:\n{editor.screen()}"
        time.sleep(0.1)


def _until(ready: Callable[[], bool], what: str, editor: Driver, seconds: float = 15) -> None:
    give_up = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < give_up, f"waited in vain for {what}:\n{editor.screen()}"
        time.sleep(0.05)
