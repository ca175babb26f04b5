"""Turns training data into tokens: the very prompts that the program will ask with, and the answers.

    python -m training.encode next_edit SHARD... --model NAME --out FILE.npz [--limit N]
    python -m training.encode fill_in_middle SHARD... --model NAME --out FILE.npz [--limit N]

Examples are drawn evenly from all shards, by chance but always the same. `--model` names a manifest, whose
vocabulary is used.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from completion import prompt_fim_v1, prompt_next_edit_v1
from completion.prompt import PromptInputs
from completion.prompt_next_edit_v1 import ADD, AROUND, DROP, KEEP, Format, RecentEdit, View
from engine.fetch import downloads_dir, fetch
from engine.gguf_file import GgufFile
from engine.manifest import find
from engine.tokenizer import BpeTokenizer, byte_level_bpe
from engine.vocabulary import Vocabulary, read_kept
from training.data.classes import CLASSES
from training.data.cuts import KINDS
from training.data.examples import Excerpt, FillInMiddle, NextEdit, Place
from training.data.shards import read_header, read_shard
from training.samples import Sample, Samples

END: Final = "<|endoftext|>"
LONGEST: Final = 2048  # tokens of a sample
LEARNED_LINES: Final = 8  # that a recent edit brings at most, for it to be learned
OTHER_PLACES: Final = 3  # of one state at most, where nothing is to be done

# SmolLM2 has never seen fill-in-the-middle: control tokens that it has little use for are given its meaning.
RENAMED: Final = {
    "smollm2-135m": {
        "<fim_prefix>": "<issue_start>",
        "<fim_middle>": "<issue_comment>",
        "<fim_suffix>": "<issue_closed>",
    }
}


def main() -> None:
    """Encode shards into one file of samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("next_edit", "fill_in_middle"))
    parser.add_argument("shards", type=Path, nargs="+")
    parser.add_argument("--model", required=True, help="the manifest of the base")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=1 << 62, help="examples, over all shards")
    parser.add_argument("--longest", type=int, default=LONGEST, help="leave out samples of more tokens")
    parser.add_argument("--classes", nargs="+", help="next_edit: of these classes only; see data/classes.py")
    parser.add_argument("--kinds", nargs="+", help="fill_in_middle: of these kinds only; see data/cuts.py")
    parser.add_argument("--other-places", type=int, default=OTHER_PLACES, help="next_edit: of one state")
    parser.add_argument(
        "--foreseeable", action="store_true", help="next_edit: targets without a name that is new"
    )
    parser.add_argument(
        "--learn-history", action="store_true", help="next_edit: recent edits, from the second on"
    )
    args = parser.parse_args()
    tokenizer = tokenizer_of(args.model)
    samples: Iterator[Sample]
    if args.task == "next_edit":
        form = Format(tokenizer)
        classes = set(args.classes or CLASSES)
        states = drawn(
            args.shards,
            NextEdit,
            args.limit,
            lambda example: example.cls in classes and not (args.foreseeable and example.novel),
        )
        known = (next_edit(each, form, args.other_places) for each in states)
        samples = (learn_history(each, tokenizer) for each in known) if args.learn_history else known
    else:
        kinds = set(args.kinds or KINDS)
        examples = drawn(args.shards, FillInMiddle, args.limit, lambda example: example.kind in kinds)
        samples = (fill_in_middle(each, tokenizer) for each in examples)
    about = {
        "task": args.task,
        "prompt": prompt_next_edit_v1.VERSION if args.task == "next_edit" else prompt_fim_v1.VERSION,
        "model": args.model,
        "special": RENAMED.get(args.model, {}),
        "recipes": sorted({read_header(shard).recipe for shard in args.shards}),
    }
    made = Samples.of(
        (sample for sample in samples if any(sample.learned) and len(sample.ids) <= args.longest),
        about,
        tokenizer.vocab_size,
    )
    made.save(args.out)
    learned = int(made.learned.sum())
    print(f"{args.out}: {len(made):,} samples, {len(made.ids):,} tokens, {learned:,} to be learned")


def tokenizer_of(name: str) -> BpeTokenizer:
    """The tokenizer of a manifest's model, with the names that training gives to control tokens."""
    manifest = find(name)
    if manifest is None:
        raise SystemExit(f"there is no manifest {name!r}")
    vocabulary = Vocabulary.from_gguf(GgufFile(fetch(manifest, downloads_dir(), lambda progress: None)))
    path = manifest.vocabulary_path()
    if path:
        vocabulary = vocabulary.cut(read_kept(path, len(vocabulary.tokens)))
    special = vocabulary.special()
    renamed = {new: special[old] for new, old in RENAMED.get(name, {}).items()}
    bpe = byte_level_bpe(vocabulary.tokens, vocabulary.merges, vocabulary.pre_tokenizer)
    return BpeTokenizer(bpe, special | renamed)


