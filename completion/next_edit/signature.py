"""A parameter that came in: it is kept in a field, passed on, and given where the function is called.

A definition's list of parameters is read before and after a change. What is new in it stands, by its name, in
three kinds of places: behind the field of another parameter in the body, among the arguments of calls in the
body that pass other parameters on, and in calls of the function itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from completion.next_edit.lists import Item, Listing, listing, with_items
from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.replay import CHANGES
from completion.next_edit.tokens import indent_of, names_of
from completion.next_edit.units import CLOSED, stands_alone
from text.languages import language_of

PARAMETER: Final = "parameter"
_HEADER: Final = 90  # lines of the longest list of parameters
_BODY: Final = 160  # lines of a body that are looked at
_CALLS: Final = 12  # of one function in one file; one with more is something else
_DEFINITION: Final = re.compile(
    r"\b(?:def|fn|func|function)\s+(?:\([^)]*\)\s*)?(?P<name>\w+)\s*(?:<[^(]*>|\[[^(]*\])?\s*\(|"
    r"^\s*(?P<maker>constructor)\s*\(|"
    r"^\s*(?:[\w<>\[\],.?*&:~]+\s+)*[*&]?(?P<other>\w+)\s*\([^;=]*$"
)
_NO_DEFINITION: Final = re.compile(
    r"\s*(?:return|if|for|while|switch|else|elif|with|await|yield|new|throw|assert|print|case|catch|raise)\b"
)
_CLASS: Final = re.compile(r"\s*(?:export\s+|public\s+|abstract\s+|final\s+|static\s+)*class\s+(\w+)")
_LAST_WORD: Final = ("java", "c", "cpp")  # languages that put the name behind the type
_SELF: Final = ("self", "cls", "this")


class _Signature(NamedTuple):
    name: str
    maker: bool  # it makes a thing, so that its class is what is called
    listing: Listing
    added: tuple[Item, ...]
    before: tuple[str, ...]  # names of the parameters that stood there already


def parameters(moment: Moment) -> Iterator[Proposal]:
    """What follows from the parameters that the last changes put into definitions."""
    for age, change in enumerate(moment.recent[::-1][:CHANGES]):
        lines = moment.files.get(change.path)
        found = _signature(lines, change) if lines and change.new else None
        if not lines or found is None:
            continue
        yield from _fields(moment, age, change.path, lines, found)
        yield from _passed(moment, age, change.path, lines, found)
        yield from _given(moment, age, found)


def _signature(lines: Sequence[str], change: Change) -> _Signature | None:
    first, last = change.start - 1, change.end - 1
    language = language_of(path=change.path)
    for at in range(min(last, len(lines)) - 1, max(first - _HEADER, -1), -1):
        match = _DEFINITION.search(lines[at])
        if not match or _NO_DEFINITION.match(lines[at]):
            continue
        name: str = match["name"] or match["maker"] or match["other"]
        column = lines[at].find("(", match.end(match.lastgroup or 0))
        found = listing(lines, at, column) if column >= 0 else None
        if found is None or found.end < first:
            if at < first:
                return None
            continue
        old_lines = [*lines[:first], *change.old, *lines[last:]]
        old_at = at if at < first else _same_definition(change.old, name, first)
        old_column = old_lines[old_at].find("(", old_lines[old_at].find(name)) if old_at is not None else -1
        before = listing(old_lines, old_at, old_column) if old_at is not None and old_column >= 0 else None
        if before is None:
            continue
        now = tuple(Item(item.text, _parameter(item.text, language)) for item in found.items)
        was = tuple(_parameter(item.text, language) for item in before.items)
        added = tuple(item for item in now if item.name and item.name not in was)
        if not added or not was or not set(was) <= {item.name for item in now} or len(added) > 4:
            if at < first:
                return None
            continue
        maker = name in ("__init__", "constructor", "__new__") or (
            name[:1].isupper() and language in ("java", "cpp")
        )
        if name in ("__init__", "constructor", "__new__"):
            name = _class_above(lines, at)
        return _Signature(name, maker, found._replace(items=now), added, was)
    return None


def _same_definition(old: Sequence[str], name: str, first: int) -> int | None:
    for offset, line in enumerate(old):
        if re.search(rf"\b{re.escape(name)}\b.*\(", line):
            return first + offset
    return None


def _class_above(lines: Sequence[str], at: int) -> str:
    depth = len(indent_of(lines[at]))
    for line in reversed(lines[:at]):
        match = _CLASS.match(line)
        if match and len(indent_of(line)) < depth:
            return match[1]
    return ""


def _parameter(text: str, language: str) -> str:
    """The name of a parameter; "" for what is none."""
    head = re.split(r"[:=]", text, maxsplit=1)[0].strip()
    if language in _LAST_WORD:
        typed: list[str] = re.findall(r"[^\W\d]\w*", text.split("=")[0])
        return typed[-1] if typed else ""
    words: list[str] = re.findall(r"[^\W\d]\w*", head)
    if not words:
        return ""
    return words[-1] if language in ("rust", "typescript", "tsx", "javascript") else words[0]


def _body(lines: Sequence[str], found: _Signature) -> range:
    """The lines (from 0) behind the definition's head, as far as they are indented deeper."""
    depth = len(indent_of(lines[found.listing.start]))
    start = found.listing.end + 1
    for at in range(start, min(start + _BODY, len(lines))):
        line = lines[at]
        if line.strip() and len(indent_of(line)) <= depth and line.strip()[0] not in CLOSED + "{":
            return range(start, at)
    return range(start, min(start + _BODY, len(lines)))


