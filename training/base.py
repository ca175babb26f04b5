"""Base models for training, and how to carry one to a machine that has a GPU and nothing else.

    python -m training.base NAME OUT.gguf

Half the file of a small model is vocabulary. What training needs of it, the matrices as they are and the rows
of the kept tokens, is a file half as large, which remembers what it was cut from.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import gguf

from engine.delta import Origin
from engine.fetch import downloads_dir, fetch
from engine.gguf_file import GgufFile
from engine.manifest import find
from engine.source import sha256_of
from engine.vocabulary import Kept, Vocabulary, read_kept
from engine.weights import GgufWeights

_BASE, _VOCABULARY = "tacit.base", "tacit.vocabulary"


def main() -> None:
    """Fetch a model and write what training needs of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="of a manifest")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    source, kept, origin = _of_manifest(args.name)
    write_slim(source, kept, origin, args.out)
    print(f"{args.out}: {args.out.stat().st_size / 2**20:.0f} MiB")


def open_base(name_or_path: str) -> tuple[GgufWeights, Origin]:
    """Weights of a manifest's model, which is fetched, or of a file that this program wrote."""
    if find(name_or_path):
        source, kept, origin = _of_manifest(name_or_path)
        return GgufWeights(GgufFile(source), kept), origin
    file = GgufFile(Path(name_or_path))
    origin = Origin(base=file.value(_BASE, str), vocabulary=file.get(_VOCABULARY, ""))
    return GgufWeights(file), origin


def write_slim(source: Path, kept: Kept | None, origin: Origin, out: Path) -> None:
    """Copy `source` without its vocabulary's text and without the rows of tokens that are not kept."""
    reader = gguf.GGUFReader(source)
    kind = str(reader.fields["general.architecture"].contents())
    writer = gguf.GGUFWriter(out, kind)
    writer.add_string(_BASE, origin.base)
    writer.add_string(_VOCABULARY, origin.vocabulary)
    for name, field in reader.fields.items():
        if name.startswith(f"{kind}."):
            writer.add_key_value(name, field.contents(), field.types[0])
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    tied = "output.weight" if "output.weight" in tensors else "token_embd.weight"
    for name, tensor in tensors.items():
        if name == "token_embd.weight" != tied:
            continue  # the other copy of the same matrix is the one that is used
        rows = tensor.data[kept] if name == tied and kept is not None else tensor.data
        writer.add_tensor(name, rows, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _of_manifest(name: str) -> tuple[Path, Kept | None, Origin]:
    manifest = find(name)
    if manifest is None:
        raise SystemExit(f"there is no manifest {name!r}")
    source = fetch(manifest, downloads_dir(), lambda progress: None)
    path = manifest.vocabulary_path()
    if path is None:
        return source, None, Origin(base=manifest.file.sha256)
    kept = read_kept(path, len(Vocabulary.from_gguf(GgufFile(source)).tokens))
    return source, kept, Origin(base=manifest.file.sha256, vocabulary=sha256_of(path))


if __name__ == "__main__":
    main()
