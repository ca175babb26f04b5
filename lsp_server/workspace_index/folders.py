"""Where a path is in a workspace folder."""

from __future__ import annotations

import os
from pathlib import Path


def inside(path: str, folder: str) -> str:
    """The path from the folder, with slashes; "" where it is not in it.

    `folder` is as the client writes it, `path` may also go by what that is a link to.
    """
    for root in (folder, os.path.realpath(folder)):
        if path.startswith(root.rstrip(os.sep) + os.sep):
            return Path(path).relative_to(root).as_posix()
    return ""
