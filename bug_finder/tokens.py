"""A text as tokens, by regular expressions: works on a lone function and on what does not parse.

Holes of interpolated strings are code again. Line ends are tokens where they end something, and say whether
the next line is indented deeper or less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

NAME, KEYWORD, NUMBER, STRING, OPERATOR, LINE = range(6)
MEMBER = frozenset([".", "?.", "->", "::"])  # behind these a name is a part of what stands before


class Token(NamedTuple):
    """The text [start, end), in code points.

    Of a LINE token `text` is "\\n", "\\n+" or "\\n-", [start, end) the last line end and the indentation.
    """

    kind: int
    text: str
    start: int
    end: int


_KEYWORDS = {
    "python": """
        False None True and as assert async await break class continue def del elif else except
        finally for from global if import in is lambda nonlocal not or pass raise return try while
        with yield
    """,
    "javascript": """
        async await break case catch class const continue debugger default delete do else export
        extends false finally for function if import in instanceof let new null of return static
        super switch throw true try typeof undefined var void while yield as
    """,
    "go": """
        break case chan const continue default defer else fallthrough for func go goto if import
        interface map nil package range return select struct switch type var true false
    """,
    "rust": """
        as async await break const continue crate dyn else enum extern false fn for if impl in let
        loop match mod move mut pub ref return static struct super trait true type unsafe use where
        while
    """,
    "java": """
        abstract assert boolean break byte case catch char class continue default do double else
        enum extends final finally float for if implements import instanceof int interface long
        native new null package private protected public return short static super switch
        synchronized throw throws true false try void volatile while var
    """,
    "c": """
        auto bool break case char class const constexpr continue default delete do double else enum
        extern false float for goto if inline int long namespace new nullptr NULL operator private
        protected public register return short signed sizeof static static_cast struct switch
        template throw true try typedef typename union unsigned using virtual void volatile while
        catch
    """,
}
_FAMILIES = {"typescript": "javascript", "tsx": "javascript", "cpp": "c"}

_NUMBER = r"0[xX][\da-fA-F_]+|0[bB][01_]+|(?:\d[\d_]*\.?(?:\d[\d_]*)?|\.\d+)(?:[eE][+-]?\d+)?\w*"
_QUOTED = r'"(?:\\.|[^"\\\n])*"?'
_SINGLE = r"'(?:\\.|[^'\\\n])*'?"
_STRINGS = {
    "python": r"[rRbBuUfFtT]{0,2}(?:\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)|"
    + f"{_QUOTED}|{_SINGLE})",
    "javascript": rf"{_QUOTED}|{_SINGLE}|`(?:\\.|[^`\\])*`?"
    r"|(?:(?<=[(,=:\[!&|?{};])|(?<=[(,=:\[!&|?{};]\s))/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/[a-z]*",
    "go": rf"{_QUOTED}|{_SINGLE}|`[^`]*`?",
    "rust": rf"b?{_QUOTED}|r#*\"[^\"]*\"#*|b?'(?:\\[^\n]|[^'\\\n])'",
    "java": rf'"""(?:\\.|[^\\])*?(?:"""|\Z)|{_QUOTED}|{_SINGLE}',
    "c": rf"(?:u8|[uUL])?(?:{_QUOTED}|{_SINGLE})",
}
_COMMENT = r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)"
_OPERATOR = (
    r"\*\*=|//=|>>>=|===|!==|<<=|>>=|\.\.\.|\.\.=|&&=|\|\|=|\?\?=|->|=>|:=|::|==|!=|<=|>=|&&|\|\||\+\+|--|"
    r"\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*|//|\?\?|\?\.|<-|\.\.|[^\w\s]"
)
_LINE = r"(?:[ \t\r]*\\?\n)+[ \t]*"
_HOLES = {"f": re.compile(r"(?<!\{)\{(?!\{)([^{}\n]*)\}"), "`": re.compile(r"\$\{([^{}]*)\}")}


def family(language: str) -> str:
    """The language whose words and strings are those of `language`."""
    return _FAMILIES.get(language, language)


def lex(text: str, language: str) -> list[Token]:
    """The tokens of `text` but its comments; raises KeyError for a language that is not known."""
    return list(_lines_that_count(_lex(text, 0, len(text), family(language)), text))


def comments(text: str, language: str) -> list[tuple[int, int]]:
    """Where the comments are, in code points."""
    return [
        match.span() for match in _pattern(family(language)).finditer(text) if match.lastgroup == "comment"
    ]


@cache
def _pattern(language: str) -> re.Pattern[str]:
    comment = r"\#[^\n]*" if language == "python" else _COMMENT
    parts = {
        "comment": comment,
        "string": _STRINGS[language],
        "number": _NUMBER,
        "word": r"[^\W\d]\w*" if language != "javascript" else r"[^\W\d#][\w$]*|\$[\w$]*",
        "line": _LINE,
        "operator": (r"'\w+|" if language == "rust" else "") + _OPERATOR,
    }
    return re.compile("|".join(f"(?P<{name}>{part})" for name, part in parts.items()), re.DOTALL)


@cache
def keywords(language: str) -> frozenset[str]:
    """The words of a language that are no names."""
    return frozenset(_KEYWORDS[family(language)].split())


def _lex(text: str, start: int, end: int, language: str) -> Iterator[Token]:
    words = keywords(language)
    for match in _pattern(language).finditer(text, start, end):
        group, piece = match.lastgroup, match[0]
        at, to = match.span()
        if group == "word":
            yield Token(KEYWORD if piece in words else NAME, piece, at, to)
        elif group == "operator":
            yield Token(OPERATOR, piece, at, to)
        elif group == "line":
            yield Token(LINE, piece, at, to)
        elif group == "number":
            yield Token(NUMBER, piece, at, to)
        elif group == "string":
            yield from _string(text, at, to, language)


def _string(text: str, start: int, end: int, language: str) -> Iterator[Token]:
    holes = None
    if language == "python" and text[start] in "fFrRtT" and "f" in text[start : start + 2].lower():
        holes = _HOLES["f"]
    elif language == "javascript" and text[start] == "`":
        holes = _HOLES["`"]
    at = start
    for hole in holes.finditer(text, start, end) if holes else ():
        yield Token(STRING, text[at : hole.start(1)], at, hole.start(1))
        yield from _lex(text, *hole.span(1), language)
        at = hole.end(1)
    yield Token(STRING, text[at:end], at, end)


def _lines_that_count(tokens: Iterator[Token], text: str) -> Iterator[Token]:
    """Line ends outside of parentheses, one for many, with what becomes of the indentation."""
    depth, indent = 0, -1
    pending: Token | None = None
    for token in tokens:
        if token.kind == LINE:
            pending = token if depth == 0 and not token.text.lstrip(" \t\r").startswith("\\") else None
            continue
        if pending is not None:
            column = len(pending.text) - pending.text.rfind("\n") - 1
            change = "" if indent < 0 or column == indent else "+" if column > indent else "-"
            indent = column
            yield pending._replace(text="\n" + change, start=pending.end - column - 1)
            pending = None
        if token.kind == OPERATOR:
            if token.text in "([":
                depth += 1
            elif token.text in ")]":
                depth = max(depth - 1, 0)
        yield token