def drawn(
    shards: Sequence[Path], kind: type[Any], limit: int, wanted: Callable[[Any], bool] = lambda example: True
) -> Iterator[Any]:
    """Up to `limit` examples of all shards together, an equal share of each, where there are so many."""
    share = -(-limit // len(shards))
    for shard in sorted(shards):
        examples = [example for example in read_shard(shard, kind) if wanted(example)]
        chance = random.Random(shard.name)
        yield from chance.sample(examples, min(share, len(examples)))


def next_edit(example: NextEdit, form: Format, other_places: int = OTHER_PLACES) -> Sample:
    """One state: the edits are the trunk, the target and some other places are branches.

    At the target the decision, which lines go and what is written are learned; at other places, that nothing
    changes. Each place's hunk begins as many lines before it as chance wants, so that no line is the place
    because of where it stands.
    """
    chance = random.Random(f"{example.commit} {example.step}")
    edits = [RecentEdit(edit.path, edit.diff) for edit in example.edits]
    sample = Sample()
    sample.add(form.history(edits))
    target = example.places[example.target.place] if example.target else None
    quiet = [place for place in example.places if place.origin not in ("target", "later")]
    places = chance.sample(quiet, min(other_places, len(quiet)))
    if target:
        places.insert(chance.randint(0, len(places)), target)
    for branch, place in enumerate(places, start=1):
        view = _view(example.excerpts, place).around(place.start)
        first = max(place.start - chance.randint(0, AROUND), view.start)
        sample.add(form.view(view) + form.header(view, first), branch=branch)
        _lines(sample, form, KEEP, view.between(first, place.start), branch)
        if place is target and example.target:
            _lines(sample, form, DROP, example.target.old, branch)
            for line in example.target.new:
                sample.add(form.lines(ADD, [line]), learned=True, branch=branch)
        sample.add([form.marks[KEEP]], learned=True, branch=branch)
    return sample


def learn_history(sample: Sample, tokenizer: BpeTokenizer) -> Sample:
    """Mark what recent edits brought as learned too, from the second hunk on: much of it follows.

    That is three times as much to learn from the same tokens, in the form of the target: the lines that come,
    and the marks behind lines that went or came. Hunks that bring many lines say more that is new.
    """
    for hunk in list(_hunks(sample, tokenizer))[1:]:
        if sum(mark == ADD for mark, _, _ in hunk) > LEARNED_LINES:
            continue
        for (before, _, _), (mark, start, end) in pairwise(hunk):
            if mark == ADD:
                sample.learned[start:end] = [True] * (end - start)
            elif before in (DROP, ADD):
                sample.learned[start] = True
    return sample


def _hunks(sample: Sample, tokenizer: BpeTokenizer) -> Iterator[list[tuple[str, int, int]]]:
    """The hunks of the recent edits from their headers on: marks, and where a line's tokens begin and end."""
    hunk: list[tuple[str, int, int]] = []
    start = 0
    for end in range(1, sample.branches.count(0) + 1):
        if not tokenizer.decode(sample.ids[end - 1 : end]).endswith("\n"):
            continue
        line = tokenizer.decode(sample.ids[start:end])
        if line.startswith(("@@ -", "--- a/", "+++ b/")):
            if hunk:
                yield hunk
            hunk = []
        if hunk or line.startswith("@@ -"):
            hunk.append((line[:1], start, end))
        start = end
    if hunk:
        yield hunk


def fill_in_middle(example: FillInMiddle, tokenizer: BpeTokenizer) -> Sample:
    """The prompt of a cut file as fim_v1 writes it, then what was taken out.

    The tail, with which the middle begins, is learned with it: several times as much from the same tokens.
    """
    assert tokenizer.fim
    chance = random.Random(f"{example.commit} {example.path} {len(example.prefix)} {len(example.middle)}")
    shown = example.prefix[-chance.randint(400, 3600) :]
    if len(shown) < len(example.prefix):
        shown = shown[shown.find("\n") + 1 :]
    lines = shown.split("\n")
    tail = "\n".join(lines[-chance.randint(1, 6) :])
    inputs = PromptInputs(
        path=example.path,
        head=shown[: len(shown) - len(tail)],
        tail=tail,
        suffix=_first_lines(example.suffix, chance.randint(100, 1200)),
    )
    prompt = prompt_fim_v1.build(inputs, tokenizer, tokenizer.fim)
    end = tokenizer.special(END)
    assert end is not None
    middle = prompt.tokens.index(tokenizer.fim.middle) + 1
    sample = Sample()
    sample.add(prompt.tokens[:middle])
    sample.add([*prompt.tokens[middle:], *tokenizer.encode(prompt.heal + example.middle), end], learned=True)
    return sample


def _lines(sample: Sample, form: Format, mark: str, lines: Sequence[str], branch: int) -> None:
    """Lines of the file: their marks are learned, their text is known."""
    for line in lines:
        tokens = form.lines(mark, [line])
        sample.add(tokens[:1], learned=True, branch=branch)
        sample.add(tokens[1:], branch=branch)


def _view(excerpts: Sequence[Excerpt], place: Place) -> View:
    holder = next(e for e in excerpts if e.path == place.path and e.start <= place.start <= e.end)
    return View(holder.path, holder.start, holder.lines)


def _first_lines(text: str, size: int) -> str:
    return text if len(text) <= size else text[: text.rfind("\n", 0, size) + 1]


if __name__ == "__main__":
    main()
