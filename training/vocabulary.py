"""Chooses the tokens of Qwen2.5-Coder's vocabulary that code needs, and writes the file that keeps them.

    python -m training.vocabulary --gguf FILE --clones FOLDER --list TABLE --exclude LIST

It counts the tokens of source files in many languages, keeps the most frequent ones (closed under merges, so
that every lost token can be written as its parts), and says on repositories that were left out of the count
how many more tokens a text then has. Writes models/qwen2.5-coder.vocab48k and training/vocabulary.md.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tokenizers

from engine.gguf_file import GgufFile
from engine.paths import manifest_dir
from engine.source import sha256_of
from engine.tokenizer import byte_level_bpe
from engine.vocabulary import Vocabulary, write_kept
from training.exclusions import read_buckets
from training.repositories import Repository, clones, files, read

SIZE = 48 * 1024
# Megabytes of each kind of text: a token's weight is how often it would be typed.
BUDGET: Mapping[str, float] = {
    "Python": 30, "JavaScript": 12, "TypeScript": 14, "Go": 10, "Rust": 10, "Java": 8, "Kotlin": 3, "C": 6,
    "C++": 8, "Markdown": 4, "data": 3, "web": 2, "shell": 1,
}  # fmt: skip
SHARE = 0.15  # of a language's budget that one repository may fill
HELD_OUT = 8  # every eighth repository is measured on, not counted
OUT = manifest_dir() / "qwen2.5-coder.vocab48k"
CARD = Path(__file__).with_name("vocabulary.md")

Counts = npt.NDArray[np.int64]


def main() -> None:
    """Count, choose, write, measure, and write the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, required=True, help="a model with the whole vocabulary")
    parser.add_argument("--clones", type=Path, required=True, help="folder of clones, owner+name/repo")
    parser.add_argument("--list", type=Path, required=True, help="table of repositories and licences")
    parser.add_argument("--exclude", type=Path, required=True, help="list of projects to leave out")
    args = parser.parse_args()
    vocabulary = Vocabulary.from_gguf(GgufFile(args.gguf))
    repositories = sorted(
        clones(args.clones, args.list, read_buckets(args.exclude)), key=lambda each: each.commit
    )
    unseen = repositories[::HELD_OUT]
    seen = [repository for repository in repositories if repository not in unseen]

    whole = byte_level_bpe(vocabulary.tokens, vocabulary.merges, vocabulary.pre_tokenizer)
    counts = np.zeros(len(vocabulary.tokens), np.int64)
    sizes: Counter[str] = Counter()
    for language, texts in sample(seen, BUDGET):
        counts += count(whole, texts, len(counts))
        sizes[language] += sum(len(text.encode()) for text in texts)
    kept = vocabulary.close(counts, SIZE)
    write_kept(OUT, kept, len(vocabulary.tokens))

    cut = vocabulary.cut(kept)
    smaller = byte_level_bpe(cut.tokens, cut.merges, cut.pre_tokenizer)
    growth = inflation(
        sample(unseen, {language: size / 4 for language, size in BUDGET.items()}), whole, smaller
    )
    CARD.write_text(card(seen, unseen, sizes, int((counts > 0).sum()), growth), encoding="utf-8")


def sample(
    repositories: Sequence[Repository], budget: Mapping[str, float]
) -> Iterator[tuple[str, list[str]]]:
    """Texts of one repository and language at a time, until each language's megabytes are reached."""
    left = Counter({language: int(size * 1e6) for language, size in budget.items()})
    for repository in repositories:
        share = {language: min(left[language], int(SHARE * budget[language] * 1e6)) for language in budget}
        chosen = []
        for blob in files(repository):
            if blob.size <= share[blob.language]:
                share[blob.language] -= blob.size
                left[blob.language] -= blob.size
                chosen.append(blob)
        texts: dict[str, list[str]] = {}
        for blob, text in read(repository, chosen):
            texts.setdefault(blob.language, []).append(text)
        yield from texts.items()


def count(bpe: tokenizers.Tokenizer, texts: Sequence[str], size: int) -> Counts:
    """How often each token occurs."""
    encoded = bpe.encode_batch_fast(texts, add_special_tokens=False)
    return sum((np.bincount(each.ids, minlength=size) for each in encoded), np.zeros(size, np.int64))


def inflation(
    samples: Iterator[tuple[str, list[str]]], whole: tokenizers.Tokenizer, cut: tokenizers.Tokenizer
) -> dict[str, float]:
    """By language, and over all, the share of tokens that the cut vocabulary adds."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for language, texts in samples:
        for key in (language, "all"):
            before[key] += length(whole, texts)
            after[key] += length(cut, texts)
    return {language: after[language] / before[language] - 1 for language in sorted(before)}


def length(bpe: tokenizers.Tokenizer, texts: Sequence[str]) -> int:
    """Tokens of all texts together."""
    return sum(len(each.ids) for each in bpe.encode_batch_fast(texts, add_special_tokens=False))


def card(
    seen: Sequence[Repository],
    unseen: Sequence[Repository],
    sizes: Mapping[str, int],
    occurring: int,
    growth: Mapping[str, float],
) -> str:
    """What the vocabulary was made of, for people."""
    rows = [
        f"| {name} | {size / 1e6:.1f} | {growth.get(name, 0):.1%} |" for name, size in sorted(sizes.items())
    ]
    return "\n".join(
        [
            "# The 48k vocabulary of Qwen2.5-Coder",
            "",
            f"`models/{OUT.name}`, made by `training/vocabulary.py`, keeps {SIZE:,} of 151,936 tokens.",
            f"sha256: `{sha256_of(OUT)}`",
            "",
            f"In the text counted, {occurring:,} different tokens occur. The last column says how many more",
            "tokens texts have than with the whole vocabulary, in repositories that were not counted:",
            f"{growth['all']:.1%} over all.",
            "",
            "| text | MB counted | more tokens, unseen |",
            "|---|---|---|",
            *rows,
            "",
            "Counted:",
            "",
            *_listed(seen),
            "",
            "Measured on:",
            "",
            *_listed(unseen),
            "",
        ]
    )


def _listed(repositories: Sequence[Repository]) -> list[str]:
    ordered = sorted(repositories, key=lambda each: each.name.lower())
    return [f"- {each.name} {each.commit[:12]} ({each.licence})" for each in ordered]


if __name__ == "__main__":
    main()
