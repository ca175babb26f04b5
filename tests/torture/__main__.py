"""`python -m tests.torture [NAME...] [--share F]`: all tortures at full length, or a share of it."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.torture.chamber import TORTURES, own_folders


def main() -> int:
    """Run what was asked for; 1 where something gave way."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TORTURES)} (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="of the full amount (default: 1)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if unknown := set(args.names) - TORTURES.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    failed = 0
    for name in args.names or TORTURES:
        torture, full = TORTURES[name]
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="tacit-torture-") as folder, own_folders(Path(folder)):
            try:
                seen = torture(max(1, int(full * args.share)), args.seed, Path(folder))
            except AssertionError as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                failed, seen = 1, {"gave way": f"{place.line}: {error}"[:2000]}
        print(json.dumps({"torture": name, **seen, "seconds": round(time.monotonic() - began)}), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
