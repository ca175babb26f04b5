"""A web server on this machine that serves one folder, with ranges, and with faults on demand."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Web(ThreadingHTTPServer):
    """`requests` lists what was asked for, as (path, range header)."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.requests: list[tuple[str, str]] = []
        self.ranges = True  # whether Range is understood
        self.cut_after: int | None = None  # bytes of a body after which the connection is closed
        self.status = 200  # another one makes every answer an error

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self.server.requests.append((self.path, asked))
        path = self.server.folder / self.path.lstrip("/")
        if self.server.status != 200 or not path.is_file():
            self.send_error(self.server.status if self.server.status != 200 else 404)
            return
        data = path.read_bytes()
        start = int(match[1]) if self.server.ranges and (match := re.match(r"bytes=(\d+)-", asked)) else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        end = len(data) if self.server.cut_after is None else start + self.server.cut_after
        self.wfile.write(data[start:end])

    def log_message(self, format: str, *args: object) -> None:
        """Tests are silent."""


@contextmanager
def serve(folder: Path) -> Iterator[Web]:
    with Web(folder) as web:
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield web
        finally:
            web.shutdown()
            thread.join()
