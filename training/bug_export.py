"""The trained network as it ships: numbers of 16 bits beside the vocabulary.

python -m training.bug_export [--data DIR] [--weights FILE] [--out models/bug_finder]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
import torch

from engine.paths import manifest_dir
from training.bug_encode import OUT


def main() -> int:
    """Write network.npz and vocabulary.txt."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=OUT / "bug_network")
    parser.add_argument("--weights", type=Path, default=OUT / "bug_network" / "network.pt")
    parser.add_argument("--out", type=Path, default=manifest_dir() / "bug_finder")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    weights = torch.load(arguments.weights, weights_only=True)["network"]
    arrays = {name: value.numpy().astype(np.float16) for name, value in weights.items()}
    np.savez_compressed(arguments.out / "network.npz", **arrays)
    shutil.copyfile(arguments.data / "vocabulary.txt", arguments.out / "vocabulary.txt")
    size = sum(path.stat().st_size for path in arguments.out.iterdir())
    print(f"{size / 1e6:.1f} MB in {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
