"""VS Code as code-server, in a headless browser, with our extension and one that lets tests look inside."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import pytest

from tests.e2e.browser import Browser
from tests.e2e.nvim import wait_for
from tests.support.fresh import ROOT

EXTENSION: Final = ROOT / "editors" / "vscode"
PROBE: Final = Path(__file__).with_name("vscode_probe")

QUIET: Final[dict[str, Any]] = {
    "chat.disableAIFeatures": True,
    "editor.accessibilitySupport": "off",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.fontFamily": "'DejaVu Sans Mono'",
    "editor.minimap.enabled": False,
    "editor.wordBasedSuggestions": "off",
    "extensions.ignoreRecommendations": True,
    "git.openRepositoryInParentFolders": "never",
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "window.menuBarVisibility": "compact",
    "workbench.layoutControl.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}
"""What is not about Tacit stays out of the picture."""

SCREEN: Final = """(() => {
  const styled = (element, where) => {
    const content = getComputedStyle(element, where).content;
    return /^".*"$/.test(content) ? JSON.parse(content.replace(/\\\\(?!["\\\\])/g, '')) : '';
  };
  const text = (node) => node.nodeType === 3 ? node.data : node.nodeType !== 1 ? '' :
    styled(node, '::before') + [...node.childNodes].map(text).join('') + styled(node, '::after');
  const top = (line) => line.getBoundingClientRect().top;
  const lines = [...document.querySelectorAll('.editor-instance .view-line')].sort((a, b) => top(a) - top(b));
  const others = '.quick-input-widget, .notifications-toasts, .statusbar, .monaco-hover';
  const around = [...document.querySelectorAll(others)];
  const parts = [...lines.map(text), ...around.map((part) => part.offsetParent ? part.innerText : '')];
  return parts.join('\\n').replace(/[\\u00a0\\u200b]/g, (c) => c === '\\u00a0' ? ' ' : '');
})()"""


@functools.cache
def programs() -> Path:
    """The folder that vscode.sh fills: `TACIT_VSCODE`, or its default. Skips where it cannot be had."""
    if named := os.environ.get("TACIT_VSCODE"):
        return Path(named)
    script = Path(__file__).with_name("vscode.sh")
    done = subprocess.run([script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        pytest.skip(f"no VS Code to test with: {done.stderr.strip()[-300:]}")
    return Path(done.stdout.strip())


@functools.cache
def bundle() -> Path:
    """The extension, built with the packages of its lock file."""
    npm = functools.partial(subprocess.run, cwd=EXTENSION, check=True, capture_output=True)
    if not (EXTENSION / "node_modules").is_dir():
        npm(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    npm(["node", "esbuild.mjs"])
    return EXTENSION / "dist" / "extension.js"


class VSCode:
    """One window on one folder; leave the `with` block to end it."""

    def __init__(
        self, folder: Path, home: Path, environment: Mapping[str, str], settings: Mapping[str, Any]
    ) -> None:
        self._folder = folder
        self._stack = contextlib.ExitStack()
        self._home = home
        self._settings = settings
        self._environment = {**environment, "TACIT_PROBE": str(home / "probe.sock")}

    def __enter__(self) -> Self:
        home, where = self._home, programs()
        _install(home / "extensions" / "tacit.tacit-0.1.0", bundle())
        shutil.copytree(PROBE, home / "extensions" / "tacit.probe-0.0.1")
        user = home / "data" / "User"
        user.mkdir(parents=True)
        (user / "settings.json").write_text(json.dumps({**QUIET, **self._settings}))
        port = _free_port()
        command: list[str | Path] = [
            where / "code-server", "--bind-addr", f"127.0.0.1:{port}", "--auth", "none",
            "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust",
            "--disable-getting-started-override",
            "--user-data-dir", home / "data", "--extensions-dir", home / "extensions",
        ]  # fmt: skip
        with contextlib.ExitStack() as stack:
            log = stack.enter_context((home / "code-server.log").open("wb"))
            process = subprocess.Popen(
                command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            stack.callback(_end, process)
            wait_for(lambda: _answers(port), "code-server", seconds=60)
            self.browser = stack.enter_context(
                Browser(where / "chromium", home / "browser", self._environment)
            )
            self.browser.go(f"http://127.0.0.1:{port}/?folder={urllib.parse.quote(str(self._folder))}")
            self._probe = stack.enter_context(socket.socket(socket.AF_UNIX))
            wait_for(self._connect, "the extension host", seconds=90)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, code: str) -> Any:
        """Run the body of an async JavaScript function of `vscode` in the extension host; what it returns."""
        self._probe.sendall(json.dumps(code).encode() + b"\n")
        received = b""
        while not received.endswith(b"\n"):
            chunk = self._probe.recv(1 << 16)
            if not chunk:
                raise EOFError("the extension host is gone")
            received += chunk
        answer = json.loads(received)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def command(self, name: str) -> Any:
        """Run one of the editor's commands."""
        return self.run(f"return vscode.commands.executeCommand({json.dumps(name)})")

    def screen(self) -> str:
        """What a person sees, as text: the lines with what decorates them, and the parts around."""
        shown: str = self.browser.evaluate(SCREEN)
        return shown

    def _connect(self) -> bool:
        with contextlib.suppress(OSError):
            self._probe.connect(self._environment["TACIT_PROBE"])
            return True
        return False


def _install(folder: Path, extension: Path) -> None:
    (folder / "dist").mkdir(parents=True)
    shutil.copy(extension, folder / "dist")
    shutil.copy(EXTENSION / "package.json", folder)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
