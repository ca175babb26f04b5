from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cancel import Cancelled, CancelToken
from engine.decode import CachedModel
from engine.drafts import Drafter
from engine.session import Floats, Session
from tests.support.tiny import greedy, tiny_model, tiny_session

PROMPT = list(b"def area(width, height):\n    return width")


class Scrambled:
    """Drafts the true continuation with mistakes at random places, of any length."""

    def __init__(self, prompt: Sequence[int], truth: Sequence[int], seed: int) -> None:
        self._prompt, self._truth = list(prompt), list(truth)
        self._random = random.Random(seed)

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        assert limit >= 1
        assert list(tokens[: len(self._prompt)]) == self._prompt
        done = len(tokens) - len(self._prompt)
        rest = self._truth[done : done + self._random.randint(0, limit)]
        return [t if self._random.random() < 0.9 else self._random.randrange(256) for t in rest]


def test_greedy_is_what_the_graph_says(graph: Path) -> None:
    model = tiny_model(graph)
    answer = model.generate(PROMPT, max_tokens=40)
    assert answer.finish in ("length", "eos")
    assert list(answer.tokens) == greedy(graph, PROMPT, len(answer.tokens))
    assert answer.usage.passes == len(answer.tokens) + (answer.finish == "eos")
    assert (answer.usage.prompt_tokens, answer.usage.cached_tokens) == (len(PROMPT), 0)


@given(seed=st.integers(0, 10**6), max_tokens=st.integers(1, 200), stop_after=st.integers(1, 200))
@settings(max_examples=25, deadline=None)
def test_drafts_change_nothing_but_the_number_of_passes(
    graph: Path, seed: int, max_tokens: int, stop_after: int
) -> None:
    prompt = np.random.default_rng(seed).integers(0, 256, 1 + seed % 60).tolist()
    model = tiny_model(graph)

    def generate(draft: Drafter | None) -> tuple[object, ...]:
        answer = model.generate(
            prompt, max_tokens=max_tokens, stop=lambda text: len(text) >= stop_after, draft=draft
        )
        passes.append(answer.usage.passes)
        assert np.allclose(answer.logprobs, model.score(prompt, answer.tokens), atol=1e-4)
        return answer.tokens, answer.text, answer.finish

    passes: list[int] = []
    plain = generate(None)
    truth = greedy(graph, prompt, len(model.generate(prompt, max_tokens=200).tokens))
    assert generate(Scrambled(prompt, truth, seed)) == plain
    assert passes[1] <= passes[0]


def test_perfect_drafts_double_in_length(graph: Path) -> None:
    model = tiny_model(graph)
    truth = list(model.generate(PROMPT, max_tokens=300).tokens)
    lengths: list[int] = []

    class Perfect:
        def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
            lengths.append(limit)
            done = len(tokens) - len(PROMPT)
            return truth[done : done + limit]

    answer = model.generate(PROMPT, max_tokens=len(truth), draft=Perfect())
    assert list(answer.tokens) == truth
    if len(truth) == 300:
        assert lengths == [16, 32, 64, 128, 54]
        assert answer.usage.accepted == answer.usage.drafted == 294


@pytest.fixture
def model(graph: Path) -> CachedModel:
    return tiny_model(graph)


def test_a_wrong_draft_starts_anew_at_the_shortest(model: CachedModel) -> None:
    limits: list[int] = []

    class Wrong:
        def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
            limits.append(limit)
            return [0] * limit

    model.generate(PROMPT, max_tokens=20, draft=Wrong())
    assert limits[:3] == [16, 16, 16]


def sequences(rng: random.Random) -> Callable[[], list[int]]:
    """Prompts as an editor makes them: a few documents, edited near their ends, returned to."""
    documents = [[rng.randrange(256) for _ in range(rng.randint(100, 400))] for _ in range(3)]

    def prompt() -> list[int]:
        document = rng.choice(documents)
        cut = len(document) - rng.randint(0, 30)
        document[cut:] = [rng.randrange(256) for _ in range(rng.randint(0, 30))]
        return list(document) or [1]

    return prompt


@pytest.mark.parametrize("cache_bytes", [1 << 24, 100_000, 0])
def test_cached_equals_fresh_over_a_random_session(graph: Path, cache_bytes: int) -> None:
    model = tiny_model(graph, cache_bytes)
    next_prompt = sequences(random.Random(5))
    for _ in range(40):
        prompt = next_prompt()
        answer = model.generate(prompt, max_tokens=12)
        fresh = tiny_model(graph).generate(prompt, max_tokens=12)
        assert (answer.tokens, answer.finish) == (fresh.tokens, fresh.finish)
        assert np.allclose(answer.logprobs, fresh.logprobs, atol=1e-4)


def test_editing_near_the_end_reads_only_what_changed(model: CachedModel) -> None:
    document = list(range(200))
    model.generate(document, max_tokens=10)
    usage = model.generate([*document, 1, 2, 3], max_tokens=10).usage
    assert usage.cached_tokens >= 200
    usage = model.generate([*document[:190], 5, 6], max_tokens=10).usage
    assert usage.cached_tokens == 190


def test_returning_to_a_document_reads_only_what_changed(model: CachedModel) -> None:
    first = [n % 251 for n in range(300)]
    second = [n % 241 for n in range(5, 305)]
    assert model.warm(first).cached_tokens == 0
    assert model.warm(second).cached_tokens == 0
    assert model.warm([*first, 9, 9]).cached_tokens == 300
    assert model.warm([*second, 9]).cached_tokens == 300
    assert model.warm([*first, 9, 8]).cached_tokens == 301


