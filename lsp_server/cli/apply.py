"""`tacit apply`: a sketch of a change, applied to a file."""

from __future__ import annotations

import contextlib
import difflib
import errno
import json
import os
import stat
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from apply.apply import Applied, Refused, apply_sketch

REFUSED = 3


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the file that is to be changed")
    parser.add_argument("--sketch", default="-", metavar="FILE", help="the sketch; default: standard input")
    parser.add_argument("--write", action="store_true", help="change the file; default: print the difference")
    parser.add_argument(
        "--root", type=Path, metavar="FOLDER", help="refuse a file that is not in this folder, also by a link"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--guess-with",
        metavar="MODEL",
        help="where the sketch is refused, have this model look for a better guess, which is only shown",
    )


def run(args: Namespace) -> int:
    """Print the difference or write the file; 3 where the sketch is refused, and the file is untouched."""
    try:
        read = _read(args.file)
        before = read.decode("utf-8")
        sketch = (sys.stdin.buffer.read() if args.sketch == "-" else _read(Path(args.sketch))).decode("utf-8")
    except OSError as error:
        return _fail(args, str(error))
    except UnicodeDecodeError as error:
        return _fail(args, f"the file or the sketch is not UTF-8 text: {error}")
    if args.root and not args.file.resolve().is_relative_to(args.root.resolve()):
        outcome: Applied | Refused = Refused(f"{args.file} is not in {args.root}.")
    else:
        outcome = apply_sketch(before, sketch, str(args.file))
        if isinstance(outcome, Refused) and args.guess_with:
            outcome = _guessed(args, before, sketch) or outcome
    if isinstance(outcome, Applied) and args.write:
        try:
            write(args.file, outcome.text.encode("utf-8"), read)
        except OSError as error:
            return _fail(args, f"{args.file} is as it was: {error}")
    _tell(args, before, outcome)
    return REFUSED if isinstance(outcome, Refused) else 0


def _guessed(args: Namespace, before: str, sketch: str) -> Applied | Refused | None:
    """The same refusal with a model's guess; None where there is no such model."""
    from apply.rewrite_guess import ModelGuess
    from engine.errors import ModelError
    from lsp_server import loading
    from lsp_server.cli.model_choice import make_ready
    from lsp_server.config import Config

    try:
        make_ready(args.guess_with)
        guess = ModelGuess(loading.load(args.guess_with, Config()))
    except ModelError as error:
        print(f"tacit apply: {error}. {error.remedy}", file=sys.stderr)
        return None
    return apply_sketch(before, sketch, str(args.file), guess)


def write(path: Path, data: bytes, expected: bytes) -> None:
    """Replace the file by `data` in one step, if it still holds `expected`; raises OSError where not.

    A symbolic link stays one: what it points to is replaced. The file keeps its owner and permissions. A
    process that is killed meanwhile leaves either the old file or the new one, and perhaps a hidden file.
    """
    target = path.resolve(strict=True)
    status = target.stat()
    if not status.st_mode & 0o222 or not os.access(target, os.W_OK):  # nobody's write bit stops root
        raise PermissionError(errno.EACCES, "it may not be written", str(target))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):
                os.chown(name, status.st_uid, status.st_gid)
        os.chmod(name, stat.S_IMODE(status.st_mode))
        if target.read_bytes() != expected:
            raise OSError("somebody changed it meanwhile")
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _read(path: Path) -> bytes:
    """What a regular file holds; raises OSError for anything else, which might never end."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path.read_bytes()


def _fail(args: Namespace, reason: str) -> int:
    if args.json:
        print(json.dumps({"applied": False, "error": reason}))
    print(f"tacit apply: {reason}", file=sys.stderr)
    return 1


def _tell(args: Namespace, before: str, outcome: Applied | Refused) -> None:
    after = outcome.text if isinstance(outcome, Applied) else outcome.preview
    difference = _difference(args.file, before, before if after is None else after)
    if args.json:
        print(json.dumps(_document(args, outcome, difference)))
    elif isinstance(outcome, Refused):
        print(f"refused: {outcome.reason}", file=sys.stderr)
        if difference:
            print(f"the best guess, which was not applied:\n{difference}", end="", file=sys.stderr)
    elif not args.write:
        print(difference, end="")


def _document(args: Namespace, outcome: Applied | Refused, difference: str) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        places = [line + 1 for line in outcome.places]
        return {"applied": False, "reason": outcome.reason, "lines": places, "preview": difference}
    report = outcome.report
    return {
        "applied": True,
        "written": args.write,
        "format": report.format,
        "confidence": round(outcome.confidence, 3),
        "added": report.added,
        "removed": report.removed,
        "new_names": report.new_names,
        "edits": [[edit.start, edit.end, edit.new] for edit in outcome.edits],
        "diff": difference,
    }


def _difference(path: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path.name}", f"b/{path.name}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
