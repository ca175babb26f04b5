"""What making a model ready consists of.

Blocking, for a background thread; imports what is heavy when called.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import RemoteFailed
from lsp_server.config import Config
from tacit import __version__

if TYPE_CHECKING:
    from completion.inline import InlineCompleter
    from completion.settings import InlineSettings
    from engine.lanes import Lanes
    from engine.model import Model
    from engine.remote.model import RemoteModel
    from engine.sharing.join import Joined


def choose(config: Config) -> str:
    """The name of the best model that is fast enough on this machine, measured where it is not known."""
    from engine.measuring import measure
    from engine.tiers import choose

    return choose(measure(config.threads or None), limit_ms=config.tier_limit_ms)


def chosen(config: Config) -> str | None:
    """The same without measuring: None where this machine is not known."""
    from engine.tiers import choose, recall

    speed = recall(config.threads or None)
    return choose(speed, limit_ms=config.tier_limit_ms) if speed else None


def tier_of(name: str) -> str:
    """The size class of a model that has a manifest."""
    from engine.manifest import find

    manifest = find(name)
    return manifest.tier if manifest else ""


def is_prepared(name: str) -> bool:
    """Whether the model is on disk in the form that is loaded."""
    from engine.prepare import converted

    return converted(name) is not None


def smaller(name: str) -> str:
    """The smallest model of ours that is on disk, if it is smaller than this prepared one; else ""."""
    from engine.manifest import load_manifests
    from engine.prepare import converted

    own = converted(name)
    with contextlib.suppress(OSError):  # somebody removes models meanwhile
        for each in load_manifests():
            folder = converted(each.name)
            if own and folder and _bytes(folder) < _bytes(own):
                return each.name
    return ""


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def load(name: str, config: Config) -> Model:
    """Bring a prepared model into memory."""
    from engine.load import load_model

    return load_model(
        name,
        threads=config.threads or None,
        context=config.context,
        cache_bytes=config.cache_megabytes * 1024 * 1024,
    )


def remote(config: Config, on_news: Callable[[str], None]) -> RemoteModel | None:
    """The model that another machine has; None where the settings name none. Raises ModelError.

    `on_news` is told what the trouble is when it begins, and "" when it is over. Nothing is sent while all is
    switched off.
    """
    if not config.remote_url or not config.remote_model:
        return None
    from engine.remote.exchange import EndpointError
    from engine.remote.model import RemoteModel
    from lsp_server.endpoint import of_model

    try:
        endpoint = of_model(config)
        assert endpoint is not None
        endpoint.check()
    except EndpointError as error:
        where = f"the model {config.remote_model} cannot be asked: {error}"
        raise RemoteFailed(where, "See the settings `remote.*` and `network.*`.") from None
    model = RemoteModel(endpoint, config.remote_format, context=config.context, on_news=on_news)
    if config.enabled:
        model.try_out()
    return model


def join(name: str, config: Config, lanes: Lanes, on_gone: Callable[[], None]) -> Joined:
    """The prepared model, by way of another server that has it, or loaded here and shared from now on."""
    from engine.load import ready
    from engine.sharing.join import Joined, join

    folders = ready(name)
    if not folders or not config.share_model:
        return Joined(load(name, config))
    return join(
        lambda: load(name, config),
        folders[0],
        lanes,
        context=config.context,
        version=__version__,
        on_gone=on_gone,
    )


def completer(config: Config) -> InlineCompleter:
    """What completes with any model."""
    from completion.inline import InlineCompleter

    return InlineCompleter(inline_settings(config))


def inline_settings(config: Config) -> InlineSettings:
    """The part of the settings that completion knows."""
    from completion.settings import InlineSettings

    settings = InlineSettings(max_lines=config.max_lines, scopes_off=frozenset(config.scopes_off))
    if config.min_confidence is not None:
        settings = replace(settings, min_confidence=config.min_confidence)
    return settings
