"""Secrets, by a file's name and by what they look like: what must never enter a prompt, an index or a log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import PurePosixPath

_NAME = re.compile(
    r"""(?:
      \.env(?:\..+)? | .+\.env | \.envrc | \.netrc | _netrc | \.pgpass | \.my\.cnf | \.htpasswd
    | \.pypirc | \.npmrc | \.git-credentials | \.dockercfg | \.vault-token
    | credentials(?:\.(?:json|ya?ml|toml|ini|csv|xml))? | secrets?\.(?:json|ya?ml|toml|ini|env|txt)
    | service[-_]?account.*\.json | .*\.tfstate(?:\.backup)? | .*\.tfvars
    | id_(?:rsa|dsa|ecdsa|ed25519).* | kubeconfig
    | .*\.(?:pem|key|p8|p12|pfx|pkcs12|jks|keystore|kdbx?|ppk|asc|gpg|ovpn)
    | shadow | master\.key | token\.json | \.?(?:bash|zsh|python|psql|mysql|node_repl)_history
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SAMPLE = re.compile(r".*\.(?:example|sample|template|dist|tmpl|tpl|defaults?|pub)", re.IGNORECASE)
_FOLDERS = frozenset([".ssh", ".gnupg", ".aws", ".kube"])

REDACTED = "\u2022"
"""What prompts show for each character of a secret. Code has no rows of it, so a copy gives itself away."""

_KEY_BLOCK = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?=.{0,300}?[A-Za-z0-9+/]{32}).*?"
    r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
_TOKEN = re.compile(
    r"""(?<![A-Za-z0-9_/+-])(?:
      (?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}                      # Amazon
    | gh[pousr]_[A-Za-z0-9]{36,255} | github_pat_[A-Za-z0-9_]{60,255}
    | gl(?:pat|ptt|rt|dt|soat)-[A-Za-z0-9_-]{20,}              # GitLab
    | xox[abeoprs]-[A-Za-z0-9-]{10,} | xapp-\d-[A-Za-z0-9-]{20,}
    | AIza[0-9A-Za-z_-]{35} | ya29\.[0-9A-Za-z_-]{20,}         # Google
    | sk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{32,}            # model providers
    | hf_[A-Za-z0-9]{30,} | npm_[A-Za-z0-9]{36} | pypi-[A-Za-z0-9_-]{50,} | dop_v1_[a-f0-9]{64}
    | (?:sk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{24,}         # Stripe
    | SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50} | key-[0-9a-f]{32} | SK[0-9a-f]{32}
    | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32} | sq0[a-z]{3}-[0-9A-Za-z_-]{22,43} | dapi[a-f0-9]{32}
    | dckr_pat_[A-Za-z0-9_-]{20,} | lin_api_[A-Za-z0-9]{32,} | AGE-SECRET-KEY-1[0-9A-Z]{58}
    | \d{8,10}:AA[A-Za-z0-9_-]{33}                            # Telegram
    | eyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}  # signed JSON
    )(?![A-Za-z0-9])
    | https://hooks\.slack\.com/services/T\w+/B\w+/\w{20,}
    | (?<=[Bb]earer\ )[A-Za-z0-9._~+/-]{20,}=* | (?<=[Bb]asic\ )[A-Za-z0-9+/]{20,}={0,2}
    | (?<=://)[^\s:/@'"<>{}$%]{1,64}:(?=[^@\s]*\d)[^\s:/@'"<>{}$%]{8,}(?=@[\w.-]+)  # in an address
    """,
    re.VERBOSE,
)
# Every one of these has one of the following in it, and finding them costs next to nothing.
_HINTS = (
    "AKIA", "ASIA", "ABIA", "ACCA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "glptt-", "glrt-", "gldt-", "glsoat-", "xox", "xapp-", "AIza", "ya29.", "sk-", "sk_", "rk_",
    "whsec_", "hf_", "npm_", "pypi-", "dop_v1_", "SG.", "key-", "SK", "shp", "sq0", "dapi", "dckr_pat_",
    "lin_api_", "AGE-SECRET", ":AA", "eyJ", "earer", "asic", "hooks.slack", "://",
)  # fmt: skip
_NAMED = (
    "passw", "pwd", "secret", "token", "apikey", "api_key", "accesskey", "access_key", "privatekey",
    "private_key", "accountkey", "account_key",
)  # fmt: skip
# A value that is assigned to something with such a name, if it looks random.
_ASSIGNED = re.compile(
    r"""(?i:passw(?:or)?d|pwd|secret|token|(?:api|access|private|account)_?key)\w*["']?\s*[:=]{1,2}\s*"""
    r"""(?:["'](?P<quoted>(?=[^"']*\d)[A-Za-z0-9_+/=-]{16,200})["']|"""
    r"""["']?(?P<value>[A-Za-z0-9_+/=.~-]{20,200})(?![A-Za-z0-9_+/=.~(\[-]))"""
)


def is_secret_name(name: str) -> bool:
    """Whether files with this name (the last part of a path) hold secrets, unless they are samples."""
    return _NAME.fullmatch(name) is not None and _SAMPLE.fullmatch(name) is None


def is_secret_path(path: str) -> bool:
    """The same of a path (with `/`), whose folders count too."""
    parts = PurePosixPath(path)
    return is_secret_name(parts.name) or any(folder.lower() in _FOLDERS for folder in parts.parts[:-1])


def secrets(text: str) -> Iterator[tuple[int, int]]:
    """What looks like keys and tokens, as [start, end) in code points, in no order; they may overlap."""
    if "PRIVATE KEY" in text:
        for match in _KEY_BLOCK.finditer(text):
            yield match.span()
    for start, end in _lines_with(text, _HINTS):
        for match in _TOKEN.finditer(text, start, end):
            yield match.span()
    lower = text.lower()
    for start, end in _lines_with(lower if len(lower) == len(text) else text, _NAMED):
        for match in _ASSIGNED.finditer(text, start, end):
            if match["quoted"]:
                yield match.span("quoted")
            elif _looks_random(match["value"]):
                yield match.span("value")


def redacted(text: str) -> str:
    """The text with REDACTED for each character of a secret: as long, and with the same lines."""
    found = sorted(secrets(text))
    if not found:
        return text
    shown = list(text)
    for start, end in found:
        shown[start:end] = (each if each in "\r\n" else REDACTED for each in text[start:end])
    return "".join(shown)


def _lines_with(text: str, hints: Iterable[str]) -> set[tuple[int, int]]:
    found = set()
    for hint in hints:
        at = text.find(hint)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            found.add((text.rfind("\n", 0, at) + 1, end))
            at = text.find(hint, end)
    return found


def _looks_random(value: str) -> bool:
    """Mixed case and digits in one run, as names and words do not have them."""
    digits = sum(map(str.isdigit, value))
    changes = sum(a.isdigit() != b.isdigit() or a.islower() != b.islower() for a, b in pairwise(value))
    return digits >= 3 and changes >= len(value) / 3
