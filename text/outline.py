"""What a text defines: functions, classes, modules and types, by a tree-sitter query for each language.

Offsets are UTF-8 bytes, as the tree gives them; whoever has the text converts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from text.languages import grammar

if TYPE_CHECKING:
    import tree_sitter

_C = """
(function_definition) @function
(struct_specifier body: (_)) @type
(union_specifier body: (_)) @type
(enum_specifier body: (_)) @type
(type_definition) @type
"""
_JAVASCRIPT = """
(function_declaration) @function
(generator_function_declaration) @function
(method_definition) @function
(class_declaration) @class
(variable_declarator value: [(arrow_function) (function_expression) (generator_function)]) @function
(assignment_expression right: [(arrow_function) (function_expression) (generator_function)]) @function
(pair value: [(arrow_function) (function_expression) (generator_function)]) @function
"""
_TYPESCRIPT = (
    _JAVASCRIPT
    + """
(abstract_class_declaration) @class
(interface_declaration) @type
(enum_declaration) @type
(type_alias_declaration) @type
(internal_module) @module
(module) @module
(public_field_definition value: [(arrow_function) (function_expression)]) @function
"""
)
_QUERIES = {
    "python": "(function_definition) @function (class_definition) @class",
    "javascript": _JAVASCRIPT
    + "(field_definition value: [(arrow_function) (function_expression)]) @function",
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": """
(function_declaration) @function
(method_declaration) @function
(type_spec) @type
(type_alias) @type
""",
    "rust": """
(function_item) @function
(impl_item) @class
(trait_item) @class
(mod_item body: (_)) @module
(struct_item) @type
(enum_item) @type
(union_item) @type
(type_item) @type
(macro_definition) @function
""",
    "java": """
(method_declaration) @function
(constructor_declaration) @function
(compact_constructor_declaration) @function
(class_declaration) @class
(interface_declaration) @class
(enum_declaration) @class
(record_declaration) @class
(annotation_type_declaration) @type
""",
    "c": _C,
    "cpp": _C.replace("(struct_specifier body: (_)) @type", "(struct_specifier body: (_)) @class")
    + """
(class_specifier body: (_)) @class
(namespace_definition) @module
(alias_declaration) @type
(concept_definition) @type
""",
}

_COMMENTS = dict.fromkeys(_QUERIES, "(comment) @comment") | {
    "rust": "[(line_comment) (block_comment) (attribute_item)] @comment",
    "java": "[(line_comment) (block_comment)] @comment",
}

# What stands around a definition and belongs to it.
_WRAPPERS = frozenset(
    [
        "decorated_definition",
        "export_statement",
        "ambient_declaration",
        "template_declaration",
        "type_declaration",
        "lexical_declaration",
        "variable_declaration",
        "expression_statement",
    ]
)
_LAST_WORD = re.compile(r"[\w$]+(?=\W*$)")
_FIRST_PATH = re.compile(r"[\w$]+(?:(?:::|\.)~?[\w$]+)*")


class Definition(NamedTuple):
    """A definition over the bytes [start, end), decorators and `export` included."""

    kind: str  # function, class, module or type
    name: str  # as written there: `Foo::bar` and `exports.bar` are possible
    owner: str  # the receiver's type in Go; else ""
    start: int
    head: int  # where it starts without decorators
    body: int  # where its body starts, or else its end
    end: int


class Outline(NamedTuple):
    """The definitions, outer ones before inner ones, no two from one place; and comments as [start, end)."""

    definitions: list[Definition]
    comments: list[tuple[int, int]]


def outline(data: bytes, language: str) -> Outline:
    """The outline of UTF-8 text in which no \\r stands alone; Rust's attributes count as comments.

    Raises KeyError where `language` is not one of `text.languages`.
    """
    import tree_sitter

    root = tree_sitter.Parser(grammar(language)).parse(data).root_node
    captures = tree_sitter.QueryCursor(_query(language)).captures(root)
    comments = [(node.start_byte, node.end_byte) for node in captures.pop("comment", ())]
    found: dict[int, Definition] = {}
    for kind, nodes in captures.items():
        for node in nodes:
            name = _name_of(node, data)
            start = _start_of(node)
            if not name or (start in found and found[start].end >= node.end_byte):
                continue
            body = _body_of(node)
            found[start] = Definition(
                kind, name, _receiver(node, data), start, node.start_byte, body, node.end_byte
            )
    return Outline(sorted(found.values(), key=lambda each: each.start), sorted(comments))


@cache
def _query(language: str) -> tree_sitter.Query:
    import tree_sitter

    return tree_sitter.Query(grammar(language), _QUERIES[language] + _COMMENTS[language])


def _start_of(node: tree_sitter.Node) -> int:
    """Where it starts together with its decorators, `export`, `const` and the like."""
    start = node.start_byte
    around = node.parent
    while around is not None and around.type in _WRAPPERS:
        start = around.start_byte
        around = around.parent
    return start


def _body_of(node: tree_sitter.Node) -> int:
    for field in ("value", "right", "type"):
        inner = node.child_by_field_name(field)
        if inner is not None and (body := inner.child_by_field_name("body")) is not None:
            return body.start_byte
    body = node.child_by_field_name("body")
    return node.end_byte if body is None else body.start_byte


def _name_of(node: tree_sitter.Node, data: bytes) -> str:
    """What it is called: in C inside declarators, in Rust perhaps a type, in JavaScript what is assigned."""
    name = None
    for field in ("name", "type", "left", "key") if node.type != "type_definition" else ():
        name = node.child_by_field_name(field)
        if name is not None and not (field == "type" and node.type == "function_definition"):
            break
        name = None
    inner = node.child_by_field_name("declarator")
    while name is None and inner is not None:
        below = inner.child_by_field_name("declarator")
        if below is None and inner.named_child_count and inner.type == "reference_declarator":
            below = inner.named_children[-1]
        if below is None:
            name = inner
        inner = below
    if name is None:
        return ""
    match = _FIRST_PATH.search(data[name.start_byte : name.end_byte].decode("utf-8", "replace"))
    return match[0] if match else ""


def _receiver(node: tree_sitter.Node, data: bytes) -> str:
    receiver = node.child_by_field_name("receiver") if node.type == "method_declaration" else None
    if receiver is None:
        return ""
    text = data[receiver.start_byte : receiver.end_byte].decode("utf-8", "replace")
    match = _LAST_WORD.search(re.sub(r"\[[^\]]*\]", "", text))
    return match[0] if match else ""
