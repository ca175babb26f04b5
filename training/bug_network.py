"""Trains the network of the bug finder: what stands between this left and that right?

    python -m training.bug_network --minutes N [--data DIR] [--out FILE] [--resume]

Two recurrent nets read a function, one from each end, and meet at every place without having seen what
stands there. From both states comes a distribution over a vocabulary, over the names that occur elsewhere
in the function (each by how it is used there), and over "nothing": at every token what it is has to be
told, and between two tokens that nothing is missing. Everything that the bug finder asks (another
operator, another name, one more word, one less) is a ratio of two such probabilities.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bug_finder.vocabulary import ANY_NAME, NOTHING, PADDING, Vocabulary
from text.languages import LANGUAGES
from training.bug_encode import OUT

DIMS, HIDDEN, STATE, KEY = 96, 160, 96, 48
NEAR = 3  # tokens: what stands so near a place has been read together with it
DISTANCES = 16


class Batch(NamedTuple):
    """B functions of T tokens at the most, padded; `lengths` in tokens."""

    kinds: Tensor  # (B, T)
    classes: Tensor
    copies: Tensor  # -1 for what cannot be copied
    parts: Tensor  # (B, T, PARTS)
    languages: Tensor  # (B,)
    lengths: Tensor


class Network(nn.Module):
    """See the module; `bug_finder/network.py` computes the same."""

    def __init__(self, classes: int, parts: int) -> None:
        super().__init__()
        self.parts = nn.EmbeddingBag(parts, DIMS, mode="sum", padding_idx=0)
        self.kinds = nn.Embedding(6, DIMS)
        self.languages = nn.Embedding(len(LANGUAGES), DIMS)
        self.forwards = nn.GRU(DIMS, HIDDEN, batch_first=True)
        self.backwards = nn.GRU(DIMS, HIDDEN, batch_first=True)
        self.meet = nn.Linear(2 * HIDDEN, STATE)
        self.out = nn.Linear(STATE, classes)
        self.query = nn.Linear(STATE, KEY)
        self.key = nn.Conv1d(DIMS, KEY, 2 * NEAR - 1, padding=NEAR - 1)
        self.distance = nn.Embedding(2 * DISTANCES, 1)
        nn.init.normal_(self.parts.weight, std=0.08)
        nn.init.normal_(self.kinds.weight, std=0.08)
        nn.init.normal_(self.languages.weight, std=0.08)
        nn.init.zeros_(self.distance.weight)

    def embed(self, batch: Batch) -> Tensor:
        """(B, T, DIMS)"""
        summed = self.parts(batch.parts.flatten(0, 1)).view(*batch.kinds.shape, DIMS)
        return (
            summed
            + F.one_hot(batch.kinds, 6).float() @ self.kinds.weight
            + self.languages(batch.languages)[:, None]
        )

    def read(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """States before and behind every gap, (B, T + 1, HIDDEN) each, and the tokens' keys, (B, T, KEY)."""
        embedded = self.embed(batch)
        start = embedded.new_zeros(len(embedded), 1, HIDDEN)
        before = torch.cat([start, self.forwards(embedded)[0]], 1)
        turned = _turned(embedded, batch.lengths)
        behind = torch.cat([start, self.backwards(turned)[0]], 1)
        behind = _turned(behind, batch.lengths + 1)
        return before, behind, self.key(embedded.transpose(1, 2)).transpose(1, 2)

    def state(self, before: Tensor, behind: Tensor) -> Tensor:
        """What is known of a place, (..., STATE)."""
        return torch.tanh(self.meet(torch.cat([before, behind], -1)))

    def copy_scores(self, state: Tensor, keys: Tensor, batch: Batch) -> Tensor:
        """Scores of copying each token at each place, (B, T, T)."""
        numbers = torch.arange(keys.shape[1])
        away = numbers[None] - numbers[:, None]
        scores = (
            self.query(state) @ keys.transpose(1, 2) / math.sqrt(KEY)
            + self.distance(distance_bucket(away))[..., 0]
        )
        may = (batch.copies >= 0)[:, None] & (away.abs() >= NEAR)
        return scores.masked_fill(~may, -1e4)

    def loss(self, batch: Batch, chance: torch.Generator) -> tuple[Tensor, Tensor]:
        """Nats for each place that was asked about, (N,), and whether it was a gap."""
        before, behind, keys = self.read(batch)
        size = batch.kinds.shape[1]
        numbers = torch.arange(size)[None].expand(len(batch.kinds), -1)
        inside = numbers < batch.lengths[:, None]
        plain = (batch.kinds == 4) | (batch.kinds == 5)
        asked = inside & (~plain | (torch.rand(plain.shape, generator=chance) < 0.25))
        gaps = inside & (torch.rand(plain.shape, generator=chance) < 0.15)
        losses = []
        for wanted, behind_at, target in (
            (asked, behind[:, 1:], batch.classes),
            (gaps, behind[:, :-1], torch.full_like(batch.classes, NOTHING)),
        ):
            state = self.state(before[:, :-1], behind_at)
            copying = self.copy_scores(state, keys, batch)
            own = (batch.copies[:, :, None] == batch.copies[:, None]) & (batch.copies >= 0)[:, :, None]
            own = own & (target != NOTHING)[..., None]
            row, column = wanted.nonzero(as_tuple=True)
            logits = self.out(state[row, column])
            logits[:, PADDING] = -1e4
            copying, own = copying[row, column], own[row, column]
            all_of_it = torch.logaddexp(logits.logsumexp(-1), copying.logsumexp(-1))
            right = target[row, column]
            # A name of no class of its own that can be copied is not "any name".
            by_class = logits.gather(1, right[:, None])
            copied = copying.masked_fill(~own, -1e4)
            can_copy = (copied > -5e3).any(-1, keepdim=True)
            by_class = by_class.masked_fill(
                can_copy & (right[:, None] <= 5) & (right[:, None] >= ANY_NAME), -1e4
            )
            losses.append(all_of_it - torch.logaddexp(by_class[:, 0], copied.logsumexp(-1)))
        is_gap = torch.cat([torch.zeros_like(losses[0]), torch.ones_like(losses[1])]).bool()
        return torch.cat(losses), is_gap


