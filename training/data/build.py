"""The run that every builder shares: one shard for each repository or package, in the order of the lists.

    OUT/train/owner+name.shard         the examples
    OUT/train/owner+name.json          what the builder counted, and the digests of the changes it took
    OUT/held_out/...                   the same for the repositories held out

A run goes on where another stopped: a shard is kept as long as its recipe (builder, limits, exclusions,
cases, source, and every shard before it) is the same. The order matters because a change or a file that two
repositories share belongs to the first of them.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from training.data import git
from training.data.archives import ArchiveError
from training.data.cards import write_card
from training.data.exclusions import EXCLUDE_FILE, EvaluationText, ExcludedNames
from training.data.packages import all_names
from training.data.repositories import Source, directory, missing, read_list
from training.data.shards import read_header, write_shard

HERE = Path(__file__).parent


class Facts(msgspec.Struct, frozen=True):
    """What is known of one shard. `seen` are digests of the changes or files it took."""

    repository: str
    language: str
    licence: str
    head: str
    split: str
    records: int
    bytes: int
    digest: str
    counts: dict[str, int]
    skipped: dict[str, int]
    seconds: float
    seen: list[str]


class Log:
    """What a builder reports while it works on one repository."""

    def __init__(self, before: frozenset[str]) -> None:
        self.counts: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.seen: dict[str, None] = {}
        self._before = before

    def is_new(self, digest: str) -> bool:
        """Whether nothing with this digest was taken before, in any repository; takes it."""
        if digest in self._before or digest in self.seen:
            return False
        self.seen[digest] = None
        return True


class Builder(Protocol):
    """Makes the examples of one repository or package."""

    limits: Any  # a dataclass, with a field `per_repository`

    @property
    def kind(self) -> type[msgspec.Struct]:
        """The type of its examples."""

    @property
    def recipe(self) -> str:
        """What the examples depend on beside the sources and the exclusions."""

    def examples(self, source: Source, repository: Path, log: Log) -> Iterator[Any]:
        """The examples of one source, in an order that never changes; `repository` is its copy."""


def main(
    name: str,
    make: Callable[[EvaluationText], Builder],
    doc: str | None,
    lists: Sequence[str] = ("repositories.tsv",),
) -> int:
    """The command line of a builder; returns the exit code: 1 where repositories are missing."""
    arguments = _arguments(name, (doc or "").partition("\n")[0], [HERE / listed for listed in lists])
    names = ExcludedNames.load(arguments.exclude)
    kept = []
    for source in (source for listed in arguments.list for source in read_list(listed)):
        try:
            excluded = names.first(all_names(source, arguments.mirror))
        except ArchiveError as error:
            raise SystemExit(str(error)) from error
        if excluded:
            _say(f"excluded: {source.repository} (by the name {excluded})")
        else:
            kept.append(source)
    for source in (absent := missing(arguments.mirror, kept)):
        _say(f"missing: {source.repository} ({directory(arguments.mirror, source)})")
    evaluation = EvaluationText.load(arguments.cases)
    builder = make(evaluation)
    if arguments.per_repository:
        builder.limits = dataclasses.replace(builder.limits, per_repository=arguments.per_repository)
    recipe = f"{builder.recipe} exclude={names.digest} cases={_cases_digest(arguments.cases)}"
    present = [source for source in kept if source not in absent]
    finished = run(builder, recipe, present, arguments.mirror, arguments.out, arguments.stop_after)
    if finished is None:
        _say("stopped for this time; the same command goes on")
        return 0
    if arguments.card:
        write_card(arguments.card, name, recipe, [msgspec.to_builtins(facts) for facts in finished])
    print(f"{name}: {sum(facts.records for facts in finished)} examples of {len(finished)} sources")
    return 1 if absent else 0


def run(
    builder: Builder, recipe: str, sources: Sequence[Source], mirror: Path, out: Path, stop_after: float
) -> list[Facts] | None:
    """Build the shards that are missing or stale; None where `stop_after` seconds were over first."""
    started = time.monotonic()
    finished: list[Facts] = []
    seen: frozenset[str] = frozenset()
    for source in sources:
        recipe = _chained(recipe, source)
        shard = out / source.split / f"{source.file_name}.shard"
        facts = _known(shard, recipe)
        if facts is None:
            if time.monotonic() - started > stop_after:
                return None
            facts = _build(builder, recipe, source, directory(mirror, source), shard, seen)
            _say(f"{source.repository}: {facts.records} in {facts.seconds:.1f} s")
        finished.append(facts)
        seen = seen.union(facts.seen)
    return finished


def _build(
    builder: Builder, recipe: str, source: Source, repository: Path, shard: Path, seen: frozenset[str]
) -> Facts:
    if not source.registry and not git.has_commit(repository, source.head):
        raise SystemExit(f"{repository} does not hold {source.head}: the copy is older than the list")
    started = time.monotonic()
    log = Log(seen)
    written = write_shard(shard, builder.kind, recipe, builder.examples(source, repository, log))
    facts = Facts(
        repository=source.repository,
        language=source.language,
        licence=source.licence,
        head=source.head,
        split=source.split,
        records=written.records,
        bytes=written.bytes,
        digest=written.digest,
        counts=dict(sorted(log.counts.items())),
        skipped=dict(sorted(log.skipped.items())),
        seconds=round(time.monotonic() - started, 1),
        seen=list(log.seen),
    )
    shard.with_suffix(".json").write_bytes(msgspec.json.encode(facts))
    return facts


def _known(shard: Path, recipe: str) -> Facts | None:
    """The facts of a shard that was made by this very recipe, and is whole."""
    facts_file = shard.with_suffix(".json")
    if not shard.is_file() or not facts_file.is_file() or read_header(shard).recipe != recipe:
        return None
    facts = msgspec.json.decode(facts_file.read_bytes(), type=Facts)
    return facts if facts.bytes == shard.stat().st_size else None


def _chained(recipe: str, source: Source) -> str:
    """The recipe of a shard: that of the shard before it and its own source."""
    return hashlib.sha256(f"{recipe}\n{source}".encode()).hexdigest()[:16]


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _cases_digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16] if paths else "none"


def _arguments(name: str, summary: str, lists: Sequence[Path]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m training.data.{name}", description=summary)
    parser.add_argument("--mirror", type=Path, required=True, help="copies of repositories and packages")
    parser.add_argument("--list", type=Path, nargs="+", default=lists, help="what is listed to build from")
    parser.add_argument("--exclude", type=Path, default=EXCLUDE_FILE, help="the excluded names")
    parser.add_argument("--cases", type=Path, nargs="*", default=[], help="evaluation cases to stay clear of")
    parser.add_argument("--out", type=Path, default=HERE.parent / "out" / name, help="where the shards go")
    parser.add_argument("--per-repository", type=int, help="take fewer of each than the builder would")
    parser.add_argument("--card", type=Path, help="a folder to write the card to, when all is built")
    parser.add_argument("--stop-after", type=float, default=float("inf"), help="seconds; run again to go on")
    return parser.parse_args()
