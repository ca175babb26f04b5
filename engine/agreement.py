"""Does this machine compute what the model means? A short text, judged once by plain arithmetic, tells.

The kernels behind `uq8` multiply unsigned by signed bytes. CPUs without VNNI may add two such products in
16 bits, and saturate. Weights and activations are seldom large enough for that to matter, but whether they
are depends on the model and on the machine, so each pair is tried: when a model is converted, and when it
is loaded. Where it fails, `nb8` takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from engine.converted import Probe

Floats = npt.NDArray[np.float32]

# Rounding to 8 bits moves the log-probability of the best token by 0.1 to 0.2 on average; kernels that
# multiply wrongly move it by several times as much.
TOLERANCE = 0.3

TEXT = """\
import json
from pathlib import Path


def load_settings(path: Path) -> dict[str, object]:
    \"\"\"Read the settings file, or return the defaults.\"\"\"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as file:
        return json.load(file)
"""


def agrees(probe: Probe, step: Callable[[Sequence[int], int], Floats]) -> bool:
    """Whether the logits that `step(tokens, rows)` computes are those of the model, within rounding.

    `step` appends tokens to an empty sequence and returns the logits after each of the last `rows`.
    """
    logits = step(probe.tokens, len(probe.tokens))
    moved = _log_probabilities(logits, probe.best) - np.array(probe.log_probabilities)
    return bool(np.abs(moved).mean() < TOLERANCE)


def probe_of(tokens: Sequence[int], logits: Floats) -> Probe:
    """What exact `logits` `[len(tokens), vocab]` say, to be kept with the model."""
    best = logits.argmax(axis=1).tolist()
    return Probe(tuple(tokens), tuple(best), tuple(_log_probabilities(logits, best).tolist()))


def _log_probabilities(logits: Floats, tokens: Sequence[int]) -> npt.NDArray[np.float64]:
    """Log-probability of one token in each row of `logits` `[n, vocab]`."""
    wide = logits.astype(np.float64)
    peak = wide.max(axis=1)
    total: npt.NDArray[np.float64] = np.log(np.exp(wide - peak[:, None]).sum(axis=1))
    chosen: npt.NDArray[np.float64] = wide[np.arange(len(wide)), tokens] - peak - total
    return chosen
