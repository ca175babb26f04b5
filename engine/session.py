"""A forward pass with a memory: an ONNX language model and the keys and values of one token sequence.

The graph's inputs are `input_ids` [1, n], `seqlens_k` [1], `total_len` [], `logit_idx` [rows] and, per
layer i, `past.i.k` and `past.i.v`; its outputs are `logits` [1, rows, vocab] and `present.i.k|v`. Past and
present of a layer are bound to the same memory once, so a pass appends to it in place, and going back
to a shorter sequence is a matter of passing its length.

    SessionError       the graph cannot be loaded
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class SessionError(Exception):
    """The graph cannot be loaded: damaged, incomplete, or made for another version of onnxruntime."""


class Session:
    """One token sequence in one model. One thread at a time."""

    def __init__(self, model: Path, *, threads: int, capacity: int) -> None:
        import onnxruntime as ort  # late: whoever shares another server's model needs none of it

        try:
            self._session = ort.InferenceSession(
                str(model), _options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's own exceptions have no common base
            raise SessionError(f"{model} is no model for onnxruntime {ort.__version__}: {error}") from error
        shapes = {i.name: i.shape for i in self._session.get_inputs()}
        layers = sum(name.startswith("past.") for name in shapes) // 2
        _, kv_heads, _, head_dim = shapes["past.0.k"]
        self.vocab_size: int = self._session.get_outputs()[0].shape[-1]
        self.capacity = capacity
        self._length = 0
        # One array, so that a stretch of tokens of all layers is one slice.
        self._kv = np.zeros((2 * layers, kv_heads, capacity, head_dim), np.float32)
        self._last_position, self._total = np.zeros(1, np.int32), np.zeros((), np.int32)
        self._one_id, self._one_index = np.zeros((1, 1), np.int64), np.zeros(1, np.int64)
        self._one_row = np.zeros((1, 1, self.vocab_size), np.float32)
        # Decoding runs the same binding again and again with other numbers in the same memory.
        self._single, self._several = self._binding(), self._binding()
        self._bind(self._single, self._one_id, self._one_index, self._one_row)

    @property
    def length(self) -> int:
        """How many tokens the sequence has."""
        return self._length

    @property
    def token_bytes(self) -> int:
        """Size of one token's keys and values."""
        return self._kv.nbytes // self.capacity

    def rollback(self, length: int) -> None:
        """Forget all tokens from position `length` on."""
        if not 0 <= length <= self._length:
            raise ValueError(f"cannot roll {self._length} tokens back to {length}")
        self._length = length

    def step(self, ids: Sequence[int], rows: int = 1) -> Floats:
        """Append `ids` and return the logits after each of the last `rows` of them, [rows, vocab].

        The array is valid until the next call. Raises ValueError beyond the capacity.
        """
        total = self._length + len(ids)
        if not 0 < len(ids) <= self.capacity - self._length or not 0 < rows <= len(ids):
            raise ValueError(f"{len(ids)} tokens, {rows} rows at {self._length} of {self.capacity}")
        self._last_position[0] = total - 1
        self._total[...] = total
        logits: Floats = self._one_row
        if len(ids) == 1:
            self._one_id[0, 0] = ids[0]
            self._session.run_with_iobinding(self._single)
        else:
            index = np.arange(len(ids) - rows, len(ids))
            if rows > 1:
                logits = np.empty((1, rows, self.vocab_size), np.float32)
            array = np.array([ids], np.int64)
            self._bind(self._several, array, index, logits)
            self._session.run_with_iobinding(self._several)
        self._length = total
        return logits.reshape(rows, -1)

    def read(self, start: int, stop: int) -> Floats:
        """Return a view of the keys and values of tokens [start, stop).

        Its shape is [2 * layers, kv_heads, tokens, head_dim].
        """
        if not 0 <= start <= stop <= self._length:
            raise ValueError(f"no tokens [{start}, {stop}) in a sequence of {self._length}")
        return self._kv[:, :, start:stop]

    def append(self, segment: Floats) -> None:
        """Append tokens whose keys and values were `read` when they followed the very same tokens."""
        stop = self._length + segment.shape[2]
        self._kv[:, :, self._length : stop] = segment
        self._length = stop

    def _binding(self) -> Any:
        binding = self._session.io_binding()
        for n, array in enumerate(self._kv):
            name = f"{n // 2}.{'kv'[n % 2]}"
            bound = ("cpu", 0, np.float32, (1, *array.shape), array.ctypes.data)
            binding.bind_input(f"past.{name}", *bound)
            binding.bind_output(f"present.{name}", *bound)
        binding.bind_input("seqlens_k", "cpu", 0, np.int32, (1,), self._last_position.ctypes.data)
        binding.bind_input("total_len", "cpu", 0, np.int32, (), self._total.ctypes.data)
        return binding

    def _bind(self, binding: Any, ids: NDArray[np.int64], index: NDArray[np.int64], logits: Floats) -> None:
        binding.bind_input("input_ids", "cpu", 0, np.int64, ids.shape, ids.ctypes.data)
        binding.bind_input("logit_idx", "cpu", 0, np.int64, index.shape, index.ctypes.data)
        binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)


def _options(threads: int) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Workers wait for the next operator by spinning, which saves a quarter of a decode step. Left at its
    # default this takes twice the time as soon as another program wants a core, and keeps an idle one warm;
    # operators are but microseconds apart, so a short spin gains as much.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "50")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.enable_cpu_mem_arena = False  # as fast without, and up to 70 MB smaller
    return options
