"""The tokenizer: nothing is lost, and text never becomes a control token."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.converted import load_tokenizer
from engine.fetch import downloads_dir, fetch
from engine.gguf_file import GgufFile
from engine.manifest import find
from engine.model import FimTokens
from engine.prepare import prepare
from engine.tokenizer import BpeTokenizer
from engine.vocabulary import Vocabulary
from tests.support.tiny_gguf import CONTROL, MERGES, UNUSED, tokens

ROOT = Path(__file__).resolve().parents[2]
MODELS = ["smollm2-135m", "qwen2.5-coder-0.5b"]


def tiny(pre_tokenizer: str = "qwen2") -> BpeTokenizer:
    merges = [(left, right) for left, _, right in (merge.partition(" ") for merge in MERGES)]
    first = tokens().index(CONTROL[0])
    control = frozenset(range(first, first + len(CONTROL)))
    unused = frozenset([tokens().index(UNUSED)])
    return Vocabulary(tokens(), merges, control, unused, pre_tokenizer).tokenizer()


TINY = {name: tiny(name) for name in ("qwen2", "smollm")}


@pytest.mark.parametrize("kind", TINY)
@given(text=st.text())
def test_every_text_comes_back(kind: str, text: str) -> None:
    tokenizer = TINY[kind]
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert not tokenizer.eos.intersection(ids)


@given(st.text(st.characters(codec=None, categories=["Cs", "Ll"])))
def test_lone_surrogates_count_as_replacement_characters(text: str) -> None:
    expected = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert TINY["qwen2"].decode(TINY["qwen2"].encode(text)) == expected


@pytest.mark.parametrize("name", CONTROL)
def test_the_spelling_of_a_control_token_is_plain_text(name: str) -> None:
    tokenizer = TINY["qwen2"]
    assert tokenizer.special(name) is not None
    assert tokenizer.special(name) not in tokenizer.encode(f"x = '{name}'")
    assert tokenizer.decode(tokenizer.encode(name)) == name


def test_control_tokens_have_a_name_but_no_text() -> None:
    tokenizer = TINY["qwen2"]
    prefix, suffix, middle = (tokenizer.special(name) for name in CONTROL[1:])
    assert tokenizer.fim == FimTokens(prefix or 0, suffix or 0, middle or 0)
    assert tokenizer.special("<|nonsense|>") is None
    assert tokenizer.decode(sorted(tokenizer.eos)) == ""
    assert tokenizer.eos == {tokenizer.special(name) for name in CONTROL}


def test_torn_characters_show_as_replacement_characters() -> None:
    tokenizer = TINY["qwen2"]
    ids = tokenizer.encode("é")
    assert b"".join(map(tokenizer.token_bytes, ids)) == "é".encode()
    assert tokenizer.decode(ids[:1]) == "\ufffd"


def expected_start(tokenizer: BpeTokenizer, prefix: bytes) -> list[int]:
    table = [(token, tokenizer.token_bytes(token)) for token in range(tokenizer.vocab_size)]
    return [
        token for token, value in table if value and (value.startswith(prefix) or prefix.startswith(value))
    ]


@pytest.mark.parametrize(
    "prefix", [b"", b"r", b"re", b"return", b"returns", b"\xff", b"\xff\xff", b"\xc3", b"    "]
)
def test_starting_with(prefix: bytes) -> None:
    tokenizer = TINY["qwen2"]
    assert tokenizer.starting_with(prefix).tolist() == expected_start(tokenizer, prefix)


def test_saved_and_loaded(tmp_path: Path) -> None:
    tokenizer = TINY["smollm"]
    tokenizer.save(tmp_path / "tokenizer.json")
    special = {name: token for name in CONTROL if (token := tokenizer.special(name)) is not None}
    loaded = BpeTokenizer.load(tmp_path / "tokenizer.json", special)
    text = "def f(x):\n    return x  # é 中 \U0001f600\n"
    assert loaded.encode(text) == tokenizer.encode(text)
    assert loaded.eos == tokenizer.eos
    assert loaded.decode(loaded.encode(text)) == text


ODD = [
    "\t\tif x == '\\u00e9':  # é ü 中文 ∑ 😀👩‍👩‍👧 \x0c\n",
    "don't I'LL we'Re 1234567 ٣٤٥ ½\n",
    "a\r\n  \r\n\r\nb   c\n   \n",
    "<|fim_prefix|>x<|endoftext|><|im_start|>\n",
    "  \u00a0x\u3000y\u2028z\u0085w\n",
    "e\u0301 नमस्ते 𝔘𝔫𝔦 ½²³ Ⅷ\n",
]


def real_code() -> list[str]:
    """Lines, and stretches of lines, of this repository."""
    files = sorted(
        path for folder in ("engine", "text", "lsp_server") for path in (ROOT / folder).glob("*.py")
    )
    lines = "".join(path.read_text("utf-8") for path in files).splitlines(keepends=True)
    return [*ODD, *lines, *("".join(lines[start : start + 40]) for start in range(0, len(lines), 40))]


@pytest.mark.model
@pytest.mark.parametrize("name", MODELS)
def test_agrees_with_llama_cpp(name: str) -> None:
    llama_cpp = pytest.importorskip("llama_cpp")
    manifest = find(name)
    assert manifest
    path = fetch(manifest, downloads_dir())
    ours = Vocabulary.from_gguf(GgufFile(path)).tokenizer()
    theirs = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)
    texts = real_code()
    assert len(texts) > 1000
    different = [
        text
        for text in texts
        if ours.encode(text) != theirs.tokenize(text.encode(), add_bos=False, special=False)
    ]
    assert not different


@pytest.mark.model
def test_the_cut_vocabulary_writes_everything() -> None:
    tokenizer = load_tokenizer(prepare("qwen2.5-coder-0.5b"))
    assert tokenizer.vocab_size == 48 * 1024
    assert {len(tokenizer.token_bytes(token)) for token in range(256)} == {1}
    for text in [*real_code(), "".join(map(chr, range(0xD800))), "".join(map(chr, range(0x1F000, 0x20000)))]:
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text
        assert not tokenizer.eos.intersection(ids)


@pytest.mark.model
@pytest.mark.parametrize("name", MODELS)
def test_starting_with_is_quick(name: str) -> None:
    tokenizer = load_tokenizer(prepare(name))
    prefixes = [b"ret", b"    ", b" self", b"a", b"\xe4\xb8", b"longer than any token that there is"]
    for prefix in prefixes:
        assert tokenizer.starting_with(prefix).tolist() == expected_start(tokenizer, prefix)
    times = []
    for _ in range(20):
        started = time.perf_counter()
        for prefix in prefixes:
            tokenizer.starting_with(prefix)
        times.append((time.perf_counter() - started) / len(prefixes))
    assert np.median(times) < 0.001
