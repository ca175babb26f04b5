"""A converted model on disk: a folder with model.onnx (and its data), tokenizer.json and model.json."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.architecture import Architecture, Precision

if TYPE_CHECKING:
    from engine.tokenizer import BpeTokenizer

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
CARD = "model.json"


class Probe(msgspec.Struct, frozen=True):
    """A text, and after each of its tokens the best next one with its exact log-probability."""

    tokens: tuple[int, ...]
    best: tuple[int, ...]
    log_probabilities: tuple[float, ...]


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """What model.json says."""

    schema: int = 1
    name: str  # of the manifest, or the stem of a local file
    precision: Precision
    recipe: str
    source: str  # sha256 of the file that it was converted from; empty where the user named the file
    architecture: Architecture
    positions: int  # greatest length that the graph's rotary tables serve
    prompt: str
    special: dict[str, int]  # control tokens by name
    trained_for: tuple[str, ...] = ()  # versions of prompts that our own training taught it
    probe: Probe  # what engine.agreement compares with
    files: dict[str, str]  # sha256 of each other file in the folder


class NotConverted(ValueError):
    """The folder does not hold a converted model."""


def read_card(folder: Path) -> ModelCard:
    """Read model.json; raises NotConverted when it is missing or not ours."""
    try:
        return msgspec.json.decode((folder / CARD).read_bytes(), type=ModelCard)
    except (OSError, msgspec.DecodeError) as error:
        raise NotConverted(f"{folder} holds no converted model: {error}") from error


def write_card(folder: Path, card: ModelCard) -> None:
    """Write model.json, readable by people."""
    (folder / CARD).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")


def load_tokenizer(folder: Path) -> BpeTokenizer:
    """The tokenizer of a converted model, its tables included: the first keystroke would wait for them."""
    from engine.tokenizer import BpeTokenizer

    tokenizer = BpeTokenizer.load(folder / TOKENIZER, read_card(folder).special)
    tokenizer.build_tables()
    return tokenizer
