from __future__ import annotations

import random
import re
import statistics
import time

import pytest

from text.edits import Edit, EditError, apply, diff
from text.languages import LANGUAGES, language_of
from text.syntax import Node, Syntax, parse

SCOPES = {"c": "code", "s": "string", "m": "comment"}

# «c, «s and «m mark a place that must be code, string or comment.
CLOSED = {
    "python": """x = «c"a«sb"«c + f'{«cx}«sy\'  # «mc«m\n«cz = \"\"\"d\n«so\"\"\"«c\n# it's\n«cb'«s'\n""",
    "javascript": "x = `a«s${«cb}«sc`«c; // «m\n/* «m */«c /r«se/g\nconst a = <div t='«sx'>«c</div>;",
    "typescript": "let x: `a«s${«cT}`; // «m\nf('«s', \"«s\") /* «m */«c",
    "tsx": 'const a = <div t="«sx">{«cb}</div>; //«m',
    "go": "package a\nimport \"«sb\"\nvar x = `«sa\n«s` + '«sa' // «m\n«c/* «m*/\n",
    "rust": "/// d«moc«m\n«cfn f() { r#\"«sa\"#; '«sc'; /* «m */«c let x: &'a str; }",
    "java": 'class A { String s = "«sa"; /** «m */ char c = \'«sa\'; // «m\n«c String t = """\n«s"""; }',
    "c": '#include <«sa.h>\n#include "«sb.h"\n/* «m */«c int x = \'«sa\'; // «m\nchar *s = "«sa"«c;\n',
    "cpp": 'auto s = R"(«sabc)"; // «m\nauto c = "«sa"s; char d = \'«sd\';«c',
}
UNCLOSED = [
    ("python", "x = f(«c'ab«s"),
    ("python", 'x = "ab«s\ny = «c2\n'),
    ("python", 'def f():\n    """doc«s\n    foo«s'),
    ("python", "x = f'{a«c"),
    ("python", "x = '{a«s"),
    ("python", "f'''a{b}\nc«s"),
    ("python", "# it's\nx = («c"),
    ("javascript", 'x = "abc«s\ny = «c1'),
    ("javascript", "x = `abc\n d«s"),
    ("javascript", "x = `a${«cb"),
    ("javascript", "x = `a${b}c«s"),
    ("javascript", "x /* «ma"),
    ("typescript", 'x = "abc«s\ny = «c1'),
    ("typescript", "/* «m\n a«m"),
    ("tsx", 'x = "abc«s'),
    ("go", 'package a\nvar x = "abc«s\nfunc f() { «c}\n'),
    ("go", "package a\nfunc f() { x := `a\nb«s"),
    ("go", "package a\n/* a«m"),
    ("rust", 'fn f() { let x = «c"abc«s; }\n'),
    ("rust", "/* a«m"),
    ("rust", "fn f<'a>(x: &'a str) { let x = («c"),
    ("java", 'class A { String s = "abc«s\n }'),
    ("java", 'class A { String s = """\n a«s'),
    ("java", "class A {\n /* abc«m"),
    ("c", 'char*s = "abc«s\n;'),
    ("c", "int x; /* c«m"),
    ("c", "int f() { return («c // it's«m\n"),
    ("cpp", 'auto s = "ab«s\n'),
]


def parsed(text: str, language: str, old: Syntax | None = None, edits: list[Edit] | None = None) -> Syntax:
    syntax = parse(text, language, old, edits or [])
    assert syntax is not None
    return syntax


def nodes(syntax: Syntax) -> list[tuple[str, int, int, object]]:
    """Every node of the tree, in order: nothing that a caller could see is left out."""
    found: list[tuple[str, int, int, object]] = []
    pending = [syntax._tree.root_node]
    while pending:
        node = pending.pop()
        found.append((node.type, node.start_byte, node.end_byte, node.start_point))
        pending += node.children
    return found


