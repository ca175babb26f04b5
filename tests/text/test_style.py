from __future__ import annotations

import time
from pathlib import Path

import pytest

from text.document import Document
from text.style import Style, style_of

ROOT = Path(__file__).parents[2]

DOCSTRING = '''
def f(a,
      b):
  """Summary.

      An example that is indented by four:

          if a:
              b
  """
  x = g(a,
        b)
  return x


def h():
  if x:
    return 1
'''

ARGUMENTS = """
def f(
        a,
        b):
    total = (a +
             b)
    for x in total:
        g(x)
    return {
        'a': 1,
    }
"""

C_COMMENT = """
/*
 * A comment
 *   with a list
 */
int main(void)
{
\tif (a)
\t\treturn f(a,
\t         b);
}
"""

SWITCH = """
function f(a) {
  switch (a) {
    case `
          text`:
      return 'it';
  }
  return "don't";
}
"""


@pytest.mark.parametrize(
    ("text", "language", "indent"),
    [
        (DOCSTRING, "python", "  "),
        (ARGUMENTS, "python", "    "),
        (ARGUMENTS, "", "    "),
        (C_COMMENT, "c", "\t"),
        (SWITCH, "javascript", "  "),
        ("a:\n   b\n", "", "   "),
        ("if x then\n  y\nend\n", "", "  "),
        ("a {\r\n    b;\r\n}\r\n", "", "    "),
        ("a {\r  b;\r}\r", "", "  "),
        ("x = 1\n", "python", "    "),
        ("x = 1\n", "typescript", "  "),
        ("package x\n", "go", "\t"),
        ("", "", "    "),
        ("    # nothing but a comment", "", "    "),
    ],
)
def test_indent(text: str, language: str, indent: str) -> None:
    assert style_of(Document.create("file:///x", text, language=language)).indent == indent


@pytest.mark.parametrize(
    ("text", "language", "quote"),
    [
        ("x = 'a'; y = 'b'; z = \"c\"", "python", "'"),
        ("x = \"a\"  # it's, isn't, don't", "python", '"'),
        ("x = \"it's\"\ny = \"don't\"\nz = 'a'", "python", "'"),
        ('"""It\'s \'a\' \'b\'."""\nx = "c"', "python", '"'),
        ('const a = <b c="1" d="2">{f(\'x\')}</b>', "javascript", "'"),
        ("fn f<'a>(x: &'a str, y: &'a str) {}", "rust", '"'),
        ("x = 1", "", '"'),
    ],
)
def test_quote(text: str, language: str, quote: str) -> None:
    assert style_of(Document.create("file:///x", text, language=language)).quote == quote


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("", Style("    ", "\n", True, '"', False)),
        ("\ufeffa\r\n  b\r\n", Style("  ", "\r\n", True, '"', True)),
        ("a\rb", Style("    ", "\r", False, '"', False)),
        ("a\n\f", Style("    ", "\n", False, '"', False)),
    ],
)
def test_line_ends_and_mark(text: str, style: Style) -> None:
    assert style_of(text) == style


def test_our_own_files_are_indented_by_four_with_double_quotes() -> None:
    for path in ROOT.glob("text/*.py"):
        style = style_of(Document.create(path.as_uri(), path.read_text(), language="python"))
        assert (style.indent, style.quote) == ("    ", '"'), path.name


def test_a_large_file_is_judged_by_its_start() -> None:
    document = Document.create("file:///x", "def f():\n  x = 'a'\n" * 30_000)
    begun = time.process_time()
    assert style_of(document).indent == "  "
    assert time.process_time() - begun < 0.1
