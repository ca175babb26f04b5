"""Comments that speak of the file instead of being part of it: "existing code" markers and deletions.

Models word them as they like, in the comment syntax of any language. What counts is that the line is a
comment and nothing else, and that it says that something is left out; a comment that merely contains such a
word is code. An exact copy of a line of the file is never a marker, which the caller knows and this does not.
"""

from __future__ import annotations

import re

LONGEST = 200  # characters: no longer line speaks of the file

_COMMENT = re.compile(
    r"""^\s*(?:
        (?:\#+|//+|--+|;+|%+|"(?=\s*\.\.\.))\s?(?P<line>.*)   # to the end of the line
      | \{?/\*+(?P<block>.*?)\*+/\}?                            # also {/* in JSX */}
      | <!--+(?P<markup>.*?)--+>
      | (?P<docstring>\"{3}|'{3})\s*(?P<inner>\.\.\..*?)(?P=docstring)
      | (?P<bare>(?:\.\.\.|…)[^\w"'`(\[{]*(?:\w[\w ,'/-]*)?(?:\.\.\.|…)?)
    )\s*$""",
    re.VERBOSE,
)
_OPENERS = frozenset("#/-;%\"{<'.…")  # what any of these begins with
_DOTS = re.compile(r"\.{3,}|…|⋮")
_SUBJECT = (
    r"(?:code|file|function|functions|method|methods|class|classes|body|implementation|imports?|content|contents|"
    r"logic|lines?|fields?|properties|definitions?|parts?|section|tests?|cases?|setup|everything|module|above|"
    r"below|it|them|all|stuff|members?|arguments?|args|params?|parameters|config|settings|docstring|variables|"
    r"constants|statements?|declarations?|things?|items?|entries|values|attributes|block|helpers?|else|here|"
    r"unchanged|same|existing|previous|previously|earlier|original|other|remaining|rest|remainder|there)"
)
_LEFT_OUT = re.compile(
    rf"""\b(?:
        existing\b.*?\b{_SUBJECT}
      | (?:rest|remainder)\b
      | remain(?:s|ing)?\b
      | unchanged\b | no\ changes?\b | not\ changed\b | untouched\b | unmodified\b
      | (?:keep|kept|leave|same|stays?|as)\b.*?\b(?:{_SUBJECT}|before|is|as)\b
      | (?:other|previous|original|earlier|more|further|additional|similar)\b.*?\b{_SUBJECT}
      | omitted\b | elided\b | truncated\b | snip(?:ped)?\b | skipp(?:ed|ing)\b | unaffected\b | abbreviated\b
      | (?:code|lines?|methods?|functions?|imports?|fields?)\s+
        (?:above|below|before|after|here|as\ before|continues?)\b
      | continues?\b | etc\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Without dots a comment has to say it in so many words.
_IN_WORDS = re.compile(
    rf"""^\W*(?:
        (?:the\s+)?(?:rest|remainder)\s+
        (?:(?:unchanged|is|stays|remains|as)\b|of\s+(?:(?:the|this|your)\s+)?(?:\w+\s+)?{_SUBJECT}\b).*
      | (?:keep\s+|the\s+)*(?:all\s+)?(?:the\s+)?(?:other\s+)?
        (?:existing|remaining|unchanged|previous|original)\s+
        (?:code|functions?|methods?|class(?:es)?|imports?|implementation|body|content|lines?|logic|fields?
          |tests?|members?|definitions?|properties
          |code\s+(?:here|above|below|unchanged|stays?|remains?|goes|continues?|is|for|of|in|from|that)\b.*)\W*
        (?:here|above|below|unchanged|stays?.*|remains?.*|goes\ here|continues?)?
      | (?:other\s+|all\s+)*
        (?:code|functions?|methods?|imports?|lines?|class(?:es)?|everything|the\s+rest|file|all)
        (?:\s+(?:else|above|below))?\s+(?:is\s+|are\s+)?
        (?:unchanged|omitted|stays?.*|remains?.*|as\s+before|untouched|elided|kept).*
      | (?:unchanged|no\s+changes?|same\s+as\s+(?:before|above|original)|snip|omitted(?:\s+for\s+brevity)?)\W*
        (?:here|below|above)?
      | no\s+(?:further\s+|other\s+)?changes?\s+(?:below|above|after|before|to|in|from)\b.*
      | (?:keep|leave)\s+(?:everything|all|the\s+rest)(?:\s+else)?\s+
        (?:the\s+same|as|unchanged|below|above)\b.*
      | continues?\s+as\s+before
      | (?:code|lines?)\s+(?:omitted|unchanged|elided|continues?).*
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
# Between dots a few words are enough.
_BETWEEN_DOTS = re.compile(r"\s*(?:\.{3,}|…|⋮)(?:\W*\w+){1,4}\W*?(?:\.{3,}|…|⋮)\s*$")
_GONE = re.compile(
    r"""^[\s*=-]*(?:
        (?:(?:removed|deleted|dropped)\b\s*(?::|-+)?|(?:delete|remove)\s*:)\s*
        (?P<after>\S.*?)\s*(?:\.{3}|…|\)|\])?
      | (?P<before>\S.*?)(?:\s*[-:(,]\s*|\s+|(?<=\W))
        (?:(?:was|were|has\ been|have\ been|is|are)\s+(?:now\s+)?)?
        (?:removed|deleted|dropped)(?:\s+here)?\W*
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)


def is_marker(line: str) -> bool:
    """Whether a line only says that lines of the file are left out here."""
    body = _body(line)
    if body is None or (_names_deletion(body) and not re.search(r"existing|unchanged", body, re.IGNORECASE)):
        return False
    words = _DOTS.sub(" ", body).strip(" \t-=*#/()[]<>{}.,:;!~_")
    if not words:
        return bool(_DOTS.search(body))
    if len(words.split()) > 14:
        return False
    if _DOTS.search(body):
        dotted = re.match(r"\W*(?:\.{3,}|…)", body) or re.search(r"(?:\.{3,}|…)\W*$", body)
        return bool(dotted and (_LEFT_OUT.search(words) or _BETWEEN_DOTS.match(body)))
    return bool(_IN_WORDS.match(body))


def deletion(line: str) -> str | None:
    """What a comment says is deleted, or None where it says nothing of the kind."""
    body = _body(line)
    return _names_deletion(body) if body is not None else None


def _body(line: str) -> str | None:
    if line.lstrip()[:1] not in _OPENERS or len(line) > LONGEST:
        return None
    found = _COMMENT.match(line)
    if not found:
        return None
    return next(
        (part for part in found.group("line", "block", "markup", "inner", "bare") if part is not None), ""
    )


def _names_deletion(body: str) -> str | None:
    body = _DOTS.sub(" ", body).strip() if _DOTS.match(body.strip()) else body.strip()
    found = _GONE.match(body)
    if not found or len(body) > 160:
        return None
    name = found["after"] or found["before"]
    return (
        re.sub(r"^(?:the|old|unused|obsolete|this)\s+", "", name, flags=re.IGNORECASE).strip(" `'\"()")
        or None
    )
