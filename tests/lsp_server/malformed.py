"""Messages as no client should send them, and what JSON-RPC says about the replies that they are owed."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

Reply = str
"""The id of a reply, as JSON; "null" for messages whose id cannot be told."""

URIS = ["file:///a.py", "file:///b%20b.js", "untitled:1", "", "file:///%ff", "\ud800", "http://[bad"]
TEXTS = ["", "x", "\n", "\r\n", "def f():\n    return ", "😀", "\ud83d", "\u2028\x0c", "a" * 3000, "return "]
TEXTS += ["```py b.js\nx\n```\n", "~~~", "@@ -1 +1 @@\n-x\n+y\n", "<<<<<<< SEARCH\nx\n=======\n>>>>>>> R\n"]
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**70,
    1.5,
    "",
    "x",
    [],
    {},
    [None],
    {"x": 1},
    "\ud800",
    [[[[[]]]]],
]
METHODS = [
    "textDocument/inlineCompletion",
    "textDocument/completion",
    "workspace/executeCommand",
    "workspace/textDocumentContent",
    "textDocument/codeAction",
    "codeAction/resolve",
    "textDocument/copilotInlineEdit",
    "textDocument/diagnostic",
    "workspace/symbol",
    "tacit/search",
    "tacit/why",
    "tacit/status",
    "initialize",
    "textDocument/hover",
    "$/cancelRequest",
    "textDocument/didChange",
    "no/such\nmethod",
    "",
]
NOTIFICATIONS = [
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didChange",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/didSave",
    "initialized",
    "$/cancelRequest",
    "$/setTrace",
    "window/workDoneProgress/cancel",
    "workspace/didChangeConfiguration",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders",
    "textDocument/didFocus",
    "textDocument/didShowInlineEdit",
    "textDocument/didShowCompletion",
    "textDocument/didPartiallyAcceptCompletion",
    "tacit/diagnostics",
    "workspace/executeCommand",
    "textDocument/inlineCompletion",
    "no/such",
]

COMMANDS = [
    *("tacit.why", "tacit.status", "tacit.retryModel", "tacit.apply", "tacit.previewApply", "no.such"),
    *("tacit.nextEdit", "tacit.acceptNextEdit", "tacit.rejectNextEdit", "tacit.jumpNext", "tacit.showLast"),
    *("tacit.search", "tacit.related", "tacit.editSelection", "tacit.reviewChanges", "tacit.findBugs"),
    *("tacit.whyFinding", "tacit.dismiss", "tacit.undoDismiss", "tacit.resetLearning"),
]


def messages(seed: int, count: int) -> Iterator[bytes]:
    """Bodies of `count` messages; the same for the same seed."""
    chance = random.Random(seed)
    makers: list[Callable[[random.Random, int], bytes]] = [_request, _request, _notification, _notification]
    makers += [_mutated, _mutated, _response, _garbage, _batch]
    for number in range(count):
        yield chance.choice(makers)(chance, number)


def noise(chance: random.Random) -> bytes:
    """Bytes between two messages that are no frame."""
    return chance.choice(
        [
            b"\r\n",
            b"Content-Type: text/plain\r\n\r\n",
            b'{"jsonrpc":"2.0","id":1,"method":"tacit/why"}\r\n',
            b"Content-Length: many\r\n\r\n",
            b"Content-Length: -7\r\n\r\n",
            b"\x00\xff\xfe" * chance.randrange(9) + b"\n",
            b"x" * 100_000 + b"\r\n\r\n",
        ]
    )


def owed(body: bytes) -> list[Reply]:
    """The replies to a body, by the rules of JSON-RPC 2.0, on a server that takes batches apart."""
    try:
        message = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return ["null"]
    if isinstance(message, list) and message:
        return [reply for each in message for reply in _owed_to(each)]
    return _owed_to(message)


def _owed_to(message: Any) -> list[Reply]:
    if not isinstance(message, dict):
        return ["null"]
    if "id" not in message or ("method" not in message and message.keys() & {"result", "error"}):
        return []
    id = message["id"]
    return [json.dumps(id) if _is_id(id) else "null"]


def _is_id(id: Any) -> bool:
    return (isinstance(id, str | int) and not isinstance(id, bool)) or (
        isinstance(id, float) and math.isfinite(id)
    )


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _request(chance: random.Random, number: int) -> bytes:
    id = chance.choice([number, str(number), number + 0.5, -number, chance.randrange(number + 1)])
    method = chance.choice(METHODS)
    return _encode({"jsonrpc": "2.0", "id": id, "method": method, "params": _params(chance, method)})


def _notification(chance: random.Random, number: int) -> bytes:
    method = chance.choice(NOTIFICATIONS)
    return _encode({"jsonrpc": "2.0", "method": method, "params": _params(chance, method)})


def _mutated(chance: random.Random, number: int) -> bytes:
    """A message with one member, anywhere in it, replaced or gone."""
    message = json.loads(chance.choice([_request, _notification])(chance, number))
    inner = message
    while True:
        key = chance.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        if isinstance(inner[key], dict | list) and inner[key] and chance.random() < 0.8:
            inner = inner[key]
        elif chance.random() < 0.3:
            del inner[key]
            break
        else:
            inner[key] = chance.choice(ODD)
            break
    return _encode(message)


def _response(chance: random.Random, number: int) -> bytes:
    member = chance.choice(["result", "error"])
    return _encode(
        {"jsonrpc": "2.0", "id": chance.choice([number, str(number), None, []]), member: chance.choice(ODD)}
    )


def _garbage(chance: random.Random, number: int) -> bytes:
    good = _request(chance, number)
    return chance.choice(
        [
            good[: chance.randrange(len(good))],
            good.replace(b":", b";"),
            chance.randbytes(chance.randrange(1, 60)),
            b"[" * chance.randrange(1, 50_000),
            b'{"a":' * 30_000,
            _encode(chance.choice(ODD)),
            good.decode().encode("utf-16"),
            b"\xef\xbb\xbf" + good,
        ]
    )


def _batch(chance: random.Random, number: int) -> bytes:
    return _encode([json.loads(_request(chance, number * 10_000 + n)) for n in range(chance.randrange(4))])


def _params(chance: random.Random, method: str) -> Any:
    uri = chance.choice(URIS)
    if method == "textDocument/didOpen":
        version = chance.choice([0, 1, -5])
        item = {"uri": uri, "languageId": "python", "version": version, "text": chance.choice(TEXTS)}
        return {"textDocument": item}
    if method == "textDocument/didChange":
        document = {"uri": uri, "version": chance.randrange(-2, 50)}
        changes = [_change(chance) for _ in range(chance.randrange(4))]
        return {"textDocument": document, "contentChanges": changes}
    if method == "workspace/executeCommand":
        return {"command": chance.choice(COMMANDS), "arguments": [chance.choice([1, _sketch(chance)]), None]}
    if method == "codeAction/resolve":
        return {"title": "x", "data": _sketch(chance)}
    if method == "workspace/textDocumentContent":
        return {"uri": uri}
    if method == "textDocument/codeAction":
        ends = {"start": {"line": chance.randrange(4), "character": 0}, "end": {"line": 4, "character": 0}}
        return {"textDocument": {"uri": uri}, "range": ends, "context": {"diagnostics": []}}
    if method in ("workspace/symbol", "tacit/search"):
        return {"query": chance.choice(TEXTS), "limit": chance.choice(ODD)}
    if method == "workspace/didChangeConfiguration":
        return {"settings": {"tacit": {chance.choice(["enabled", "bugs", "maxLines"]): chance.choice(ODD)}}}
    if method.startswith("workspace/didChangeW"):
        folder = {"uri": uri, "name": "x"}
        events = {"added": chance.choice([[], [folder]]), "removed": chance.choice([[], [folder]])}
        return {"changes": [{"uri": uri, "type": chance.randrange(5)}], "event": events}
    if method == "$/cancelRequest":
        return {"id": chance.choice(ODD)}
    position = {"line": chance.randrange(4), "character": chance.randrange(9)}
    context = {"triggerKind": chance.choice([1, 2])}
    return {"textDocument": {"uri": uri}, "position": position, "context": context}


def _sketch(chance: random.Random) -> Any:
    sketch = {"sketch": chance.choice(TEXTS), "uri": chance.choice(URIS)}
    place = {"document": chance.choice(URIS), "lines": [chance.randrange(-2, 4), chance.randrange(4)]}
    return chance.choice([sketch, place, sketch | place, {**sketch, "hunk": chance.randrange(-2, 3)}])


def _change(chance: random.Random) -> Any:
    text = chance.choice(TEXTS)
    if chance.random() < 0.2:
        return {"text": text}
    ends = [{"line": chance.randrange(4), "character": chance.randrange(9)} for _ in range(2)]
    return {"range": {"start": ends[0], "end": ends[1]}, "text": text}


def _encode(message: Any) -> bytes:
    return json.dumps(message).encode()
