"""Shows within a minute that the parts of training work together, on a model small enough for any machine.

A random decoder learns twenty edits by heart, from prompts in the program's own format. Then it goes the way
of every model, to an ONNX graph and into the engine: there its logits must be the same, and it must write the
edits.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import torch
from tokenizers.pre_tokenizers import ByteLevel

from cache.prefix import PrefixCache
from completion.prompt_next_edit_v1 import ADD, KEEP, Format, RecentEdit, View, ended, new_lines
from engine.architecture import Architecture, Precision
from engine.decode import CachedModel
from engine.drafts import NgramDrafter
from engine.graph import write_graph
from engine.session import Session
from engine.tokenizer import BpeTokenizer, byte_level_bpe
from engine.weights import RandomWeights
from training.model import Decoder, DecoderWeights, dense_mask, load
from training.samples import Sample, Samples
from training.train import train

NAMES: Final = (
    *("cart", "order", "price", "stock", "user", "page", "query", "token", "cache", "index"),
    *("parser", "reader", "writer", "session", "request", "header", "cookie", "route", "filter", "table"),
)
CONTROL: Final = ("<|endoftext|>", "<|file_sep|>")
LENGTH: Final = 512


def smoke(args: argparse.Namespace) -> None:
    """Train, export and decode; raises AssertionError where anything is not as it must be."""
    if args.device == "cpu":
        torch.set_num_threads(1)  # so small a model gains nothing from more, and loses much on a busy machine
    tokenizer = byte_tokenizer()
    form = Format(tokenizer)
    shape = Architecture(
        vocab=tokenizer.vocab_size, width=64, layers=2, heads=4, kv_heads=2, head_dim=16, ffn=160,
        context=LENGTH, rope_theta=1e4, eps=1e-5,
    )  # fmt: skip
    decoder = load(RandomWeights(shape, bias=True))
    about = {"task": "next_edit", "prompt": "next_edit_v1", "special": {}, "recipes": []}
    samples = Samples.of((sample(name, form) for name in NAMES), about, shape.vocab)
    with tempfile.TemporaryDirectory() as folder:
        args.out = Path(folder)
        args.steps, args.warm_up, args.rate, args.rows, args.length = 120, 10, 5e-3, 4, LENGTH
        args.float32 = args.device == "cpu"  # where bfloat16 may be slow
        args.held_out_every = args.save_every = args.steps
        train(decoder, [(samples, 1.0)], {"same": samples}, args, {"base": "random"})
        write_graph(DecoderWeights(decoder), Precision.FP32, args.out / "model.onnx", LENGTH)
        session = Session(args.out / "model.onnx", threads=1, capacity=LENGTH)
        compare(decoder.cpu(), session, samples.ids[: samples.length(0)].tolist())
        session.rollback(0)
        model = CachedModel(session, PrefixCache(1 << 22), tokenizer)
        for name in NAMES:
            prompt, new = prompt_of(name, form), answer(name)
            output = model.generate(prompt, max_tokens=99, stop=ended, draft=NgramDrafter(prompt))
            assert new_lines(output.text) == new, (name, output.text)
    print(f"{len(NAMES)} edits learned, exported and written")


def compare(decoder: Decoder, session: Session, ids: list[int]) -> None:
    """Logits of PyTorch and of the engine, token by token."""
    tokens = torch.tensor([ids])
    alone = torch.zeros_like(tokens)
    with torch.no_grad():
        hidden = decoder(tokens, torch.arange(len(ids))[None], dense_mask(alone, alone))
        ours = decoder.logits(hidden)[0].float().numpy()
    theirs = session.step(ids, len(ids))
    assert np.abs(ours - theirs).max() < 1e-3, np.abs(ours - theirs).max()


def prompt_of(name: str, form: Format) -> list[int]:
    """A parameter was added to `name`; what becomes of its call?"""
    path = f"{name}.py"
    edit = RecentEdit(path, f"@@ -1 +1 @@\n-def {name}(x):\n+def {name}(x, {name[::-1]}=0):\n")
    view = View(path, 3, ["", f"{name}(1)", ""])
    return form.rewrite([edit], view, 4, [f"{name}(1)"])


def answer(name: str) -> list[str]:
    """The lines that the call becomes."""
    return [f"{name}(1, {name[::-1]}={len(name)})"]


def sample(name: str, form: Format) -> Sample:
    """Prompt and answer to learn from."""
    made = Sample()
    made.add(prompt_of(name, form))
    made.add([*form.lines(ADD, answer(name)), form.marks[KEEP]], learned=True)
    return made


def byte_tokenizer() -> BpeTokenizer:
    """The smallest vocabulary there is: bytes and control tokens."""
    tokens = [*sorted(ByteLevel.alphabet()), *CONTROL]
    special = {name: tokens.index(name) for name in CONTROL}
    return BpeTokenizer(byte_level_bpe(tokens, [], "smollm"), special)
