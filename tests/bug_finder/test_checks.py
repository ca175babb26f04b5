from __future__ import annotations

import pytest

from bug_finder.checks.scene import Around, Scene
from bug_finder.detect import checked
from bug_finder.functions import functions
from bug_finder.tokens import lex


def check(text: str, language: str = "python") -> list[str]:
    """The texts that are found suspicious, each with its replacement where there is one."""
    every = functions(text, language)
    around = Around.of(text, every)
    found = [
        each._replace(start=each.start + one.start, end=each.end + one.start)
        for one in every
        for each in checked(Scene(one, language, lex(one.text, language), around))
    ]
    return sorted(
        text[each.start : each.end] + (f" -> {each.replacement}" if each.replacement else "")
        for each in found
    )


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("def f(a, b):\n    return a.x == b.x and a.y == a.y\n", "python", ["a.y"]),
        ("def f(a):\n    return a is not 'x'\n", "python", ["is not -> !="]),
        ("def f(a):\n    if a.b:\n        g()\n    elif a.b:\n        h()\n", "python", ["a.b"]),
        ("def f(a=[]):\n    a.append(1)\n", "python", ["[]"]),
        ("def f(a):\n    return a\n    g(a)\n", "python", ["g"]),
        ("def f(self, a):\n    self.a = self.a\n", "python", ["self.a"]),
        ("function f(a, b) {\n  return a.x && a.x;\n}\n", "javascript", ["a.x"]),
        ("int f(int a, int b) {\n  return a->x == a->x;\n}\n", "c", ["a->x"]),
        ("def f(x):\n    return x != 1 or x != 2\n", "python", ["or -> and"]),
        ("def f(x):\n    x.y == 1\n    g()\n", "python", ["== -> ="]),
        ("int f(int a) {\n  if (a = 1) return 2;\n}\n", "c", ["= -> =="]),
        ("def f(path):\n    warn('{path} is gone')\n", "python", ["'{path} is gone' -> f'{path} is gone'"]),
        (
            "def f(path):\n    warn(f'{path} is '\n        '{path.name}', stacklevel=2)\n",
            "python",
            ["'{path.name}' -> f'{path.name}'"],
        ),
        ("def f():\n    return [\n'a',\n'b'\n'c',\n'd',\n]\n", "python", ["'b' -> 'b',"]),
        ("def f(name):\n    return nmae\n", "python", ["nmae -> name"]),
        ("import a\ndef f(timeout):\n    return a.g(timteout)\n", "python", ["timteout -> timeout"]),
        (
            "class A:\n    def f(self):\n        return g_of(1)\n\n    def g_of(self, a):\n        pass\n",
            "python",
            ["g_of -> self.g_of"],
        ),
        (
            "class A:\n    async def f(self):\n        self.g_of(1)\n\n"
            "    async def g_of(self, a):\n        return a\n",
            "python",
            ["self -> await self"],
        ),
        ("def f(args):\n    return [a for a in args if 'x' not in args]\n", "python", ["args -> a"]),
        ("def f(**kw):\n    for k, v in kw:\n        g(k, v)\n", "python", ["kw -> kw.items()"]),
        ("func f() error {\n\tif err2 != nil {\n\t\treturn err\n\t}\n}\n", "go", ["err -> err2"]),
        ("int f(A *a) {\n  return (a->b != NULL || a->b->c);\n}\n", "c", ["|| -> &&"]),
        ("def f(a):\n    if a.b is None and a.b.c:\n        g()\n", "python", ["and -> or"]),
        ("function f(a) {\n  if (!a && a.b) g();\n}\n", "javascript", ["&& -> ||"]),
        ("def f(a):\n    if a == 'x' or 'y':\n        g()\n", "python", ["'y'"]),
        ("boolean f(int port) {\n  return port < 0 && port >= 65535;\n}\n", "java", ["&& -> ||"]),
        ("def f():\n    try:\n        g()\n    except A or B:\n        h()\n", "python", ["or"]),
        ("def f(a):\n    return a in ('loading')\n", "python", ["'loading' -> 'loading',"]),
        ("def f(a, b):\n    return '%s of' % (a, b)\n", "python", ["'%s of'"]),
        ("def f(a):\n    return '{} of {}'.format(a)\n", "python", ["'{} of {}'"]),
        (
            "def f(a):\n    distribution.b = distribution.c\n    return distribuiton.d\n",
            "python",
            ["distribuiton -> distribution"],
        ),
    ],
)
def test_what_is_wrong_by_itself_is_found(text: str, language: str, found: list[str]) -> None:
    assert check(text, language) == found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("def f(a, b=None):\n    g(b=b)\n    return next(a) == next(a)\n", "python"),
        ("def f(a=None, b=()):\n    if a:\n        return b\n    return a\n", "python"),
        ("def f(a=[]):\n    return len(a)\n", "python"),
        ("def f(x):\n    return x * x + x is None\n", "python"),
        ("def f(a):\n    if a:\n        g()\n    if a:\n        h()\n", "python"),
        ("def f(a):\n    if a:\n        return 1\n    else:\n        return 2\n    g()\n", "python"),
        ("int f(int i) {\n  for (i = 0; i < 3; i++) g(i, i);\n  return i;\n}\n", "c"),
        ("function f(a) {\n  const {b} = a;\n  return {b: b, c: a.c};\n}\n", "javascript"),
        ("def f(a, b):\n    if not a or a not in b:\n        g()\n", "python"),
        ("def f(path):\n    return '{path}'.format(path=path)\n", "python"),
        ("def f(a, b):\n    return a & b == b\n", "python"),
        ("function f(a) {\n  return a !== a;\n}\n", "javascript"),
        ("def f(user):\n    return get('/{user}')\n", "python"),
        ("def f(path):\n    log.warn('{path!r} is gone', path=path)\n", "python"),
        ("def f(path):\n    log.warn('{path} is '\n        'gone', g(1), **path)\n", "python"),
        ("def f(self):\n    self.assertTrue(self.a == self.a)\n", "python"),
        ("def f(a):\n    assert a <= a\n", "python"),
        ("void f(int a) {\n  EXPECT_TRUE(a == a);\n}\n", "cpp"),
        ("def f(a):\n    if a:\n        if b:\n            g()\n    elif b:\n        h()\n", "python"),
        ("fn f(a: &A) -> bool { a == 1 }", "rust"),
        ("fn f(a: &A) -> bool { a.x.iter().any(|a| a.x == 1) }", "rust"),
        ("nmae = 1\ndef f(name):\n    return nmae\n", "python"),
        ("def f(names):\n    for name in names:\n        (a, b), c = name\n        g(a, b, c)\n", "python"),
        ("def f(versions):\n    with a as version:\n        return [x for x in version if x]\n", "python"),
        ("def f(opts):\n    return [o for o in opts if opts]\n", "python"),
        ("def g_of():\n    pass\nclass A:\n    def f(self):\n        return g_of()\n", "python"),
        ("def f(a):\n    if a is not None and a.b:\n        g()\n", "python"),
        ("def f(a):\n    if a is None or a.b:\n        g()\n", "python"),
        ("def f(a, b):\n    if b or not a and a is not None:\n        g()\n", "python"),
        ("int f(int a) {\n  return a >= 0 && a < 10;\n}\n", "c"),
        ("def f(a, b):\n    return '%s %%s' % (a,), '%(b)s' % b, '%*d' % (a, b)\n", "python"),
        ("def f(a):\n    return '{0} {0}'.format(a), '{} {}'.format(*a), '{{}}'.format(a)\n", "python"),
        ("func f() error {\n\tif err2 != nil {\n\t\terr = g(err2)\n\t\treturn err\n\t}\n}\n", "go"),
        ("def f(a):\n    if a in {1}:\n        g()\n    elif a in {2}:\n        h()\n", "python"),
        ("def f(a):\n    return a and a or {}\n", "python"),
        ("function f(a, b) {\n  return a && b || b && !g(b) && b;\n}\n", "javascript"),
        ("def f(a):\n    assert a('{a}') == 1\n", "python"),
        ("int f(int a) {\n  return !a || a & 1;\n}\n", "c"),
        ("bool f(A a) {\n  return a >= a || py::self == py::self;\n}\n", "cpp"),
        ("fn f() {\n  if a\n    && b {\n  } else if a\n    && c {\n  }\n}\n", "rust"),
        ("def f(**kw):\n    for k, v in kw.items():\n        g(k, v)\n", "python"),
    ],
)
def test_what_only_looks_like_it_is_not(text: str, language: str) -> None:
    assert check(text, language) == []


