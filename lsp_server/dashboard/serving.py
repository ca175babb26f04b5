"""The page and its figures over HTTP, for this machine's user alone.

It listens on the loopback interface. Every address begins with a random token, which only who started it
knows; a request that names another host is refused, so that no web page can reach it by way of a name that
leads here; and the page may load nothing and be framed by nobody. Nothing can be changed through it.

    GET /<token>/              the page
    GET /<token>/figures       what it shows: `figures.Figures`
    GET /<token>/prompt/<id>   a prompt that is kept: `trace_prompts.Kept`
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec

from lsp_server import trace_prompts
from lsp_server.dashboard.figures import figures

PAGE = Path(__file__).with_name("page.html")


class Dashboard(ThreadingHTTPServer):
    """Serves until it is shut down. `url` is for the user's browser."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one. Raises OSError."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.token = secrets.token_urlsafe(24)
        self.page = PAGE.read_bytes()
        self.policy = policy(self.page.decode("utf-8"))

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"

    @property
    def names(self) -> frozenset[str]:
        """What a request may call this host."""
        return frozenset(f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost"))


def policy(page: str) -> str:
    """The Content-Security-Policy of a page: its own style and script by their hashes, and nothing else."""

    def hashes(tag: str) -> str:
        found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        made = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in found)
        return " ".join(f"'sha256-{each}'" for each in made)

    return (
        f"default-src 'none'; script-src {hashes('script')}; style-src {hashes('style')}; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class _Handler(BaseHTTPRequestHandler):
    server: Dashboard
    server_version = "tacit"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Answer, or refuse and say little."""
        site = self.headers.get("Sec-Fetch-Site", "none")
        if self.headers.get("Host", "") not in self.server.names or site not in ("none", "same-origin"):
            self._send(HTTPStatus.FORBIDDEN, b"forbidden", "text/plain")
            return
        token, _, rest = self.path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            self._send(HTTPStatus.NOT_FOUND, b"not found", "text/plain")
        elif not rest:
            self._send(HTTPStatus.OK, self.server.page, "text/html; charset=utf-8")
        elif rest == "figures":
            self._send(HTTPStatus.OK, msgspec.json.encode(figures()), "application/json")
        elif rest.startswith("prompt/") and (kept := _kept(rest.removeprefix("prompt/"))):
            self._send(HTTPStatus.OK, msgspec.json.encode(kept), "application/json")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"not found", "text/plain")

    def log_message(self, format: str, *args: object) -> None:
        """Addresses hold the token."""

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": self.server.policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _kept(id: str) -> trace_prompts.Kept | None:
    return next((each for each in trace_prompts.read_all() if each.id == id), None)
