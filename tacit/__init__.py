"""A language server with a hunch about your next edit. This file only finds the code and starts it."""

from __future__ import annotations

import sys
from pathlib import Path

__version__ = "0.1.0"


def main() -> int:
    """Run the command line; the wheel carries the folders in `_app`, a checkout beside this package."""
    package = Path(__file__).resolve().parent
    bundled = package / "_app"
    sys.path.insert(0, str(bundled if bundled.is_dir() else package.parent))
    from lsp_server.app import main as run

    return run()
