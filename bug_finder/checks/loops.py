"""Loops and tests that look at the wrong name."""

from __future__ import annotations

from collections.abc import Iterator

from bug_finder.checks.scene import Scene
from bug_finder.checks.suspicion import Suspicion
from bug_finder.tokens import LINE, NAME, Token


def filter_of_whole(scene: Scene) -> Iterator[Suspicion]:
    """`[arg for arg in args if "x" not in args]`: the condition asks the whole, not the part."""
    if scene.language != "python":
        return
    tokens = scene.tokens
    for at in range(len(tokens) - 5):
        if [tokens[at].text, tokens[at + 2].text, tokens[at + 4].text] != ["for", "in", "if"]:
            continue
        one, many = tokens[at + 1], tokens[at + 3]
        if one.kind != NAME or many.kind != NAME:
            continue
        depth, condition = 0, list[Token]()
        for token in tokens[at + 5 : at + 60]:
            depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
            if depth < 0 or token.kind == LINE or (depth == 0 and token.text in ("for", "if")):
                break
            condition.append(token)
        names = [token.text for token in condition if token.kind == NAME]
        wrong = next((token for token in condition if token.text == many.text), None)
        if wrong is not None and one.text not in names and len(names) == 1 and condition[0] is not wrong:
            yield Suspicion(
                "filter of whole",
                "variable_misuse",
                wrong.start,
                wrong.end,
                f"This asks `{many.text}` each time, not `{one.text}`.",
                one.text,
            )


def pairs_of_mapping(scene: Scene) -> Iterator[Suspicion]:
    """`for key, value in kwargs`: that gives keys alone."""
    if scene.language != "python":
        return
    tokens = scene.tokens
    head = scene.function.head
    for at in range(len(tokens) - 6):
        texts = [token.text for token in tokens[at : at + 7]]
        if (
            texts[0] == "for"
            and texts[2] == ","
            and texts[4] == "in"
            and texts[6] in (":", "]", "}", ")", "if")
        ):
            name = tokens[at + 5]
            if f"**{name.text}" in head or (
                texts[1] in ("k", "key") and texts[3] in ("v", "value") and name.text.endswith("kwargs")
            ):
                if any(
                    tokens[n].text == name.text and tokens[n + 1].text == "=" for n in range(len(tokens) - 1)
                ):
                    continue
                yield Suspicion(
                    "pairs of mapping",
                    "missing_call",
                    name.start,
                    name.end,
                    f"`{name.text}` gives keys alone: is `{name.text}.items()` meant?",
                    f"{name.text}.items()",
                )


def error_of_another(scene: Scene) -> Iterator[Suspicion]:
    """Go's `if err2 != nil { return err }`: what is given back is not what was asked."""
    if scene.language != "go":
        return
    tokens = scene.tokens
    for at in range(len(tokens) - 6):
        if tokens[at + 1].text != "!=" or tokens[at + 2].text != "nil" or tokens[at + 3].text != "{":
            continue
        asked = tokens[at]
        if (
            asked.kind != NAME
            or not asked.text.lower().startswith("err")
            or (at and tokens[at - 1].text == ".")
        ):
            continue
        depth, names, returned = 0, set[str](), None
        for n in range(at + 3, len(tokens)):
            depth += (tokens[n].text == "{") - (tokens[n].text == "}")
            if depth == 0:
                break
            names.add(tokens[n].text)
            before = tokens[n - 1].text
            if (
                tokens[n].kind == NAME
                and tokens[n].text.lower().startswith("err")
                and before in (",", "return")
            ):
                following = tokens[n + 1]
                if following.kind == LINE or following.text in (";", "}"):
                    returned = tokens[n]
        if returned is not None and asked.text not in names and len(returned.text) <= 5:
            if any(
                each.text == "=" or each.text == ":="
                for each in tokens[at + 4 : at + 30]
                if each.start < returned.start
            ):
                continue
            yield Suspicion(
                "error of another",
                "variable_misuse",
                returned.start,
                returned.end,
                f"`{asked.text}` is asked, and `{returned.text}` given back.",
                asked.text,
            )
