from __future__ import annotations

from completion.inline import InlineCompleter, InlineRequest, InlineSettings
from completion.nearby import fitting, imported, names_near
from completion.prompt import Excerpt
from engine.cancel import CancelToken
from tests.support.scripted import ScriptedModel
from text.document import Document


def document(text: str, language: str = "python") -> Document:
    return Document.create("file:///p", text, 0, language)


def test_words_of_imports() -> None:
    text = "import os.path\nfrom pkg.mod import (\n    one,\n    two as three,\n)\n\nuses = four\n"
    assert imported(document(text)) == {"import", "path", "from", "pkg", "mod", "one", "two", "three"}
    text = "import {\n  first,\n} from './there';\nconst { second } = require('../here');\nlet x = third;\n"
    assert {"first", "there", "second", "here"} <= imported(document(text)) != {"third"}
    assert "third" not in imported(document(text))


def test_nearer_names_count_more() -> None:
    lines = [f"name_{number} = 1" for number in range(100)]
    text = "\n".join(lines)
    weights = names_near(document(text), text.index("name_50") + 4, frozenset(["far_away"]))
    assert weights["name"] > weights["name_49"] > weights["name_40"] > weights["far_away"] > 0
    assert "name_5" not in weights
    assert "name_80" not in weights


def test_the_best_that_fit_in_an_order_of_their_own() -> None:
    found = [
        Excerpt("b.py", "late", 0.5, 9),
        Excerpt("b.py", "early", 0.9, 1),
        Excerpt("a.py", "x" * 99, 0.8),
    ]
    assert fitting(found, 30, len) == (Excerpt("b.py", "early\nlate"),)
    assert fitting(found, 200, len) == (Excerpt("a.py", "x" * 99), Excerpt("b.py", "early\nlate"))
    assert fitting(found, 5, len) == ()


def test_a_secret_is_redacted() -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    (shown,) = fitting([Excerpt("a.py", f'key = "{key}"')], 100, len)
    assert key not in shown.text


def test_what_is_not_read_to_its_end_is_not_shown() -> None:
    model = ScriptedModel({"return ": "a + b\n"})
    completer = InlineCompleter(InlineSettings())
    text = document("def f(a, b):\n    return ")
    completer.warm(text, len(text), model)
    cancelled = CancelToken()
    cancelled.cancel()
    completer.warm(text, len(text), model, cancelled, excerpts=(Excerpt("a.py", "def g(): ..."),))
    completer.complete(InlineRequest(text, len(text), "p"), model)
    assert "a.py" not in model.prompts[-1]
    completer.warm(text, len(text), model, excerpts=(Excerpt("a.py", "def g(): ..."),))
    completer.complete(InlineRequest(document("def f(a, b):\n    return "), len(text), "p"), model)
    assert "a.py\ndef g(): ..." in model.prompts[-1]
