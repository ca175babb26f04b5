from __future__ import annotations

from engine.cancel import CancelToken
from tests.support.scripted import ScriptedModel


def test_the_longest_matching_key_wins_and_the_healed_text_comes_first() -> None:
    model = ScriptedModel({"x": "no", "return x": " + 1\n"})
    prompt = model.tokenizer.encode("def f(x):\n    return")
    answer = model.generate(prompt, max_tokens=50, heal=" x")
    assert (answer.text, answer.finish) == (" x + 1\n", "eos")
    assert len(answer.logprobs) == len(answer.tokens) == answer.usage.generated_tokens


def test_stop_and_limit() -> None:
    model = ScriptedModel(lambda _: "é = 1\nnext")
    prompt = model.tokenizer.encode("x")
    assert model.generate(prompt, max_tokens=50, stop=lambda text: "\n" in text).text == "é = 1\n"
    assert model.generate(prompt, max_tokens=1).text == ""  # half of é
    assert model.generate(prompt, max_tokens=2).finish == "length"


def test_cancel_between_tokens() -> None:
    cancel = CancelToken()
    model = ScriptedModel(lambda _: "abcdef", before_token=lambda n: cancel.cancel() if n == 3 else None)
    answer = model.generate([65], max_tokens=50, cancel=cancel)
    assert (answer.text, answer.finish) == ("abc", "cancelled")


def test_common_start_counts_as_cached() -> None:
    model = ScriptedModel({})
    assert model.warm([1, 2, 3]).cached_tokens == 0
    assert model.warm([1, 2, 3, 4]).cached_tokens == 3


def test_control_tokens_show_in_the_script_by_name() -> None:
    model = ScriptedModel({})
    fim = model.tokenizer.fim
    assert fim is not None
    encode = model.tokenizer.encode
    model.warm([fim.prefix, *encode("a"), fim.suffix, *encode("b"), fim.middle])
    assert model.prompts == ["<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"]
    assert ScriptedModel({}, fim=False).tokenizer.fim is None
