"""Cutting a vocabulary down: everything stays writable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gguf_file import GgufError, GgufFile
from engine.vocabulary import Vocabulary, VocabularyError, read_kept, write_kept
from tests.support.tiny_gguf import CONTROL, MERGES, UNUSED, tokens, write_gguf


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return Vocabulary.from_gguf(GgufFile(write_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf", "qwen2")))


def test_read_from_a_model_file(whole: Vocabulary) -> None:
    assert whole.tokens == tokens()
    assert [f"{left} {right}" for left, right in whole.merges] == MERGES
    assert sorted(whole.special()) == sorted(CONTROL)
    assert [whole.tokens[token] for token in whole.unused] == [UNUSED]


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 1 << 30), merged=st.integers(0, len(MERGES)))
def test_any_cut_is_closed_and_writes_everything(whole: Vocabulary, seed: int, merged: int) -> None:
    size = 256 + len(CONTROL) + merged
    kept = whole.close(np.random.default_rng(seed).integers(0, 6, len(whole.tokens)), size)
    parents = whole.parents()
    chosen = set(kept.tolist())
    assert len(chosen) == size
    assert all(chosen.issuperset(parents[token]) for token in chosen if token in parents)
    cut = whole.cut(kept)
    assert [cut.tokens[token] for token in sorted(cut.control)] == CONTROL
    tokenizer = cut.tokenizer()
    assert tokenizer.vocab_size == size
    for text in ("def f():\n        return 1\n", "é中\U0001f600 returned"):
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_keeps_what_is_frequent_and_drops_what_is_not(whole: Vocabulary) -> None:
    counts = np.zeros(len(whole.tokens), np.int64)
    counts[whole.tokens.index("return")] = 9
    counts[whole.tokens.index("def")] = 1
    cut = whole.cut(whole.close(counts, 256 + len(CONTROL) + 5))
    # Five merges write "return"; nothing else fits.
    assert "return" in cut.tokens
    assert "def" not in cut.tokens
    assert len(cut.tokenizer().encode("def")) == 3


def test_kept_tokens_come_back_from_a_file(tmp_path: Path) -> None:
    kept = np.flatnonzero(np.random.default_rng(0).random(1001) < 0.3)
    write_kept(tmp_path / "kept", kept, 1001)
    assert np.array_equal(read_kept(tmp_path / "kept", 1001), kept)
    with pytest.raises(VocabularyError, match="of 1001 tokens, not of 1000"):
        read_kept(tmp_path / "kept", 1000)


@pytest.mark.parametrize("damage", [b"", b"tacit vocabulary 1\n", b"something else\n", None])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "kept"
    write_kept(path, np.arange(10), 20)
    path.write_bytes(path.read_bytes()[:-3] if damage is None else damage)
    with pytest.raises(VocabularyError, match="kept"):
        read_kept(path, 20)


def test_another_kind_of_tokenizer_is_refused(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "other.gguf")
    path.write_bytes(path.read_bytes().replace(b"smollm", b"gpt-99", 1))
    with pytest.raises(GgufError, match="gpt-99"):
        Vocabulary.from_gguf(GgufFile(path))