@pytest.mark.parametrize(("language", "marked"), [*CLOSED.items(), *UNCLOSED])
@pytest.mark.parametrize("before", ["", "\n", "\ufeff"])
def test_scope(language: str, marked: str, before: str) -> None:
    plain, *rest = re.split("«(.)", before + marked)
    text = plain + "".join(rest[1::2])
    syntax = parsed(text, language)
    offset = len(plain)
    for scope, following in zip(rest[::2], rest[1::2], strict=True):
        assert syntax.scope(offset) == SCOPES[scope], f"{text[:offset]}|{text[offset:]}"
        offset += len(following)


@pytest.mark.parametrize("language", LANGUAGES)
def test_scope_at_the_edges(language: str) -> None:
    for text in ("", "//", "#", '"'):
        syntax = parsed(text, language)
        assert syntax.scope(0) == syntax.scope(-1) == "code"
        assert syntax.scope(99) == syntax.scope(len(text))


@pytest.mark.parametrize(
    ("marked", "kinds"),
    [
        (
            "def f(a):\n    return foo(|b)\n",
            "argument_list call return_statement block function_definition module",
        ),
        ("def f(a):\n    return foo|\n", "identifier return_statement block function_definition module"),
        ("def f(a):\n    |\n    x = 1\n", "function_definition module"),
        ("|x", "identifier expression_statement module"),
        ("x = '😀|'", "string_content string assignment expression_statement module"),
        ("|", "module"),
    ],
)
def test_enclosing(marked: str, kinds: str) -> None:
    offset = marked.index("|")
    text = marked.replace("|", "")
    found = parsed(text, "python").enclosing(offset)
    assert [node.kind for node in found] == kinds.split()
    assert all(node.start <= offset <= node.end for node in found)


def test_enclosing_counts_code_points() -> None:
    assert parsed("x = '😀é'\nreturn x", "python").enclosing(17)[:2] == (
        Node("identifier", 16, 17),
        Node("return_statement", 9, 17),
    )


@pytest.mark.parametrize(
    ("language", "text", "errors"),
    [
        ("python", "def f():\n    pass\n", 0),
        ("python", "def f(:\n    pass\n", 1),
        ("python", "x = (\n", 1),
        ("go", "package a\nfunc f() {", 1),  # a missing brace
        ("c", "int f() { return 1 }", 1),  # a missing semicolon
        ("javascript", "f(1, 2", 1),
        ("java", "class A { int f() { return 1; } }", 0),
        ("rust", "fn f( {}\n", 1),
        ("python", "def f(:\n    pass\n\nclass A(:\n    x = 1\n", 2),
        ("cpp", "template <typename T> T f(T a) { return a; }\n", 0),
        ("typescript", "let x: number = 1;\n", 0),
        ("tsx", "let x = <a>1</a>;\n", 0),
    ],
)
def test_error_count(language: str, text: str, errors: int) -> None:
    for eol in ("\n", "\r\n", "\r"):
        syntax = parsed(text.replace("\n", eol), language)
        assert syntax.error_count == errors
        assert syntax.has_error == (errors > 0)


def test_plain_text_has_no_tree() -> None:
    assert parse("anything", "") is None
    with pytest.raises(KeyError):
        parse("anything", "klingon")


def test_edits_that_do_not_fit_are_refused() -> None:
    old = parsed("x = 1", "python")
    with pytest.raises(EditError):
        parse("x = 12", "python", old, [Edit(5, 5, "23")])
    with pytest.raises(EditError):
        parse("x = 12", "python", old, [Edit(9, 9, "2")])


def test_a_tree_of_another_language_is_not_continued() -> None:
    old = parsed("x = 1", "python")
    assert nodes(parsed("x = 1;", "c", old, [Edit(5, 5, ";")])) == nodes(parsed("x = 1;", "c"))


