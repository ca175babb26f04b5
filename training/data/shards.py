"""Shards: files of examples, compressed, in a fixed order, the same bytes for the same examples.

    line 1   JSON: {"format": 1, "kind": name of the record type, "recipe": digest of how it was made}
    then     blocks until the end of the file:
             4 bytes  length of what follows, little-endian
             bytes    zlib of a MessagePack array of up to BLOCK records, each an array of its fields in order

A shard is written beside its place and moved there when whole. `digest` names the records apart from their
compression, which another version of zlib may do otherwise.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

FORMAT = 1
BLOCK = 256  # records; near ones are alike and compress well together
_LEVEL = 6

T = TypeVar("T", bound=msgspec.Struct)


class ShardError(ValueError):
    """A file that is not a shard of the wanted kind."""


class Header(msgspec.Struct, frozen=True):
    """What the first line says."""

    format: int
    kind: str
    recipe: str


class Written(msgspec.Struct, frozen=True):
    """A finished shard: records, bytes on disk, and a digest of the records."""

    records: int
    bytes: int
    digest: str


def write_shard(path: Path, kind: type[T], recipe: str, records: Iterable[T]) -> Written:
    """Write all `records` of type `kind`; an error on the way leaves no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(path.suffix + ".part")
    digest = hashlib.sha256()
    count = 0
    encoder = msgspec.msgpack.Encoder()
    iterator = iter(records)
    try:
        with unfinished.open("wb") as file:
            file.write(msgspec.json.encode(Header(FORMAT, kind.__name__, recipe)) + b"\n")
            while block := list(islice(iterator, BLOCK)):
                plain = encoder.encode(block)
                digest.update(plain)
                packed = zlib.compress(plain, _LEVEL)
                file.write(len(packed).to_bytes(4, "little") + packed)
                count += len(block)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Written(count, path.stat().st_size, digest.hexdigest())


def read_header(path: Path) -> Header:
    """The first line of a shard. Raises ShardError for another file or format."""
    with path.open("rb") as file:
        try:
            header = msgspec.json.decode(file.readline(), type=Header)
        except msgspec.DecodeError as error:
            raise ShardError(f"{path} is not a shard: {error}") from error
    if header.format != FORMAT:
        raise ShardError(f"{path} has format {header.format}; this program reads {FORMAT}")
    return header


def read_shard(path: Path, kind: type[T]) -> Iterator[T]:
    """The records of a shard, in order. Raises ShardError where it holds another kind or breaks off."""
    header = read_header(path)
    if header.kind != kind.__name__:
        raise ShardError(f"{path} holds {header.kind}, not {kind.__name__}")
    decoder = msgspec.msgpack.Decoder(list[kind])  # type: ignore[valid-type]
    with path.open("rb") as file:
        file.readline()
        while length := file.read(4):
            size = int.from_bytes(length, "little")
            packed = file.read(size)
            if len(packed) < size:
                raise ShardError(f"{path} breaks off inside a block")
            yield from decoder.decode(zlib.decompress(packed))
