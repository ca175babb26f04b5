"""The index process: `python -m lsp_server.workspace_index.process`, started by `host`, ends with its input.

main thread        reads messages, and never does anything that takes long
tacit-indexing     keeps the folders in step, at a priority below everything else (`indexing`)
tacit-answering    answers questions meanwhile, each thread with a connection of its own (`answering`)
"""

from __future__ import annotations

import os
import sys
import threading
from typing import IO

from engine.processes import framed, read_frame
from lsp_server.workspace_index.answering import Answerer
from lsp_server.workspace_index.indexing import Indexer
from lsp_server.workspace_index.messages import (
    TO_INDEX,
    Answer,
    Changed,
    Excerpts,
    Folders,
    Forget,
    Halt,
    Mentions,
    Rest,
    State,
    encode,
)
from retrieval.embedding import StaticEmbedding


def main(stdin: IO[bytes], stdout: IO[bytes]) -> None:
    """Serve until the input ends."""
    writing = threading.Lock()

    def send(message: Answer | Excerpts | Mentions | State) -> None:
        data = framed(encode(message))
        try:
            with writing:
                stdout.write(data)
                stdout.flush()
        except OSError:  # the server is gone
            os._exit(0)

    embedder = StaticEmbedding.load()
    indexer = Indexer(embedder, send)
    answerer = Answerer(embedder, lambda: indexer.views, send)
    threading.Thread(target=indexer.run, name="tacit-indexing", daemon=True).start()
    threading.Thread(target=answerer.run, name="tacit-answering", daemon=True).start()
    while (frame := read_frame(stdin)) is not None:
        message = TO_INDEX.decode(frame)
        if isinstance(message, Folders):
            answerer.folders(message.paths)
            indexer.folders(message.paths)
        elif isinstance(message, Changed):
            indexer.changed(message.paths)
        elif isinstance(message, Halt):
            indexer.halt()
        elif isinstance(message, Rest):
            indexer.resting = message.rest
        elif isinstance(message, Forget):
            answerer.forget(message.id)
        else:
            answerer.ask(message)


if __name__ == "__main__":
    sys.setswitchinterval(0.001)  # questions must not wait for the other thread's Python
    main(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)  # neither thread has anything to lose: what is committed is committed
