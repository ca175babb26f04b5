"""Fits the scorer: which place of a function is wrong, or none, from mined fixes and code that nobody
touched.

    python -m training.bug_scorer FEATURES... [--out FILE] [--nets N] [--epochs N]

Repositories are held out whole; what is printed is of those. With --final nothing is held out for the
nets: do so once everything else is decided.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from engine.paths import manifest_dir
from training.bug_features import BUGGY, FIXED, UNTOUCHED

HIDDEN, HIDDEN_WHOLE = 48, 24
# How much a fix of this kind counts: the more of it lies in the function itself, the more.
_WEIGHTS = {"wrong_string": 0.15, "wrong_expression": 0.4, "missing_expression": 0.4, "extra_expression": 0.4}
_WEIGHTS |= {"missing_condition": 0.6, "missing_argument": 0.5, "extra_argument": 0.5, "extra_condition": 0.6}
# Kinds whose evidence is usually in the function.
INSIDE = frozenset(
    [
        "variable_misuse",
        "wrong_comparison",
        "off_by_one",
        "wrong_literal_bool",
        "argument_swap",
        "missing_return",
        "extra_not",
        "missing_self",
        "wrong_operator",
        "wrong_assignment_op",
        "missing_not",
        "wrong_boolean_op",
        "operand_swap",
        "missing_await",
        "wrong_attribute",
    ]
)


class Cases(NamedTuple):
    """F functions and all of their places."""

    rows: np.ndarray  # (places, columns)
    functions: np.ndarray  # (F, columns)
    targets: np.ndarray  # (places,): what is wrong
    nears: np.ndarray  # (places,): what stands on the lines that are wrong
    lines: np.ndarray  # (places,): lines of the function
    starts: np.ndarray  # (F + 1,)
    facts: list[list[Any]]  # label, case, kind, language, repository, stands


def load(paths: list[Path]) -> Cases:
    """The parts, one after the other."""
    parts = [np.load(path) for path in paths]
    lengths = np.concatenate([np.diff(part["starts"]) for part in parts])
    rows = np.concatenate([part["rows"] for part in parts])
    return Cases(
        rows,
        np.concatenate([part["functions"] for part in parts]),
        np.concatenate([part["targets"] for part in parts]),
        np.concatenate([part["nears"] for part in parts]),
        np.concatenate([part["lines"] for part in parts]),
        np.concatenate([[0], np.cumsum(lengths)]),
        [fact for part in parts for fact in json.loads(str(part["facts"]))],
    )


def is_apart(repository: str) -> bool:
    """Whether a repository is held out: one in five."""
    return int(hashlib.sha256(repository.encode()).hexdigest()[:4], 16) % 5 == 0


class Nets(nn.Module):
    """E nets of one shape; the same as `bug_finder.scorer`."""

    def __init__(self, nets: int, columns: int, whole: int) -> None:
        super().__init__()
        self.row_in = nn.Parameter(torch.randn(nets, columns, HIDDEN) / columns**0.5)
        self.row_in_bias = nn.Parameter(torch.zeros(nets, HIDDEN))
        self.row_out = nn.Parameter(torch.randn(nets, HIDDEN) * 0.05)
        self.function_in = nn.Parameter(torch.randn(nets, whole, HIDDEN_WHOLE) / whole**0.5)
        self.function_in_bias = nn.Parameter(torch.zeros(nets, HIDDEN_WHOLE))
        self.function_out = nn.Parameter(torch.randn(nets, HIDDEN_WHOLE) * 0.05)
        self.function_out_bias = nn.Parameter(torch.full((nets,), 4.0))

    def forward(
        self, rows: torch.Tensor, whole: torch.Tensor, drop: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(E, places) and (E, F)."""
        rows = nn.functional.dropout(rows, drop, self.training)
        whole = nn.functional.dropout(whole, drop, self.training)
        hidden = torch.relu(torch.einsum("pc,ech->eph", rows, self.row_in) + self.row_in_bias[:, None])
        places = torch.einsum("eph,eh->ep", hidden, self.row_out)
        hidden = torch.relu(
            torch.einsum("fc,ech->efh", whole, self.function_in) + self.function_in_bias[:, None]
        )
        return places, torch.einsum("efh,eh->ef", hidden, self.function_out) + self.function_out_bias[:, None]


