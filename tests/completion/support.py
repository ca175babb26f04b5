"""`check`: a document with a cursor mark, what the model writes there, and what is to be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from completion.inline import InlineCompleter, InlineRequest, InlineSettings, Silence, Suggestion
from completion.window import Limits
from tests.support.scripted import ScriptedModel
from text.document import Document
from text.edits import apply

MARK = "$0"

# The scripted model's tokens are bytes.
SETTINGS = InlineSettings(
    limits=Limits(before=4_000, before_most=5_000, before_least=500, after=1_000, tail_most=1_500)
)


def document_of(marked: str, version: int = 1, language: str = "python") -> tuple[Document, int]:
    """Return the document and the offset of its `$0`."""
    offset = marked.index(MARK)
    return Document.create("file:///test", marked.replace(MARK, ""), version, language), offset


def request_of(
    marked: str, version: int = 1, language: str = "python", *, automatic: bool = True
) -> InlineRequest:
    document, offset = document_of(marked, version, language)
    return InlineRequest(document, offset, "test.py", automatic=automatic, budget_ms=60_000)


def ask(
    marked: str,
    script: str | Mapping[str, str] | Callable[[str], str],
    language: str = "python",
    *,
    settings: InlineSettings = SETTINGS,
    fim: bool = True,
    logprob: float = -0.05,
    automatic: bool = True,
) -> Suggestion | Silence:
    """Return the answer at `$0` when the model writes `script` there: a text, or a `ScriptedModel` script."""
    model = ScriptedModel(
        (lambda _: script) if isinstance(script, str) else script, fim=fim, logprob=logprob, context=16_384
    )
    return InlineCompleter(settings).complete(
        request_of(marked, language=language, automatic=automatic), model
    )


def check(
    marked: str, script: str | Mapping[str, str], expected: str, language: str = "python"
) -> Suggestion:
    """Check that the suggestion leaves the document as `expected`, and keeps what editors rely on."""
    answer = ask(marked, script, language)
    assert isinstance(answer, Suggestion), answer
    document, offset = document_of(marked, language=language)
    edit = answer.edit
    assert apply(document.text, [edit]) == expected
    assert answer.version == document.version
    assert edit.start == offset
    assert "\n" not in document.slice(edit.start, edit.end)
    assert "\r" not in document.slice(edit.start, edit.end)
    return answer


def check_silent(marked: str, script: str | Mapping[str, str], reason: str, language: str = "python") -> None:
    """Check that nothing is shown, and why."""
    answer = ask(marked, script, language)
    assert isinstance(answer, Silence), answer
    assert answer.reason.value == reason
