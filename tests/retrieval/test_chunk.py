"""Chunks: what they hold, that nothing is left out, and that edits elsewhere leave them alone."""

from __future__ import annotations

import random
import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.chunk import CHARACTERS, LINES, Chunk, chunk_file
from text.languages import LANGUAGES
from text.lines import split_lines

SOURCES = sorted((Path(__file__).resolve().parents[2] / "lsp_server").glob("*.py"))


def check(chunks: list[Chunk], text: str) -> None:
    """What holds of the chunks of any text."""
    lines = split_lines(text)
    done = 0
    covered: set[int] = set()
    for each in chunks:
        assert done <= each.start < each.end <= len(text)
        assert each.text == text[each.start : each.end]
        assert len(each.text) <= CHARACTERS
        assert each.end_line - each.start_line <= LINES
        assert each.text.strip() in "".join(lines[each.start_line : each.end_line])
        assert len(each.hash) == 16
        covered.update(range(each.start_line, each.end_line))
        done = each.end
    for number, line in enumerate(lines):
        assert number in covered or not re.search(r"\w", line), f"line {number} is in no chunk: {line!r}"


def shape(source: str, path: str) -> list[str]:
    """Kind and context of each chunk."""
    text = dedent(source)
    chunks = chunk_file(path, text)
    check(chunks, text)
    return [f"{each.kind} {each.context}".strip() for each in chunks]


def test_python() -> None:
    source = '''\
        import os


        # Kept for old callers.
        # Use g.
        def f(a, b=1):
            return a

        class C(Base):
            """A class."""

            limit = 3

            @property
            async def m(self) -> int:
                """First line.

                More of it.
                """
                def inner():
                    return 1
                return inner()

        f(1)
        '''
    assert shape(source, "a.py") == ["block", "function f", "class C", "method C.m", "block"]
    _, f, c, m, _ = chunk_file("a.py", dedent(source))
    assert (f.name, f.doc, f.signature) == ("f", "Kept for old callers.\nUse g.", "def f(a, b=1)")
    assert f.text.startswith("# Kept")
    assert c.doc == "A class."
    assert "limit = 3" in c.text
    assert m.signature == "async def m(self) -> int"
    assert m.doc == "First line.\n\nMore of it."


def test_go_receivers_and_comments() -> None:
    source = """\
        package p

        // Run serves until ctx ends.
        func (s *Server) Run(ctx context.Context) error {
          return nil
        }
        """
    assert shape(source, "a.go") == ["block", "method Server.Run"]
    run = chunk_file("a.go", dedent(source))[1]
    assert run.doc == "Run serves until ctx ends."
    assert run.signature == "func (s *Server) Run(ctx context.Context) error"


def test_javascript_paths_and_lines_that_only_open_something() -> None:
    source = """\
        const a = require('a')

        Reply.prototype.send = function (x) {
          return x
        }

        /**
         * Doubles.
         * @param {number} n
         */
        export const twice = (n) => {
          return 2 * n
        }

        define({
          first: {
            get () {
              return 1
            }
          },
          second: {
            get () {
              return 2
            }
          }
        })
        """
    chunks = chunk_file("a.js", dedent(source))
    assert [each.context for each in chunks] == ["", "Reply.send", "twice", "get", "get"]
    assert chunks[2].doc == "Doubles.\n@param {number} n"
    assert "second" in chunks[4].text


def test_rust_attributes_and_doc_comments() -> None:
    source = """\
        /// A queue.
        #[derive(Clone)]
        pub struct Queue<T> {
            items: Vec<T>,
        }

        impl<T> Queue<T> {
            /// Adds one.
            #[inline]
            pub fn push(&mut self, item: T) {
                self.items.push(item);
            }
        }
        """
    assert shape(source, "a.rs") == ["type Queue", "class Queue", "method Queue.push"]
    queue, _, push = chunk_file("a.rs", dedent(source))
    assert queue.doc == "A queue."
    assert push.doc == "Adds one."


