"""From a model's name to a model: another server's, or one that is loaded here and shared from now on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.converted import load_tokenizer, read_card
from engine.lanes import Lanes
from engine.model import Model
from engine.sharing.guest import SharedModel
from engine.sharing.host import Host
from engine.sharing.meeting import Meeting

log = logging.getLogger("tacit.sharing")


@dataclass(frozen=True, slots=True)
class Joined:
    """A model, and what it has to do with other servers."""

    model: Model
    process: int = 0  # of the server that has it, if not this one
    host: Host | None = None
    meeting: Meeting | None = None

    @property
    def guests(self) -> int:
        """How many other servers use it now."""
        return self.host.guests if self.host else 0

    def close(self) -> None:
        """Part: guests are hung up on, a host is left. The model itself stays as it is."""
        if isinstance(self.model, SharedModel):
            self.model.close()
        if self.meeting is not None:
            self.meeting.leave()
        if self.host is not None:
            self.host.close()


def join(
    load: Callable[[], Model],
    folder: Path,
    lanes: Lanes,
    *,
    context: int,
    version: str,
    on_gone: Callable[[], None],
) -> Joined:
    """The model in `folder` (converted), by way of another server's if there is one, else of `load`.

    `on_gone` is called, from any thread, when the server that had the model is gone: then join again. Raises
    what `load` raises. Where servers cannot meet, the model is this one's alone.
    """
    try:
        meeting = Meeting(f"{folder.resolve()}\n{context}", version)
        met = meeting.find()
    except OSError as error:
        log.info("the model is not shared: %s", error)
        return Joined(load())
    if met is not None:
        wire, welcome = met
        try:
            theirs = Path(welcome.folder)
            trained_for = read_card(theirs).trained_for
            model = SharedModel(wire, load_tokenizer(theirs), welcome.context, on_gone, trained_for)
        except BaseException:
            wire.close()
            raise
        return Joined(model, process=welcome.process)
    try:
        loaded = load()
    except BaseException:
        meeting.leave()
        raise
    try:
        listening = meeting.listen()
    except OSError as error:
        log.info("the model is not shared: %s", error)
        meeting.leave()
        return Joined(loaded)
    return Joined(loaded, host=Host(listening, loaded, lanes, version, str(folder)), meeting=meeting)
