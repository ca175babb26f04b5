"""Replay, token by token: what one change replaced, put in or took out is done at every place it fits.

A change is compared with what it replaced. Every difference within a line is a rule: tokens that become
others between a left and a right context. A rule that replaces a name fits wherever the name stands; any
other only where enough of its context does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from completion.next_edit.moment import Change
from completion.next_edit.tokens import is_name, is_word, spans, tokens_of

_RULES: Final = 8  # of one change; one with more is a rewriting
_LONGEST: Final = 24  # tokens on one side of a rule
_NEAR_LEFT, _NEAR_RIGHT = 4, 4  # tokens of context that count
_ENOUGH: Final = 4  # characters of context that a rule without a name needs
_TELLING: Final = 8  # characters of several tokens that need no context, whatever they are
_BREAK: Final = "\n"
HOLE: Final = "\0"  # in a rule: one word, whichever


@dataclass(frozen=True)
class Rule:
    """Between `left` and `right`, `old` becomes `new`; the contexts end at the line's ends."""

    left: tuple[str, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]
    right: tuple[str, ...]
    is_proven: bool = (
        False  # seen twice: its contexts are what the two have in common, and all of it is needed
    )

    @cached_property
    def is_strong(self) -> bool:
        """Whether what it replaces is telling enough to need no context."""
        if any((is_name(token) or token.isdigit()) and len(token) > 2 for token in self.old):
            return True
        return len(self.old) > 1 and is_word(self.old[0]) and len("".join(self.old)) >= _TELLING

    @property
    def is_rename(self) -> bool:
        """Whether it replaces one word by one other."""
        return len(self.old) == len(self.new) == 1 and is_word(self.old[0]) and is_word(self.new[0])

    def with_hole(self, word: str) -> Rule:
        """The rule for any word in the place of one that it goes around, as in `f x` that becomes `f(x)`."""
        old = tuple(HOLE if token == word else token for token in self.old)
        return replace(self, old=old, new=tuple(HOLE if token == word else token for token in self.new))

    @property
    def does(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What it replaces by what, wherever."""
        return self.old, self.new


@dataclass(frozen=True)
class Fit:
    """A line as rules would have it, and how much of their contexts stands there, in tokens."""

    line: str
    left: int
    right: int
    rules: int  # how many different ones had a part in it


@lru_cache(maxsize=64)
def rules_of(change: Change) -> tuple[Rule, ...]:
    """The rules of one change, in order; none where it only adds or removes lines, or rewrites."""
    if not change.old or not change.new:
        return ()
    old, new = _flat(change.old), _flat(change.new)
    differences = spans(old, new)
    if len(differences) > 4 * _RULES:
        return ()
    found: dict[Rule, None] = {}
    for first in range(len(differences)):
        for last in range(first, len(differences)):
            start, end = differences[first], differences[last]
            between = old[differences[last - 1].old_end : end.old_start] if last > first else ()
            words = [token for token in between if token[0].isalnum() or token[0] in "_\n"]
            if words and (last > first + 1 or len(words) > 1 or not is_name(words[0])):
                break
            rule = _rule(old, new, (start.old_start, end.old_end), (start.new_start, end.new_end))
            if rule:
                found.setdefault(rule.with_hole(words[0]) if words else rule)
            if words:
                break
    return tuple(found) if len(found) <= 2 * _RULES else ()


def proven(rule: Rule, again: Rule) -> Rule | None:
    """What two rules that do the same have in common; None where that is next to nothing."""
    left = _common(reversed(rule.left), reversed(again.left))
    right = _common(rule.right, again.right)
    begins = not "".join(rule.left).strip() and not "".join(again.left).strip()
    kept_left = () if begins else rule.left[len(rule.left) - left :]
    kept_right = rule.right[:right][:3]
    if not begins and not "".join((*kept_left, *kept_right)).strip():
        return None
    if not rule.old and not "".join((*kept_left, *kept_right)).strip():
        return None
    return Rule((_BREAK,) if begins else kept_left[-3:], rule.old, rule.new, kept_right, is_proven=True)


def fit(rules: Sequence[Rule], line: str) -> Fit | None:
    """What `line` becomes by all the rules that fit it, longer ones first; None where none does."""
    tokens = tokens_of(line)
    taken = [False] * (len(tokens) + 1)
    edits: list[tuple[int, Rule]] = []
    least_left = least_right = _NEAR_LEFT
    for rule in sorted(rules, key=lambda rule: -len(rule.old)):
        for at, left, right in _matches(rule, tokens):
            end = at + len(rule.old)
            if any(taken[at:end]) or (at == end and taken[at]):
                continue
            taken[at : max(end, at + 1)] = [True] * max(len(rule.old), 1)
            edits.append((at, rule))
            least_left, least_right = min(least_left, left), min(least_right, right)
    if not edits:
        return None
    result = list(tokens)
    for at, rule in sorted(edits, key=lambda edit: -edit[0]):
        held = [token for token, known in zip(result[at:], rule.old, strict=False) if known == HOLE]
        result[at : at + len(rule.old)] = [held[0] if token == HOLE and held else token for token in rule.new]
    changed = "".join(result)
    if changed == line or changed.split() == line.split():
        return None
    return Fit(changed, least_left, least_right, len({rule for _, rule in edits}))


def needles(rules: Iterable[Rule]) -> list[str]:
    """Texts of which a line that any of the rules fits holds at least one."""
    return [_core(rule) for rule in rules]


def _core(rule: Rule) -> str:
    """The longest piece without a hole of what has to stand there."""
    core = rule.old
    if not rule.is_strong:
        left = () if rule.left == (_BREAK,) else rule.left[-1:]
        core = (*left, *rule.old, *rule.right[:1])
    return max("".join(core).split(HOLE), key=len)


def _matches(rule: Rule, tokens: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Where the rule fits, and how many tokens of its contexts stand there on either side."""
    found = list(_all_matches(rule, tokens))
    if not rule.is_strong and found:
        most = max(left + right for _, left, right in found)
        found = [match for match in found if match[1] + match[2] == most]
    yield from found


def _all_matches(rule: Rule, tokens: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    size = len(rule.old)
    needs_neighbours = not rule.is_strong and not rule.is_proven
    for at in range(len(tokens) - size + 1):
        if size and not _is_same(rule.old, tokens, at):
            continue
        if rule.is_proven:
            if _has_context(rule, tokens, at) and not _is_done(rule, tokens, at):
                yield at, _NEAR_LEFT, _NEAR_RIGHT
            continue
        if needs_neighbours and not _has_neighbours(rule, tokens, at):
            continue
        left = _common(reversed(rule.left), reversed(tokens[max(at - len(rule.left), 0) : at]))
        right = _common(rule.right, tokens[at + size : at + size + len(rule.right)])
        if (rule.is_strong or rule.is_rename or _is_enough(rule, left, right)) and not _is_done(
            rule, tokens, at
        ):
            yield at, min(left, _NEAR_LEFT), min(right, _NEAR_RIGHT)


def _is_same(pattern: Sequence[str], tokens: Sequence[str], at: int) -> bool:
    """Whether `pattern` stands at `at`, where a hole is any word, the same one each time."""
    held = None
    for offset, known in enumerate(pattern):
        token = tokens[at + offset]
        if known == HOLE:
            held = held or token
            if token != held or not is_name(token):
                return False
        elif token != known:
            return False
    return True


def _has_neighbours(rule: Rule, tokens: Sequence[str], at: int) -> bool:
    end = at + len(rule.old)
    left = not rule.left or (at > 0 and tokens[at - 1] == rule.left[-1])
    if HOLE in rule.old and left and rule.left and is_word(rule.left[-1]):
        return True
    if rule.is_rename and left and rule.left and not rule.left[-1].isspace():
        return True
    return left and (not rule.right or (end < len(tokens) and tokens[end] == rule.right[0]))


def _has_context(rule: Rule, tokens: Sequence[str], at: int) -> bool:
    end = at + len(rule.old)
    if tuple(tokens[end : end + len(rule.right)]) != rule.right:
        return False
    if rule.left == (_BREAK,):
        return not "".join(tokens[:at]).strip()
    return tuple(tokens[max(at - len(rule.left), 0) : at]) == rule.left


def _is_done(rule: Rule, tokens: Sequence[str], at: int) -> bool:
    """Whether what the rule would write stands there already, around what it would replace."""
    size = len(rule.new)
    if size <= len(rule.old) or HOLE in rule.new:
        return False
    return any(
        tuple(tokens[start : start + size]) == rule.new
        for start in range(max(at - size, 0), at + 1)
        if not rule.old or start <= at < start + size
    ) or (not rule.old and tuple(tokens[max(at - size, 0) : at]) == rule.new)


def _is_enough(rule: Rule, left: int, right: int) -> bool:
    shown = (*rule.left[len(rule.left) - left :], *rule.old, *rule.right[:right])
    text = "".join(shown)
    return len("".join(text.split())) >= _ENOUGH and any(is_word(token) for token in shown)


def _rule(
    old: Sequence[str], new: Sequence[str], gone: tuple[int, int], come: tuple[int, int]
) -> Rule | None:
    before, after = tuple(old[slice(*gone)]), tuple(new[slice(*come)])
    if _BREAK in before or _BREAK in after or max(len(before), len(after)) > _LONGEST:
        return None
    if "".join(before).split() == "".join(after).split():
        return None
    left = gone[0]
    while left > 0 and old[left - 1] != _BREAK:
        left -= 1
    right = gone[1]
    while right < len(old) and old[right] != _BREAK:
        right += 1
    return Rule(tuple(old[left : gone[0]]), before, after, tuple(old[gone[1] : right]))


def _flat(lines: Sequence[str]) -> list[str]:
    flat: list[str] = []
    for line in lines:
        flat += [*tokens_of(line), _BREAK]
    return flat[:-1]


def _common(first: Iterable[str], second: Iterable[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
