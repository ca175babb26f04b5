"""Deltas: what our own training changes in a base model, small enough to travel with the program.

A delta is a file: the line `tacit delta 1`, then a MessagePack map with the fields of `Delta`. It changes
matrices, each by a product of two factors of low rank (Hu et al. 2021, "LoRA") in 8 bits:

    new[o, i] = old[o, i] + up_scale[o] * down_scale[i] * sum over r of up[o, r] * down[r, i]

The sum is over products of integers and stays below 2**24, so that single precision holds it and every
partial sum exactly, in whatever order and with whatever instructions a matrix product adds. The rest is a
few operations on one element at a time, which IEEE 754 rounds alike everywhere. Hence the merged weights
have the same bits on every machine.

A delta names what it was made for, and `Tuned` refuses anything else: another base, another vocabulary, or a
model that it is in already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from engine.architecture import Architecture
from engine.gguf_file import Floats
from engine.weights import Layer, Weights

MOST_RANK = 1024  # 1024 * 127 * 127 < 2**24

_MAGIC = b"tacit delta 1\n"


class DeltaError(ValueError):
    """The file is no delta, is damaged, or belongs to another model."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's weights were made of: hashes of the base's file, of its kept tokens, of its deltas."""

    base: str
    vocabulary: str = ""  # empty where the whole vocabulary is kept
    deltas: tuple[str, ...] = ()


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """The change of one matrix `[out, in]`: int8 factors `[out, rank]` and `[rank, in]`, float32 scales."""

    up: bytes
    up_scale: bytes
    down: bytes
    down_scale: bytes

    @classmethod
    def of(cls, up: Floats, down: Floats) -> Update:
        """Round factors `[out, rank]` and `[rank, in]`, each row of `up` and column of `down` by its peak."""
        if up.shape[1] != down.shape[0] or up.shape[1] > MOST_RANK:
            raise ValueError(f"factors {up.shape} and {down.shape}")
        rounded_up, up_scale = _rounded(up)
        rounded_down, down_scale = _rounded(down.T)
        return cls(
            up=rounded_up.tobytes(),
            up_scale=up_scale.astype("<f4").tobytes(),
            down=rounded_down.T.tobytes(),
            down_scale=down_scale.astype("<f4").tobytes(),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix."""
        return len(self.up_scale) // 4, len(self.down_scale) // 4

    def check(self) -> None:
        """Raise ValueError where the sizes do not belong together."""
        rows, columns = self.shape
        rank = len(self.up) // max(rows, 1)
        sizes = len(self.up), len(self.down), len(self.up_scale), len(self.down_scale)
        if sizes != (rows * rank, rank * columns, 4 * rows, 4 * columns) or not 0 < rank <= MOST_RANK:
            raise ValueError(f"an update has parts of {sizes} bytes")

    def factors(self) -> tuple[Floats, Floats]:
        """The factors `[out, rank]` and `[rank, in]` with their scales in them."""
        rows, columns = self.shape
        up = np.frombuffer(self.up, np.int8).reshape(rows, -1).astype(np.float32)
        down = np.frombuffer(self.down, np.int8).reshape(-1, columns).astype(np.float32)
        return up * np.frombuffer(self.up_scale, "<f4")[:, None], down * np.frombuffer(self.down_scale, "<f4")

    def change(self) -> Floats:
        """What is added to the matrix, with the same bits on every machine."""
        rows, columns = self.shape
        up = np.frombuffer(self.up, np.int8).reshape(rows, -1).astype(np.float32)
        down = np.frombuffer(self.down, np.int8).reshape(-1, columns).astype(np.float32)
        change: Floats = up @ down
        change *= np.frombuffer(self.up_scale, "<f4")[:, None]
        change *= np.frombuffer(self.down_scale, "<f4")
        return change


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """A delta, and where it comes from."""

    origin: Origin  # what it changes
    run: str  # the training run that made it, as training/LOG.md names it
    prompts: tuple[str, ...]  # versions that the model was trained on
    data: dict[str, str]  # recipe of each training set, by name
    special: dict[str, str]  # names that training gave to control tokens, and those they have in the base
    updates: dict[str, Update]  # by "layer.matrix"

    def renamed(self, special: Mapping[str, int]) -> dict[str, int]:
        """The new names of control tokens, given the base's. Raises DeltaError where the base lacks one."""
        if unknown := [old for old in self.special.values() if old not in special]:
            raise DeltaError(f"The delta gives a name to {unknown[0]}, which the base does not have")
        return {new: special[old] for new, old in self.special.items()}


@dataclass(frozen=True)
class Named:
    """A delta and the hash of its file, which names it."""

    delta: Delta
    sha256: str


class Tuned:
    """Weights with a delta in them; themselves `engine.weights.Weights`."""

    def __init__(self, base: Weights, origin: Origin, named: Named) -> None:
        """Raise DeltaError unless the delta was made for weights of this `origin`."""
        _require_match(named, origin)
        self.architecture = base.architecture
        self.origin = msgspec.structs.replace(origin, deltas=(*origin.deltas, named.sha256))
        self._base = base
        self._updates = named.delta.updates
        shapes = _shapes(self.architecture)
        for matrix, update in self._updates.items():
            if shapes.get(matrix) != update.shape:
                raise DeltaError(f"The delta's {matrix} {update.shape} is not in a model of this shape")

    def embedding(self) -> Floats:
        """Token embedding `[vocab, width]`, as in the base."""
        return self._base.embedding()

    def final_norm(self) -> Floats:
        """Scale of the last norm `[width]`, as in the base."""
        return self._base.final_norm()

    def layer(self, index: int) -> Layer:
        """Weights of one layer, changed."""
        layer = self._base.layer(index)
        changed = {
            name: getattr(layer, name) + update.change()
            for name in ("qkv", "out", "gate_up", "down")
            if (update := self._updates.get(f"{index}.{name}"))
        }
        return replace(layer, **changed)


def write_delta(path: Path, delta: Delta) -> None:
    """Write a delta's file: the same bytes for the same delta."""
    path.write_bytes(_MAGIC + msgspec.msgpack.encode(delta, order="deterministic"))


def read_delta(path: Path, sha256: str = "") -> Named:
    """Read a delta, which must have the hash `sha256` if one is given.

    Raises DeltaError for other or damaged files, OSError where it cannot be read.
    """
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if sha256 and found != sha256:
        raise DeltaError(f"{path} is not the file that its manifest names")
    if not data.startswith(_MAGIC):
        raise DeltaError(f"{path} is no delta")
    try:
        delta = msgspec.msgpack.decode(data[len(_MAGIC) :], type=Delta)
        for update in delta.updates.values():
            update.check()
    except ValueError as error:
        raise DeltaError(f"{path} is damaged: {error}") from error
    return Named(delta, found)


def _rounded(matrix: Floats) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int8]], Floats]:
    """Int8 in -127..127 and a scale for each row."""
    peak = np.abs(matrix).max(axis=1)
    scale = np.where(peak == 0, np.float32(1), peak / np.float32(127)).astype(np.float32)
    return np.rint(matrix / scale[:, None]).astype(np.int8), scale


def _require_match(named: Named, origin: Origin) -> None:
    wanted = named.delta.origin
    if named.sha256 in origin.deltas:
        raise DeltaError("The delta is in this model already")
    if wanted.base != origin.base:
        raise DeltaError(f"The delta changes another base: {wanted.base[:12]}, not {origin.base[:12]}")
    if wanted.vocabulary != origin.vocabulary:
        raise DeltaError("The delta was trained with another vocabulary")
    if wanted.deltas != origin.deltas:
        raise DeltaError("The delta builds on other deltas than this model has")


def _shapes(shape: Architecture) -> dict[str, tuple[int, int]]:
    inner = shape.heads * shape.head_dim
    of_layer = {
        "qkv": (inner + 2 * shape.kv_heads * shape.head_dim, shape.width),
        "out": (shape.width, inner),
        "gate_up": (2 * shape.ffn, shape.width),
        "down": (shape.width, shape.ffn),
    }
    return {f"{layer}.{name}": size for layer in range(shape.layers) for name, size in of_layer.items()}
