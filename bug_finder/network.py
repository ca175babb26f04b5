"""The network that tells what stands at a place from all that stands around it; see training/bug_network.py.

Only the two recurrent nets run in onnxruntime; their graph is written here, from the arrays of
network.npz. What is asked at a place is little, and numpy does it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bug_finder.sites import Sites
from bug_finder.vocabulary import ANY_NAME, NOTHING, PADDING, Encoded

NEAR = 3  # tokens
DISTANCES = 16
_FAR = 1 << 9  # tokens: beyond the last step of distances
_OPSET = 18
_NEVER = np.float32(-1e4)

Floats = npt.NDArray[np.float32]


class Reading(NamedTuple):
    """Logarithms of probabilities at the S places of a function that has N different names."""

    classes: Floats  # (S, classes)
    copies: Floats  # (S, N): that it is the name N, standing elsewhere as well
    own: Floats  # (S,): what stands there; at gaps, that nothing is missing


class Network:
    """The weights; keeps nothing between calls."""

    def __init__(self, weights: Mapping[str, Any], threads: int = 1) -> None:
        self._weights = {name: np.array(value, np.float32) for name, value in weights.items()}
        self._weights["parts.weight"][0] = 0  # of the parts that a token does not have
        self._session = _session(self._weights, threads)
        away = np.arange(-_FAR, _FAR + 1)
        steps = np.minimum((2 * np.log2(np.maximum(np.abs(away), 1))).astype(np.int64), DISTANCES - 1)
        self._bias = self._weights["distance.weight"][steps + DISTANCES * (away > 0), 0]
        self._key_kernel = np.ascontiguousarray(self._weights["key.weight"].transpose(2, 1, 0))

    def read(
        self, functions: Sequence[Encoded], languages: Sequence[int], places: Sequence[Sites]
    ) -> list[Reading]:
        """One reading for each function."""
        lengths = np.array([len(each.kinds) for each in functions], np.int32)
        embedded = np.zeros((int(lengths.max()), len(functions), self._dims), np.float32)
        for at, (each, language) in enumerate(zip(functions, languages, strict=True)):
            embedded[: len(each.kinds), at] = self._embed(each, language)
        before, behind = self._session.run(None, {"embedded": embedded, "lengths": lengths})
        return [
            self._at(each, embedded[: len(each.kinds), at], before[:, 0, at], behind[:, 0, at], places[at])
            for at, each in enumerate(functions)
        ]

    @property
    def _dims(self) -> int:
        return int(self._weights["parts.weight"].shape[1])

    def _embed(self, function: Encoded, language: int) -> Floats:
        weights = self._weights
        parts = weights["parts.weight"][function.parts].sum(1)
        return np.asarray(
            parts + weights["kinds.weight"][function.kinds] + weights["languages.weight"][language]
        )

    def _at(
        self, function: Encoded, embedded: Floats, before: Floats, behind: Floats, places: Sites
    ) -> Reading:
        weights, count = self._weights, len(function.kinds)
        start = np.zeros((1, before.shape[1]), np.float32)
        left = np.concatenate([start, before[: count - 1]])[places.tokens]
        right = np.concatenate([behind[:count], start])[places.tokens + ~places.gaps]
        states = np.tanh(np.concatenate([left, right], 1) @ weights["meet.weight"].T + weights["meet.bias"])
        logits = states @ weights["out.weight"].T + weights["out.bias"]
        logits[:, PADDING] = _NEVER
        scores = self._copy_scores(states, embedded, places)
        may = (function.copies >= 0)[None] & (np.abs(np.arange(count)[None] - places.tokens[:, None]) >= NEAR)
        scores[~may] = _NEVER
        names = _by_name(scores, function.copies)
        total = np.logaddexp(_logsumexp(logits), _logsumexp(names) if names.shape[1] else _NEVER)[:, None]
        classes, copies = logits - total, names - total
        return Reading(classes, copies, _own(function, classes, copies, places))

    def _copy_scores(self, states: Floats, embedded: Floats, places: Sites) -> Floats:
        weights, count = self._weights, len(embedded)
        width = len(self._key_kernel)
        padded = np.pad(embedded, ((width // 2, width // 2), (0, 0)))
        keys = (
            sum(padded[at : at + count] @ self._key_kernel[at] for at in range(width)) + weights["key.bias"]
        )
        queries = states @ weights["query.weight"].T + weights["query.bias"]
        away = np.arange(count)[None] - places.tokens[:, None]
        bias = self._bias[np.clip(away, -_FAR, _FAR) + _FAR]
        return np.asarray(queries @ keys.T / np.float32(math.sqrt(keys.shape[1])) + bias, np.float32)


def _own(function: Encoded, classes: Floats, copies: Floats, places: Sites) -> Floats:
    rows = np.arange(len(places.tokens))
    own = np.where(places.gaps, NOTHING, function.classes[places.tokens])
    by_class = classes[rows, own]
    name = np.where(places.gaps, -1, function.copies[places.tokens])
    if not copies.shape[1]:
        return by_class
    copied = np.where(name >= 0, copies[rows, np.maximum(name, 0)], _NEVER)
    stands_for_many = (own >= ANY_NAME) & (own <= ANY_NAME + 3) & (copied > -5e3)
    return np.asarray(np.logaddexp(np.where(stands_for_many, _NEVER, by_class), copied), np.float32)


def _by_name(scores: Floats, copies: npt.NDArray[np.int16]) -> Floats:
    """(S, N) from (S, T): each name's occurrences added up."""
    count = int(copies.max()) + 1 if len(copies) else 0
    if count <= 0:
        return np.zeros((len(scores), 0), np.float32)
    largest = scores.max(1, keepdims=True)
    belongs = (copies[:, None] == np.arange(count)).astype(np.float32)
    summed = np.exp(scores - largest) @ belongs
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.log(summed) + largest, _NEVER), np.float32)


def _logsumexp(rows: Floats) -> Floats:
    largest = rows.max(1)
    return np.asarray(largest + np.log(np.exp(rows - largest[:, None]).sum(1)), np.float32)


def _session(weights: Mapping[str, Floats], threads: int) -> Any:
    """Both nets over (T, B, dims): states behind each token from the left, before each from the right."""
    import onnxruntime as ort
    from onnx import TensorProto, helper, numpy_helper

    nodes, tensors = [], []
    for name, direction, output in (("forwards", "forward", "before"), ("backwards", "reverse", "behind")):
        hidden = weights[f"{name}.weight_hh_l0"].shape[1]
        order = np.r_[
            hidden : 2 * hidden, 0:hidden, 2 * hidden : 3 * hidden
        ]  # PyTorch: r, z, n; ONNX: z, r, h
        biases = np.concatenate([weights[f"{name}.bias_ih_l0"][order], weights[f"{name}.bias_hh_l0"][order]])
        for part, value in (
            ("w", weights[f"{name}.weight_ih_l0"][order]),
            ("r", weights[f"{name}.weight_hh_l0"][order]),
            ("b", biases),
        ):
            tensors.append(numpy_helper.from_array(np.ascontiguousarray(value[None]), f"{name}.{part}"))
        nodes.append(
            helper.make_node(
                "GRU",
                ["embedded", f"{name}.w", f"{name}.r", f"{name}.b", "lengths"],
                [output],
                hidden_size=hidden,
                direction=direction,
                linear_before_reset=1,
            )
        )
    graph = helper.make_graph(
        nodes,
        "bug_finder",
        [
            helper.make_tensor_value_info("embedded", TensorProto.FLOAT, ["T", "B", "D"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["B"]),
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["T", 1, "B", "H"])
            for name in ("before", "behind")
        ],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
