"""Bits per byte that a base, or a base with a delta, needs for code: what training must not make worse.

    python -m training.bits FILL_IN_MIDDLE.shard... --base NAME [--delta FILE] [--files N]

Texts are beginnings of files in shards of repositories that are held out, each read for itself.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import torch
from torch.nn import functional

from engine.delta import Tuned, read_delta
from engine.weights import Weights
from training.base import open_base
from training.data.examples import FillInMiddle
from training.data.shards import read_shard
from training.encode import tokenizer_of
from training.model import Decoder, dense_mask, load

LONGEST: Final = 512  # tokens of a text


def main() -> None:
    """Measure one model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shards", type=Path, nargs="+")
    parser.add_argument("--base", required=True, help="a manifest's name")
    parser.add_argument("--delta", type=Path)
    parser.add_argument("--files", type=int, default=30)
    args = parser.parse_args()
    base, origin = open_base(args.base)
    weights: Weights = Tuned(base, origin, read_delta(args.delta)) if args.delta else base
    tokenizer = tokenizer_of(args.base)
    texts = [tokenizer.encode(text)[:LONGEST] for text in sampled(args.shards, args.files)]
    sizes = [len(tokenizer.decode(tokens[1:]).encode()) for tokens in texts]
    print(f"{bits(load(weights), texts) / sum(sizes):.4f} bits per byte, {sum(sizes)} bytes")


def sampled(shards: Sequence[Path], count: int) -> list[str]:
    """The beginnings of `count` files, as many of each shard: the cut with the longest text of each file."""
    texts = []
    for shard in sorted(shards):
        longest: dict[str, str] = {}
        for cut in read_shard(shard, FillInMiddle):
            text = cut.prefix + cut.middle
            longest[cut.path] = max(longest.get(cut.path, ""), text, key=len)
        texts += [longest[path] for path in sorted(longest)][: -(-count // len(shards))]
    return texts


def bits(decoder: Decoder, texts: Iterable[Sequence[int]]) -> float:
    """What all tokens but the first of each text cost together."""
    total = 0.0
    with torch.no_grad():
        for tokens in texts:
            ids = torch.tensor([list(tokens)])
            alone = torch.zeros_like(ids)
            hidden = decoder(ids, torch.arange(ids.shape[1])[None], dense_mask(alone, alone))
            logits = decoder.logits(hidden[0, :-1]).float()
            total += float(functional.cross_entropy(logits, ids[0, 1:], reduction="sum"))
    return total / math.log(2)


if __name__ == "__main__":
    main()
