"""Writes small GGUF files with random weights and a byte-level vocabulary, as llama.cpp's converter would."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
from tokenizers.pre_tokenizers import ByteLevel

WIDTH, LAYERS, HEADS, KV_HEADS, FFN, CONTEXT = 64, 2, 4, 2, 96, 512
MERGES = ["Ġ Ġ", "ĠĠ ĠĠ", "r e", "re t", "u r", "ur n", "ret urn", "d e", "de f", "def Ġ"]
CONTROL = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
UNUSED = "[PAD0]"


def write_gguf(path: Path, kind: str = "llama", seed: int = 0) -> Path:
    """Write a model of the architecture `kind`: llama ties its output matrix, qwen2 has one and biases."""
    writer = gguf.GGUFWriter(path, kind)
    writer.add_block_count(LAYERS)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(1e4)
    _add_vocabulary(writer, "smollm" if kind == "llama" else "qwen2")
    _add_tensors(writer, kind, np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def tokens() -> list[str]:
    merged = [merge.replace(" ", "") for merge in MERGES]
    return [*sorted(ByteLevel.alphabet()), *merged, *CONTROL, UNUSED]


def _add_vocabulary(writer: gguf.GGUFWriter, pre_tokenizer: str) -> None:
    normal = len(tokens()) - len(CONTROL) - 1
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre_tokenizer)
    writer.add_token_list(tokens())
    writer.add_token_types([1] * normal + [3] * len(CONTROL) + [5])
    writer.add_token_merges(MERGES)


def _add_tensors(writer: gguf.GGUFWriter, kind: str, random: np.random.Generator) -> None:
    def matrix(name: str, rows: int, columns: int, stored: gguf.GGMLQuantizationType) -> None:
        values = random.standard_normal((rows, columns), dtype=np.float32) * np.float32(columns**-0.5)
        writer.add_tensor(f"{name}.weight", gguf.quants.quantize(values, stored), raw_dtype=stored)

    def vector(name: str, size: int, around: float) -> None:
        writer.add_tensor(name, around + random.standard_normal(size, dtype=np.float32) * np.float32(0.1))

    q8, f32 = gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.F32
    packed = KV_HEADS * WIDTH // HEADS
    matrix("token_embd", len(tokens()), WIDTH, q8)
    vector("output_norm.weight", WIDTH, 1)
    if kind == "qwen2":
        matrix("output", len(tokens()), WIDTH, q8)
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        vector(f"{block}.attn_norm.weight", WIDTH, 1)
        vector(f"{block}.ffn_norm.weight", WIDTH, 1)
        for name, rows in (("q", WIDTH), ("k", packed), ("v", packed)):
            matrix(f"{block}.attn_{name}", rows, WIDTH, f32)
            if kind == "qwen2":
                vector(f"{block}.attn_{name}.bias", rows, 0)
        matrix(f"{block}.attn_output", WIDTH, WIDTH, q8)
        matrix(f"{block}.ffn_gate", FFN, WIDTH, q8)
        matrix(f"{block}.ffn_up", FFN, WIDTH, q8)
        matrix(f"{block}.ffn_down", WIDTH, FFN, q8)
