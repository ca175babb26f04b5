"""A headless Chromium, driven over its debugging pipe: keys go in, its page is read or kept as a picture."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

SIZE: Final = (1000, 620)
"""Of the window, in pixels."""

NAMED: Final = {
    "Tab": 9, "Enter": 13, "Escape": 27, "Backspace": 8, "Delete": 46, "Right": 39, "Down": 40,
    "Period": 190, "K": 75, "S": 83, "Z": 90, "Home": 36, "N": 78,
}  # fmt: skip
"""Windows' virtual key codes, which keyboard shortcuts go by."""
NAMES: Final = {"Right": "ArrowRight", "Down": "ArrowDown", "Period": "."}
MODIFIERS: Final = {"Alt": 1, "Ctrl": 2, "Shift": 8}
TYPED: Final = {"\n": "Enter", "\b": "Backspace", "\t": "Tab"}


class Browser:
    """One page; leave the `with` block to end it."""

    def __init__(self, launcher: Path, profile: Path, environment: Mapping[str, str]) -> None:
        command = [
            str(launcher), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe",
            f"--user-data-dir={profile}", f"--window-size={SIZE[0]},{SIZE[1]}",
        ]  # fmt: skip
        theirs, self._to = os.pipe()
        self._from, ours = os.pipe()
        # The pipe is its descriptors 3 and 4, which a shell can give it.
        with_pipe = ["bash", "-c", f'exec "$@" 3<&{theirs} 4>&{ours}', "browser", *command]
        self._process = subprocess.Popen(
            with_pipe,
            env=environment,
            pass_fds=(theirs, ours),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(ours)
        self._received = b""
        self._calls = 0
        self._session = ""

    def __enter__(self) -> Self:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        width, height = SIZE
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._session = ""
        with contextlib.suppress(OSError, EOFError, AssertionError):
            self.call("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def call(self, method: str, seconds: float = 90, **params: Any) -> Any:
        """One command of the DevTools protocol; raises AssertionError with the browser's message."""
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        give_up = time.monotonic() + seconds
        while True:
            answer = self._read(give_up)
            if answer.get("id") == self._calls:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def go(self, url: str) -> None:
        """Show a page."""
        self.call("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """What JavaScript in the page comes to, as JSON."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, keys: str) -> None:
        """One key with its modifiers, such as `Ctrl+Shift+K`."""
        *modifiers, key = keys.split("+")
        event: dict[str, Any] = {
            "key": NAMES.get(key, key),
            "code": f"Key{key}" if len(key) == 1 else NAMES.get(key, key) if key != "Period" else key,
            "windowsVirtualKeyCode": NAMED[key],
            "modifiers": sum(MODIFIERS[each] for each in modifiers),
        }
        text: dict[str, Any] = {"text": "\r"} if key == "Enter" and not modifiers else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **event, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text: str, pause: float = 0.03) -> None:
        """Character by character; what has no key is inserted, as an input method does."""
        for character in text:
            if character in TYPED:
                self.press(TYPED[character])
            elif character.isascii():
                self.call("Input.dispatchKeyEvent", type="keyDown", key=character, text=character)
                self.call("Input.dispatchKeyEvent", type="keyUp", key=character)
            else:
                self.call("Input.insertText", text=character)
            time.sleep(pause)

    def picture(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode(
            self.call("Page.captureScreenshot", format="png", optimizeForSpeed=False)["data"]
        )

    def _read(self, give_up: float) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._from], [], [], max(0, give_up - time.monotonic()))
            assert ready, "the browser does not answer"
            chunk = os.read(self._from, 1 << 20)
            if not chunk:
                raise EOFError("the browser is gone")
            self._received += chunk
        message, _, self._received = self._received.partition(b"\0")
        decoded: dict[str, Any] = json.loads(message)
        return decoded