def distance_bucket(away: Tensor) -> Tensor:
    """How far tokens are from a place, in steps that grow, before it or behind it."""
    near = (2 * torch.log2(away.abs().clamp(min=1).float())).long().clamp(max=DISTANCES - 1)
    return near + DISTANCES * (away > 0)


def _turned(rows: Tensor, lengths: Tensor) -> Tensor:
    """Each row of (B, T, ...) backwards, its padding staying behind."""
    numbers = torch.arange(rows.shape[1])[None]
    back = lengths[:, None] - 1 - numbers
    index = torch.where(back >= 0, back, numbers)
    return rows.gather(1, index[..., None].expand(-1, -1, rows.shape[2]))


class Code:
    """The encoded functions, and batches of some of like length."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as file:
            self.arrays = {name: file[name] for name in file.files}
        self.starts = self.arrays["starts"]
        self.lengths = np.diff(self.starts)

    def batch(self, functions: np.ndarray) -> Batch:
        """The functions of these numbers."""
        lengths = self.lengths[functions]
        index = self.starts[functions][:, None] + np.arange(lengths.max())[None]
        inside = np.arange(lengths.max())[None] < lengths[:, None]
        index = np.where(inside, index, 0)

        def padded(name: str, by: int) -> Tensor:
            values = self.arrays[name][index].astype(np.int64)
            values[~inside] = by
            return torch.from_numpy(values)

        languages = torch.from_numpy(self.arrays["languages"][functions].astype(np.int64))
        return Batch(
            padded("kinds", 5), padded("classes", 0), padded("copies", -1), padded("parts", 0), languages,
            torch.from_numpy(lengths.astype(np.int64)),
        )  # fmt: skip

    def batches(self, functions: np.ndarray, tokens: int, chance: np.random.Generator) -> list[np.ndarray]:
        """All of them once, some `tokens` a batch, each batch of like lengths, in an order by chance."""
        noisy = self.lengths[functions] * np.exp(chance.normal(0, 0.05, len(functions)))
        ordered = functions[np.argsort(noisy)]
        pieces, start = [], 0
        while start < len(ordered):
            most = self.lengths[ordered[start : start + 400]]
            fits = np.maximum.accumulate(most) * np.arange(1, len(most) + 1) <= tokens
            count = max(int(fits.sum()), 1)
            pieces.append(ordered[start : start + count])
            start += count
        return [pieces[at] for at in chance.permutation(len(pieces))]


def held_out(names: list[str]) -> set[int]:
    """The repositories that training does not see: those of the list, and one in twelve of the others."""
    listed = {"FasterXML+jackson-core", "junegunn+fzf", "knex+knex", "locustio+locust", "nghttp2+nghttp2"}
    return {at for at, name in enumerate(names) if name in listed or at % 12 == 5}


def train(arguments: argparse.Namespace) -> None:
    """Train until the clock says so; the rate falls with the time that is left."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    code = Code(arguments.data / "code.npz")
    vocabulary = Vocabulary.load(arguments.data / "vocabulary.txt")
    names = json.loads((arguments.data / "repositories.json").read_text())
    out = held_out(names)
    apart = np.isin(code.arrays["repositories"], list(out))
    # Python is what is judged most, and most of what there is.
    network = Network(vocabulary.class_count, vocabulary.part_count)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=arguments.rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True
    )
    done = 0.0
    if arguments.resume and arguments.out.exists():
        kept = torch.load(arguments.out, weights_only=True)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        done = kept["seconds"]
    numbers = np.random.default_rng(int(done) + 1)
    chance = torch.Generator().manual_seed(int(done) + 1)
    checked = code.batches(np.flatnonzero(apart), arguments.tokens, np.random.default_rng(1))[:24]
    started = time.monotonic() - done
    total, step, seen, recent = arguments.minutes * 60, 0, 0, []
    saved = shown = time.monotonic()
    print(
        f"{sum(map(torch.numel, network.parameters()))} weights, {len(apart) - apart.sum()} functions",
        flush=True,
    )
    while True:
        for functions in code.batches(np.flatnonzero(~apart), arguments.tokens, numbers):
            passed = (time.monotonic() - started) / total
            if passed >= 1:
                break
            rate = arguments.rate * min((step + 1) / 100, 1) * (0.03 + 0.97 * (1 - passed) ** 1.0)
            for group in optimizer.param_groups:
                group["lr"] = rate
            losses, _ = network.loss(code.batch(functions), chance)
            optimizer.zero_grad(set_to_none=True)
            losses.mean().backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            step, seen = step + 1, seen + int(code.lengths[functions].sum())
            recent.append(losses.detach().mean().item())
            if time.monotonic() - shown > 60:
                shown = time.monotonic()
                print(
                    f"{shown - started:5.0f} s  step {step}  {seen / 1e6:.2f}M tokens  "
                    f"loss {np.mean(recent):.4f}  rate {rate:.5f}", flush=True,
                )  # fmt: skip
                recent = []
            if time.monotonic() - saved > 150:
                saved = time.monotonic()
                _save(arguments.out, network, optimizer, saved - started)
                _check(network, code, checked)
        else:
            continue
        break
    _save(arguments.out, network, optimizer, time.monotonic() - started)
    _check(network, code, checked)


def _save(path: Path, network: Network, optimizer: torch.optim.Optimizer, seconds: float) -> None:
    part = path.with_suffix(".part")
    state = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "seconds": seconds}
    torch.save(state, part)
    part.replace(path)


@torch.no_grad()  # type: ignore[untyped-decorator]
def _check(network: Network, code: Code, batches: list[np.ndarray]) -> None:
    chance = torch.Generator().manual_seed(1)
    results = [network.loss(code.batch(functions), chance) for functions in batches]
    losses, gaps = torch.cat([each[0] for each in results]), torch.cat([each[1] for each in results])
    print(
        f"        held out: tokens {losses[~gaps].mean():.4f}, gaps {losses[gaps].mean():.4f} nats",
        flush=True,
    )


def main() -> int:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=OUT / "bug_network")
    parser.add_argument("--out", type=Path, default=OUT / "bug_network" / "network.pt")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--tokens", type=int, default=8192, help="of a batch, padding included")
    parser.add_argument("--resume", action="store_true", help="go on where the file of weights ends")
    train(parser.parse_args())
    return 0


if __name__ == "__main__":
    sys.exit(main())
