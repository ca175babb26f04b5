"""The thread that answers questions from what the index has by then, and from the documents in the editor."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from lsp_server.workspace_index.folders import inside
from lsp_server.workspace_index.messages import (
    Answer,
    Excerpt,
    Excerpts,
    Found,
    Mention,
    Mentions,
    Question,
    Renamed,
    Wish,
)
from lsp_server.workspace_index.places import Text, found_at
from retrieval import excerpts
from retrieval.embedding import StaticEmbedding
from retrieval.schema import StoreDamaged, StoreError, index_path
from retrieval.search import Hit, Searcher
from retrieval.store import Store, View
from retrieval.unsaved import Unsaved
from retrieval.walk import DEFAULT_LIMITS, Walker
from text.content import decoded
from text.positions import Encoding


class _Folder:
    """What is needed to search one workspace folder."""

    def __init__(self, path: str, embedder: StaticEmbedding) -> None:
        self.path = path
        self.root = Path(os.path.realpath(path))
        self.unsaved = Unsaved(embedder)
        self.searcher: tuple[View, Searcher] | None = None


class Answerer:
    """`run` on a thread of its own; everything else may be called from any."""

    def __init__(
        self,
        embedder: StaticEmbedding,
        views: Callable[[], Mapping[str, View]],
        send: Callable[[Answer | Excerpts | Mentions], None],
    ) -> None:
        self._embedder = embedder
        self._views = views
        self._send = send
        self._questions: queue.SimpleQueue[Question | Wish | Renamed | tuple[str, ...]] = queue.SimpleQueue()
        self._forgotten: set[int] = set()
        self._folders: list[_Folder] = []
        self._documents: dict[str, str] = {}
        self._store: Store | None = None

    def folders(self, paths: tuple[str, ...]) -> None:
        """These are the workspace folders now."""
        self._questions.put(paths)

    def ask(self, question: Question | Wish | Renamed) -> None:
        """Answer that, soon."""
        self._questions.put(question)

    def forget(self, id: int) -> None:
        """Nobody waits for that answer any more."""
        self._forgotten.add(id)

    def run(self) -> None:
        """Work for ever."""
        while True:
            message = self._questions.get()
            if isinstance(message, tuple):
                known = {folder.path: folder for folder in self._folders}
                self._folders = [known.get(path) or _Folder(path, self._embedder) for path in message]
                self._take(dict(self._documents))
                continue
            if isinstance(message, Question):
                self._take(message.documents)
            if message.id in self._forgotten:
                self._forgotten.discard(message.id)
            elif isinstance(message, Question):
                self._send(self._answer(message))
            elif isinstance(message, Wish):
                self._send(Excerpts(message.id, self._wished(message)))
            else:
                self._send(Mentions(message.id, self._mentioned(message)))

    def _take(self, documents: Mapping[str, str | None]) -> None:
        """Note what is open in the editor."""
        for path, text in documents.items():
            if text is None:
                self._documents.pop(path, None)
            else:
                self._documents[path] = text
            for folder in self._folders:
                here = inside(path, folder.path)
                if here and text is not None and Walker(folder.root).wants(here):
                    folder.unsaved.put(here, text)
                elif here:
                    folder.unsaved.drop(here)

    def _answer(self, question: Question) -> Answer:
        try:
            found = self._found(question)
        except StoreDamaged:
            self._close()
            return Answer(question.id, [])
        except (StoreError, OSError) as error:
            self._close()
            return Answer(question.id, [], f"{error}. {getattr(error, 'remedy', '')}".strip())
        return Answer(question.id, found)

    def _wished(self, wish: Wish) -> list[Excerpt]:
        """Nothing, where anything is wrong: nobody asked for it."""
        try:
            for folder, here, searcher in self._around(wish.path):
                wanted = excerpts.Wish(here, wish.names, wish.imported)
                return [
                    Excerpt(str(Path(folder.path) / each.path), each.path, each.line, each.text, each.score)
                    for each in searcher.excerpts(wanted, partial(self._text_of, folder))
                ]
        except (StoreError, OSError):
            self._close()
        return []

    def _mentioned(self, renamed: Renamed) -> list[Mention]:
        """Likewise."""
        try:
            for folder, here, searcher in self._around(renamed.path):
                return [
                    Mention(str(Path(folder.path) / each.path), each.text)
                    for each in searcher.mentions(here, renamed.name, partial(self._text_of, folder))
                ]
        except (StoreError, OSError):
            self._close()
        return []

    def _around(self, path: str) -> Iterator[tuple[_Folder, str, Searcher]]:
        """The workspace folders that a file is in, its path there, and what searches them."""
        for folder in self._folders:
            here = inside(path, folder.path)
            if here and (searcher := self._searcher(folder)) is not None:
                yield folder, here, searcher

    def _text_of(self, folder: _Folder, path: str) -> str | None:
        text = self._text(str(Path(folder.path) / path), folder.root / path)
        return text.text if text else None

    def _found(self, question: Question) -> list[Found]:
        hits: list[tuple[Hit, _Folder]] = []
        for folder in self._folders:
            if (searcher := self._searcher(folder)) is not None:
                some = searcher.search(question.text, question.count, unsaved=folder.unsaved, whole=True)
                hits += [(hit, folder) for hit in some]
        hits.sort(key=lambda each: -each[0].score)
        texts: dict[str, Text | None] = {}
        found: dict[tuple[str, int], Found] = {}
        for hit, folder in hits:
            path = str(Path(folder.path) / hit.path)
            real = str(folder.root / hit.path)
            if real not in texts:
                texts[real] = self._text(path, Path(real))
            text = texts[real]
            each = text and found_at(
                hit,
                path,
                text,
                Encoding(question.encoding),
                named=hit.why["symbol"] > 0,
                excerpt_lines=question.excerpt_lines,
            )
            if each:
                found.setdefault((real, each.body.start_line), each)
        return list(found.values())[: question.count]

    def _searcher(self, folder: _Folder) -> Searcher | None:
        """What searches the branch that is checked out; None before anything is known of the folder."""
        view = self._views().get(folder.path)
        if view is None:
            return None
        if self._store is None:
            self._store = Store.open(index_path(), self._embedder)
        if folder.searcher is None or folder.searcher[0] != view:
            folder.searcher = view, Searcher(self._store, view)
        return folder.searcher[1]

    def _close(self) -> None:
        for folder in self._folders:
            folder.searcher = None
        if self._store is not None:
            self._store.close()
            self._store = None

    def _text(self, path: str, real: Path) -> Text | None:
        """As the editor has it, or else the disk; None where there is none."""
        for each in (path, str(real)):
            if each in self._documents:
                return Text(self._documents[each])
        try:
            data = real.read_bytes() if real.stat().st_size <= DEFAULT_LIMITS.code_bytes else b""
        except OSError:
            return None
        return Text(decoded(data))
