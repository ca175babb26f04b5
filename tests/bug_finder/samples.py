"""A file with stable findings: what the checks say of it needs no model."""

from __future__ import annotations

import functools

from bug_finder.cache import Cache
from bug_finder.detect import Detector
from bug_finder.examine import Examined, examine
from bug_finder.finding import Finding
from engine.cancel import NEVER

SHAPES = '''\
"""Shapes."""

import math


def is_square(shape):
    if shape is "square":
        return True
    return False


def same_size(a, b):
    if a.size == a.size:
        return True
    return False


def area(radius):
    return math.pi * radius**2
'''
WRONG = 'is "square"'
MENDED = '== "square"'


CERTAIN = ("asks for the same object", "stands on both sides")
"""What the checks say of it. What the network says may change with every training."""


@functools.cache
def detector() -> Detector:
    """The real one, loaded once."""
    return Detector.load()


def find(text: str, language: str = "python") -> list[Finding]:
    """The findings that do not depend on the network."""
    return [each for each in examined(text, language).findings if certain(each.message)]


def certain(message: str) -> bool:
    return any(words in message for words in CERTAIN)


def examined(text: str, language: str = "python", cache: Cache | None = None) -> Examined:
    return examine(detector(), cache or Cache(None), text, language, NEVER)


def literal(text: str = SHAPES) -> Finding:
    """The finding that has a fix: a comparison with a literal by identity."""
    return next(each for each in find(text) if CERTAIN[0] in each.message)
