"""From what the model wrote to what may be shown: the unit, the style, the vetoes, and the parser's word."""

from __future__ import annotations

from dataclasses import dataclass

from completion.context import following, line_start
from completion.filter import veto
from completion.memory import Memory
from completion.reasons import Reason, Silence
from completion.request import InlineRequest
from completion.settings import InlineSettings
from completion.stop import Stop, opens_block
from completion.style import in_style
from completion.trim import only_closes, shapes, without_repeats
from completion.verify import choose, first_statement
from engine.model import Generation
from text.edits import Edit, apply
from text.style import style_of
from text.syntax import Syntax


@dataclass(frozen=True, slots=True)
class Judge:
    """What a generation is judged by: the request, the text around it and what went before."""

    request: InlineRequest
    stop: Stop
    syntax: Syntax | None
    memory: Memory
    settings: InlineSettings

    def __call__(self, generation: Generation, sureness: float) -> Edit | Silence:
        """Return the edit to show, or why there is none."""
        body = self._unit(generation)
        if isinstance(body, Silence):
            return body
        document, site = self.request.document, self.stop.site
        if reason := veto(body, site, sureness):
            return Silence(reason)
        needed = self.settings.min_confidence if self.request.automatic else 0  # who asks gets an answer
        if sureness < needed:
            return Silence(Reason.UNSURE, f"{sureness:.2f} < {needed:.2f}")
        body = without_repeats(body, site, following(document, document.position(self.request.offset).line))
        if not body.strip():
            return Silence(Reason.REPEATS)
        return self._fitted(in_style(body, style_of(document)))

    def _unit(self, generation: Generation) -> str | Silence:
        """Cut what was written to a whole unit."""
        body = generation.text[self.stop.healed :]
        end = self.stop.end(body)
        if end is not None:
            body = body[:end]
        elif generation.finish == "cancelled":
            return Silence(Reason.CANCELLED)
        elif generation.finish != "eos":
            body, line_end, _ = body.rpartition("\n")
            if not line_end or not body.strip():
                return Silence(Reason.DEADLINE if generation.finish == "deadline" else Reason.TOO_LONG)
        body = body.rstrip()
        if body.startswith("\n") and self.request.automatic and not opens_block(self.stop.site.line):
            return Silence(Reason.EMPTY, "the line is complete")
        return body

    def _fitted(self, body: str) -> Edit | Silence:
        """Bring the text to its place, as the parser likes it best."""
        document, offset = self.request.document, self.request.offset
        in_line = not only_closes(self.stop.site.rest)
        edit = choose(document.text, self.syntax, shapes(body, self.stop.site, offset), mending=in_line)
        if edit is None:
            return Silence(Reason.MID_LINE if in_line else Reason.BREAKS_SYNTAX)
        edit = first_statement(document.text, self.syntax, edit, self.stop.unit, line_start(document, offset))
        if self.memory.had_version(apply(document.text, [edit])):
            return Silence(Reason.REVERTS)
        return edit
