"""Random edits of every kind in many documents: the server's text is what the plainest reference says."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.lsp_server.connection import GHOST_TEXT, connected
from tests.support.scripted import ScriptedModel
from tests.text.reference import ALPHABET, offset_of, position_of
from text.positions import Encoding

ENCODINGS = (Encoding.UTF8, Encoding.UTF16, Encoding.UTF32)
DOCUMENTS = 6
LONGEST = 400  # characters: what goes wrong goes wrong in small texts as well, and the reference is slow
CHECKED_EVERY = 200
ASKED_EVERY = 50

_CHARACTERS = [each for each in ALPHABET if each not in ("\ud83d", "\ude00")]  # cleaned at the edge


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """`amount` edits, a third in each position encoding, with requests in between."""
    for encoding in ENCODINGS:
        _session(-(-amount // len(ENCODINGS)), random.Random(f"{seed} {encoding}"), encoding)
    return {"edits": amount, "divergences": 0}


def _session(amount: int, chance: random.Random, encoding: Encoding) -> None:
    general = {"general": {"positionEncodings": [encoding.value]}}
    with connected(ScriptedModel({"\n": "x = 1\n"})) as client:
        client.initialize(capabilities={**GHOST_TEXT, **general})
        texts = {f"file:///{number}.py": "" for number in range(DOCUMENTS)}
        versions = dict.fromkeys(texts, 0)
        for uri in texts:
            client.open(uri, "")
        done = 0
        while done < amount:
            uri = chance.choice(list(texts))
            changes = [_change(chance, texts, uri, encoding) for _ in range(chance.choice([1, 1, 1, 2, 5]))]
            versions[uri] += 1
            client.change(uri, versions[uri], *changes)
            done += len(changes)
            if done % ASKED_EVERY == 0:
                line, character = position_of(texts[uri], chance.randint(0, len(texts[uri])), encoding)
                client.inline(uri, line, character)
            if versions[uri] % CHECKED_EVERY == 0 or done >= amount:
                _compare(client, texts)


def _compare(client: Any, texts: dict[str, str]) -> None:
    client.synchronise()
    for uri, text in texts.items():
        snapshot = client.server.documents.get(uri)
        assert snapshot is not None, uri
        assert snapshot.document.text == text, (uri, snapshot.document.text, text)


def _change(chance: random.Random, texts: dict[str, str], uri: str, encoding: Encoding) -> dict[str, Any]:
    """A change of the text as it is now, which it is made in as well."""
    text = texts[uri]
    new = "".join(chance.choice(_CHARACTERS) for _ in range(chance.choice([0, 1, 1, 1, 3, 20])))
    if chance.random() < 0.01:
        texts[uri] = new
        return {"text": new}
    first, last = sorted(chance.randint(0, len(text)) for _ in range(2))
    if len(text) < LONGEST and chance.random() < 0.8:
        last = min(last, first + chance.choice([0, 0, 1, 4]))
    start, end = (position_of(text, offset, encoding) for offset in (first, last))
    first, last = (offset_of(text, *place, encoding) for place in (start, end))
    texts[uri] = text[:first] + new + text[last:]
    ends = [{"line": line, "character": character} for line, character in (start, end)]
    return {"range": {"start": ends[0], "end": ends[1]}, "text": new}
