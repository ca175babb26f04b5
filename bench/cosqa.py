"""Web queries for Python functions (CoSQA) as search cases: `python -m bench.cosqa CODES TEST FOLDER`.

CODES and TEST are `code_idx_map.txt` and `cosqa-retrieval-test-500.json` of the public CoCLR repository.
`queries.jsonl` and `corpus.jsonl` come out, for `tacit eval search`. The functions keep their doc strings.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

REPOSITORY = "cosqa"
_NAME = re.compile(r"\bdef\s+(\w+)")


def queries(test: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Search cases, each with one right answer."""
    return [
        {
            "id": case["idx"],
            "repo": REPOSITORY,
            "type": "web",
            "query": case["doc"],
            "relevant": [str(case["retrieval_idx"])],
        }
        for case in test
    ]


def corpus(codes: dict[str, int]) -> list[dict[str, Any]]:
    """The functions, each in a file of its own that is named by nothing but its number."""
    cases = []
    for code, number in codes.items():
        name = _NAME.search(code)
        cases.append(
            {
                "id": str(number),
                "repo": REPOSITORY,
                "path": f"{number}.py",
                "name": name[1] if name else "",
                "start_line": 1,
                "end_line": 1 + code.count("\n"),
                "code": code,
            }
        )
    return cases


def main(codes: Path, test: Path, folder: Path) -> None:
    """Write both files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, cases in (
        ("queries", queries(json.loads(test.read_text("utf-8")))),
        ("corpus", corpus(json.loads(codes.read_text("utf-8")))),
    ):
        lines = "".join(f"{json.dumps(case)}\n" for case in cases)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
