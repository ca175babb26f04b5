"""Makes a model ready: fetch, verify, convert. The result is kept in the cache and made once.

A converted folder is named after all that it depends on (its recipe), and gets that name when it is whole:
so nothing is ever replaced under a running session, and a crash leaves nothing to be mistaken for a model.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine import storage
from engine.architecture import Precision
from engine.converted import CARD, GRAPH, read_card
from engine.errors import PrepareError
from engine.locks import locked
from engine.manifest import Manifest, find, load_manifests
from engine.paths import cache_dir
from engine.progress import OnProgress, Progress, ignore

RECIPE = 3  # counts up whenever the same file would be converted differently


def prepare(name_or_path: str, precision: str = Precision.UQ8, progress: OnProgress = ignore) -> Path:
    """Return the folder of the converted model, made now unless it is there already.

    `name_or_path` is a manifest's name, a GGUF file, or a folder that was converted before.
    Where this machine does not compute `uq8` rightly, `nb8` is made as well: the loader takes it then.
    Raises FetchError or PrepareError.
    """
    plan = _plan(name_or_path, Precision(precision))
    if plan.ready():
        return plan.folder
    try:
        plan.folder.parent.mkdir(parents=True, exist_ok=True)
        waiting = Progress("convert", 0, 0, "another process is preparing this model")
        with locked(plan.folder.with_name(f".{plan.folder.name}.lock"), lambda: progress(waiting)):
            if not plan.ready():
                _make(plan, progress)
                if plan.precision is Precision.UQ8 and not _agrees(plan.folder):
                    prepare(name_or_path, Precision.NB8, progress)
    except OSError as error:
        raise PrepareError(*storage.explain(error, models_dir())) from error
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
    source: Manifest | Path

    def ready(self) -> bool:
        return (self.folder / CARD).is_file()


def _plan(name_or_path: str, precision: Precision) -> _Plan:
    manifest = find(name_or_path)
    if manifest:
        kept = manifest.vocabulary.sha256 if manifest.vocabulary else ""
        depends_on: list[object] = [manifest.file.sha256, kept, manifest.prompt]
        if manifest.delta:
            depends_on.append(manifest.delta.sha256)
        return _planned(manifest.name, precision, manifest, depends_on)
    path = Path(name_or_path).expanduser().absolute()
    if (path / CARD).is_file():
        return _Plan(path.name, precision, path, "", path)
    if path.suffix == ".gguf" and path.is_file():
        stat = path.stat()
        return _planned(path.stem, precision, path, [str(path), stat.st_size, stat.st_mtime_ns])
    names = ", ".join(each.name for each in load_manifests())
    raise PrepareError(
        f"There is no model {name_or_path!r}", f"Name one of {names}, a .gguf file, or a converted folder."
    )


def _planned(name: str, precision: Precision, source: Manifest | Path, depends_on: list[object]) -> _Plan:
    recipe = hashlib.sha256(repr((RECIPE, str(precision), depends_on)).encode()).hexdigest()
    return _Plan(name, precision, models_dir() / f"{name}.{precision}.{recipe[:8]}", recipe, source)


def _make(plan: _Plan, progress: OnProgress) -> None:
    """Fetch what is missing and convert it, under another name until all is written."""
    # Imported late: whoever only asks `converted` needs no ONNX, and the server asks early.
    from engine.convert import Order, convert
    from engine.delta import DeltaError
    from engine.fetch import downloads_dir, fetch
    from engine.gguf_file import GgufError
    from engine.vocabulary import VocabularyError

    if isinstance(plan.source, Path):
        order = Order(plan.name, plan.source, plan.precision, plan.recipe)
    else:
        file = fetch(plan.source, downloads_dir(), progress)
        order = Order(
            plan.name,
            file,
            plan.precision,
            plan.recipe,
            kept=plan.source.vocabulary_path(),
            sha256=plan.source.file.sha256,
            prompt=plan.source.prompt,
            delta=plan.source.delta_path(),
            delta_sha256=plan.source.delta.sha256 if plan.source.delta else "",
        )
    with storage.scratch(plan.folder.with_name(f".{plan.folder.name}.new")) as building:
        try:
            convert(order, building, progress)
        except (GgufError, VocabularyError, DeltaError) as error:
            raise PrepareError(f"{plan.name} cannot be converted: {error}", _DAMAGED) from error
        storage.publish(building, plan.folder)


def _agrees(folder: Path) -> bool:
    from engine.agreement import agrees
    from engine.session import Session

    probe = read_card(folder).probe
    return agrees(probe, Session(folder / GRAPH, threads=1, capacity=len(probe.tokens)).step)


_DAMAGED = "Use another file; `tacit models verify` tells whether one of ours is damaged."