_PYTHON = 'def f(a, {}):\n    """Do.\n\n%s    """\n    g(a)\n'
SPHINX = _PYTHON % "    :param a: one\n    :param old: two\n"
GOOGLE = _PYTHON % "    Args:\n        a: one\n            more\n        old (int): two\n"
NUMPY = _PYTHON % (
    "    Parameters\n    ----------\n    a : int\n        One\n    old\n        Two\n\n"
    "    Notes\n    -----\n    Nothing\n"
)
_TAGS = "/**\n * @param {{{{a: A}}}} a - one\n * @param {{A}} [old] - two\n */\n"
JSDOC = _TAGS + "function f(a, {}) {{\n  g(a);\n}}\n"
_JAVADOC = "/**\n * @param <T> type\n * @param a one\n * @param old two\n */\n"
JAVA = _JAVADOC + "void f(Map<A, List<B>> a, final B {}) {{\n  g(a);\n}}\n"


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        (SPHINX, "python", "old -> late"),
        (GOOGLE, "python", "old -> late"),
        (NUMPY, "python", "old -> late"),
        (JSDOC, "javascript", "late"),
        (JAVA, "java", "late"),
    ],
)
def test_a_parameter_that_is_documented_by_another_name_is_found(text: str, language: str, said: str) -> None:
    assert check(text.format("late"), language) == [said]
    assert check(text.format("old"), language) == []
    assert check(text.format("old, more"), language) == []
    assert check(text.format("late, more"), language) == []


