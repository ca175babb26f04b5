"""Prefix cache: what a language model remembers of token sequences it has read.

A radix tree in the manner of SGLang's RadixAttention (Zheng et al. 2023), section 3. Every edge carries a run
of tokens and their payload, keys and values [2 * layers, kv_heads, tokens, head_dim]. Sequences with a
common start share its nodes. When the payloads outgrow the budget, the leaf that was not used for longest
goes first.

Not thread-safe: it belongs to the thread that runs the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Tokens = Sequence[int] | NDArray[np.int64]
Payload = NDArray[Any]

AXIS: Final = 2  # of a payload: its tokens


@dataclass(frozen=True, slots=True)
class Match:
    """The longest known prefix: `length` tokens, whose payloads are the `segments` one after the other.

    Segments are views that must not be written to. They stay valid whatever happens to the tree.
    """

    length: int
    segments: tuple[Payload, ...]


@dataclass(eq=False, slots=True)
class _Node:
    tokens: NDArray[np.int64]
    payload: Payload
    parent: _Node | None
    used: int
    children: dict[int, _Node] = field(default_factory=dict)


class PrefixCache:
    """Token sequences and their payloads within `budget_bytes` of payload."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._clock = 0
        self._bytes = 0
        self._root = _Node(np.empty(0, np.int64), np.empty(0), None, 0)

    @property
    def bytes(self) -> int:
        """Size of all payloads held."""
        return self._bytes

    def match(self, tokens: Tokens) -> Match:
        """Return the longest prefix of `tokens` that is held, and mark it as used now."""
        self._clock += 1
        length, segments = 0, []
        for node, common in self._walk(np.asarray(tokens, np.int64)):
            node.used = self._clock
            segments.append(_part(node.payload, 0, common))
            length += common
        return Match(length, tuple(segments))

    def insert(self, tokens: Tokens, payload: Payload) -> None:
        """Hold `tokens` with their `payload`, of which only the part that is not held yet is copied."""
        ids = np.array(tokens, np.int64)
        if payload.shape[AXIS] != len(ids):
            raise ValueError(f"payload of {payload.shape[AXIS]} for {len(ids)} tokens")
        self._clock += 1
        parent, length = self._root, 0
        for node, common in self._walk(ids):
            parent = node if common == len(node.tokens) else self._split(node, common)
            parent.used = self._clock
            length += common
        if length < len(ids):
            rest = _part(payload, length, len(ids)).copy()
            parent.children[int(ids[length])] = _Node(ids[length:], rest, parent, self._clock)
            self._bytes += rest.nbytes
            self.evict(self._budget)

    def evict(self, limit_bytes: int) -> None:
        """Drop the leaves that were not used for longest until at most `limit_bytes` are held."""
        while self._bytes > limit_bytes:
            leaf = min((node for node in self._nodes() if not node.children), key=lambda node: node.used)
            assert leaf.parent is not None
            del leaf.parent.children[int(leaf.tokens[0])]
            self._bytes -= leaf.payload.nbytes

    def check(self) -> None:
        """Raise AssertionError if an invariant is broken. For tests: visits every node."""
        nodes = list(self._nodes())
        assert self._bytes == sum(node.payload.nbytes for node in nodes), "byte count drifted"
        assert self._bytes <= self._budget, "over budget"
        for node in nodes:
            assert len(node.tokens) == node.payload.shape[AXIS] > 0, "tokens and payload differ in length"
            assert node.payload.base is None, "payload keeps a larger array alive"
            assert node.parent is not None
            assert node.parent.children.get(int(node.tokens[0])) is node, "filed under a wrong token"
            assert node.parent is self._root or node.parent.used >= node.used, "used later than its parent"

    def _walk(self, ids: NDArray[np.int64]) -> Iterator[tuple[_Node, int]]:
        """Yield the nodes along `ids` with the count of tokens in common; only the last may be partial."""
        node, done = self._root, 0
        while done < len(ids) and (child := node.children.get(int(ids[done]))):
            common = common_length(child.tokens, ids[done:])
            partial = common < len(child.tokens)  # asked first: the caller may split the child
            yield child, common
            if partial:
                return
            node, done = child, done + common

    def _split(self, node: _Node, at: int) -> _Node:
        """Cut `node` in two and return the upper part; each gets an array of its own that can be freed."""
        assert node.parent is not None
        head = _part(node.payload, 0, at).copy()
        tail = _part(node.payload, at, len(node.tokens)).copy()
        upper = _Node(node.tokens[:at], head, node.parent, node.used, {int(node.tokens[at]): node})
        node.parent.children[int(node.tokens[0])] = upper
        node.tokens, node.payload, node.parent = node.tokens[at:], tail, upper
        return upper

    def _nodes(self) -> Iterator[_Node]:
        stack = list(self._root.children.values())
        while stack:
            node = stack.pop()
            yield node
            stack.extend(node.children.values())


def _part(payload: Payload, start: int, stop: int) -> Payload:
    return payload[:, :, start:stop]


def common_length(a: Tokens, b: Tokens) -> int:
    """Return how many tokens `a` and `b` have in common from their start."""
    n = min(len(a), len(b))
    differs = np.asarray(a[:n], np.int64) != np.asarray(b[:n], np.int64)
    return int(differs.argmax()) if differs.any() else n
