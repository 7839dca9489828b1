"""The minutes of a review as a Word file: headings, lists and tables of its own styles, which LibreOffice reads too."""

from __future__ import annotations

import re
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_DIRECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from calendar_app.services.finding_board import short_name
from calendar_app.services.text import clean
from calendar_app.services.wording import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from docx.document import Document as Doc
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

    from calendar_app.services.review_words import ReviewWords, ShownDecision, ShownLine, ShownSection

_A4 = (Mm(210), Mm(297))
_MARGIN = Mm(20)
_FONT = "Arial"
_SIZE = Pt(10.5)
_ARABIC = re.compile(r"[\u0600-\u06ff]")
# What of a paragraph's properties comes after its direction.
_AFTER_BIDI = tuple(
    f"w:{name}"
    for name in (
        "adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection"
        " textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange"
    ).split()
)


def write(facts: dict[str, Any], speak: ReviewWords, zone: ZoneInfo) -> bytes:
    """Return the Word file of what `reviews.minutes` gives, in the language of `speak`."""
    return _Minutes(facts, speak, zone).write()


class _Minutes:
    """One file on its way. In a language from right to left every paragraph, table and page runs that way."""

    def __init__(self, facts: dict[str, Any], speak: ReviewWords, zone: ZoneInfo) -> None:
        self.facts, self.speak, self.words, self.zone = facts, speak, speak.words, zone
        self.is_rtl = speak.words.language in RIGHT_TO_LEFT
        self.doc: Doc = Document()
        self.decisions: dict[str, list[ShownDecision]] = {}
        for item in facts["decisions"]:
            self.decisions.setdefault(item["line"], []).append(speak.decision(item))

    def write(self) -> bytes:
        self._set_up()
        self._head()
        self._sign_offs()
        sections = self.speak.sections(self.facts)
        for section in sections:
            self._section(section)
        listed = {line.key for section in sections for line in section.lines}
        rest = [decision for key, some in self.decisions.items() if key not in listed for decision in some]
        if rest:
            self._heading(self.words.gettext("Other business"))
            self._table([(d.subject, *self._cells(d)) for d in rest], with_subject=True)
        if self.is_rtl:
            self._turn()
        data = BytesIO()
        self.doc.save(data)
        return data.getvalue()

    # ---------- Page and properties ----------

    def _set_up(self) -> None:
        page = self.doc.sections[0]
        page.orientation = WD_ORIENT.PORTRAIT
        page.page_width, page.page_height = _A4
        page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
        normal = self.doc.styles["Normal"]
        normal.font.name, normal.font.size = _FONT, _SIZE
        fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
        for name in ("w:cs", "w:hAnsi", "w:eastAsia"):
            fonts.set(qn(name), _FONT)
        # Arabic letters have a size of their own.
        size = OxmlElement("w:szCs")
        size.set(qn("w:val"), str(round(_SIZE.pt * 2)))
        normal.element.rPr.append(size)
        properties = self.doc.core_properties
        properties.title = self.title
        properties.author = self.facts["closed_by"] or self.words.gettext("Joint meeting calendar")
        properties.subject = self.words.gettext("Joint meeting calendar")
        properties.language = self.words.language
        properties.comments = ""
        made = datetime.fromisoformat(self.facts["closed_at"] or self.facts["made_at"])
        # Core properties have no zone: they are in UTC.
        properties.created = properties.modified = made.replace(tzinfo=None)

    @property
    def title(self) -> str:
        """What stands at the head of the file."""
        values = {"month": self.words.month(date.fromisoformat(self.facts["month"]))}
        if self.facts["closed_at"]:
            return self.words.gettext("Minutes of the coordination review, %(month)s") % values
        return self.words.gettext("Agenda of the coordination review, %(month)s") % values

    # ---------- Parts ----------

    def _head(self) -> None:
        words, head = self.words, self.facts["head"]
        self.doc.add_heading(self.title, level=0)
        held_on = words.day(date.fromisoformat(head["held_on"]))
        if head["start_time"]:
            held_on = words.listed((held_on, f"{head['start_time']} {self.zone.key}"))
        names = words.listed(words.isolated(name) for name in head["attendance"].split("\n") if name)
        rows = [
            (words.gettext("Day"), held_on),
            (words.gettext("Chair"), head["chair"]),
            (words.gettext("Link to the meeting"), head["meeting_url"]),
            (words.gettext("Attendance"), names),
        ]
        if self.facts["closed_at"]:
            day = datetime.fromisoformat(self.facts["closed_at"]).astimezone(self.zone).date()
            values = {"day": words.day(day), "person": words.isolated(self.facts["closed_by"])}
            rows.append((words.gettext("Closed"), words.gettext("%(day)s, by %(person)s") % values))
        self._grid([], [row for row in rows if row[1]], (Mm(40), Mm(130)))

    def _sign_offs(self) -> None:
        if not self.facts["sign_offs"]:
            return
        words = self.words
        self._heading(words.gettext("What partners say of their lists"))
        rows = [
            (
                short_name(words, said["organisation"]),
                self.speak.sign_off(said["answer"]),
                self.speak.signed(said["by"]),
            )
            for said in self.facts["sign_offs"]
        ]
        heads = [words.gettext("Organisation"), words.gettext("Answer"), words.gettext("By")]
        self._grid(heads, rows, (Mm(45), Mm(50), Mm(75)))

    def _section(self, section: ShownSection) -> None:
        self._heading(section.heading)
        group = ""
        for line in section.lines:
            if line.group != group:
                group = line.group
                self.doc.add_heading(_plain(group), level=2)
            self._line(line)
        if section.more:
            self.doc.add_paragraph(section.more)

    def _line(self, line: ShownLine) -> None:
        paragraph = self.doc.add_paragraph(style="List Bullet")
        paragraph.add_run(_plain(line.title)).bold = True
        told = [" · ".join(line.facts), *line.notes]
        for text in filter(None, told):
            paragraph.add_run().add_break()
            paragraph.add_run(_plain(text))
        paragraph.paragraph_format.space_after = Pt(4)
        if found := self.decisions.get(line.key):
            self._table([self._cells(decision) for decision in found])

    def _cells(self, decision: ShownDecision) -> tuple[str, ...]:
        text = decision.text
        if decision.outcome:
            values = {"state": decision.state_label, "outcome": decision.outcome}
            text += "\n" + self.words.gettext("%(state)s: %(outcome)s") % values
        return (text, decision.owner, decision.due)

    def _table(self, rows: Iterable[tuple[str, ...]], *, with_subject: bool = False) -> None:
        words = self.words
        heads = [words.gettext("Decision or action"), words.gettext("In charge"), words.gettext("Due on")]
        if with_subject:
            self._grid([words.gettext("What it is about"), *heads], rows, (Mm(45), Mm(60), Mm(35), Mm(30)))
        else:
            self._grid(heads, rows, (Mm(95), Mm(45), Mm(30)))

    def _grid(self, heads: Sequence[str], rows: Iterable[tuple[str, ...]], widths: Sequence[Any]) -> None:
        """Add a table; its heads are repeated on each page."""
        table: Table = self.doc.add_table(rows=0, cols=len(widths), style="Table Grid")
        table.autofit = False
        if heads:
            cells = _new_row(table)
            for cell, text in zip(cells, heads, strict=True):
                cell.paragraphs[0].add_run(_plain(text)).bold = True
            properties = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001 - the library has no other way
            properties.append(OxmlElement("w:tblHeader"))
        for row in rows:
            for cell, text in zip(_new_row(table), row, strict=True):
                cell.text = _plain(text)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
            for cell in column.cells:
                cell.width = width
        self.doc.add_paragraph().paragraph_format.space_after = Pt(2)

    def _heading(self, text: str) -> None:
        self.doc.add_heading(_plain(text), level=1)

    # ---------- Right to left ----------

    def _turn(self) -> None:
        """Let the page, every paragraph and every table run from right to left.

        The elements stand in the order of the schema (ECMA-376-1, 17.3.1.26, 17.6.17), without which Word refuses.
        """
        self.doc.sections[0]._sectPr.insert_element_before(  # noqa: SLF001 - the library has no other way
            OxmlElement("w:bidi"), "w:rtlGutter", "w:docGrid"
        )
        for table in self.doc.tables:
            table.table_direction = WD_TABLE_DIRECTION.RTL
            for cell in table._cells:  # noqa: SLF001 - each once
                for paragraph in cell.paragraphs:
                    self._turn_paragraph(paragraph)
        for paragraph in self.doc.paragraphs:
            self._turn_paragraph(paragraph)

    def _turn_paragraph(self, paragraph: Paragraph) -> None:
        properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001
        properties.insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
        for run in paragraph.runs:
            # Titles in other languages keep their own direction.
            run.font.rtl = bool(_ARABIC.search(run.text))
            run.font.cs_bold = run.bold
            language = OxmlElement("w:lang")
            language.set(qn("w:bidi"), self.words.language)
            run._r.get_or_add_rPr().append(language)  # noqa: SLF001


def _new_row(table: Table) -> tuple[_Cell, ...]:
    return tuple(table.add_row().cells)  # type: ignore[no-untyped-call]


def _plain(text: str) -> str:
    """Return a text without the signs that XML cannot hold."""
    return clean(text)
