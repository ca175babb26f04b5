"""Names that nothing gives a value, in Python: misspelt ones, and methods that lack their `self`."""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bug_finder.checks.scene import Scene
from bug_finder.checks.suspicion import Suspicion
from bug_finder.tokens import KEYWORD, LINE, NAME, Token

_BUILTINS = frozenset(dir(builtins)) | frozenset(
    [
        *("__file__", "__path__", "__class__", "__builtins__", "reveal_type", "match", "case", "type", "_"),
        *(
            "unicode",
            "xrange",
            "basestring",
            "long",
            "raw_input",
            "unichr",
            "reduce",
            "file",
            "cmp",
            "reload",
        ),
        *("execfile", "WindowsError", "buffer", "intern", "apply", "get_ipython"),
    ]
)
_WORD = re.compile(r"[^\W\d]\w*")
_DYNAMIC = frozenset(["exec", "eval", "locals", "globals", "vars", "execfile"])


def unbound_name(scene: Scene) -> Iterator[Suspicion]:
    """A name that neither the function nor the file around it binds, where one that it binds looks alike."""
    if scene.language != "python":
        return
    tokens = scene.tokens
    outside = scene.around.outside
    if _DYNAMIC & {token.text for token in tokens} or re.search(
        r"import\s*\*|\bglobals\(\)|\bexec\b", outside
    ):
        return
    bound, loads = _names(tokens)
    known = set(_WORD.findall(outside)) | _BUILTINS
    for heads in scene.around.heads.values():
        for each in heads:
            known.update(_WORD.findall(each.head))
    alone = not outside.strip("\0 \n")
    counted = Counter(token.text for token in tokens)
    for at in loads:
        name = tokens[at].text
        behind = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if name in bound or name in known or name != name.lower() or name.startswith("_"):
            continue
        if alone and (behind in ("(", ".", "[") or counted[name] > 1):
            continue  # of the file or of a module, for all that is known
        if (twin := _twin(name, bound)) and name != f"{twin}s":
            yield Suspicion(
                "unbound name",
                "variable_misuse",
                tokens[at].start,
                tokens[at].end,
                f"Nothing gives `{name}` a value: is `{twin}` meant?",
                twin,
            )


def missing_self(scene: Scene) -> Iterator[Suspicion]:
    """A call of a method of the same class as if it were a function, where the file has no such function."""
    if scene.language != "python" or not scene.around.outside.strip("\0 \n"):
        return
    tokens = scene.tokens
    outside = set(_WORD.findall(scene.around.outside)) | _BUILTINS
    owner, _, _ = scene.function.name.rpartition(".")
    if not owner or "import *" in scene.around.outside:
        return
    bound, loads = _names(tokens)
    first = next(
        (bind for bind in ("self", "cls") if re.search(rf"\(\s*{bind}\b", scene.function.head)), None
    )
    for at in loads:
        name = tokens[at].text
        heads = scene.around.heads.get(name, ())
        if (
            first is None
            or tokens[at].start < len(scene.function.head)  # a decorator
            or name in bound
            or name in outside
            or at + 1 >= len(tokens)
            or tokens[at + 1].text != "("
            or not any(each.name == f"{owner}.{name}" for each in heads)
            or any("." not in each.name for each in heads)
        ):
            continue
        yield Suspicion(
            "missing self",
            "missing_self",
            tokens[at].start,
            tokens[at].end,
            f"`{name}` is a method of this class: is `{first}.{name}` meant?",
            f"{first}.{name}",
        )


def _names(tokens: Sequence[Token]) -> tuple[set[str], list[int]]:
    """The names that are given a value somewhere, and where names are looked at."""
    bound: set[str] = set()
    loads: list[int] = []
    line: list[int] = []
    depth, binding, binds_at = 0, False, 0
    for at, token in enumerate([*tokens, Token(LINE, "\n", 0, 0)]):
        text = token.text
        if token.kind == LINE or (text in (";",) and depth == 0):
            line, depth, binding = [], 0, False
            continue
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        if text in ("=", ":=") or (text == ":" and depth == 0 and line == [at - 1]):
            if text == ":=":
                bound.add(tokens[at - 1].text)
            elif depth == 0:
                bound.update(tokens[each].text for each in line)
        if token.kind == KEYWORD and text in (
            "for",
            "import",
            "from",
            "lambda",
            "global",
            "nonlocal",
            "def",
            "class",
            "as",
            "del",
        ):
            binding, binds_at = True, depth
        elif text in ("case",) and not line:
            binding, binds_at = True, -1
        elif binding and (
            (token.kind == KEYWORD and text in ("in", "import"))
            or (text == ":" and depth <= binds_at)
            or depth < binds_at
            or (text == "," and tokens[at - 2].text == "as" and not _imports(tokens, at))
        ):
            binding = text == "import"
        if token.kind != NAME:
            continue
        member = at > 0 and tokens[at - 1].text == "."
        keyword = at + 1 < len(tokens) and tokens[at + 1].text == "=" and depth > 0
        if binding:
            bound.add(text)
        elif not member:
            line.append(at)
            if not keyword:
                loads.append(at)
    return bound, loads


def _imports(tokens: Sequence[Token], at: int) -> bool:
    while at > 0 and tokens[at].kind != LINE:
        at -= 1
        if tokens[at].text == "import":
            return True
    return False


def _twin(name: str, bound: set[str]) -> str:
    """The one name that is spelt nearly like this one; "" where there is none, or more than one."""
    near = [each for each in bound if len(min(each, name, key=len)) > 3 and _are_alike(name, each)]
    return near[0] if len(near) == 1 else ""


def is_slip(one: str, two: str) -> bool:
    """Whether they differ by a letter that is too many, too few or another, or by two that changed places."""
    shorter, longer = sorted((one, two), key=len)
    if len(longer) - len(shorter) > 1 or one.lower() == two.lower():
        return False
    prefix = next((at for at in range(len(shorter)) if one[at] != two[at]), len(shorter))
    rest = len(shorter) - prefix
    suffix = next((at for at in range(rest) if one[-1 - at] != two[-1 - at]), rest)
    left, right = one[prefix : len(one) - suffix], two[prefix : len(two) - suffix]
    if max(len(left), len(right)) == 1:
        # Numbers, plurals and single letters that stand for something are no slips.
        return (left + right).isalpha() and suffix > 1 and prefix > 1
    return len(left) == 2 and left == right[::-1]


def _are_alike(one: str, two: str) -> bool:
    """Whether they differ by a slip, an underscore, an `s` or two letters at an end."""
    if one == two or one.lower() == two.lower():
        return False
    if is_slip(one, two) or one.replace("_", "") == two.replace("_", "") or one + "s" == two:
        return True
    shorter, longer = sorted((one, two), key=len)
    return (
        len(shorter) > 5
        and len(longer) - len(shorter) <= 2
        and (longer.startswith(shorter) or longer.endswith(shorter))
    )
