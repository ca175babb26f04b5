"""Inline completion: from a cursor in a document to a suggestion, or to a reason for silence.

    typed through? -> in place? -> prepare the prompt -> generate until `stop` -> judge -> suggestion

Nothing here knows an editor, and nothing is shown that has not passed the judge.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from completion.confidence import confidence
from completion.context import site_at
from completion.haste import Hasty
from completion.judge import Judge
from completion.line_drafts import LineDrafter
from completion.memory import Memory, Shown
from completion.pace import Pace
from completion.prepare import prompt_for, warm_prompt
from completion.prompt import Excerpt, Prompt
from completion.prose import prose_before_code, without_prose
from completion.reasons import Reason, Silence
from completion.request import InlineRequest, Suggestion
from completion.settings import InlineSettings
from completion.stop import Site, Stop, unit_at
from completion.trim import only_closes
from completion.typed_through import remainder
from engine.cancel import NEVER, CancelToken
from engine.model import Generation, Model
from text.document import Document
from text.edits import Edit

__all__ = ["Excerpt", "InlineCompleter", "InlineRequest", "InlineSettings", "Reason", "Silence", "Suggestion"]

_DOCUMENTS = 64  # whose memory is kept
_LONG_LINE = 1_000  # characters; such lines are data
_STEP = 256  # tokens that are read at once when warming
_SMALL_STEP = 32  # while the user types: done before the next key


class InlineCompleter:
    """Answers requests, and remembers per document what makes the next answer cheap.

    `complete` and `warm` belong to the thread that runs the model; the others may be called from any thread.
    """

    def __init__(self, settings: InlineSettings | None = None) -> None:
        self.settings = settings or InlineSettings()
        self.observe: Callable[[InlineRequest, Prompt, Generation], None] | None = None
        """Is told, on the model's thread, what the model was asked and wrote; for debugging prompts."""
        self._memories: OrderedDict[str, Memory] = OrderedDict()
        self._lock = threading.Lock()
        self._pace = Pace()

    def try_typed_through(self, request: InlineRequest) -> Suggestion | None:
        """Return what is left of the last suggestion if the user is typing along it. Runs no model."""
        shown = self._memory(request.document).shown
        if shown is None:
            return None
        edit = remainder(shown.document, shown.edit, request.document, request.offset)
        if edit is None:
            return None
        version = request.document.version
        return Suggestion(edit, edit.new, version, "stop", None, "typed-through", shown.confidence)

    def complete(
        self, request: InlineRequest, model: Model, cancel: CancelToken = NEVER
    ) -> Suggestion | Silence:
        """Answer within the request's budget; what is shown is always a whole line, statement or block."""
        deadline = time.monotonic() + request.budget_ms / 1000
        if typed := self.try_typed_through(request):
            return typed
        document, memory = request.document, self._memory(request.document)
        memory.keep_version(document.text)
        request = replace(request, excerpts=memory.excerpts)
        syntax = memory.syntax(document)
        site = site_at(document, request.offset, syntax)
        if reason := self._out_of_place(site, model):
            return Silence(reason)
        prompt = prompt_for(request, memory, model, self.settings.limits, self._pace)
        if isinstance(prompt, Silence):
            if prompt.reason is Reason.COLD:
                # No time to answer, but time to read: else fast typing would keep the place unread for ever,
                # and a pace that was measured in a bad moment would never be measured anew.
                self._read_on(request, model, cancel, _SMALL_STEP, deadline)
            return prompt
        most = self.settings.max_lines
        stop = Stop(site, unit_at(site, most), most, healed=len(prompt.heal))
        generation = model.generate(
            prompt.tokens,
            max_tokens=self.settings.max_tokens,
            stop=Hasty(stop, deadline),
            heal=prompt.heal,
            draft=LineDrafter((*prompt.tokens, *memory.written), model.tokenizer),
            cancel=cancel,
            deadline=deadline,
        )
        if self.observe is not None:
            self.observe(request, prompt, generation)
        if generation.tokens or generation.finish == "eos":  # else the prompt was not read to its end
            memory.keep_prompt(prompt.tokens)
        memory.keep_written(prompt.tokens, generation.tokens)
        self._pace.learn(generation.usage)
        sureness = confidence(generation, prompt.heal, model.tokenizer)
        judge = Judge(request, stop, syntax, memory, self.settings)
        edit = judge(generation, sureness)
        if isinstance(edit, Silence) and edit.reason is Reason.UNSURE:
            edit, sureness = self._behind_prose(judge, generation, model) or (edit, sureness)
        if isinstance(edit, Silence):
            return edit
        memory.shown = Shown(document, edit, sureness)
        usage = generation.usage
        return Suggestion(edit, edit.new, document.version, generation.finish, usage, "model", sureness)

    def _behind_prose(
        self, judge: Judge, generation: Generation, model: Model
    ) -> tuple[Edit | Silence, float] | None:
        """What is to be shown of the code behind a doc string or comment; None where there is no such."""
        stop = judge.stop
        body = generation.text[stop.healed :]
        length = prose_before_code(body, stop.site.language)
        if (
            not length
            or stop.site.scope != "code"
            or not (body.startswith("\n") or not stop.site.line.strip())
        ):
            return None
        if not body[length:].strip():
            in_haste = generation.finish in ("stop", "deadline") and stop.end(body) is None
            return (Silence(Reason.DEADLINE), 0.0) if in_haste else None
        skipped = generation.text[: stop.healed + length]
        sureness = confidence(generation, skipped, model.tokenizer)
        return judge(without_prose(generation, stop.healed, length), sureness), sureness

    def warm(
        self,
        document: Document,
        offset: int,
        model: Model,
        cancel: CancelToken = NEVER,
        *,
        path: str = "",
        excerpts: tuple[Excerpt, ...] = (),
    ) -> None:
        """Let the model read what a request at `offset` would show it, and move the window at ease.

        `excerpts` of other files take effect once all is read: until then requests go on with those before.
        Meant for the moments after a document is opened or focused, and whenever the cursor rests.
        """
        memory = self._memory(document)
        memory.syntax(document)
        if not memory.windows:
            memory.excerpts = excerpts
        if self._read_on(InlineRequest(document, offset, path, excerpts), model, cancel, _STEP):
            memory.excerpts = excerpts

    def _read_on(
        self,
        request: InlineRequest,
        model: Model,
        cancel: CancelToken,
        step: int,
        deadline: float = math.inf,
    ) -> bool:
        """Read the window by steps of so many tokens, so that what was read counts whatever comes between.

        Whether it was read to its end.
        """
        memory = self._memory(request.document)
        prepared = warm_prompt(request, memory, model, self.settings.limits)
        if prepared is None:
            return False
        window, prompt = prepared
        read = len(prompt.tokens) - memory.unread(prompt.tokens)
        for end in [*range(read + step, len(prompt.tokens), step), len(prompt.tokens)]:
            usage = model.warm(prompt.tokens[:end], cancel=cancel)
            if cancel.cancelled:
                return False  # the step that was broken off is lost
            memory.keep_prompt(prompt.tokens[:end])
            self._pace.learn(usage)
            if time.monotonic() >= deadline:
                return False
        memory.keep_window(window)
        return True

    def forget_all(self) -> None:
        """Drop what is remembered of all documents: memory is short."""
        with self._lock:
            self._memories.clear()

    def forget(self, uri: str) -> None:
        """Drop what is remembered of a document that was closed."""
        with self._lock:
            self._memories.pop(uri, None)

    def _memory(self, document: Document) -> Memory:
        with self._lock:
            memory = self._memories.setdefault(document.uri, Memory())
            self._memories.move_to_end(document.uri)
            while len(self._memories) > _DOCUMENTS:
                self._memories.popitem(last=False)
            return memory

    def _out_of_place(self, site: Site, model: Model) -> Reason | None:
        """Return why nothing can be suggested here, whatever the model would write."""
        if site.scope in self.settings.scopes_off:
            return Reason.SCOPE_OFF
        if len(site.line) + len(site.rest) > _LONG_LINE:
            return Reason.LONG_LINE
        if _in_word(site.line[-1:]) and _in_word(site.rest[:1]):
            return Reason.MID_WORD
        if model.tokenizer.fim is None and not only_closes(site.rest):
            return Reason.MID_LINE  # a model that does not see the rest of the line cannot meet it
        return None


def _in_word(char: str) -> bool:
    return char == "_" or char.isalnum()
