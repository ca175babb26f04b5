"""From a request to a prompt: which text the model is shown, given what it has read and the time there is.

Reading a whole window that is not cached takes about a second; a request has a third of that. So the window
is read ahead, when a document is opened and whenever the cursor rests (`warm_prompt`). A request that finds
it unread makes do with less. Has the cursor only moved within the window, then the text before it is cached
and a shorter suffix is enough; else a few lines around the cursor must do.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from completion import prompt_fim_v1, prompt_prefix_v1
from completion.memory import Memory
from completion.nearby import fitting
from completion.pace import Pace
from completion.prompt import Prompt, PromptInputs
from completion.reasons import Reason, Silence
from completion.request import InlineRequest
from completion.style import in_prompt
from completion.trim import only_closes
from completion.window import Count, Limits, Window, place, smaller, suffix_end
from engine.model import Model, Tokenizer
from text.positions import without_ending
from text.secrets import redacted

_READ_SHARE = 0.5  # of the time budget; the rest is for writing
_LEAST_SUFFIX = 32  # tokens
_LEAST_PROMPT = 64  # tokens; with fewer the model knows too little
_ROOM = 256  # tokens of the context for the output, and for what counting by lines misses
_KEY = 4_096  # characters; more than private keys have
_LONGEST_TEXT = 40_000  # characters of the cursor's line, or of what is shown before the cursor
_LONG_PIECE = 4_000  # characters; longer lines are data, and counting their tokens would take long


def prompt_for(
    request: InlineRequest, memory: Memory, model: Model, limits: Limits, pace: Pace
) -> Prompt | Silence:
    """Return the prompt for a waiting request: of a smaller window if there is no time for the whole."""
    limits = _within(limits, model)
    window = place(request.document, request.offset, memory.windows, limits, _count(model))
    if _is_data(request, window):
        return Silence(Reason.LONG_LINE)
    prompt = _build(request, window, model, limits)
    if len(prompt.tokens) > model.context - _ROOM:
        return Silence(Reason.LONG_LINE)
    unread = memory.unread(prompt.tokens)
    affordable = pace.affordable(request.budget_ms * _READ_SHARE)
    if affordable is None or unread <= affordable:
        memory.keep_window(window)
        return prompt
    without_suffix = _build(request, window, model, replace(limits, after=0))
    left = affordable - memory.unread(without_suffix.tokens)
    if left >= _LEAST_SUFFIX:
        memory.keep_window(window)
        return _build(request, window, model, replace(limits, after=min(left, limits.after)))
    if affordable < _LEAST_PROMPT:
        return Silence(Reason.COLD, f"{unread} tokens to read, time for {affordable}")
    limits = smaller(limits, affordable)
    window = place(request.document, request.offset, memory.small_windows, limits, _count(model))
    memory.small_windows = (window,)
    return _build(request, window, model, limits)


def warm_prompt(
    request: InlineRequest, memory: Memory, model: Model, limits: Limits
) -> tuple[Window, Prompt] | None:
    """Return the window that fits a resting cursor best, and its prompt; None if the model cannot take it."""
    limits = _within(limits, model)
    window = place(request.document, request.offset, memory.windows, limits, _count(model), eager=True)
    if _is_data(request, window):
        return None
    prompt = _build(request, window, model, limits)
    return (window, prompt) if 0 < len(prompt.tokens) <= model.context - _ROOM else None


def _build(request: InlineRequest, window: Window, model: Model, limits: Limits) -> Prompt:
    document, offset = request.document, request.offset
    rest = without_ending(document.line(document.position(offset).line)[document.position(offset).column :])
    # A key may begin above the window, and is told from other text by its first line.
    first = max(0, window.start - _KEY)
    shown = redacted(document.slice(first, suffix_end(document, offset, limits, _count(model))))
    after = shown[offset - first :]
    inputs = PromptInputs(
        path=request.path,
        head=in_prompt(shown[window.start - first : window.anchor - first]),
        tail=in_prompt(shown[window.anchor - first : offset - first]),
        # Closing brackets come and go with the editor's pairing; without them the suffix stays as it was, and
        # the model writes them itself.
        suffix=in_prompt(after[len(rest) :] if only_closes(rest) else after),
        excerpts=fitting(request.excerpts, limits.excerpts, _count(model)),
    )
    if model.tokenizer.fim is None:
        return prompt_prefix_v1.build(inputs, model.tokenizer)
    return prompt_fim_v1.build(inputs, model.tokenizer, model.tokenizer.fim)


def _is_data(request: InlineRequest, window: Window) -> bool:
    """Whether lines here are so long that only finding out their tokens would take seconds."""
    line = request.document.line(request.document.position(request.offset).line)
    return max(len(line), request.offset - window.start) > _LONGEST_TEXT


def _within(limits: Limits, model: Model) -> Limits:
    """Shrink the window to a model's context, with room for the output."""
    left = model.context - _ROOM - limits.before_most - limits.after
    if left < 0:
        return smaller(limits, model.context // 2)
    return replace(limits, excerpts=min(limits.excerpts, left))


def _count(model: Model) -> Count:
    return _counter(model.tokenizer)


@lru_cache(maxsize=4)
def _counter(tokenizer: Tokenizer) -> Count:
    @lru_cache(maxsize=4_096)  # a window has some hundred lines, and each keystroke makes a new one
    def count(line: str) -> int:
        return len(tokenizer.encode(line)) if len(line) <= _LONG_PIECE else len(line)

    return count
