from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bench.cases import CasesError, read_cases


@pytest.mark.parametrize("name", ["cases.jsonl", "cases.jsonl.gz"])
def test_plain_and_gzipped_cases(name: str, tmp_path: Path) -> None:
    opened = gzip.open if name.endswith(".gz") else open
    with opened(tmp_path / name, "wt", encoding="utf-8") as file:
        for n in range(3):
            file.write(json.dumps({"id": f"é{n}"}) + "\n\n")
    assert [case["id"] for case in read_cases(tmp_path / name)] == ["é0", "é1", "é2"]
    assert len(list(read_cases(tmp_path / name, limit=2))) == 2
    assert not list(read_cases(tmp_path / name, limit=0))


@pytest.mark.parametrize("line", ["{", "[]", '{"no": "id"}'])
def test_a_broken_line_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"id": "a"}\n' + line)
    with pytest.raises(CasesError, match="line 2"):
        list(read_cases(tmp_path / "cases.jsonl"))