def _fields(
    moment: Moment, age: int, path: str, lines: Sequence[str], found: _Signature
) -> Iterator[Proposal]:
    """`self.new = new`, behind the field of the parameter before it that has one."""
    names = [item.name for item in found.listing.items]
    added = [item.name for item in found.added]
    at_first = names.index(added[0])
    others = [*reversed(names[:at_first]), *names[at_first + 1 :]]
    kept: dict[str, int] = {}
    for at in _body(lines, found):
        for other in others:
            if other in added or other in kept or other not in lines[at]:
                continue
            if re.match(rf"\s*(?:self|this)(?:\.|->)_*{other}\w*\s*(?::[^=]*)?=[^=].*\b{other}\b", lines[at]):
                kept[other] = at
    if not kept:
        return
    text = "\n".join(lines[at] for at in _body(lines, found))
    new = [name for name in added if not re.search(rf"(?:self|this)\._*{name}\s*(?::[^=]*)?=", text)]
    if not new:
        return
    nearest = next(other for other in others if other in kept)
    by_line = {at: other for other, at in kept.items()}
    runs = sorted(_runs(sorted(by_line)), key=len)
    for form, at, other in sorted(
        {
            ("nearest", kept[nearest], nearest),
            ("last", max(by_line), by_line[max(by_line)]),
            ("run", runs[-1][-1], by_line[runs[-1][-1]]),
        }
    ):
        line = lines[at]
        if not stands_alone(line) or moment.is_recent(path, at + 2, at + 2):
            continue
        plain = re.match(rf"(\s*(?:self|this)(?:\.|->)_*){other}(\w*)", line)
        end = ";" if line.rstrip().endswith(";") else ""
        copies = {tuple(re.sub(rf"(?<![^\W_]){other}(?![^\W_])", name, line) for name in new): "copy"}
        if plain:
            copies.setdefault(tuple(f"{plain[1]}{name}{plain[2]} = {name}{end}" for name in new), "plain")
        for copy, kind in copies.items():
            evidence = {
                "field": 1.0,
                "nearest": float(form == "nearest"),
                "run": float(form == "run"),
                "copy": float(kind == "copy"),
                "fields": min(len(kept) / 6, 1.0),
                "used": float(any(name in names_of(text) for name in new)),
                "several": float(len(new) > 1),
            }
            yield Proposal(path, at + 2, 0, copy, PARAMETER, age, evidence)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """The numbers, those that follow each other together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _passed(
    moment: Moment, age: int, path: str, lines: Sequence[str], found: _Signature
) -> Iterator[Proposal]:
    """Among the arguments of calls in the body that pass other parameters on."""
    others = [name for name in found.before if name and name not in _SELF]
    body = _body(lines, found)
    text = "\n".join(lines[at] for at in body)
    added = [item.name for item in found.added]
    for at in body:
        if moment.is_recent(path, at + 1, at + 2):
            continue
        for match in re.finditer(r"[\w>\]]\s?\(|\{", lines[at]):
            call = listing(lines, at, match.end() - 1)
            if call is None or call.end >= body.stop + 1 or len(call.items) == 0:
                continue
            passed = [index for index, item in enumerate(call.items) if _passes(item.text) in others]
            if not passed or (len(passed) == 1 and len(others) > 2):
                continue
            if any(name in item.text for name in added for item in call.items):
                continue
            prior = [name for name in others if name in [i.name for i in found.listing.items]]
            index = max(
                passed, key=lambda index: _order(prior, found, _passes(call.items[index].text), added[0])
            )
            keyword = _keyword(call.items[index].text)
            by_name = "=" if language_of(path=path) == "python" else keyword
            last = next((at for at, item in enumerate(call.items) if item.text[:1] == "*"), len(call.items))
            for where, equals in sorted({(index + 1, keyword), (last, keyword), (last, by_name)}):
                texts = [f"{name}{equals}{name}" if equals else name for name in added]
                edit = with_items(
                    lines, call, where, ", ".join(texts) if call.start == call.end else "", texts
                )
                if edit:
                    evidence = {
                        "passed": 1.0,
                        "share": len(passed) / max(len(others), 1),
                        "keyword": float(bool(equals)),
                        "alike": float(bool(equals) == bool(keyword)),
                        "nearest": float(where == index + 1),
                        "used": float(any(name in names_of(text) for name in added)),
                        "super": float("super" in lines[at]),
                        "several": float(len(added) > 1),
                    }
                    yield Proposal(path, edit[0] + 1, edit[1], edit[2], PARAMETER, age, evidence)


def _order(prior: Sequence[str], found: _Signature, name: str, added: str) -> int:
    """How near before the new parameter another one stands."""
    names = [item.name for item in found.listing.items]
    distance = names.index(added) - names.index(name) if name in names else -99
    return -distance if distance > 0 else -50 + distance


def _passes(text: str) -> str:
    """The name that an argument passes on: `x`, `x=x`, `x: x`, `x=self.x`; "" for another one."""
    match = re.match(r"(?:(\w+)\s*[=:]\s*)?(?:self\.|this\.)?(\w+)$", text)
    return str(match[2]) if match and match[1] in (None, match[2]) else ""


def _keyword(text: str) -> str:
    match = re.match(r"\w+(\s*[=:]\s*)", text)
    return match[1] if match else ""


def _given(moment: Moment, age: int, found: _Signature) -> Iterator[Proposal]:
    """In calls of the function, at the place that it has or by its name."""
    if len(found.name) < 3:
        return
    names = [item.name for item in found.listing.items if item.name not in _SELF]
    added = found.added[0]
    index = names.index(added.name) if added.name in names else len(names)
    optional = "=" in added.text or "?" in added.text
    pattern = re.compile(rf"(?<!\w){re.escape(found.name)}\s?\(")
    for path, lines in moment.files.items():
        calls = [
            (at, match.end() - 1)
            for at, line in enumerate(lines)
            if found.name in line
            for match in pattern.finditer(line)
            if not re.search(r"\b(?:def|fn|func|function|class)\s", line[: match.start()])
        ]
        if len(calls) > _CALLS:
            continue
        for at, column in calls:
            call = listing(lines, at, column)
            if call is None or moment.is_recent(path, at + 1, call.end + 2):
                continue
            if any(item.text.startswith(added.name) for item in call.items):
                continue
            keywords = [place for place, item in enumerate(call.items) if re.match(r"\w+\s*=[^=]", item.text)]
            above = "\n".join(lines[max(at - 40, 0) : at])
            known = {name for line in lines[max(at - 40, 0) : at] for name in names_of(line)}
            values = [added.name] if added.name in known or len(added.name) < 2 else []
            text = "\n".join(lines)
            values += [prefix + added.name for prefix in ("self.", "this.") if prefix + added.name in text]
            for value in values or [added.name]:
                forms = []
                if keywords or (optional and language_of(path=path) == "python"):
                    last = next(
                        (at for at, item in enumerate(call.items) if item.text[:2] == "**"), len(call.items)
                    )
                    forms.append((last, f"{added.name}={value}", "keyword"))
                if not keywords and index <= len(call.items):
                    forms.append((index, value, "place"))
                for where, text, form in forms:
                    edit = with_items(lines, call, where, text, [text])
                    if edit:
                        evidence = {
                            "given": 1.0,
                            "keyword": float(form == "keyword"),
                            "optional": float(optional),
                            "known": float(value in known or value in above),
                            "calls": 1 / len(calls),
                            "complete": float(len(call.items) == len(names) - len(found.added)),
                        }
                        yield Proposal(path, edit[0] + 1, edit[1], edit[2], PARAMETER, age, evidence)
