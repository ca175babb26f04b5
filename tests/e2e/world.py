"""The project that all scenarios are played in, and the server's script: the same for every editor."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.e2e.driver import World
from tests.support import scripted_server
from tests.support.fresh import ROOT

SHOP: Final = """\
def price(qty):
    print("DEBUG", qty)
    return qty * 3


def total(qty, factor):
    print("DEBUG", qty)
    return price(qty) * factor


def half(qty):
    
"""  # noqa: W293  # typing begins there
HALF: Final = 12
"""The last line of `SHOP`, where typing begins, in column 5."""

TILL: Final = "from shop import price\n\nprint(price(7))\n"

FAR: Final = 64
LONG: Final = "def rate(x):\n    return x * 2\n" + "\n# padding" * (FAR - 4) + "\nprint(rate(3))\n"
"""A call of line 1's function, in line `FAR`: beyond the window's edge."""

HARD: Final = 'NAME = "é 𝒳 👩‍👩‍👧"\r\n\r\n\r\ndef third(qty):\r\n    "🎉é𝒳"; \r\n'
"""Wide characters before the cursor (line 5, column 12), and CRLF."""

LIB: Final = "RATE = 3\n\n\ndef discounted(amount):\n    return amount - RATE\n"

LATE: Final = "def fee(x):  # return late \n    return x * 2\n\n\nprint(fee(3))\n"
"""A call of line 1's function in line 5, which takes the server a while to find: `SLOW`."""

NOTES: Final = """\
Make it positive:

```python shop.py
def price(qty):
    print("DEBUG", qty)
    return abs(qty * 3)
```
"""
IN_THE_SKETCH: Final = 5

BUG: Final = """\
def is_square(shape):
    if shape is "square":
        return True
    return False
"""
"""What is wrong in line 2, column 14, is found by a rule, whatever the network thinks."""

FILES: Final = {
    "shop.py": SHOP,
    "till.py": TILL,
    "lib.py": LIB,
    "long.py": LONG,
    "late.py": LATE,
    "hard.py": HARD,
    "notes.md": NOTES,
    "bug.py": BUG,
}

SCRIPT: Final = {
    "def half(qty):\n    return ": "qty / 2\n",
    '"🎉é𝒳"; return ': "qty / 3\n",
    "; return ": "value\n",
    "return late ": "/ qty\n",
}
"""What the model writes, by the end of what it reads."""

SLOW: Final = "return late "
"""What it thinks about for longer than the budget of the scenario about that."""

SETTINGS: Final[dict[str, Any]] = {
    "minConfidence": 0.0,
    "budgetMs": 5000,  # a busy machine is not what this is about
    "precision": 0.0,
    "cooldownMs": 0,
    "crossFileEdits": True,
    "download": False,
}


def make(folder: Path) -> World:
    """A fresh world below `folder`."""
    project, home, programs = folder / "project", folder / "home", folder / "bin"
    for each in (project, home, programs):
        each.mkdir(parents=True)
    for name, text in FILES.items():
        (project / name).write_bytes(text.encode())
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], cwd=project, check=True, capture_output=True)
    launcher = programs / "tacit"
    command_line = shlex.join([*scripted_server.command(SCRIPT, SLOW)])
    launcher.write_text(f"#!/bin/sh\nexec {command_line}\n")
    launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
    own = {
        "HOME": str(home),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TACIT_STATE_DIR": str(home / "tacit"),
        "TACIT_CACHE_DIR": str(home / "tacit-cache"),
        "LANG": "C.UTF-8",
        "TACIT_BACKGROUND": "always",  # a machine that is busy with tests
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "TACIT_"))}
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    return World(project, home, launcher, SETTINGS, inherited | folders | own)
