"""Files that may hold passwords or keys, by their names. The model is never shown them, nor reads them ahead.

It runs on this machine, but what it has read it may write, into another file that is then shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

NAMES = (
    *(".env", ".env.*", "*.env", ".envrc", "*.tfvars", "*.tfstate", "*.ovpn", "kubeconfig"),
    *("*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*"),
    *(".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", ".my.cnf", ".htpasswd", ".git-credentials"),
    *(
        f"{name}{ending}"
        for name in ("credentials", "secrets")
        for ending in ("", ".json", ".toml", ".y*ml", ".ini")
    ),
)
"""In small letters; capitals make no difference."""

HARMLESS = (".env.example", ".env.sample", ".env.template", ".env.dist", "*.pub")
FOLDERS = (".ssh", ".gnupg", ".aws", ".kube")


def is_private(path: str, more: Sequence[str] = ()) -> bool:
    """Whether the file at `path` (with `/`) may hold secrets, or matches one of the patterns in `more`.

    A pattern with a `/` is matched against the path's end, one without against the name.
    """
    parts = PurePosixPath(path.lower())
    if any(parts.match(pattern.lower()) for pattern in more):
        return True
    if any(fnmatchcase(parts.name, pattern) for pattern in HARMLESS):
        return False
    return any(fnmatchcase(parts.name, pattern) for pattern in NAMES) or not set(FOLDERS).isdisjoint(
        parts.parts[:-1]
    )