SNIPPETS = [
    "x",
    "\n",
    "\r",
    "\r\n",
    "(",
    ")",
    "{",
    "}",
    "'",
    '"""',
    "    ",
    "# é😀\n",
    "/*",
    "*/",
    "`",
    "\ud83d",
]


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_incremental_parse_is_a_fresh_parse(language: str, eol: str) -> None:
    """Several random edits at once, and back again; only how broken code is recovered from may differ."""
    rng = random.Random(f"{language} {eol}")
    comment = "# é😀" if language == "python" else "// é😀"
    text = "\n".join([re.sub("«.", "", CLOSED[language]), comment, ""] * 6).replace("\n", eol)
    whole = parsed(text, language)
    assert not whole.has_error
    for _ in range(100):
        places = sorted(rng.randrange(len(text) + 1) for _ in range(2 * rng.choice([1, 1, 2, 4])))
        edits = [
            Edit(start, min(end, start + rng.choice([0, 0, 1, 30])), rng.choice(SNIPPETS))
            for start, end in zip(places[::2], places[1::2], strict=True)
        ]
        changed = apply(text, edits)
        syntax = parsed(changed, language, whole, edits)
        fresh = parsed(changed, language)
        assert syntax.has_error == fresh.has_error
        assert fresh.has_error or nodes(syntax) == nodes(fresh)
        restored = parsed(text, language, syntax, list(diff(changed, text)))
        assert nodes(restored) == nodes(whole)


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_text_can_be_parsed_and_asked(language: str) -> None:
    rng = random.Random(language)
    for _ in range(30):
        text = "".join(rng.choices(SNIPPETS, k=rng.randrange(60)))
        syntax = parsed(text, language)
        assert (syntax.error_count > 0) == syntax.has_error
        for offset in range(len(text) + 1):
            assert syntax.scope(offset) in SCOPES.values()
            assert syntax.enclosing(offset)


def test_typing_in_a_large_file_is_parsed_fast() -> None:
    text = "".join(f"def f_{n}(a, b):\n    return a + b  # {n} é\n\n" for n in range(1000))
    syntax = parsed(text, "python")
    times = []
    for offset in range(60_00, 60_40):
        edit = Edit(offset, offset, "x")
        text = apply(text, [edit])
        begun = time.perf_counter()
        syntax = parsed(text, "python", syntax, [edit])
        times.append(time.perf_counter() - begun)
    assert statistics.median(times) < 0.02


@pytest.mark.parametrize(
    ("identifier", "path", "language"),
    [
        ("python", "", "python"),
        ("", "a/b.py", "python"),
        ("", "file:///a/b.PYI", "python"),
        ("javascriptreact", "", "javascript"),
        ("javascript.jsx", "", "javascript"),
        ("typescript", "file:///a.ts", "typescript"),
        ("typescript", "file:///a.tsx", "tsx"),
        ("typescriptreact", "", "tsx"),
        ("cpp", "a.h", "cpp"),
        ("c", "a.h", "c"),
        ("", "a.h", "c"),
        ("", "a.C", "cpp"),
        ("c++", "", "cpp"),
        ("", "main.go", "go"),
        ("", "lib.rs", "rust"),
        ("", "A.java", "java"),
        ("markdown", "README.md", ""),
        ("plaintext", "x.py", "python"),
        ("", "Makefile", ""),
        ("", "", ""),
    ],
)
def test_language_of(identifier: str, path: str, language: str) -> None:
    assert language_of(identifier, path) == language


def test_errors_are_where_it_does_not_parse() -> None:
    text = "é = 1\ndef f(:\n    pass\ng = (2\n"
    syntax = parse(text, "python")
    assert syntax
    assert syntax.errors
    assert all(text.index("(:") <= end and start <= len(text) for start, end in syntax.errors)
    whole = parse("def f():\n    pass\n", "python")
    assert whole
    assert whole.errors == []


def test_depth() -> None:
    flat, deep = parse("x = 1\n" * 500, "python"), parse("x = " + "(" * 200 + "1" + ")" * 200, "python")
    assert flat
    assert deep
    assert not flat.is_deeper_than(10)
    assert deep.is_deeper_than(200)
    assert not deep.is_deeper_than(250)
