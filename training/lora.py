"""Updates of low rank beside frozen matrices (Hu et al. 2021, "LoRA")."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.delta import Delta
from training.model import LINEARS, Decoder


class LowRank(nn.Module):
    """A frozen linear map and a trained update: `base(x) + scale * up(down(x))`, at first nothing."""

    def __init__(self, base: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.base, self.scale = base, scale
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))
        self.down = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)

    def forward(self, x: Tensor) -> Tensor:
        """`x` `[..., in]` to `[..., out]`."""
        update = functional.linear(functional.linear(x, self.down) * self.scale, self.up)
        return self.base(x) + update


def add_low_rank(decoder: Decoder, rank: int, alpha: float) -> None:
    """Freeze `decoder` and give all its linear maps updates, each scaled by `alpha` / `rank`."""
    decoder.requires_grad_(False)
    for block in decoder.blocks():
        for name in LINEARS:
            setattr(block, name, LowRank(getattr(block, name), rank, alpha / rank))


def updates(decoder: Decoder) -> Iterator[tuple[str, LowRank]]:
    """The updates with their names "layer.matrix"."""
    for index, block in enumerate(decoder.blocks()):
        for name in LINEARS:
            yield f"{index}.{name}", getattr(block, name)


def start_from(decoder: Decoder, delta: Delta) -> None:
    """Let the updates begin as those of `delta`, which must have their rank. Raises ValueError otherwise."""
    for name, update in updates(decoder):
        up, down = (torch.from_numpy(factor) for factor in delta.updates[name].factors())
        if up.shape != update.up.shape:
            raise ValueError(f"the delta's {name} has rank {up.shape[1]}, not {update.up.shape[1]}")
        with torch.no_grad():
            update.up.copy_(up / update.scale)
            update.down.copy_(down)
