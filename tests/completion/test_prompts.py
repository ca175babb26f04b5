"""What a keystroke changes in a prompt, and how the pieces meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from completion import prompt_fim_v1, prompt_prefix_v1
from completion.inline import Excerpt, InlineCompleter, InlineRequest
from completion.memory import Memory
from completion.pace import Pace
from completion.prepare import prompt_for
from completion.prompt import Prompt, PromptInputs, shared
from completion.window import Limits
from engine.converted import load_tokenizer
from engine.model import Tokenizer
from engine.prepare import prepare
from tests.completion.support import SETTINGS
from tests.support.scripted import ScriptedModel, byte_tokenizer
from text.document import Document
from text.edits import Edit

INPUTS = PromptInputs(
    "pkg/mod.py", "import os\n", "def f(pa", "\n\ng()\n", (Excerpt("pkg/other.py", "def h(): ..."),)
)


def test_fim_v1() -> None:
    model = ScriptedModel(lambda _: "")
    assert model.tokenizer.fim
    prompt = prompt_fim_v1.build(INPUTS, model.tokenizer, model.tokenizer.fim)
    model.warm(prompt.tokens)
    assert model.prompts == [
        "<|file_sep|>pkg/other.py\ndef h(): ...\n"
        "<|fim_prefix|>import os\n<|fim_suffix|>\n\ng()\n<|fim_middle|>def f"
    ]
    assert prompt.heal == "(pa"


def test_prefix_v1() -> None:
    model = ScriptedModel(lambda _: "", fim=False)
    prompt = prompt_prefix_v1.build(INPUTS, model.tokenizer)
    model.warm(prompt.tokens)
    assert model.prompts == ["# pkg/other.py\ndef h(): ...\n# pkg/mod.py\nimport os\ndef f"]
    assert prompt.heal == "(pa"


FUNCTION = """\
def handler_{0}(request, items):
    total = 0
    for item in items:
        total += item.price_{0}

    return total


"""


def a_module(functions: int) -> str:
    return "".join(FUNCTION.format(number) for number in range(functions))


TYPED = """\
    seen = set()
    for item in items:
        if item.name not in seen:
            seen.add(item.name)
"""


def keystrokes() -> Iterator[tuple[Document, int]]:
    """A function is extended by the characters of `TYPED`, in the middle of a module."""
    text = a_module(60)
    offset = text.index("    total = 0", len(text) // 2)
    document = Document.create("file:///m.py", text[:offset] + "\n" + text[offset:], 0, "python")
    for version, char in enumerate(TYPED, start=1):
        document = document.apply([Edit(offset, offset, char)], version)
        offset += 1
        yield document, offset


class Reader:
    """A model that is only asked how it reads: prompts are measured in its tokens."""

    def __init__(self, tokenizer: Tokenizer, context: int) -> None:
        self.tokenizer = tokenizer
        self.context = context


def prompt_reuse(tokenizer: Tokenizer, limits: Limits) -> float:
    """The share of prompt tokens that the prompt before had at the same place, over all keystrokes."""
    model: Any = Reader(tokenizer, 16_384)
    memory, before, total, kept = Memory(), None, 0, 0
    for document, offset in keystrokes():
        prompt = prompt_for(InlineRequest(document, offset, "m.py"), memory, model, limits, Pace())
        assert isinstance(prompt, Prompt)
        if before is not None:
            total += len(prompt.tokens)
            kept += shared(before, prompt.tokens)
        before = prompt.tokens
    return kept / total


@pytest.mark.parametrize("fim", [True, False])
def test_a_keystroke_leaves_the_prompt_as_it_was(fim: bool) -> None:
    assert prompt_reuse(byte_tokenizer(fim=fim), SETTINGS.limits) >= 0.95


@pytest.mark.model
@pytest.mark.parametrize("name", ["qwen2.5-coder-0.5b", "smollm2-135m"])
def test_a_keystroke_leaves_a_real_prompt_as_it_was(name: str) -> None:
    assert prompt_reuse(load_tokenizer(prepare(name)), Limits()) >= 0.95


def test_a_paired_bracket_leaves_the_prompt_as_it_was() -> None:
    model, completer = ScriptedModel(lambda _: "", context=16_384), InlineCompleter(SETTINGS)
    for version, line in enumerate(["x = f", "x = f()", "x = f(a)"]):
        document = Document.create("file:///m.py", a_module(9) + line + "\n" + a_module(9), version, "python")
        offset = len(a_module(9)) + len(line.removesuffix(")"))
        completer.complete(InlineRequest(document, offset, "m.py", budget_ms=60_000), model)
    heads = [prompt.partition("<|fim_middle|>")[0] for prompt in model.prompts]
    assert len(heads) == 3
    assert len(set(heads)) == 1


def test_warming_reads_what_a_request_will_show() -> None:
    model, completer = ScriptedModel(lambda _: "", context=16_384), InlineCompleter(SETTINGS)
    document, offset = next(keystrokes())
    completer.warm(document, offset, model, path="m.py")
    completer.complete(InlineRequest(document, offset, "m.py", budget_ms=60_000), model)
    *warmed, asked = model.prompts
    assert warmed[-1] == asked


def test_the_pieces_are_encoded_by_themselves() -> None:
    tokenizer = byte_tokenizer()
    assert tokenizer.fim
    tokens = prompt_fim_v1.build(INPUTS, tokenizer, tokenizer.fim).tokens
    other = prompt_fim_v1.build(
        PromptInputs(INPUTS.path, INPUTS.head, "def f(pat", INPUTS.suffix, INPUTS.excerpts),
        tokenizer,
        tokenizer.fim,
    ).tokens
    assert shared(tokens, other) == len(tokens)
