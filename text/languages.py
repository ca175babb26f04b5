"""The languages that are understood, and how a client or a file name gives them away.

Everything else is plain text, under the name "".
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Language


class _Facts(NamedTuple):
    package: str  # of the grammar
    function: str  # in it, that gives the grammar
    identifiers: tuple[str, ...]  # that clients send: VS Code's names, and what Vim, Emacs and Helix call it
    suffixes: tuple[str, ...]


_FACTS = {
    "python": _Facts("tree_sitter_python", "language", ("python", "python-ts"), (".py", ".pyi", ".pyw")),
    "javascript": _Facts(
        "tree_sitter_javascript",
        "language",
        ("javascript", "javascriptreact", "javascript.jsx", "jsx", "js", "js-jsx", "js2", "rjsx"),
        (".js", ".mjs", ".cjs", ".jsx"),
    ),
    "typescript": _Facts(
        "tree_sitter_typescript",
        "language_typescript",
        ("typescript", "typescript-ts"),
        (".ts", ".mts", ".cts"),
    ),
    "tsx": _Facts(
        "tree_sitter_typescript",
        "language_tsx",
        ("typescriptreact", "typescript.tsx", "tsx", "tsx-ts"),
        (".tsx",),
    ),
    "go": _Facts("tree_sitter_go", "language", ("go", "go-ts"), (".go",)),
    "rust": _Facts("tree_sitter_rust", "language", ("rust", "rust-ts"), (".rs",)),
    "java": _Facts("tree_sitter_java", "language", ("java", "java-ts"), (".java",)),
    "c": _Facts("tree_sitter_c", "language", ("c", "c-ts"), (".c", ".h")),
    "cpp": _Facts(
        "tree_sitter_cpp",
        "language",
        ("cpp", "c++", "c++-ts"),
        (".cc", ".cpp", ".cxx", ".c++", ".C", ".hh", ".hpp", ".hxx", ".h++", ".H", ".ipp", ".inl", ".tpp"),
    ),
}
_BY_IDENTIFIER = {name: language for language, facts in _FACTS.items() for name in facts.identifiers}
_BY_SUFFIX = {suffix: language for language, facts in _FACTS.items() for suffix in facts.suffixes}

LANGUAGES = tuple(_FACTS)


def language_of(language_id: str = "", path: str = "") -> str:
    """The language of a file, by the client's name for it or else by the suffix of its path or URI.

    "" for plain text. A client that calls a .tsx file plain "typescript" is corrected: JSX does not parse as
    that.
    """
    dot = path.rfind(".")
    suffix = path[dot:] if dot >= 0 else ""
    by_suffix = _BY_SUFFIX.get(suffix) or _BY_SUFFIX.get(suffix.lower(), "")
    named = _BY_IDENTIFIER.get(language_id.lower(), "")
    if named == "typescript" and by_suffix == "tsx":
        return by_suffix
    return named or by_suffix


@cache
def grammar(language: str) -> Language:
    """The grammar of one of LANGUAGES, loaded on first use (10 ms for the first, then 1 ms each)."""
    from tree_sitter import Language

    facts = _FACTS[language]
    return Language(getattr(importlib.import_module(facts.package), facts.function)())