def test_the_same_prompt_again_computes_one_token(model: CachedModel) -> None:
    model.warm(PROMPT)
    usage = model.generate(PROMPT, max_tokens=1).usage
    assert (usage.cached_tokens, usage.passes) == (len(PROMPT) - 1, 1)


def test_heal_is_written_first_and_only_constrains_itself(model: CachedModel) -> None:
    healed = model.generate(PROMPT, max_tokens=20, heal=" *é")
    assert healed.text.startswith(" *é")
    assert len(healed.logprobs) == len(healed.tokens)
    assert healed.logprobs[:4] == (0.0,) * 4  # over bytes there was no choice
    byte = model.tokenizer.encode(" *é")
    assert list(healed.tokens[:4]) == byte
    assert healed.tokens[4:] == model.generate([*PROMPT, *byte], max_tokens=16).tokens


def test_text_never_ends_within_a_character(model: CachedModel) -> None:
    assert model.generate(PROMPT, max_tokens=1, heal="é").text == ""
    assert model.generate(PROMPT, max_tokens=2, heal="é").text == "é"


def test_stop_sees_each_token_and_ends_the_output(model: CachedModel) -> None:
    seen: list[str] = []

    def stop(text: str) -> bool:
        seen.append(text)
        return len(seen) == 5

    answer = model.generate(PROMPT, max_tokens=20, heal="abcdef", stop=stop)
    assert (answer.finish, answer.text) == ("stop", "abcde")
    assert seen == ["a", "ab", "abc", "abcd", "abcde"]


def test_max_tokens_is_bounded_by_the_context(model: CachedModel) -> None:
    answer = model.generate([1] * 630, max_tokens=50)
    assert len(answer.tokens) <= 10
    assert answer.finish in ("length", "eos")
    for wrong in ([], [1] * 640):
        with pytest.raises(ValueError, match="leave no room"):
            model.generate(wrong, max_tokens=1)


def test_cancelled_before_and_during(model: CachedModel) -> None:
    cancel = CancelToken()

    def stop(text: str) -> bool:
        if len(text) == 3:
            cancel.cancel()
        return False

    answer = model.generate(PROMPT, max_tokens=50, heal="abcdef", stop=stop, cancel=cancel)
    assert (answer.finish, answer.text) == ("cancelled", "abc")
    again = model.generate(PROMPT, max_tokens=50, cancel=cancel)
    assert (again.finish, again.tokens, again.usage.passes) == ("cancelled", (), 0)
    assert model.warm(PROMPT, cancel=cancel).passes == 0
    with pytest.raises(Cancelled):
        model.score(PROMPT, [1, 2], cancel=cancel)
    assert model.generate(PROMPT, max_tokens=3, heal="abc").text == "abc"  # none the worse for it


def test_a_request_cancelled_at_any_moment_leaves_the_model_exact(graph: Path) -> None:
    model = tiny_model(graph)
    prompt = [n % 256 for n in range(600)]
    rng = random.Random(3)
    for _ in range(30):
        cancel = CancelToken()
        timer = threading.Timer(rng.random() / 100, cancel.cancel)
        timer.start()
        model.generate(prompt[rng.randrange(500) :], max_tokens=20, heal="a" * 20, cancel=cancel)
        timer.join()
    assert (
        model.generate(prompt, max_tokens=20).tokens
        == tiny_model(graph).generate(prompt, max_tokens=20).tokens
    )


def test_deadline(model: CachedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0

    def stop(_: str) -> bool:
        nonlocal clock
        clock += 1  # a second for each token
        return False

    monkeypatch.setattr("time.monotonic", lambda: clock)
    answer = model.generate(PROMPT, max_tokens=50, heal="a" * 50, stop=stop, deadline=7)
    assert (answer.finish, answer.text) == ("deadline", "a" * 7)
    answer = model.generate(PROMPT, max_tokens=50, deadline=7)
    assert (answer.finish, answer.tokens, answer.usage.passes) == ("deadline", (), 0)


def test_chunks_shrink_to_the_time_that_is_left(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model(graph)
    clock = 0.0  # seconds; a token takes one
    sizes: list[int] = []

    def step(session: Session, ids: Sequence[int], rows: int = 1) -> Floats:
        nonlocal clock
        clock += len(ids)
        sizes.append(len(ids))
        return real_step(session, ids, rows)

    real_step = Session.step
    monkeypatch.setattr(Session, "step", step)
    monkeypatch.setattr("time.monotonic", lambda: clock)
    monkeypatch.setattr("time.perf_counter", lambda: clock)
    prompt = [n % 256 for n in range(600)]
    monkeypatch.setattr("engine.decode.TURN_S", 100.0)
    answer = model.generate(prompt, max_tokens=5, deadline=406.0)
    assert (answer.finish, answer.tokens) == ("deadline", ())
    assert sizes == [256, 100, 50]  # at first the pace is not known
    assert model.warm(prompt).cached_tokens == 406


def test_score_is_the_log_softmax_of_each_token(graph: Path) -> None:
    model, session = tiny_model(graph), tiny_session(graph)
    continuation = [n % 256 for n in range(7, 157)]  # more than one piece
    logits = session.step([*PROMPT, *continuation], len(continuation) + 1)[:-1].astype(np.float64)
    expected = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    chosen = expected[np.arange(len(continuation)), continuation]
    assert np.allclose(model.score(PROMPT, continuation), chosen, atol=1e-4)
    assert model.score(PROMPT, []) == []
