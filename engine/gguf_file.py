"""Reads GGUF, the file format of llama.cpp, one tensor at a time.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import gguf
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
_T = TypeVar("_T", str, int, float, bool, list[str], list[int])


class GgufError(ValueError):
    """The file is not a GGUF file, or lacks something that a language model needs."""


class GgufFile:
    """Metadata and tensors of one memory-mapped file; nothing is dequantised before it is asked for."""

    def __init__(self, path: Path) -> None:
        """Raise GgufError when the file is no complete GGUF file."""
        self.path = path
        try:
            self._reader = gguf.GGUFReader(path)
        # The reader has no exception of its own: a cut or foreign file fails wherever the bytes end.
        except (ValueError, IndexError, KeyError, OverflowError, UnicodeDecodeError) as error:
            raise GgufError(f"{path} is not a complete GGUF file: {error}") from error
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}

    def value(self, key: str, kind: type[_T]) -> _T:
        """Metadata under `key`; raises GgufError when it is missing or of another kind."""
        field = self._reader.get_field(key)
        found = None if field is None else field.contents()
        if not isinstance(found, kind):
            raise GgufError(f"{self.path} has no usable {key!r}")
        return found

    def get(self, key: str, default: _T) -> _T:
        """Metadata under `key`, or `default` where the file does not say."""
        return default if self._reader.get_field(key) is None else self.value(key, type(default))

    def __contains__(self, tensor: str) -> bool:
        return tensor in self._tensors

    def rows(self, name: str) -> int:
        """Number of rows of the matrix `name`."""
        return int(self._tensor(name).shape[-1])

    def tensor(self, name: str, rows: npt.NDArray[np.intp] | None = None) -> Floats:
        """Dequantised tensor in row-major order (`[out, in]` for matrices); `rows` picks some of its rows."""
        tensor = self._tensor(name)
        # Blocks never cross a row, so that rows can be picked before they are dequantised.
        data = tensor.data if rows is None else tensor.data[rows]
        return np.ascontiguousarray(gguf.quants.dequantize(data, tensor.tensor_type), dtype=np.float32)

    def _tensor(self, name: str) -> gguf.ReaderTensor:
        if name not in self._tensors:
            raise GgufError(f"{self.path} has no tensor {name!r}")
        return self._tensors[name]
