from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from completion.inline import InlineCompleter, Silence, Suggestion
from completion.prose import prose_before_code
from completion.reasons import Reason
from engine.model import Generation
from tests.completion.support import SETTINGS, ask, request_of
from tests.support.scripted import ScriptedModel

HEAD = (
    'class Stock:\n    def add(self, item):\n        """Add an item."""\n        self.items.append(item)\n\n'
)
DEF = HEAD + "    def remove(self, item):"
BODY = "self.items.remove(item)\n        return item\n"
UNSURE = -1.0  # of each token


class SureOfCode(ScriptedModel):
    """Its tokens are bytes; it is unsure of all lines before the code."""

    def generate(self, *arguments: Any, **options: Any) -> Generation:
        written = super().generate(*arguments, **options)
        code = written.text.rindex("\n", 0, written.text.index("self.items")) + 1
        return replace(written, logprobs=(UNSURE,) * code + written.logprobs[code:])


@pytest.mark.parametrize(
    ("body", "language", "prose"),
    [
        ('"""Remove it."""\n        x = 1\n', "python", '"""Remove it."""\n'),
        ('"""Remove it.\n\n        Now.\n        """\n        x = 1\n', "python", None),
        ("# Remove it.\n        # Now.\n        x = 1\n", "python", "# Remove it.\n        # Now.\n"),
        ('\n        r"""Remove it."""\n        x = 1\n', "python", '\n        r"""Remove it."""\n'),
        ("// Remove it.\n\tx = 1\n", "go", "// Remove it.\n"),
        ("/* Remove\n\t * it. */\n\tx = 1\n", "c", "/* Remove\n\t * it. */\n"),
        ("x = 1  # Remove it.\n", "python", ""),
        ("\n\n        x = 1\n", "python", ""),
        ('"""Remove it.', "python", ""),
        ("# include <stdio.h>\n", "c", ""),
        ("// Remove it.\n", "python", ""),
    ],
)
def test_whole_lines_of_prose_before_code(body: str, language: str, prose: str | None) -> None:
    expected = body[: body.index("        x")] if prose is None else prose
    assert body[: prose_before_code(body, language)] == expected


@pytest.mark.parametrize(
    ("cursor", "written", "shown"),
    [
        ("\n        $0\n", '"""Remove an item."""\n        ' + BODY, BODY.rstrip()),
        ("$0\n", '\n        """Remove an item."""\n        ' + BODY, "\n        " + BODY.rstrip()),
        ("\n        $0\n", "# Take it out.\n        " + BODY, BODY.rstrip()),
    ],
)
def test_code_behind_words_is_shown_without_them(cursor: str, written: str, shown: str) -> None:
    """The model is sure of the code alone."""
    model = SureOfCode(lambda _: written, logprob=-0.001, context=16_384)
    answer = InlineCompleter(SETTINGS).complete(request_of(DEF + cursor), model)
    assert isinstance(answer, Suggestion), answer
    assert answer.text == shown
    assert answer.confidence is not None
    assert answer.confidence > 0.9


def test_words_that_the_model_is_sure_of_are_shown() -> None:
    answer = ask(DEF + "\n        $0\n", '"""Remove an item."""\n        ' + BODY, logprob=-0.001)
    assert isinstance(answer, Suggestion)
    assert answer.text.startswith('"""Remove an item."""')


def test_neither_sure_of_words_nor_of_code_is_silence() -> None:
    answer = ask(DEF + "\n        $0\n", '"""Remove an item."""\n        ' + BODY, logprob=UNSURE)
    assert isinstance(answer, Silence)
    assert answer.reason is Reason.UNSURE


def test_words_that_the_user_has_begun_stay() -> None:
    answer = ask(DEF + '\n        """Rem$0\n', 'ove it."""\n        ' + BODY, logprob=UNSURE)
    assert isinstance(answer, Silence)


def test_where_there_was_time_for_words_alone_more_time_may_help() -> None:
    words = '"""Remove an item."""\n'

    class Slow(ScriptedModel):
        def generate(self, *arguments: Any, **options: Any) -> Generation:
            return replace(super().generate(*arguments, **options), finish="deadline")

    answer = InlineCompleter(SETTINGS).complete(
        request_of(DEF + "\n        $0\n"), Slow(lambda _: words, logprob=UNSURE, context=16_384)
    )
    assert isinstance(answer, Silence)
    assert answer.reason is Reason.DEADLINE
    over = ask(DEF + "\n        $0\n", words, logprob=UNSURE)  # the model has nothing more to say
    assert isinstance(over, Silence)
    assert over.reason is Reason.UNSURE
