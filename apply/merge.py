"""From an alignment to the new lines of the file, in the file's own style.

A line that the sketch merely shows stays as the file has it, to the last blank. Only what the sketch replaces
or announces as deleted goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apply.indent import Pair, Rule, indent_of, rule_of
from apply.lines import FileLines, is_elided, key, loose_key, stands_for, untidiness
from apply.problem import Step
from apply.rows import Kind, Row, Sketch, pieces, width
from apply.structure import is_header
from text.style import Style


@dataclass(slots=True)
class Line:
    """One line of the result: of the file (`line`), of the sketch (`row`), or of both."""

    text: str
    line: int | None = None
    row: int | None = None

    @property
    def is_blank(self) -> bool:
        """Whether the line is empty."""
        return not self.text.strip()


@dataclass(frozen=True)
class Merged:
    """The lines of the result in order, and the lines of the file that are gone."""

    lines: tuple[Line, ...]
    deleted: tuple[int, ...]

    def text(self, file: FileLines, style: Style) -> str:
        """The result as one string, with the file's line ends and its last one or none."""
        ends = [
            (file.ended[each.line][len(file.lines[each.line]) :] if each.line is not None else "")
            or style.eol
            for each in self.lines
        ]
        if ends and not style.final_newline:
            ends[-1] = ""
        return "".join(each.text + end for each, end in zip(self.lines, ends, strict=True))


def merge(sketch: Sketch, file: FileLines, steps: Sequence[Step], style: Style) -> Merged:
    """The file with `sketch` merged in, along the steps of their alignment."""
    return _Merger(sketch, file, steps, style).merged()


