"""Reads GGUF, the file format of llama.cpp, one tensor at a time.

A file is a header (magic, version, two counts), metadata (key, type, value), one record for each tensor
(name, dimensions, type, offset), and from the next multiple of the alignment on the tensors' bytes; all
little-endian. The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

The `gguf` package knows how tensors are quantised. Its own reader keeps an array for each metadata
string, which costs seconds and half a gigabyte for a vocabulary of 150,000 tokens.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

Floats = npt.NDArray[np.float32]
_T = TypeVar("_T", str, int, float, bool, list[str], list[int])

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_ROWS_AT_ONCE = 4096  # dequantising needs several times the memory of its result


class GgufError(ValueError):
    """The file is not a GGUF file, or lacks something that a language model needs."""


@dataclass(frozen=True)
class _Tensor:
    """`rows` x `columns` values; vectors have one row and are marked by `vector`."""

    kind: GGMLQuantizationType
    rows: int
    columns: int
    vector: bool
    offset: int

    @property
    def row_bytes(self) -> int:
        values, size = GGML_QUANT_SIZES[self.kind]
        return self.columns // values * size


class GgufFile:
    """Metadata and tensors of one memory-mapped file; nothing is dequantised before it is asked for."""

    def __init__(self, path: Path) -> None:
        """Raise GgufError when the file is no complete GGUF file, OSError when it cannot be read."""
        self.path = path
        if path.stat().st_size < 24:
            raise GgufError(f"{path} is not a GGUF file")
        self._bytes = np.memmap(path, np.uint8, mode="r")
        try:
            self._metadata, self._tensors = _parse(_Cursor(self._bytes))
        except (struct.error, KeyError, ValueError, OverflowError, MemoryError) as error:
            raise GgufError(f"{path} is not a complete GGUF file ({error})") from error
        for name, tensor in self._tensors.items():
            if tensor.offset + tensor.rows * tensor.row_bytes > len(self._bytes):
                raise GgufError(f"{path} ends before its tensor {name!r} does")

    def value(self, key: str, kind: type[_T]) -> _T:
        """Metadata under `key`; raises GgufError when it is missing or of another kind."""
        found = self._metadata.get(key)
        if not isinstance(found, kind):
            raise GgufError(f"{self.path} has no usable {key!r}")
        return found

    def get(self, key: str, default: _T) -> _T:
        """Metadata under `key`, or `default` where the file does not say."""
        return self.value(key, type(default)) if key in self._metadata else default

    def __contains__(self, tensor: str) -> bool:
        return tensor in self._tensors

    def rows(self, name: str) -> int:
        """Number of rows of the matrix `name`."""
        return self._tensor(name).rows

    def tensor(self, name: str, rows: npt.NDArray[np.intp] | None = None) -> Floats:
        """Dequantised matrix `[out, in]` or vector; `rows` picks some of a matrix's rows."""
        tensor = self._tensor(name)
        size = tensor.rows * tensor.row_bytes
        raw = self._bytes[tensor.offset : tensor.offset + size].reshape(tensor.rows, tensor.row_bytes)
        # Blocks never cross a row, so that rows can be picked before they are dequantised.
        result = np.empty((tensor.rows if rows is None else len(rows), tensor.columns), np.float32)
        for start in range(0, len(result), _ROWS_AT_ONCE):
            piece = slice(start, start + _ROWS_AT_ONCE)
            result[piece] = dequantize(raw[piece if rows is None else rows[piece]], tensor.kind)
        return result[0] if tensor.vector else result

    def _tensor(self, name: str) -> _Tensor:
        if name not in self._tensors:
            raise GgufError(f"{self.path} has no tensor {name!r}")
        return self._tensors[name]


class _Cursor:
    """Reads values one after the other; struct.error where the file ends too early."""

    def __init__(self, data: npt.NDArray[np.uint8]) -> None:
        self._view = data.data
        self.position = 0

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self._view):
            raise struct.error("it ends too early")
        taken = bytes(self._view[self.position : end])
        self.position = end
        return taken

    def number(self, code: str) -> Any:
        (found,) = struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))
        return found

    def string(self) -> str:
        return self.take(self.number("Q")).decode()

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            return self.number(_NUMBERS[kind])
        element, count = self.number("I"), self.number("Q")
        if element in (_STRING, _ARRAY):
            return [self.value(element) for _ in range(count)]
        code = f"<{count}{_NUMBERS[element]}"
        return list(struct.unpack(code, self.take(struct.calcsize(code))))


def _parse(cursor: _Cursor) -> tuple[dict[str, Any], dict[str, _Tensor]]:
    if cursor.take(4) != _MAGIC or cursor.number("I") not in _VERSIONS:
        raise ValueError("its header is not that of a GGUF file of version 2 or 3")
    tensor_count, value_count = cursor.number("Q"), cursor.number("Q")
    metadata: dict[str, Any] = {}
    for _ in range(value_count):
        key = cursor.string()
        metadata[key] = cursor.value(cursor.number("I"))
    records = [_record(cursor) for _ in range(tensor_count)]
    alignment = metadata.get("general.alignment", 32)
    start = cursor.position + -cursor.position % alignment
    tensors = {
        name: _Tensor(kind, rows, columns, vector, start + offset)
        for name, kind, rows, columns, vector, offset in records
    }
    return metadata, tensors


def _record(cursor: _Cursor) -> tuple[str, GGMLQuantizationType, int, int, bool, int]:
    name = cursor.string()
    dimensions = [cursor.number("Q") for _ in range(cursor.number("I"))]
    kind = GGMLQuantizationType(cursor.number("I"))
    # The first dimension varies fastest: it is a row's length.
    rows = int(np.prod(dimensions[1:], dtype=np.int64))
    return name, kind, rows, dimensions[0], len(dimensions) == 1, cursor.number("Q")
