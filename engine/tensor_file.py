"""Writes a model's weights beside its graph, so that a session can map them into memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper

_PAGE = 4096
_INLINE = 1024  # bytes; small tensors stay in the graph, where shape inference can read them


class TensorFile:
    """ONNX external data, written tensor by tensor: the peak of memory is one tensor, not one model."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")

    def __enter__(self) -> TensorFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, name: str, array: npt.NDArray[Any]) -> TensorProto:
        """Store `array`; the initializer that refers to it goes into the graph."""
        array = np.ascontiguousarray(array)
        if array.nbytes < _INLINE:
            return numpy_helper.from_array(array, name)
        # Mapping starts at page borders.
        self._file.write(bytes(-self._file.tell() % _PAGE))
        tensor = TensorProto(
            name=name,
            dims=array.shape,
            data_type=helper.np_dtype_to_tensor_dtype(array.dtype),
            data_location=TensorProto.EXTERNAL,
        )
        place = {"location": self._path.name, "offset": self._file.tell(), "length": array.nbytes}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self._file.write(array.data)
        return tensor
