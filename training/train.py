"""Trains a decoder on packed samples: all of its weights, or updates of low rank.

    python -m training.train --base NAME_OR_FILE --data FILE.npz[=SHARE] ... --held-out FILE.npz ... --out DIR
    python -m training.train --smoke

It reads from top to bottom: the run, one step of it, what is saved, the options. Everything random comes from
`--seed`; a run that was stopped goes on from its checkpoint when the same command is given again, and ends
with the same bits as one that was never stopped. DIR/log.jsonl gets a JSON object for each step, with its
loss, and now and then what it makes of held-out samples.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.delta import Delta, Origin, read_delta
from engine.source import sha256_of
from training.base import open_base
from training.lora import add_low_rank, start_from, updates
from training.model import Decoder, block_mask, dense_mask, load
from training.samples import Batch, Key, Samples, batch, mixed, packed

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"

Sets = Sequence[tuple[Samples, float]]  # with their shares of the mixture


def main(argv: Sequence[str] | None = None) -> None:
    """Train as the command line says."""
    args = arguments(argv)
    if args.smoke:
        from training.smoke import smoke

        smoke(args)
        return
    weights, origin = open_base(args.base)
    sets = [(Samples.load(path), share) for path, share in args.data]
    held_out = {path.stem: Samples.load(path) for path in args.held_out}
    train(load(weights), sets, held_out, args, {"base": origin.base, "vocabulary": origin.vocabulary})


def train(
    decoder: Decoder, sets: Sets, held_out: Mapping[str, Samples], args: argparse.Namespace, base: Any
) -> int:
    """Train `decoder` in place; returns the number of steps that it has behind it.

    Goes on from the checkpoint in `args.out` where there is one, and leaves one there. `base` says what the
    weights are; it is recorded.
    """
    torch.manual_seed(args.seed)
    if args.rank:
        add_low_rank(decoder, args.rank, args.alpha)
        if args.start:
            start_from(decoder, _earlier(args.start, base))
        if not args.float32:
            for _, update in updates(decoder):
                update.base.to(torch.bfloat16)  # frozen: to convert them in each step would be a waste
    decoder.to(args.device)
    trained = {name: each for name, each in decoder.named_parameters() if each.requires_grad}
    decay = 0.0 if args.rank else 0.1
    optimizer = torch.optim.AdamW(
        trained.values(), betas=(0.9, 0.95), weight_decay=decay, fused=args.device == "cuda"
    )
    forward: Callable[..., Tensor] = torch.compile(decoder) if args.compile else decoder
    about = {"base": base, "data": [samples.about for samples, _ in sets], "options": _recorded(args)}
    if args.start:
        about["start"] = sha256_of(args.start)
    done = restore(args.out, trained, optimizer, about)

    data = [samples for samples, _ in sets]
    rows = packed(mixed(data, [share for _, share in sets], args.seed), data, args.length)
    per_step = args.rows * args.accumulate
    rows = islice(rows, done * per_step, None)
    log = (args.out / LOG).open("a", encoding="utf-8")
    started = time.monotonic()
    for index in range(done, min(args.steps, args.stop_after or args.steps)):
        began = time.monotonic()
        batches = [batch(list(islice(rows, args.rows)), data, args.length) for _ in range(args.accumulate)]
        for group in optimizer.param_groups:
            group["lr"] = args.rate * schedule(index, args.warm_up, args.steps)
        loss = step(forward, decoder, batches, optimizer, args)
        done = index + 1
        tokens = sum(int((each.documents >= 0).sum()) for each in batches)
        entry: dict[str, Any] = {"step": done, "loss": loss, "tokens": tokens}
        entry["seconds"] = round(time.monotonic() - began, 3)
        late = time.monotonic() - started > 60 * args.minutes
        if done % args.held_out_every == 0 or done == args.steps or late:
            entry["held_out"] = {
                name: judge(forward, decoder, samples, args) for name, samples in held_out.items()
            }
        print(json.dumps(entry), file=log, flush=True)
        if done % args.save_every == 0 or late:
            save(args.out, done, trained, optimizer, about)
        if late:
            break
    save(args.out, done, trained, optimizer, about)
    log.close()
    return done


def step(
    forward: Callable[..., Tensor],
    decoder: Decoder,
    batches: Sequence[Batch],
    optimizer: torch.optim.Optimizer,
    args: argparse.Namespace,
) -> float:
    """One step on all batches together; returns the mean loss of their learned tokens."""
    learned = max(sum(int(each.learned.sum()) for each in batches), 1)
    losses = []
    for each in batches:
        logits, wanted = learned_logits(forward, decoder, each, args)
        loss = functional.cross_entropy(logits, wanted, reduction="sum") / learned
        loss.backward()
        losses.append(loss.detach())
    parameters = [each for group in optimizer.param_groups for each in group["params"]]
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(sum(losses))


def learned_logits(
    forward: Callable[..., Tensor], decoder: Decoder, each: Batch, args: argparse.Namespace
) -> tuple[Tensor, Tensor]:
    """Logits `[n, vocab]` for the learned tokens of a batch, and these tokens `[n]`; no others are made."""
    ids, positions, documents, branches = (
        torch.from_numpy(array).to(args.device, non_blocking=True)
        for array in (each.ids, each.positions, each.documents, each.branches)
    )
    mask = (block_mask if args.compile and args.device == "cuda" else dense_mask)(documents, branches)
    row, column = (torch.from_numpy(index).to(args.device) for index in np.nonzero(each.learned))
    with torch.autocast(args.device, torch.bfloat16, enabled=not args.float32):
        hidden = forward(ids, positions, mask)
        logits = decoder.logits(hidden[row, column - 1])
    return logits.float(), ids[row, column]


def judge(
    forward: Callable[..., Tensor], decoder: Decoder, samples: Samples, args: argparse.Namespace
) -> dict[str, float]:
    """How well the first rows of `samples` are known.

    `loss` is the mean over learned tokens. `exact` is the share of answers of which every token is the
    likeliest one, so that greedy decoding would write them. Answers that are one token over and over, to say
    of a place that nothing changes there, are counted apart, as `keep`.
    """
    keys: list[Key] = [(0, index) for index in range(len(samples))]
    rows = list(islice(packed(keys, [samples], args.length), args.held_out_rows))
    rows += [[]] * (-len(rows) % args.rows)  # compiled code is made for batches of one size
    total, learned = 0.0, 0
    answers: dict[str, list[bool]] = {"exact": [], "keep": []}
    with torch.no_grad():
        for start in range(0, len(rows), args.rows):
            each = batch(rows[start : start + args.rows], [samples], args.length)
            logits, wanted = learned_logits(forward, decoder, each, args)
            total += float(functional.cross_entropy(logits, wanted, reduction="sum"))
            learned += len(wanted)
            right, ids = (logits.argmax(dim=1) == wanted).cpu().numpy(), wanted.cpu().numpy()
            for answer in each.answers():
                kind = "keep" if (ids[answer] == ids[answer[0]]).all() else "exact"
                answers[kind].append(bool(right[answer].all()))
    found = {name: sum(known) / len(known) for name, known in answers.items() if known}
    return {"loss": total / max(learned, 1), **found}


def schedule(index: int, warm_up: int, steps: int) -> float:
    """Share of the peak rate: up in a line, then down along a cosine to a tenth."""
    if index < warm_up:
        return (index + 1) / warm_up
    progress = (index - warm_up) / max(steps - warm_up, 1)
    return 0.1 + 0.45 * (1 + math.cos(math.pi * progress))


def save(
    folder: Path,
    done: int,
    trained: Mapping[str, Tensor],
    optimizer: torch.optim.Optimizer,
    about: Mapping[str, Any],
) -> None:
    """Write the checkpoint, whole or not at all."""
    state = {"step": done, "trained": dict(trained), "optimizer": optimizer.state_dict(), "about": about}
    torch.save(state, folder / f"{CHECKPOINT}.part")
    os.replace(folder / f"{CHECKPOINT}.part", folder / CHECKPOINT)


def restore(
    folder: Path,
    trained: Mapping[str, Tensor],
    optimizer: torch.optim.Optimizer,
    about: Mapping[str, Any],
) -> int:
    """Take up the checkpoint in `folder`, if there is one; returns the steps that are done."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / CHECKPOINT).exists():
        return 0
    state = torch.load(folder / CHECKPOINT, map_location="cpu", weights_only=True)
    if state["about"] != about:
        raise SystemExit(f"{folder} holds a checkpoint of another run: {state['about']}")
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(state["trained"][name])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("--base", help="a manifest's name, or a file of training/base.py")
    add("--data", type=_with_share, nargs="+", default=[], help="samples, each with its share of the mixture")
    add("--held-out", type=Path, nargs="*", default=[], help="samples for the loss that counts")
    add("--out", type=Path, help="folder of the log and the checkpoint")
    add("--smoke", action="store_true", help="see that all parts work together, in less than a minute")
    add("--rank", type=int, default=0, help="of the updates; 0 trains all weights")
    add("--start", type=Path, metavar="DELTA", help="of an earlier run, of the same rank, to go on from")
    add("--alpha", type=float, default=32.0, help="updates are scaled by alpha / rank")
    add("--rate", type=float, default=5e-4, help="the learning rate's peak")
    add("--warm-up", type=int, default=50, help="steps until the peak")
    add("--steps", type=int, default=1000)
    add("--length", type=int, default=2048, help="tokens of a row")
    add("--rows", type=int, default=1, help="rows at once")
    add("--accumulate", type=int, default=1, help="times so many rows in a step")
    add("--held-out-every", type=int, default=200, help="steps")
    add("--held-out-rows", type=int, default=64)
    add("--save-every", type=int, default=500, help="steps")
    add("--stop-after", type=int, help="stop behind this step; the same command without it goes on")
    add("--minutes", type=float, default=math.inf, help="stop after so long; the same command goes on")
    add("--seed", type=int, default=0)
    add("--device", default="cpu", help="cpu or cuda")
    add("--float32", action="store_true", help="compute in single precision, not in bfloat16")
    add("--compile", action="store_true", help="let PyTorch compile the model; on CUDA, with flex attention")
    args = parser.parse_args(argv)
    if args.start and not args.rank:
        parser.error("--start needs --rank")
    if not args.smoke and not (args.base and args.data and args.out):
        parser.error("--base, --data and --out are needed")
    return args


def _earlier(path: Path, base: Mapping[str, str]) -> Delta:
    """The delta of an earlier run of the same base."""
    delta = read_delta(path).delta
    if delta.origin != Origin(base=base["base"], vocabulary=base.get("vocabulary", "")):
        raise SystemExit(f"{path} changes another base than --base")
    return delta


_OF_THE_DAY = ("base", "start", "data", "held_out", "out", "smoke", "stop_after", "minutes", "save_every")


def _recorded(args: argparse.Namespace) -> dict[str, Any]:
    """The options that decide how the run ends; where files lie does not."""
    return {name: value for name, value in vars(args).items() if name not in _OF_THE_DAY}


def _with_share(text: str) -> tuple[Path, float]:
    path, _, share = text.partition("=")
    return Path(path), float(share or 1)


if __name__ == "__main__":
    main()
