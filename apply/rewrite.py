"""The apply model: a region of a file written anew, with a sketch merged in.

Decoding is greedy, and drafts follow the region and the sketch, which make it faster and change nothing
(`engine.following`). What has been rewritten is told in stable hunks while the rest is still being written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from apply import prompt_apply_v1
from apply.rewrite_hunks import StableHunks
from apply.rows import Kind, Sketch, pieces
from engine.cancel import NEVER, CancelToken
from engine.following import FollowingDrafter
from engine.model import Model, Usage
from text.edits import Edit

SPARE: Final = 32  # tokens that the rewriting may have more than region and sketch together
_END: Final = prompt_apply_v1.FENCE


@dataclass(frozen=True)
class Rewriting:
    """A region as the model would have it; None where it did not come to an end. `hunks` lead there.

    `prompt` and `tokens` are what the model read and wrote.
    """

    text: str | None
    hunks: tuple[Edit, ...]
    usage: Usage
    prompt: tuple[int, ...]
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class RewriteRequest:
    """What is to be rewritten: both texts with `\\n` line ends; `shown` are the sketch's own lines of code.

    `shown` holds what stands between two markers, each as one text: drafts are taken from there.
    """

    region: str
    sketch: str
    shown: tuple[str, ...]

    @property
    def is_possible(self) -> bool:
        """Whether the end of the rewriting could be told from a line of the code."""
        return not any(
            line.startswith(_END) for text in (self.region, self.sketch) for line in text.split("\n")
        )


def request_of(region: str, sketch: Sketch, written: str) -> RewriteRequest:
    """The request to merge `sketch` into `region`, as it was `written`; line ends of both become `\\n`."""
    shown = [
        "".join(f"{row.text}\n" for row in sketch.rows[start:end] if row.kind not in _NOT_THERE)
        for start, end in pieces(sketch.rows)
    ]
    return RewriteRequest(_unix(region), _unix(written), tuple(shown))


def rewrite(
    request: RewriteRequest,
    model: Model,
    *,
    on_hunk: Callable[[Edit], object] = lambda _: None,
    expected: Callable[[str], bool] = lambda _: True,
    drafts: bool = True,
    cancel: CancelToken = NEVER,
) -> Rewriting:
    """Have `model` rewrite the region; `on_hunk` gets each hunk, against the region, when it is stable.

    A line that is not `expected` is the end: the rewriting has failed.
    Raises ValueError where prompt and answer do not fit the model's context.
    """
    encode = model.tokenizer.encode
    prompt = prompt_apply_v1.build(request.region, request.sketch, model.tokenizer)
    original = encode(f"{_ended(request.region)}{_END}")
    shown = [encode(text) for text in request.shown]
    longest = len(original) + sum(map(len, shown)) + SPARE
    if len(prompt) + longest > model.context:
        raise ValueError(f"{len(prompt)} + {longest} tokens do not fit a context of {model.context}")
    stream = StableHunks(_ended(request.region))
    hunks: list[Edit] = []
    read, failed = 0, False

    def take(edits: Sequence[Edit]) -> None:
        hunks.extend(edits)
        for edit in edits:
            on_hunk(edit)

    def stop(text: str) -> bool:
        nonlocal read, failed
        if text.endswith("\n"):
            failed = not all(map(expected, text[read:-1].split("\n")))
            read = len(text)
            take([] if failed else list(stream.feed(text)))
        return failed or text.endswith(f"\n{_END}") or text == _END

    answer = model.generate(
        prompt,
        max_tokens=longest,
        stop=stop,
        draft=FollowingDrafter([original, *shown], len(prompt)) if drafts else None,
        cancel=cancel,
    )
    if failed or answer.finish not in ("stop", "eos"):
        return Rewriting(None, tuple(hunks), answer.usage, tuple(prompt), answer.tokens)
    text = answer.text.removesuffix(_END)
    take(list(stream.finish(text)))
    return Rewriting(text, tuple(hunks), answer.usage, tuple(prompt), answer.tokens)


_NOT_THERE = frozenset([Kind.OLD, Kind.GONE])  # rows that no line of the result can be


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
