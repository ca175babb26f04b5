"""VS Code with our extension, as code-server; next edits by decorations, as in stock builds."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Final

from tests.e2e.driver import Driver, World
from tests.e2e.nvim import wait_for
from tests.e2e.vscode import VSCode

CANNOT: Final[dict[str, str]] = {}

KEYS: Final = {
    "accept": "Tab",
    "accept word": "Ctrl+Right",
    "next": "Tab",
    "reject": "Escape",
    "dismiss": "Escape",
    "delete word": "Ctrl+Delete",
    "delete line": "Ctrl+Shift+K",
    "undo": "Ctrl+Z",
    "save": "Ctrl+S",
    "choose": "Enter",
}
COMMANDS: Final = {
    "apply": ("tacit.applySelection",),
    "quick fix": ("editor.action.autoFix",),
}
BY_ITSELF: Final = {"look", "leave", "restart"}
STATE: Final = "const e = vscode.window.activeTextEditor; return [e?.document.version, e?.selection.active]"


@contextlib.contextmanager
def start(world: World, next_edits: str = "decorations") -> Iterator[VSCodeDriver]:
    """The editor with nothing but the settings, and the server where pipx and uv put it."""
    programs = world.home / ".local" / "bin"
    programs.mkdir(parents=True)
    (programs / "tacit").symlink_to(world.launcher)
    settings = {f"tacit.{name}": value for name, value in world.settings.items()}
    settings |= {"tacit.client.nextEdits": next_edits, "tacit.client.reviewSketches": False}
    with VSCode(world.folder, world.home, world.environment, settings) as editor:
        yield VSCodeDriver(world, editor)


class VSCodeDriver(Driver):
    """Keys go through the browser, looks inside through the extension host."""

    def __init__(self, world: World, editor: VSCode) -> None:
        self.editor = editor
        self._world = world
        self.version = editor.run("return vscode.version")
        wait_for(lambda: bool(world.server_ids()), "the server", seconds=60)

    def open(self, file: str, line: int = 1, column: int = 1) -> None:
        path = json.dumps(str(self._world.folder / file))
        self.editor.run(f"""
            const editor = await vscode.window.showTextDocument(vscode.Uri.file({path}));
            const line = editor.document.lineAt({line - 1}).text;
            const before = Array.from(line).slice(0, {column - 1}).join('');
            const at = new vscode.Position({line - 1}, before.length);
            editor.selection = new vscode.Selection(at, at);
            editor.revealRange(editor.selection);
            await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
        """)
        focused = "!!document.activeElement?.closest('.editor-instance')"
        wait_for(lambda: self.editor.browser.evaluate(focused), "the editor's focus")

    def type(self, text: str, pause: float = 0.03) -> None:
        self.editor.browser.type(text, pause)
        self._settle()

    def press(self, action: str) -> None:
        if action == "next":  # where there is none, Tab is a tab
            with contextlib.suppress(AssertionError):
                self.wait_for("⇥", seconds=10)
        if keys := KEYS.get(action):
            self.editor.browser.press(keys)
        for command in COMMANDS.get(action, ()):
            self.editor.command(command)
        self._settle()
        assert action in BY_ITSELF | KEYS.keys() | COMMANDS.keys(), action

    def search(self, query: str) -> None:
        self.editor.command("tacit.find")
        focused = "!!document.activeElement?.closest('.quick-input-widget')"
        wait_for(lambda: self.editor.browser.evaluate(focused), "the search's focus")
        self.editor.browser.type(query)
        time.sleep(1)  # the list follows the keys after a moment, and Enter takes what it shows

    def screen(self) -> str:
        return self.editor.screen()

    def text(self) -> str:
        text: str = self.editor.run("return vscode.window.activeTextEditor.document.getText()")
        return text.replace("\r\n", "\n")

    def place(self) -> tuple[str, int]:
        path, line = self.editor.run("""
            const { document, selection } = vscode.window.activeTextEditor;
            return [document.uri.path, selection.active.line + 1];
        """)
        return path.rpartition("/")[2], line

    def _settle(self) -> None:
        """Until the extension host knows of the keys: the window is a step ahead of it."""
        before = None
        while (now := self.editor.run(STATE)) != before:
            before = now
            time.sleep(0.12)