def test_a_header_of_cpp_is_read_as_cpp() -> None:
    source = "namespace n {\nclass C {\n public:\n  int m() { return 1; }\n};\n}\n"
    assert shape(source, "a.h") == ["module n", "class n.C", "method n.C.m"]


def test_a_long_function_is_split_and_each_piece_says_whose_it_is() -> None:
    body = "".join(
        f"    step_{number}(first, second, third)\n{chr(10) * (number % 7 == 0)}" for number in range(300)
    )
    text = f"def long(first, second, third):\n    '''Take every step.'''\n{body}"
    chunks = chunk_file("a.py", text)
    check(chunks, text)
    assert len(chunks) > 5
    assert {each.context for each in chunks} == {"long"}
    assert [each.part for each in chunks] == list(range(len(chunks)))
    assert [each.doc for each in chunks] == ["Take every step."] + [""] * (len(chunks) - 1)


def test_functions_within_a_long_function_are_chunks() -> None:
    inner = "".join(
        f"  function f{number}() {{\n" + "    work(1234567890)\n" * 10 + "  }\n" for number in range(12)
    )
    text = f"function make() {{\n{inner}\n  return [f1, f2]\n}}\n"
    chunks = chunk_file("a.js", text)
    check(chunks, text)
    assert {f"make.f{number}" for number in range(12)} <= {each.context for each in chunks}


def test_a_line_without_end_is_cut() -> None:
    text = "x" * 10_000
    chunks = chunk_file("a.txt", text)
    check(chunks, text)
    assert "".join(each.text for each in chunks) == text


def test_definitions_within_definitions_without_end() -> None:
    text = "".join(f"{' ' * depth}def f{depth}():\n" for depth in range(400))
    check(chunk_file("a.py", text), text)


PIECES = [
    *("def f():", "class A:", "class A {", "}", "{", "(", "function g() {", "func (a B) C() {", "fn h() {"),
    *("\n", "\n", "\r\n", "\r", "    ", "\f", "\u2028", "x = 1", "é", "\ud800", "𝒳"),
    *("# note", "// note", "/* note", "*/", '"""', "'"),
]


@pytest.mark.parametrize("language", ["", *LANGUAGES])
@settings(max_examples=30, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_text(language: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    check(chunk_file("", text, language), text)


@pytest.mark.parametrize("path", SOURCES[:12], ids=lambda path: path.name)
def test_an_edit_elsewhere_leaves_chunks_as_they_are(path: Path) -> None:
    text = path.read_text("utf-8")
    before = chunk_file(path.name, text)
    check(before, text)
    chance = random.Random(path.name)
    for _ in range(10):
        target = chance.choice(before)
        line = text.rfind("\n", 0, target.end - 1) + 1
        indent = re.match(r"\s*", text[line:])
        assert indent is not None
        edited = f"{text[:line]}{indent[0]}changed = 1\n{text[line:]}"
        after = {each.hash for each in chunk_file(path.name, edited)}
        same = [each for each in before if each.context != target.context]
        assert {each.hash for each in same} <= after


def test_an_edit_in_prose_changes_what_is_near_it() -> None:
    chance = random.Random(5)
    words = [f"word{number}" for number in range(500)]
    paragraphs = [
        "".join(" ".join(chance.choices(words, k=8)) + "\n" for _ in range(chance.randint(1, 9)))
        for _ in range(300)
    ]
    before = chunk_file("a.md", "\n".join(paragraphs))
    paragraphs[20:20] = ["something new\n" * 3]
    after = chunk_file("a.md", "\n".join(paragraphs))
    assert len({each.hash for each in before} - {each.hash for each in after}) <= 6


def test_line_ends_do_not_hide_definitions() -> None:
    text = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"
    for end in ("\n", "\r\n", "\r"):
        chunks = chunk_file("a.py", text.replace("\n", end))
        assert [(each.context, each.start_line, each.end_line) for each in chunks] == [
            ("f", 0, 2),
            ("g", 4, 6),
        ]
