"""A list of events as a table for Word, to be pasted into documents: Office Open XML (ECMA-376), by python-docx.

Rows are written as XML, one by one, into the place that the library's document keeps for them: its own way takes
minutes and hundreds of megabytes for thousands of them.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calendar_app.services.event_table import EventTable, Line

# With a country, as Word wants it.
_TAGS = {"en": "en-GB", "ar": "ar-SA", "es": "es-ES", "fr": "fr-FR", "ru": "ru-RU", "zh": "zh-CN"}
_FONT, _POINTS = "Arial", 9
# Twentieths of a point: an A4 page across with margins of 2 cm has 14,572.
_WIDTHS = (2500, 5572, 2600, 2500, 1400)
_ROWS = "the rows"
_PLACE = f"<!--{_ROWS}-->".encode()
_LEFT_TO_RIGHT = "\u200e"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(table: EventTable, author: str, now: datetime) -> bytes:
    """Return the document."""
    document = Document()
    _describe(document, table, author, now)
    _lay_out(document, table)
    document.add_paragraph(table.title, style="Title")
    for note in table.notes:
        document.add_paragraph(note)
    for paragraph in document.paragraphs:
        _turn(paragraph._p, table)  # noqa: SLF001 - the library has no word for directions
    _add_table(document, table)
    skeleton, written = BytesIO(), BytesIO()
    document.save(skeleton)
    with zipfile.ZipFile(skeleton) as parts, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in parts.namelist():
            before, place, after = parts.read(name).partition(_PLACE)
            with archive.open(name, "w") as part:
                part.write(before)
                for row in _rows(table) if place else ():
                    part.write(row.encode())
                part.write(after)
    return written.getvalue()


def _describe(document: Any, table: EventTable, author: str, now: datetime) -> None:  # noqa: ANN401 - the library's
    about = document.core_properties
    about.title, about.author, about.last_modified_by, about.comments = table.title, author, author, ""
    about.language = _TAGS[table.language]
    about.created = about.modified = now.replace(tzinfo=None)


def _lay_out(document: Any, table: EventTable) -> None:  # noqa: ANN401
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    if table.from_right:
        section._sectPr.find(qn("w:docGrid")).addprevious(OxmlElement("w:bidi"))  # noqa: SLF001
    for name, points in (("Normal", _POINTS), ("Title", 16)):
        style = document.styles[name]
        style.font.name, style.font.size = _FONT, Pt(points)
        properties = style.element.get_or_add_rPr()
        for fonts in properties.findall(qn("w:rFonts")):
            for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{kind}"), None)
            fonts.set(qn("w:cs"), _FONT)
        for size in properties.findall(qn("w:szCs")):
            properties.remove(size)
        properties.append(parse_xml(f'<w:szCs {nsdecls("w")} w:val="{points * 2}"/>'))
        tag = _TAGS[table.language]
        properties.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{tag}" w:eastAsia="{tag}" w:bidi="{tag}"/>'))
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for piece in (_field("PAGE"), "<w:r{}><w:t xml:space='preserve'> / </w:t></w:r>", _field("NUMPAGES")):
        footer._p.append(parse_xml(piece.format(f" {nsdecls('w')}")))  # noqa: SLF001


def _field(name: str) -> str:
    return f"<w:fldSimple{{}} w:instr='{name}'><w:r><w:t>1</w:t></w:r></w:fldSimple>"


def _turn(paragraph: Any, table: EventTable) -> None:  # noqa: ANN401
    if table.from_right:
        paragraph.get_or_add_pPr().append(OxmlElement("w:bidi"))
        for run in paragraph.r_lst:
            run.get_or_add_rPr().append(OxmlElement("w:rtl"))


def _add_table(document: Any, table: EventTable) -> None:  # noqa: ANN401
    visual = "<w:bidiVisual/>" if table.from_right else ""
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in _WIDTHS)
    element = parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr>{visual}<w:tblW w:w='{sum(_WIDTHS)}' w:type='dxa'/>"
        f"<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type='fixed'/>"
        "<w:tblCellMar><w:left w:w='85' w:type='dxa'/><w:right w:w='85' w:type='dxa'/></w:tblCellMar>"
        f"<w:tblLook w:firstRow='1'/><w:tblCaption w:val='{_text(table.title)}'/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid><!--{_ROWS}--></w:tbl>"
    )
    document.element.body.insert(len(document.element.body) - 1, element)


def _rows(table: EventTable) -> Iterator[str]:
    cells = zip(table.headings, _WIDTHS, strict=True)
    head = "".join(_cell(_run(text, table, bold=True), width, table, shade="D9D9D9") for text, width in cells)
    yield _row(head, "<w:cantSplit/><w:tblHeader/>")
    for heading, lines in table.groups:
        yield _row(_cell(_run(heading, table, bold=True), sum(_WIDTHS), table, across=True, shade="F2F2F2"))
        for line in lines:
            yield _row(_cells(line, table))


def _cells(line: Line, table: EventTable) -> str:
    texts = (line.dates, line.title, line.place, line.organiser, line.status)
    languages = (table.language, line.language, *(table.language,) * 3)
    runs = (_run(text, table, language) for text, language in zip(texts, languages, strict=True))
    return "".join(_cell(run, width, table) for run, width in zip(runs, _WIDTHS, strict=True))


def _row(cells: str, properties: str = "<w:cantSplit/>") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


def _cell(run: str, width: int, table: EventTable, *, across: bool = False, shade: str = "") -> str:
    span = f"<w:gridSpan w:val='{len(_WIDTHS)}'/>" if across else ""
    fill = f"<w:shd w:val='clear' w:color='auto' w:fill='{shade}'/>" if shade else ""
    # A heading stays with the rows that follow it.
    keep = "<w:keepNext/>" if shade else ""
    bidi = "<w:bidi/>" if table.from_right else ""
    return (
        f"<w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/>{span}{fill}</w:tcPr>"
        f"<w:p><w:pPr>{keep}{bidi}<w:spacing w:before='40' w:after='40'/></w:pPr>{run}</w:p></w:tc>"
    )


def _run(text: str, table: EventTable, language: str = "", *, bold: bool = False) -> str:
    language = language or table.language
    weight = "<w:b/><w:bCs/>" if bold else ""
    direction = "<w:rtl/>" if _reads_from_right(text) else ""
    tag = _TAGS[language]
    said = f"<w:lang w:val='{tag}' w:eastAsia='{tag}' w:bidi='{tag}'/>" if language != table.language else ""
    if table.from_right and not direction:
        # Or numbers at its ends would change sides with its words.
        text = f"{_LEFT_TO_RIGHT}{text}{_LEFT_TO_RIGHT}"
    return f"<w:r><w:rPr>{weight}{direction}{said}</w:rPr><w:t xml:space='preserve'>{_text(text)}</w:t></w:r>"


def _reads_from_right(text: str) -> bool:
    """Tell the direction of a text by its first letter that has one: dates may be in the organisers' own words."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L") != "L"


def _text(text: str) -> str:
    return escape(_NOT_XML.sub(" ", text), {"'": "&apos;", '"': "&quot;"})
