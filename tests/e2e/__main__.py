"""`python -m tests.e2e [EDITOR...]`: every scenario in every editor or these, and the README's table."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e import table
from tests.e2e.driver import EDITORS
from tests.e2e.results import FOLDER


def main(editors: list[str]) -> int:
    """Play, keep the results, write the table; 1 where something failed."""
    if unknown := set(editors) - set(EDITORS):
        print(f"there is no driver for {', '.join(unknown)}, only for {', '.join(EDITORS)}", file=sys.stderr)
        return 2
    suite = [
        "tests/e2e/test_conformance.py",
        f"--results={FOLDER}",
        f"--editors={','.join(editors or EDITORS)}",
    ]
    done = subprocess.run([sys.executable, "-m", "pytest", "-rs", *suite])
    return table.main([]) or int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
