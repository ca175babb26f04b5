from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch (the extra `train`)")

import torch

from bug_finder.network import Network as Shipped
from bug_finder.sites import Sites, sites
from bug_finder.tokens import lex
from bug_finder.vocabulary import Vocabulary, language_number
from training.bug_network import Batch, Network

pytestmark = pytest.mark.train

TEXTS = [
    (
        "def f(first, second):\n    if first < second and first:\n        g('a', 'a')\n    return first\n",
        "python",
    ),
    ("function f(a, b) {\n  const c = a.b(b, this.x);\n  return c === b ? a : 'z';\n}\n", "javascript"),
]
VOCABULARY = Vocabulary(
    ["(", ")", "first", "if", "return", "-", "1", '"a"'], ["(", ")", "first", "second", "if"]
)


def batch() -> Batch:
    encoded = [VOCABULARY.encode(lex(text, language)) for text, language in TEXTS]
    longest = max(len(each.kinds) for each in encoded)

    def padded(values: list[np.ndarray], by: int) -> torch.Tensor:
        rows = [
            np.pad(each, [(0, longest - len(each))] + [(0, 0)] * (each.ndim - 1), constant_values=by)
            for each in values
        ]
        return torch.from_numpy(np.stack(rows).astype(np.int64))

    return Batch(
        padded([each.kinds for each in encoded], 5),
        padded([each.classes for each in encoded], 0),
        padded([each.copies for each in encoded], -1),
        padded([each.parts for each in encoded], 0),
        torch.tensor([language_number(language) for _, language in TEXTS]),
        torch.tensor([len(each.kinds) for each in encoded]),
    )


def test_what_ships_computes_what_was_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(3)
    network = Network(VOCABULARY.class_count, VOCABULARY.part_count)
    torch.nn.init.normal_(network.distance.weight)
    monkeypatch.setattr(
        torch, "rand", lambda shape, generator: torch.zeros(shape)
    )  # every place is asked about
    losses, is_gap = network.loss(batch(), torch.Generator())
    lengths = [int(length) for length in batch().lengths]
    shipped = Shipped({name: value.numpy() for name, value in network.state_dict().items()})
    encoded = [VOCABULARY.encode(lex(text, language)) for text, language in TEXTS]
    languages = [language_number(language) for _, language in TEXTS]
    for gap in (False, True):
        places = [Sites(np.arange(length), np.full(length, 12 if gap else 0)) for length in lengths]
        readings = shipped.read(encoded, languages, places)
        own = np.concatenate([reading.own for reading in readings])
        assert np.allclose(
            -own, losses[is_gap == gap].detach().numpy(), atol=4e-3
        )  # onnxruntime approximates the functions of a recurrent net


def test_every_place_has_one_distribution() -> None:
    torch.manual_seed(3)
    network = Network(VOCABULARY.class_count, VOCABULARY.part_count)
    shipped = Shipped({name: value.numpy() for name, value in network.state_dict().items()})
    text, language = TEXTS[0]
    tokens = lex(text, language)
    (reading,) = shipped.read([VOCABULARY.encode(tokens)], [language_number(language)], [sites(tokens)])
    total = np.exp(reading.classes).sum(1) + np.exp(reading.copies).sum(1)
    assert np.allclose(total, 1, atol=1e-4)
