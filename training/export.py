"""Makes what a run has learned into a delta: the file under models/deltas/ that travels with the program.

    python -m training.export RUN --run NAME --out FILE                        updates of low rank
    python -m training.export RUN --run NAME --out FILE --base NAME --rank N   all weights: what fits N ranks

With `--share` only a part of the change is taken: between the weights before and after lie some that have
learned the new and forgotten less of the old (Wortsman et al. 2022, "WiSE-FT").

RUN is the folder of training/train.py. The delta names its base, prompts, data and run. Printed are its size,
and how far rounding moves the changes that it makes; see docs/DECISIONS.md for why 8 bits are enough.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.delta import Delta, Origin, Update, write_delta
from engine.gguf_file import Floats
from engine.source import sha256_of
from engine.weights import Weights
from training.base import open_base
from training.model import LINEARS
from training.train import CHECKPOINT

Factors = tuple[Floats, Floats]  # `[out, rank]` and `[rank, in]`


def main() -> None:
    """Write the delta of a run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="RUN", type=Path)
    parser.add_argument("--run", required=True, help="the run's name in training/LOG.md")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--base", help="where all weights were trained: what they were before")
    parser.add_argument("--rank", type=int, default=64, help="where all weights were trained")
    parser.add_argument("--share", type=float, default=1.0, help="of the change that is taken")
    args = parser.parse_args()
    state = torch.load(args.folder / CHECKPOINT, map_location="cpu", weights_only=True)
    trained = {name: each.detach().float().numpy() for name, each in state["trained"].items()}
    about = state["about"]
    if about["options"]["rank"]:
        factors = dict(low_rank(trained, about["options"]["alpha"] / about["options"]["rank"]))
    else:
        factors = dict(differences(trained, open_base(args.base)[0], args.rank))
    factors = {name: (up * np.float32(args.share), down) for name, (up, down) in factors.items()}
    delta = delta_of(factors, about, args.run)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_delta(args.out, delta)
    size, error = args.out.stat().st_size, rounding_error(factors, delta)
    print(f"{args.out}: {size / 1e6:.1f} MB, sha256 {sha256_of(args.out)}; rounding moves it by {error:.2%}")


def low_rank(trained: Mapping[str, Floats], scale: float) -> Iterator[tuple[str, Factors]]:
    """The factors of each trained update."""
    for name, up in trained.items():
        if name.endswith(".up"):
            _, layer, matrix, _ = name.split(".")
            down = trained[f"layers.{layer}.{matrix}.down"]
            yield f"{layer}.{matrix}", balanced(up * np.float32(scale), down)


def differences(trained: Mapping[str, Floats], before: Weights, rank: int) -> Iterator[tuple[str, Factors]]:
    """The best factors of `rank` for what training changed in each matrix (Eckart and Young 1936)."""
    for index in range(before.architecture.layers):
        layer = before.layer(index)
        for matrix in LINEARS:
            change = trained[f"layers.{index}.{matrix}.weight"] - getattr(layer, matrix)
            left, values, right = np.linalg.svd(change, full_matrices=False)
            root = np.sqrt(values[:rank])
            yield f"{index}.{matrix}", balanced(left[:, :rank] * root, root[:, None] * right[:rank])


def balanced(up: Floats, down: Floats) -> Factors:
    """Factors of the same product whose components are all about as large, so that rounding harms them alike.

    A product does not change when an orthogonal matrix and its inverse are put between its factors.
    """
    left, left_root = np.linalg.qr(up)
    right, right_root = np.linalg.qr(down.T)
    inner_left, values, inner_right = np.linalg.svd(left_root @ right_root.T)
    root = np.sqrt(values)
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((len(values), len(values))))
    new_up = left @ (inner_left * root) @ turn
    new_down = turn.T @ (root[:, None] * inner_right) @ right.T
    return new_up.astype(np.float32), new_down.astype(np.float32)


def delta_of(factors: Mapping[str, Factors], about: Mapping[str, Any], run: str) -> Delta:
    """The delta of a run that says `about` itself what training/train.py records."""
    special: dict[str, str] = {}
    for each in about["data"]:
        special |= each.get("special", {})
    return Delta(
        origin=Origin(**about["base"]),
        run=run,
        prompts=tuple(sorted({each["prompt"] for each in about["data"]})),
        data={each["task"]: _digest(each["recipes"]) for each in about["data"]},
        special=special,
        updates={name: Update.of(up, down) for name, (up, down) in factors.items()},
    )


def rounding_error(factors: Mapping[str, Factors], delta: Delta) -> float:
    """Norm of what rounding changes, relative to the norm of all changes."""
    wrong = whole = 0.0
    for name, (up, down) in factors.items():
        change = up @ down
        wrong += float(np.square(delta.updates[name].change() - change).sum())
        whole += float(np.square(change).sum())
    return float(np.sqrt(wrong / whole)) if whole else 0.0


def _digest(recipes: list[str]) -> str:
    return hashlib.sha256("\n".join(recipes).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
