"""Converts a GGUF file into a folder as engine.converted describes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.agreement import TEXT, probe_of
from engine.architecture import Precision
from engine.converted import GRAPH, TOKENIZER, ModelCard, write_card
from engine.delta import Origin, Tuned, read_delta
from engine.gguf_file import GgufFile
from engine.graph import write_graph
from engine.progress import OnProgress, Progress
from engine.reference import ReferencePass
from engine.source import sha256_of
from engine.vocabulary import Vocabulary, read_kept
from engine.weights import GgufWeights, Layer, Weights

POSITIONS = 8192  # rotary tables need not outlast any prompt that could answer in time


@dataclass(frozen=True)
class Order:
    """What is to be converted, and what is to be said of it."""

    name: str
    source: Path
    precision: Precision
    recipe: str
    kept: Path | None = None  # file of the tokens to keep; None keeps all
    sha256: str = ""  # of the source, where it is known
    prompt: str = ""  # version of the prompt; empty: as the model's control tokens allow
    delta: Path | None = None  # file of the changes that our training makes
    delta_sha256: str = ""  # of that file, where it is known


def convert(order: Order, folder: Path, progress: OnProgress) -> None:
    """Write graph, tokenizer and card into the empty `folder`.

    Raises GgufError, VocabularyError or DeltaError for files that cannot be used, OSError when the disk
    refuses.
    """
    file = GgufFile(order.source)
    vocabulary = Vocabulary.from_gguf(file)
    rows = read_kept(order.kept, len(vocabulary.tokens)) if order.kept else None
    if rows is not None:
        vocabulary = vocabulary.cut(rows)
    tokenizer = vocabulary.tokenizer()
    weights: Weights = GgufWeights(file, rows)
    special = vocabulary.special()
    trained_for: tuple[str, ...] = ()
    if order.delta:
        origin = Origin(base=order.sha256, vocabulary=sha256_of(order.kept) if order.kept else "")
        weights = Tuned(weights, origin, named := read_delta(order.delta, order.delta_sha256))
        special |= named.delta.renamed(special)
        trained_for = named.delta.prompts
    shape = weights.architecture
    positions = min(POSITIONS, shape.context)

    tokens = tokenizer.encode(TEXT)
    reference = ReferencePass(shape, weights.embedding()[tokens])

    def on_layer(index: int, layer: Layer) -> None:
        progress(Progress("convert", index, shape.layers, order.name))
        reference.layer(layer)

    write_graph(weights, order.precision, folder / GRAPH, positions, on_layer)
    tokenizer.save(folder / TOKENIZER)
    card = ModelCard(
        name=order.name,
        precision=order.precision,
        recipe=order.recipe,
        source=order.sha256,
        architecture=shape,
        positions=positions,
        prompt=order.prompt or ("fim_v1" if tokenizer.fim else "prefix_v1"),
        special=special,
        trained_for=trained_for,
        probe=probe_of(tokens, reference.logits(weights.final_norm(), weights.embedding())),
        files={path.name: sha256_of(path) for path in sorted(folder.iterdir())},
    )
    write_card(folder, card)
    progress(Progress("convert", shape.layers, shape.layers, order.name))
