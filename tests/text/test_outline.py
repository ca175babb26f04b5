"""Definitions by language: what kind, what name."""

from __future__ import annotations

import pytest

from text.languages import LANGUAGES
from text.outline import outline

CASES = {
    "python": (
        "@cache\ndef f():\n    pass\nclass C:\n    def m(self): ...\n",
        "function f class C function m",
    ),
    "javascript": (
        "export class A { go() {} }\nconst f = async () => {\n}\n"
        "exports.g = function () {}\nfunction* h() {}\n",
        "class A function go function f function exports.g function h",
    ),
    "typescript": (
        "export interface I { a: number }\nnamespace N { type T = string }\n"
        "class C { f = () => 1 }\nenum E { A }\n",
        "type I module N type T class C function f type E",
    ),
    "tsx": ("const Page = () => <a/>\n", "function Page"),
    "go": (
        "package p\ntype T struct { a int }\nfunc F() {}\nfunc (t *T[K]) M() {}\n",
        "type T function F function M",
    ),
    "rust": (
        "#[test]\nfn f() {}\nstruct S;\nimpl<T> Tr for S<T> {\n fn m(&self) {}\n}\nmod k {\n enum E {}\n}\n",
        "function f type S class S function m module k type E",
    ),
    "java": (
        "@A class C {\n C() {}\n int m() { return 1; }\n}\ninterface I {}\nrecord R(int a) {}\n",
        "class C function C function m class I class R",
    ),
    "c": (
        "struct s *f(int a) { return 0; }\nstruct s { int a; };\n"
        "typedef struct { int b; } T;\nenum e { A };\n",
        "function f type s type T type e",
    ),
    "cpp": (
        "namespace n {\nclass C { int m() { return 1; } };\n"
        "int& C::r() { static int i; return i; }\nC::~C() {}\n}\n",
        "module n class C function m function C::r function C::~C",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_kinds_and_names(language: str) -> None:
    source, expected = CASES[language]
    found = outline(source.encode(), language).definitions
    assert " ".join(f"{each.kind} {each.name}" for each in found) == expected


def test_a_definition_begins_with_its_decorators_and_its_body_is_known() -> None:
    source = b"x = 1\n@cache\ndef f(a):\n    return a\n"
    (each,) = outline(source, "python").definitions
    assert source[each.start : each.head] == b"@cache\n"
    assert source[each.head : each.body].strip() == b"def f(a):"


def test_the_receiver_of_a_go_method() -> None:
    (each,) = outline(b"package p\nfunc (s *Server[K, V]) Run() {}\n", "go").definitions
    assert each.owner == "Server"


@pytest.mark.parametrize("language", LANGUAGES)
def test_broken_and_empty_text(language: str) -> None:
    for source in (b"", b"\xff\xfe(", b"class class def fn {{{ func (", b"((" * 5000):
        outline(source, language)
