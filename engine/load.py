"""From a converted model on disk to one that answers."""

from __future__ import annotations

from typing import Final

from cache.prefix import PrefixCache
from engine.converted import GRAPH, load_tokenizer, read_card
from engine.decode import CachedModel
from engine.errors import PrepareError
from engine.prepare import converted
from engine.session import Session, default_threads

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
    other than the current one. Raises `PrepareError` if the model was not made ready or is damaged.
    """
    folder = converted(name_or_path)
    if folder is None:
        raise PrepareError(
            f"The model {name_or_path} is not ready.", f"Run `tacit models pull {name_or_path}`."
        )
    try:
        card = read_card(folder)
        tokenizer = load_tokenizer(folder)
        session = Session(
            folder / GRAPH, threads=threads or default_threads(), capacity=min(context, card.positions)
        )
    except Exception as error:  # some of the libraries that read these files raise nothing narrower
        remedy = f"Run `tacit models rm {name_or_path}`, then `tacit models pull {name_or_path}`."
        raise PrepareError(f"The model in {folder} cannot be loaded: {error}.", remedy) from error
    return CachedModel(session, PrefixCache(cache_bytes), tokenizer)