def test_a_tag_in_a_sentence_documents_nothing() -> None:
    text = "/**\n * Reads `@param x`.\n */\nfunction f(text) {\n  g(text);\n}\n"
    assert check(text, "javascript") == []


def test_a_modifier_is_no_parameter() -> None:
    text = "class A {\n/**\n * @param a one\n */\nconstructor(private readonly a: B) {\n  g(a);\n}\n}\n"
    assert check(text, "typescript") == []
    assert check(SPHINX.replace("old", "private").format("private: bool = False")) == []


def test_a_doc_string_that_tells_of_a_result_is_held_to_it() -> None:
    text = 'def f(a):\n    """Do.\n\n    Returns:\n        The sum.\n    """\n    g(a, 1, 2)\n    h(a, 3)\n'
    assert check(text) == ["Returns:"]
    assert check(f"{text}    return a\n") == []
    assert check(f"{text}    raise A\n") == []
    assert check(text.replace("The sum.", "None")) == []
    says_none = text.replace("The sum.", "None.")
    assert check(f"{says_none}    return 1\n") == ["1"]


@pytest.mark.parametrize(
    ("told", "real", "found"),
    [
        ("default=80", "79", ["80 -> 79"]),
        ("Defaults to ``True``.", "False", ["True -> False"]),
        ("the default is 'a', always", '"b"', ["'a' -> \"b\""]),
        ("Default: -1", "- 2", ["-1 -> -2"]),
        ("default=80", "80.0", []),
        ("Defaults to 'a'.", '"a"', []),
        ("Defaults to 5.", "None", []),  # which the body fills in
        ("Defaults to 5.", "5 * 60", []),
        ("Defaults to 30 days", "3", []),
        ("Defaults to 5 if it is hot.", "3", []),
        ("default: none", "False", []),
        ('defaults to "pi"', "3.14", []),
        ("defaults to 'get'", '"GET"', []),
        ("Defaults to 5. In tests it defaults to 6.", "7", []),
    ],
)
def test_a_default_that_is_documented_is_held_to_the_head(told: str, real: str, found: list[str]) -> None:
    for documented in (
        f":param a: One, {told}\n    :param b: default 0",
        f"Args:\n        a (int): One,\n            {told}\n        b: default 0",
        f"Parameters\n    ----------\n    a : int, {told}\n        One\n    b : int, default 0",
    ):
        text = f'def f(c, a: A = {real}, b=0):\n    """Do.\n\n    {documented}\n    """\n    g(a, b)\n'
        assert check(text) == found
