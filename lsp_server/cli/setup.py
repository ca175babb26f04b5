"""`tacit setup EDITOR`: print the editor's configuration, write it, or take it away again.

Only files of our own are written, never a line into a file of the user's, so that setting up twice changes
nothing and removing leaves nothing behind. A file in the way is kept as a backup, and each change is shown.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

EDITORS = Path(__file__).resolve().parents[2] / "editors"
SUPPORTED = ("nvim",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `EDITOR [--write | --remove]`."""
    parser.add_argument("editor", metavar="EDITOR", help=f"one of: {', '.join(SUPPORTED)}")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write the files, and back up any in the way")
    action.add_argument("--remove", action="store_true", help="delete the files that --write has written")


def run(args: argparse.Namespace) -> int:
    """Set the editor up; 2 for an editor that there is no configuration for."""
    if args.editor not in SUPPORTED:
        print(
            f"tacit setup: nothing is there for {args.editor!r} yet, only for {', '.join(SUPPORTED)}. "
            "Any editor that starts language servers can start `tacit` (stdio, every language).",
            file=sys.stderr,
        )
        return 2
    files = nvim_files(nvim_config_folder(os.environ), server_command())
    if not args.write and not args.remove:
        show(files)
        return 0
    action = remove if args.remove else write
    try:
        action(files)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        print(f"tacit setup: {error}", file=sys.stderr)
        return 1
    return 0


def nvim_config_folder(environment: Mapping[str, str]) -> Path:
    """Where Neovim reads its configuration: its `stdpath('config')`."""
    base = environment.get("XDG_CONFIG_HOME") or (os.name == "nt" and environment.get("LOCALAPPDATA"))
    return Path(base or Path.home() / ".config") / (environment.get("NVIM_APPNAME") or "nvim")


def server_command() -> list[str]:
    """What starts this very installation, whatever PATH the editor has."""
    script = Path(sys.executable).with_name("tacit.exe" if os.name == "nt" else "tacit")
    return [str(script)] if script.exists() else [sys.executable, "-m", "tacit"]


def nvim_files(folder: Path, command: list[str]) -> dict[Path, str]:
    """The files that make Neovim start `command`, by where they go under its configuration `folder`."""
    source = EDITORS / "nvim"
    modules = sorted([*source.glob("plugin/*.lua"), *source.glob("lua/tacit/*.lua")])
    server = (source / "lsp" / "tacit.lua").read_text("utf-8")
    quoted = ", ".join("'" + part.replace("\\", "\\\\").replace("'", "\\'") + "'" for part in command)
    server = server.replace("cmd = { 'tacit',", f"cmd = {{ {quoted},")
    return {
        folder / "lsp" / "tacit.lua": server,
        **{folder / each.relative_to(source): each.read_text("utf-8") for each in modules},
    }


def show(files: Mapping[Path, str]) -> None:
    """Print what would be written where."""
    for path, content in files.items():
        print(f"-- {path}\n{content}")
    print("-- Nothing was written; `tacit setup nvim --write` does it.")


def write(files: Mapping[Path, str]) -> None:
    """Write each file that is not there yet word for word, showing what changes."""
    for path, content in files.items():
        before = _read(path)
        if before == content:
            print(f"{path}: as it should be")
            continue
        _print_change(path, before or "", content)
        if before is not None:
            print(f"{path}: what was there is now {_back_up(path)}")
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_text(content, "utf-8", newline="\n")
        temporary.replace(path)
        print(f"{path}: written")
    print("Open a file in Neovim and type; <Tab> accepts. `:checkhealth vim.lsp` shows the server.")


def remove(files: Mapping[Path, str]) -> None:
    """Delete the files; one that has been changed since is kept as a backup."""
    for path, content in files.items():
        before = _read(path)
        if before is None:
            print(f"{path}: not there")
            continue
        _print_change(path, before, "")
        if before == content:
            path.unlink()
            print(f"{path}: removed")
        else:
            print(f"{path}: it had been changed, and is now {_back_up(path)}")


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return None


def _back_up(path: Path) -> Path:
    """Move the file aside under a name that is still free, which the editor does not load."""
    number = 0
    while (backup := path.with_name(f"{path.name}.bak{number or ''}")).exists():
        number += 1
    return path.rename(backup)


def _print_change(path: Path, before: str, after: str) -> None:
    old, new = before.splitlines(), after.splitlines()
    for line in difflib.unified_diff(old, new, str(path), str(path), lineterm=""):
        print(line.encode("utf-8", "backslashreplace").decode("utf-8"))
