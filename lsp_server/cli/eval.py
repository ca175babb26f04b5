"""`tacit eval`: predictions for a file of cases, in the formats that the scorer reads."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from bench import apply, bugs, inline, next_edit, next_edit_ensemble, next_edit_places
from bench.cases import CasesError, read_cases
from bench.inline import Conditions
from bench.search import Corpora
from bug_finder.detect import Detector
from completion.next_edit.ensemble import PRECISION
from completion.next_edit.writing import writer_for
from completion.prompt_next_edit_v1 import Format
from engine.errors import ModelError
from engine.model import Model
from lsp_server import loading
from lsp_server.cli.model_choice import add_model_options, chosen_model, make_ready
from lsp_server.config import Config
from retrieval.schema import StoreError

Predictor = Callable[[Mapping[str, Any]], dict[str, Any]]


_ONE_FILE = "CASES OUT"
_FILES = {
    **dict.fromkeys(("inline", "next_edit", "apply"), _ONE_FILE),
    "search": "QUERIES CORPUS OUT",
    "bugs": "BUGS CLEAN OUT",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("task", choices=tuple(_FILES), help="what to predict")
    parser.add_argument(
        "cases",
        type=Path,
        nargs="+",
        metavar="CASES",
        help="the cases: .jsonl or .jsonl.gz; two files for search (corpus) and bugs (clean ones)",
    )
    parser.add_argument("out", type=Path, help="where to write the predictions: .jsonl")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N cases")
    parser.add_argument(
        "--threads", type=int, default=0, help="threads of the model (default: as the server)"
    )
    parser.add_argument(
        "--as-shown",
        action="store_true",
        help="silent where the product would be: below its confidence, or after its time",
    )
    parser.add_argument(
        "--without-excerpts",
        action="store_true",
        help="inline: leave out what cases bring of other files (python -m bench.other_files)",
    )
    parser.add_argument(
        "--given-place",
        action="store_true",
        help="next_edit: the true place and extent are given, only the text is asked for",
    )
    parser.add_argument(
        "--places",
        choices=("blocks", "best"),
        help="next_edit: only the place, by the model's own score of lines: in blocks, or of the best alone",
    )
    parser.add_argument(
        "--contrast", action="store_true", help="with --places: where the recent edits raise that score most"
    )
    parser.add_argument(
        "--no-model", action="store_true", help="next_edit: only what follows from the changes themselves"
    )
    parser.add_argument(
        "--precision",
        type=float,
        default=PRECISION,
        metavar="P",
        help="next_edit: silent where less than this share would be right; 0 always answers (default: 0.6)",
    )
    parser.add_argument(
        "--without",
        nargs="+",
        default=(),
        metavar="KIND",
        help="next_edit: kinds of proposals to leave out, such as sibling or substitute",
    )
    parser.add_argument(
        "--rerank",
        action="store_true",
        help="search: the model reads the first answers over, as tacit/search does on request",
    )
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Write one prediction for each case; 1 where the model or the cases cannot be had."""
    if args.no_model and (args.task != "next_edit" or args.given_place or args.places):
        print("tacit eval --no-model is for next_edit where the place is searched", file=sys.stderr)
        return 2
    if args.contrast and not args.places:
        print("tacit eval --contrast goes with --places", file=sys.stderr)
        return 2
    if len(args.cases) != (1 if _FILES[args.task] == _ONE_FILE else 2):
        print(f"tacit eval {args.task} takes {_FILES[args.task]}", file=sys.stderr)
        return 2
    config = Config(threads=args.threads)
    try:
        cases = list(read_cases(args.cases[0], args.limit))
        if args.task == "search":
            return _search(cases, args.cases[1], args.out, _loaded(args, config) if args.rerank else None)
        if args.task == "bugs":
            return _bugs([*cases, *read_cases(args.cases[1], args.limit)], args.out)
        if args.task == "apply":
            name = "no model"
            predict: Predictor = apply.predict
        elif args.no_model:
            name = "no model"
            predict = partial(next_edit_ensemble.predict, precision=args.precision, without=args.without)
        else:
            name = chosen_model(args)
            make_ready(name)
            predict = _predictor(args, config, loading.load(name, config))
        with args.out.open("w", encoding="utf-8") as out:
            for case in track(cases, f"{args.task}, {name}", console=Console(stderr=True)):
                print(json.dumps(predict(case), ensure_ascii=False), file=out, flush=True)
    except (ModelError, StoreError) as error:
        print(f"tacit eval: {error}. {error.remedy}", file=sys.stderr)
        return 1
    except (CasesError, OSError) as error:
        print(f"tacit eval: {error}", file=sys.stderr)
        return 1
    except KeyError as missing:
        print(f"tacit eval: a case of {args.cases[0]} has no {missing}", file=sys.stderr)
        return 1
    return 0


def _predictor(args: argparse.Namespace, config: Config, model: Model) -> Predictor:
    """What makes a case a prediction as the scorer reads it."""
    if args.task == "next_edit" and args.places:
        asked = {"best": args.places == "best", "contrast": args.contrast}
        return partial(next_edit_places.predict, model=model, form=Format(model.tokenizer), **asked)
    if args.task == "next_edit" and not args.given_place:
        writer = writer_for(model)
        return partial(
            next_edit_ensemble.predict, precision=args.precision, writer=writer, without=args.without
        )
    if args.task == "next_edit":
        form = Format(model.tokenizer)
        return lambda case: next_edit.predict_at(case, model, form)
    settings = loading.inline_settings(config)
    conditions = Conditions(settings, config.budget_ms) if args.as_shown else Conditions.unhurried(settings)
    shown = {"excerpts": ()} if args.without_excerpts else {}
    return lambda case: inline.predict({**case, **shown}, model, conditions).line()


def _loaded(args: argparse.Namespace, config: Config) -> Model:
    name = chosen_model(args)
    make_ready(name)
    return loading.load(name, config)


def _search(cases: Sequence[Mapping[str, Any]], corpus: Path, out: Path, model: Model | None) -> int:
    """Index the corpus in a folder of its own, and answer the questions."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="tacit-eval-") as folder, out.open("w", encoding="utf-8") as file:
        with console.status("indexing the corpus"):
            corpora = Corpora(read_cases(corpus), Path(folder))
        try:
            for case in track(cases, "search", console=console):
                print(json.dumps(corpora.predict(case, model=model)), file=file, flush=True)
        finally:
            corpora.close()
    return 0


def _bugs(cases: Sequence[Mapping[str, Any]], out: Path) -> int:
    """Judge functions with a bug, without it, and clean ones."""
    detector = Detector.load()
    with out.open("w", encoding="utf-8") as file:
        for case in track(cases, "bugs", console=Console(stderr=True)):
            for line in bugs.predict(case, detector):
                print(json.dumps(line), file=file)
    return 0
