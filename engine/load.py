"""From a converted model on disk to one that answers."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from cache.prefix import PrefixCache
from engine.agreement import agrees
from engine.architecture import Precision
from engine.converted import GRAPH, load_tokenizer, read_card
from engine.decode import CachedModel
from engine.errors import PrepareError
from engine.prepare import converted
from engine.session import Session
from engine.threads import default_threads

CACHE_BYTES: Final = 128 * 1024 * 1024  # keys and values of some 3,000 (S) to 5,000 tokens (M)


def load_model(
    name_or_path: str,
    *,
    threads: int | None = None,
    context: int = 2048,
    cache_bytes: int = CACHE_BYTES,
) -> CachedModel:
    """Load what `engine.prepare.prepare` has made. Takes from a tenth of a second to some seconds.

    `context` is the most tokens of prompt and output together, `cache_bytes` what may be spent on prompts
    other than the current one. Of the precisions that were made, the fastest that this machine computes
    rightly is taken. Raises `PrepareError` if there is none, or if it is damaged.
    """
    anew = f"Run `tacit models rm {name_or_path}`, then `tacit models pull {name_or_path}`."
    folders = ready(name_or_path)
    if not folders:
        raise PrepareError(
            f"The model {name_or_path} is not ready", f"Run `tacit models pull {name_or_path}`."
        )
    for folder in folders:
        try:
            model = _open(folder, threads or default_threads(), context, cache_bytes)
        except Exception as error:  # some of the libraries that read these files raise nothing narrower
            raise PrepareError(f"The model in {folder} cannot be loaded: {error}", anew) from error
        if model:
            return model
    raise PrepareError(f"This machine's 8-bit arithmetic does not suit the model {name_or_path}", anew)


def ready(name_or_path: str) -> list[Path]:
    """The folders of the model's precisions that were made, the fastest first."""
    folders = [converted(name_or_path, precision) for precision in (Precision.UQ8, Precision.NB8)]
    return list(dict.fromkeys(folder for folder in folders if folder))


def _open(folder: Path, threads: int, context: int, cache_bytes: int) -> CachedModel | None:
    """Load one precision; None if this machine computes something else than the model means."""
    card = read_card(folder)
    _read_ahead(folder)
    with ThreadPoolExecutor(1) as meanwhile:
        tokenizer = meanwhile.submit(load_tokenizer, folder)
        session = Session(folder / GRAPH, threads=threads, capacity=min(context, card.positions))
        if not agrees(card.probe, session.step):
            return None
        session.rollback(0)
        return CachedModel(session, PrefixCache(cache_bytes), tokenizer.result(), card.trained_for)


def _read_ahead(folder: Path) -> None:
    """Have the system fetch the weights from disk in one go, and not page by page as they are touched."""
    if hasattr(os, "posix_fadvise"):
        for path in folder.iterdir():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
