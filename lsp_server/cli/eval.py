"""`tacit eval`: predictions for a file of cases, in the formats that the scorer reads."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bench.cases import CasesError, read_cases
from bench.inline import Conditions, predict
from engine.errors import ModelError
from lsp_server import loading
from lsp_server.cli.model_choice import add_model_options, chosen_model, make_ready
from lsp_server.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("task", choices=("inline",), help="what to predict")
    parser.add_argument("cases", type=Path, help="the cases: .jsonl or .jsonl.gz")
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
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Write one prediction for each case; 1 where the model or the cases cannot be had."""
    config = Config(threads=args.threads)
    try:
        cases = list(read_cases(args.cases, args.limit))
        name = chosen_model(args)
        make_ready(name)
        model = loading.load(name, config)
        settings = loading.inline_settings(config)
        conditions = (
            Conditions(settings, config.budget_ms) if args.as_shown else Conditions.unhurried(settings)
        )
        with args.out.open("w", encoding="utf-8") as out:
            for case in track(cases, f"inline, {name}", console=Console(stderr=True)):
                prediction = predict(case, model, conditions)
                print(json.dumps(prediction.line(), ensure_ascii=False), file=out, flush=True)
    except ModelError as error:
        print(f"tacit eval: {error}. {error.remedy}", file=sys.stderr)
        return 1
    except (CasesError, OSError) as error:
        print(f"tacit eval: {error}", file=sys.stderr)
        return 1
    except KeyError as missing:
        print(f"tacit eval: a case of {args.cases} has no {missing}", file=sys.stderr)
        return 1
    return 0
