"""`python -m tacit`: the same as `tacit`."""

from __future__ import annotations

import sys

from tacit import main

# `-m` puts the working directory first on the path; a stranger's project must not shadow anything.
if not sys.flags.safe_path:
    del sys.path[0]
sys.exit(main())