def log_likelihood(
    places: torch.Tensor, none: torch.Tensor, owner: torch.Tensor, target: torch.Tensor, buggy: torch.Tensor
) -> torch.Tensor:
    """(E, F): of the truth about each function; `owner` is the function of each place."""
    size = none.shape[1]
    largest = torch.maximum(
        none, none.new_full(none.shape, -1e9).scatter_reduce(1, owner.expand_as(places), places, "amax")
    )
    weights = torch.exp(places - largest.gather(1, owner.expand_as(places)))
    every = torch.zeros(none.shape).index_add(1, owner, weights) + torch.exp(none - largest)
    wrong = torch.zeros(none.shape).index_add(1, owner, weights * target)
    truth = torch.where(buggy, wrong, torch.exp(none - largest))
    assert size == truth.shape[1]
    return torch.log(truth.clamp(min=1e-12)) - torch.log(every)


def fit(cases: Cases, chosen: np.ndarray, arguments: argparse.Namespace, check: Any) -> dict[str, np.ndarray]:
    """Train on the functions `chosen`."""
    torch.manual_seed(arguments.seed)
    inside = np.repeat(np.isin(np.arange(len(cases.facts)), chosen), np.diff(cases.starts))
    rows = cases.rows[inside].astype(np.float32)
    scaling = {"row_mean": rows.mean(0), "row_scale": rows.std(0) + 0.05}
    whole = cases.functions[chosen]
    scaling |= {"function_mean": whole.mean(0), "function_scale": whole.std(0) + 0.05}
    del rows
    nets = Nets(arguments.nets, cases.rows.shape[1], cases.functions.shape[1])
    optimizer = torch.optim.AdamW(nets.parameters(), lr=arguments.rate, weight_decay=arguments.decay)
    chance = np.random.default_rng(arguments.seed)
    weights = np.array([weight_of(fact) for fact in cases.facts], np.float32)
    weights[chosen] *= matched(cases, chosen)
    total = arguments.epochs * (len(chosen) // arguments.batch + 1)
    step = 0
    for epoch in range(arguments.epochs):
        nets.train()
        losses = []
        order = chance.permutation(chosen)
        for at in range(0, len(order), arguments.batch):
            batch = order[at : at + arguments.batch]
            for group in optimizer.param_groups:
                group["lr"] = arguments.rate * (1 - step / total)
            step += 1
            tensors = _tensors(cases, batch, scaling)
            likelihood = log_likelihood(*nets(tensors[0], tensors[1], arguments.drop), *tensors[2:])
            weight = torch.from_numpy(weights[batch])
            loss = -(likelihood.mean(0) * weight).sum() / weight.sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        arrays = scaling | {name: value.detach().numpy() for name, value in nets.state_dict().items()}
        if epoch % 2 == 1 or epoch == arguments.epochs - 1:
            print(f"epoch {epoch + 1}: {np.mean(losses):.4f}  {check(arrays)}", flush=True)
    return arrays


def weight_of(fact: list[Any]) -> float:
    """How much a function counts."""
    label, _, kind, language, _, stands = fact
    weight = 1.0 if language == "python" else 0.7
    if label == BUGGY:
        return weight * _WEIGHTS.get(kind, 1.0)
    if label == FIXED:
        return 0.4 * weight
    return weight * (0.9 if stands else 0.6)


def length_bins(cases: Cases, functions: np.ndarray, longest: int = 18) -> np.ndarray:
    """Two bins for each doubling of the places; nothing is in a later one than `longest`."""
    return np.clip((2 * np.log2(np.diff(cases.starts)[functions])).astype(int), 6, longest)


def matched(cases: Cases, functions: np.ndarray, longest: int = 18) -> np.ndarray:
    """A weight for each function, with which those without a bug are as long as those with one.

    Long functions have more bugs; that is no reason to suspect a line of them, and evaluations match
    sizes too.
    """
    bins = length_bins(cases, functions, longest)
    label = np.array([cases.facts[each][0] for each in functions])
    weights = np.ones(len(functions), np.float32)
    wanted = np.bincount(bins[label == BUGGY], minlength=longest + 1) + 0.5
    for each in (FIXED, UNTOUCHED):
        there = np.bincount(bins[label == each], minlength=longest + 1) + 0.5
        ratio = np.clip(wanted / wanted.sum() / (there / there.sum()), 0.1, 6)
        weights[label == each] = ratio[bins[label == each]]
    return weights


def _tensors(cases: Cases, batch: np.ndarray, scaling: dict[str, np.ndarray]) -> list[torch.Tensor]:
    index = np.concatenate([np.arange(cases.starts[each], cases.starts[each + 1]) for each in batch])
    owner = np.repeat(np.arange(len(batch)), np.diff(cases.starts)[batch])
    rows = np.clip((cases.rows[index].astype(np.float32) - scaling["row_mean"]) / scaling["row_scale"], -5, 5)
    whole = np.clip((cases.functions[batch] - scaling["function_mean"]) / scaling["function_scale"], -5, 5)
    buggy = np.array([cases.facts[each][0] == BUGGY for each in batch])
    values = (rows, whole.astype(np.float32), owner, cases.targets[index].astype(np.float32), buggy)
    return [torch.from_numpy(value) for value in values]


class Judged(NamedTuple):
    """Of F functions: the logarithm of the odds of a bug, and whether the best line was wrong."""

    odds: np.ndarray
    hit: np.ndarray


def judge(cases: Cases, functions: np.ndarray, arrays: dict[str, np.ndarray]) -> Judged:
    """What the nets say of these functions."""
    nets = Nets(len(arrays["function_out_bias"]), cases.rows.shape[1], cases.functions.shape[1])
    nets.load_state_dict({name: torch.from_numpy(arrays[name]) for name in nets.state_dict()})
    nets.eval()
    odds, hit = [], []
    with torch.no_grad():
        for at in range(0, len(functions), 256):
            batch = functions[at : at + 256]
            tensors = _tensors(cases, batch, arrays)
            places, none = (each.mean(0).numpy() for each in nets(tensors[0], tensors[1], 0.0))
            start = 0
            for each, calm in zip(batch, none, strict=True):
                count = int(cases.starts[each + 1] - cases.starts[each])
                scores = places[start : start + count]
                odds.append(float(np.logaddexp.reduce(scores) - calm))
                hit.append(bool(cases.nears[cases.starts[each] + int(scores.argmax())]))
                start += count
    return Judged(np.array(odds), np.array(hit))


def area(positive: np.ndarray, negative: np.ndarray, weights: np.ndarray) -> float:
    """Under the receiver's curve, the negative ones being weighted."""
    order = np.argsort(negative)
    below = np.concatenate([[0.0], np.cumsum(weights[order])])[np.searchsorted(negative[order], positive)]
    return float((below / weights.sum()).mean())


def exceeded(negative: np.ndarray, weights: np.ndarray, share: float) -> float:
    """What this share of the weighted negative ones exceed."""
    order = np.argsort(-negative)
    return float(negative[order][np.searchsorted(np.cumsum(weights[order]), share * weights.sum())])


def figures(cases: Cases, functions: np.ndarray, arrays: dict[str, np.ndarray]) -> str:
    """AUC and located recall on these functions."""
    judged = judge(cases, functions, arrays)
    label = np.array([cases.facts[each][0] for each in functions])
    kinds = np.array([cases.facts[each][2] in INSIDE for each in functions])
    calm, weights = judged.odds[label == UNTOUCHED], matched(cases, functions)[label == UNTOUCHED]
    threshold = exceeded(calm, weights, 0.01)
    texts = []
    for name, bugs in (("all", label == BUGGY), ("inside", (label == BUGGY) & kinds)):
        odds, hit = judged.odds[bugs], judged.hit[bugs]
        texts.append(
            f"{name}: n {bugs.sum()} auc {area(odds, calm, weights):.3f} top1 {hit.mean():.3f} "
            f"recall@10 {(hit & (odds > threshold)).mean():.3f}"
        )
    pairs = {
        cases.facts[each][1]: odds
        for each, odds in zip(functions, judged.odds, strict=True)
        if cases.facts[each][0] == FIXED
    }
    better = [
        odds > pairs[cases.facts[each][1]]
        for each, odds in zip(functions, judged.odds, strict=True)
        if cases.facts[each][0] == BUGGY and cases.facts[each][1] in pairs
    ]
    return "  ".join(texts) + f"  pairs {np.mean(better):.3f}"


def main() -> int:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=manifest_dir() / "bug_finder" / "scorer.npz")
    parser.add_argument("--nets", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--drop", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cases = load(arguments.features)
    apart = np.array([is_apart(fact[4]) for fact in cases.facts])
    held = np.flatnonzero(apart)
    arrays = fit(cases, np.flatnonzero(~apart), arguments, lambda arrays: figures(cases, held, arrays))
    halves = {name: value.astype(np.float16) for name, value in arrays.items()}
    np.savez_compressed(arguments.out, allow_pickle=False, **halves)
    return 0


if __name__ == "__main__":
    sys.exit(main())