class _Merger:
    def __init__(self, sketch: Sketch, file: FileLines, steps: Sequence[Step], style: Style) -> None:
        self.rows = sketch.rows
        self.sketch = sketch
        self.file = file
        self.steps = steps
        self.style = style
        self.rules = self._rules()
        self.skipping = {step.row for step in steps if step.what == "keep"}
        self.lost_blanks = self._lost_blanks()
        self.requoted = self._requoted()

    def merged(self) -> Merged:
        solid = [line for step in self.steps if (line := self._line(step)) is not None]
        lines: list[Line] = []
        for before, each in zip([None, *solid], solid, strict=False):
            lines += self._blanks(before, each)
            lines.append(each)
        lines += self._tail(solid[-1] if solid else None)
        kept = {each.line for each in solid}
        return Merged(tuple(lines), tuple(int(line) for line in self.file.solid if line not in kept))

    # -- one line

    def _line(self, step: Step) -> Line | None:
        what, index, line = step
        if what == "keep" or (what == "delete" and self.sketch.explicit):
            return Line(self.file.lines[line], line)
        if what == "insert":
            return Line(self._indented(index), row=index) if self.rows[index].kind in _WRITTEN else None
        if what == "delete" or self.rows[index].kind is Kind.OLD:
            return None
        return self._matched(index, line)

    def _indented(self, row: int) -> str:
        written = self.rows[row].written or (self.rows[row].text,)
        return self.style.eol.join(self._indented_text(row, text) for text in written)

    def _indented_text(self, row: int, text: str) -> str:
        text = text if self.sketch.explicit else text.rstrip()
        blanks = indent_of(text)
        return self.rules[row](blanks) + text[len(blanks) :]

    def _matched(self, index: int, line: int) -> Line:
        row, own = self.rows[index], self.file.lines[line]
        if row.kind is Kind.KNOWN:
            return Line(own, line, index)
        if not row.written and (row.text.strip() == own.strip() or self._drifted(row.text, own)):
            return Line(self._moved(index, own), line, index)
        return Line(self._indented(index), line, index)

    def _moved(self, index: int, own: str) -> str:
        """A line of the file, as deep as the sketch has it: what it wraps in a block it indents."""
        blanks = indent_of(own)
        wanted = self.rules[index](indent_of(self.rows[index].text))
        if (
            self.rules[index].is_identity
            or abs(width(wanted) - width(blanks)) % width(self.style.indent) == 0
        ):
            return wanted + own[len(blanks) :]
        return own  # a rule that is nearly right moves no line by less than a level

    def _drifted(self, shown: str, own: str) -> bool:
        """Whether a line of the sketch is the file's, only carelessly copied."""
        if key(shown) == key(own):
            return False  # only runs of blanks differ: tables are realigned like that
        if stands_for(shown, own) and not is_elided(own):
            return True
        if loose_key(shown) != loose_key(own):
            return False
        if shown.count("'") == own.count("'") or untidiness(shown) != untidiness(own):
            return untidiness(shown) > untidiness(own)
        other = "'" if self.style.quote == '"' else '"'
        return shown.count(other) >= own.count(other) and not self.requoted

    # -- blank lines

    def _blanks(self, before: Line | None, after: Line) -> list[Line]:
        """The blank lines between two lines of the result that follow each other."""
        if after.line is not None and (before is None or before.line is not None):
            own = self._own_blanks(after.line)
            if not self._adjoin(before, after):
                return own
            if self.sketch.explicit and not self._says_blanks(before, after):
                return own
            if any(row.kind is Kind.GONE for row in self._rows_between(before, after)):
                return max(own, self._blanks_behind(before), key=len)
            count = len(own) if self.lost_blanks else self._shown_blanks(before, after)
            return own if count == len(own) else [Line("")] * count
        if before is None:
            return []
        if self._adjoin(before, after):
            return [Line("")] * self._between(before, after)
        return [Line("")] * self._beside(before, after)

    def _own_blanks(self, line: int) -> list[Line]:
        """The blank lines before a line of the file."""
        start = line
        while start > 0 and not self.file.keys[start - 1]:
            start -= 1
        return [Line(self.file.lines[each], each) for each in range(start, line)]

    def _blanks_behind(self, before: Line | None) -> list[Line]:
        """The blank lines after a line of the file."""
        if before is None or before.line is None:
            return []
        following = self.file.rank[before.line] + 1
        return self._own_blanks(int(self.file.solid[following])) if following < len(self.file.solid) else []

    def _adjoin(self, before: Line | None, after: Line) -> bool:
        """Whether the sketch shows two lines as neighbours."""
        if before is None or before.row is None or after.row is None:
            return False
        return not any(
            self.rows[each].kind is Kind.GAP or each in self.skipping for each in range(before.row, after.row)
        )

    def _shown_blanks(self, before: Line | None, after: Line) -> int:
        return sum(row.is_blank and row.kind is not Kind.OLD for row in self._rows_between(before, after))

    def _rows_between(self, before: Line | None, after: Line) -> Sequence[Row]:
        if before is None or before.row is None or after.row is None:
            return ()
        return self.rows[before.row + 1 : after.row]

    def _says_blanks(self, before: Line | None, after: Line) -> bool:
        """Whether a diff puts in or takes away blank lines between two lines."""
        return any(row.kind in (Kind.NEW, Kind.OLD) for row in self._rows_between(before, after))

    def _between(self, before: Line, after: Line) -> int:
        """As many as the sketch shows; where it has lost its blank lines, what the file would have."""
        if not self.lost_blanks:
            return self._shown_blanks(before, after)
        if after.line is not None:
            return len(self._own_blanks(after.line))
        if before.text.lstrip().startswith("@"):
            return 0
        return self._usual(after.text) if is_header(after.text) or after.text.lstrip().startswith("@") else 0

    def _usual(self, header: str) -> int:
        """How many blank lines the file has before its definitions of the same depth."""
        depth = indent_of(header)
        found = [
            len(self._own_blanks(index))
            for index, line in enumerate(self.file.lines)
            if index
            and indent_of(line) == depth
            and is_header(line)
            and not self.file.lines[index - 1].strip().startswith("@")
        ]
        return max(set(found), key=found.count) if found else 0

    def _beside(self, before: Line, after: Line) -> int:
        """How many where new code meets code that is not shown: what was apart stays apart."""
        if after.line is not None:
            return len(self._own_blanks(after.line))
        following = next(
            (
                step.line
                for step in self.steps
                if step.what in ("match", "keep", "delete")
                and before.line is not None
                and step.line > before.line
            ),
            None,
        )
        return len(self._own_blanks(following)) if following is not None else 0

    def _tail(self, last: Line | None) -> list[Line]:
        """The blank lines at the end of the file."""
        end = len(self.file)
        start = int(self.file.solid[-1]) + 1 if len(self.file.solid) else 0
        return (
            [Line(self.file.lines[each], each) for each in range(start, end)]
            if last is None or last.line is not None
            else []
        )

    # -- the whole sketch

    def _rules(self) -> list[Rule]:
        """For each row, how its piece is indented."""
        pairs: dict[int, Pair] = {}
        for what, row, line in self.steps:
            if what == "match" and key(self.rows[row].text) == self.file.keys[line]:
                pairs[row] = indent_of(self.rows[row].text), indent_of(self.file.lines[line])
        common = rule_of(list(pairs.values()), self.style.indent)
        rules = [common] * len(self.rows)
        for start, end in pieces(self.rows):
            own = [pairs[row] for row in range(start, end) if row in pairs]
            rules[start:end] = [rule_of(own, self.style.indent, common)] * (end - start)
        return rules

    def _requoted(self) -> bool:
        """Whether what is new is written with the kind of quotes that the file does not use."""
        own = self.style.quote
        other = "'" if own == '"' else '"'
        new = [
            self.rows[row].text
            for what, row, line in self.steps
            if (what == "insert" and self.rows[row].kind in _WRITTEN)
            or (what == "match" and loose_key(self.rows[row].text) != loose_key(self.file.lines[line]))
        ]
        used = [text for text in new if (other in text) != (own in text)]
        return sum(other in text for text in used) > len(used) / 2

    def _lost_blanks(self) -> bool:
        """Whether the sketch has lost its blank lines, so that missing ones mean nothing."""
        for start, end in pieces(self.rows):
            solid = [index for index in range(start, end) if not self.rows[index].is_blank]
            if any(self.rows[index].is_blank for index in range(solid[0], solid[-1])):
                return False
        return True


_WRITTEN = frozenset([Kind.LINE, Kind.NEW])
