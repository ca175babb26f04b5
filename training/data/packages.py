"""Fetches the packages that packages.tsv lists: their archives as released, by the hashes that the list pins.

    python -m training.data.packages MIRROR

What is there already is kept, and what is on the list of exclusions is not asked for. The registries' own
clients fetch: pip takes wheels and checks their hashes itself, npm packs what was published. Neither runs
anything of a package, as making metadata out of a source distribution would.
"""

from __future__ import annotations

import argparse
import email.parser
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from training.data.archives import Archive
from training.data.exclusions import ExcludedNames
from training.data.repositories import Source, directory, missing, read_list, spellings

LIST = Path(__file__).with_name("packages.tsv")

# owner/name in an address of a code host; package.json also knows "github:owner/name" and "owner/name".
_HOSTED = re.compile(r"(?:github|gitlab|bitbucket|codeberg)(?:\.com|\.org)?[:/]+([\w.-]+)/([\w.-]+)", re.I)
_SHORT = re.compile(r"[\w.-]+/[\w.-]+")


def main() -> int:
    """Fetch what is missing; returns 1 where something could not be had."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("mirror", type=Path, help="where the copies are kept")
    parser.add_argument("--list", type=Path, default=LIST, help="the package list")
    arguments = parser.parse_args()
    names = ExcludedNames.load()
    listed = [source for source in read_list(arguments.list) if names.first(source.names) is None]
    fetch(missing(arguments.mirror, listed), arguments.mirror)
    for source in (absent := missing(arguments.mirror, listed)):
        print(f"not fetched: {source.repository}", file=sys.stderr)
    return 1 if absent else 0


def fetch(sources: Sequence[Source], mirror: Path) -> None:
    """Put the archives of these packages into the mirror; one with another hash than its own is not taken."""
    mirror.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=mirror) as folder:
        for command in _commands(sources, Path(folder)):
            subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL)
        take(sources, Path(folder), mirror)


def take(sources: Sequence[Source], folder: Path, mirror: Path) -> None:
    """Move each file of `folder` that is one of these archives to its place in the mirror."""
    wanted = {source.head: source for source in sources}
    for file in sorted(folder.iterdir()):
        if source := wanted.get(hashlib.sha256(file.read_bytes()).hexdigest()):
            os.replace(file, directory(mirror, source))


def _commands(sources: Sequence[Source], folder: Path) -> Iterator[list[str]]:
    wheels = [source for source in sources if source.registry == "pypi"]
    tarballs = [source.pinned for source in sources if source.registry == "npm"]
    if wheels:
        pins = [f"{source.pinned} --hash=sha256:{source.head}\n" for source in wheels]
        (folder / "pins").write_text("".join(pins), encoding="utf-8")
        # Wheels without machine code, whatever Python runs this: nobody is going to run them.
        kind = ["--no-deps", "--only-binary=:all:", "--platform=any", "--python-version=3.99"]
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement=pins"]
        yield [sys.executable, "-m", "pip", "download", *kind, *options]
    if tarballs:
        yield ["npm", "pack", "--silent", "--ignore-scripts", *tarballs]


def all_names(source: Source, mirror: Path) -> list[str]:
    """Every name of a source: those of its list and, of a package that is there, those that it declares.

    Raises ArchiveError for another archive than the list pins.
    """
    copy = directory(mirror, source)
    declared = declared_names(Archive(copy, source.head)) if source.registry and copy.exists() else []
    return [*source.names, *(name for one in declared for name in spellings(one))]


def declared_names(archive: Archive) -> list[str]:
    """What a package says that it is: its name, and owner/name of every repository that it links to."""
    metadata = archive.metadata()
    if metadata.lstrip().startswith(b"{"):
        described = json.loads(metadata)
        repository = described.get("repository") or ""
        links = [repository if isinstance(repository, str) else repository.get("url", "")]
        links += [described.get("homepage") or "", json.dumps(described.get("bugs"))]
        name = described.get("name", "")
    else:
        headers = email.parser.BytesHeaderParser().parsebytes(metadata)
        fields = ("Home-page", "Download-URL", "Project-URL")
        links = [str(value) for field in fields for value in headers.get_all(field, [])]
        name = str(headers.get("Name", ""))
    return list(dict.fromkeys(filter(None, [name, *map(_repository, links)])))


def _repository(link: str) -> str:
    """owner/name, or an empty string for a link to something else."""
    if _SHORT.fullmatch(link):
        return link
    found = _HOSTED.search(link)
    return f"{found[1]}/{found[2].removesuffix('.git')}" if found and found[1] != "sponsors" else ""


if __name__ == "__main__":
    sys.exit(main())
