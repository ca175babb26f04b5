"""Where an endpoint's key comes from: the environment or the system's keyring, never a setting."""

from __future__ import annotations

import os
from typing import Final

from engine.remote.exchange import EndpointError

KEYRING: Final = "keyring:"
SERVICE: Final = "tacit"


def key_of(where: str) -> str:
    """The key in the environment variable `where`, "" where it is not set; `keyring:NAME`: the keyring's.

    A keyring may ask the user to unlock it, so this blocks. Raises EndpointError where there is no such key.
    """
    if not where.startswith(KEYRING):
        return os.environ.get(where, "")
    name = where.removeprefix(KEYRING)
    try:
        import keyring
    except ImportError:
        raise EndpointError("its key is to come from the keyring: pip install 'tacit[keyring]'") from None
    try:
        key: str | None = keyring.get_password(SERVICE, name)
    except Exception as error:  # back ends raise whatever they like; its text is nobody's business
        raise EndpointError(f"the keyring gives no key ({type(error).__name__})") from None
    if not key:
        raise EndpointError(f"the keyring holds no key {name!r}: keyring set {SERVICE} {name}")
    return key
