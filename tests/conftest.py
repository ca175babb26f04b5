from __future__ import annotations

import os

# Tests run on machines that are busy with tests; servers that they start must index all the same.
os.environ.setdefault("TACIT_BACKGROUND", "always")
