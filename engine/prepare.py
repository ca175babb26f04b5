"""Makes a model ready: fetch, verify, convert. The result is kept in the cache and made once.

Exceptions: FetchError (engine.fetch) when the file cannot be had, PrepareError when it cannot be converted or
kept. Both messages are sentences for the user, with a remedy.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine import storage
from engine.converted import CARD, GRAPH, TOKENIZER, ModelCard, write_card
from engine.fetch import downloads_dir, fetch
from engine.gguf_file import GgufError, GgufFile
from engine.graph import Precision, write_graph
from engine.locks import locked
from engine.manifest import Manifest, find, load_manifests
from engine.paths import cache_dir
from engine.progress import OnProgress, Progress, ignore
from engine.vocabulary import Vocabulary, VocabularyError, read_kept
from engine.weights import GgufWeights

RECIPE = 1  # counts up whenever the same file would be converted differently
POSITIONS = 8192  # rotary tables need not outlast any prompt that could answer in time


class PrepareError(Exception):
    """The model cannot be made ready; the message says why and what helps."""


def prepare(name_or_path: str, precision: str = Precision.UQ8, progress: OnProgress = ignore) -> Path:
    """Return the folder of the converted model, made now unless it is there already.

    `name_or_path` is a manifest's name, a GGUF file, or a folder that was converted before.
    Raises FetchError or PrepareError.
    """
    plan = _plan(name_or_path, Precision(precision))
    if plan.ready():
        return plan.folder
    try:
        plan.folder.parent.mkdir(parents=True, exist_ok=True)
        waiting = Progress("convert", 0, 0, "another process is preparing this model")
        with locked(plan.folder.with_name(plan.folder.name + ".lock"), lambda: progress(waiting)):
            if not plan.ready():
                source = plan.local or fetch(_known(plan), downloads_dir(), progress)
                _convert(plan, source, progress)
    except OSError as error:
        raise PrepareError(storage.explain(error, models_dir())) from error
    except (GgufError, VocabularyError) as error:
        raise PrepareError(f"{plan.name} cannot be converted: {error}. Use another model file.") from error
    return plan.folder


def converted(name_or_path: str, precision: str = Precision.UQ8) -> Path | None:
    """The folder of the converted model if it is ready; no work. Raises PrepareError for unknown names."""
    plan = _plan(name_or_path, Precision(precision))
    return plan.folder if plan.ready() else None


def models_dir() -> Path:
    """Where converted models are kept."""
    return cache_dir() / "models"


@dataclass(frozen=True)
class _Plan:
    """What is to be converted, how, and where the result belongs."""

    name: str
    precision: Precision
    folder: Path
    recipe: str
    manifest: Manifest | None = None
    local: Path | None = None

    def ready(self) -> bool:
        # The card is written last, and the folder renamed into place: a half-made one never has this name.
        return (self.folder / CARD).is_file()


def _plan(name_or_path: str, precision: Precision) -> _Plan:
    manifest = find(name_or_path)
    if manifest:
        recipe = _recipe(precision, manifest.file.sha256, manifest.vocabulary and manifest.vocabulary.sha256)
        folder = models_dir() / f"{manifest.name}.{precision}.{recipe[:8]}"
        return _Plan(manifest.name, precision, folder, recipe, manifest=manifest)
    path = Path(name_or_path).expanduser().absolute()
    if (path / CARD).is_file():
        return _Plan(path.name, precision, path, recipe="")
    if path.suffix == ".gguf" and path.is_file():
        stat = path.stat()
        recipe = _recipe(precision, str(path), stat.st_size, stat.st_mtime_ns)
        return _Plan(
            path.stem, precision, models_dir() / f"{path.stem}.{precision}.{recipe[:8]}", recipe, local=path
        )
    names = ", ".join(each.name for each in load_manifests())
    raise PrepareError(
        f"No model {name_or_path!r}: give one of {names}, a .gguf file, or a converted folder."
    )


def _known(plan: _Plan) -> Manifest:
    assert plan.manifest is not None
    return plan.manifest


def _recipe(*parts: object) -> str:
    """Hash of all that the result depends on."""
    return hashlib.sha256(repr((RECIPE, POSITIONS, *map(str, parts))).encode()).hexdigest()


def _convert(plan: _Plan, source: Path, progress: OnProgress) -> None:
    """Build the folder under another name beside its place, then rename it."""
    with storage.scratch(plan.folder.with_name(f".{plan.folder.name}.new")) as building:
        _write(plan, GgufFile(source), building, progress)
        storage.publish(building, plan.folder)


def _write(plan: _Plan, file: GgufFile, folder: Path, progress: OnProgress) -> None:
    vocabulary = Vocabulary.from_gguf(file)
    kept_path = plan.manifest.vocabulary_path() if plan.manifest else None
    kept = read_kept(kept_path) if kept_path else None
    if kept is not None:
        vocabulary = vocabulary.cut(kept)
    weights = GgufWeights(file, kept)
    shape = weights.architecture
    positions = min(POSITIONS, shape.context)
    write_graph(
        weights,
        plan.precision,
        folder / GRAPH,
        positions,
        lambda layer: progress(Progress("convert", layer, shape.layers, plan.name)),
    )
    vocabulary.tokenizer().save(folder / TOKENIZER)
    special = vocabulary.special()
    card = ModelCard(
        name=plan.name,
        precision=plan.precision,
        recipe=plan.recipe,
        source=plan.manifest.file.sha256 if plan.manifest else "",
        architecture=shape,
        positions=positions,
        prompt=plan.manifest.prompt if plan.manifest else _prompt_for(special),
        special=special,
    )
    write_card(folder, card)
    progress(Progress("convert", shape.layers, shape.layers, plan.name))


def _prompt_for(special: dict[str, int]) -> str:
    return "fim_v1" if any("fim_prefix" in name for name in special) else "prefix_v1"
