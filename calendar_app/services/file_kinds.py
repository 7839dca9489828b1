"""What a file is by what is in it, whatever its name says: so that people are told what to do with it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from calendar_app.services.sentences import in_english

if TYPE_CHECKING:
    from calendar_app.services.sentences import Sentence

_HEAD = 4096
# The compound files in which Office kept everything before 2007, and keeps what has a password ([MS-CFB], 2.2; the
# names of their streams are in UTF-16; [MS-OFFCRYPTO], 2.3.4.4; [MS-XLS], 2.1.2).
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_WORKBOOKS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
_DOCUMENTS = {
    b"%PDF-": "PDF",
    b"{\\rtf": "RTF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
# A part of a packed file, and what the file is.
_PACKED_SHEETS = {"xl/workbook.bin": "Excel, .xlsb", "Index/Document.iwa": "Apple Numbers"}
_PACKED_DOCUMENTS = {"word/document.xml": "Word, .docx", "ppt/presentation.xml": "PowerPoint, .pptx"}
# The first part of an OpenDocument file, not packed, says what it is (OpenDocument 1.3, part 2, 3.3).
_OPEN_SHEET, _OPEN = b"application/vnd.oasis.opendocument.spreadsheet", b"application/vnd.oasis.opendocument."
_WORKBOOK = "xl/workbook.xml"
_WEB_PAGE = re.compile(rb"\A\s*<(!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)
# What the library and the archive below it raise for a damaged workbook, or one packed in a way that nobody knows.
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError),
    *(LookupError, ValueError, SyntaxError, TypeError, AttributeError),
)


def problem_of_kind(name: str, data: bytes) -> Sentence | None:
    """Return why a file is no sheet or calendar that can be read, None if it may be one: what it is, and what to do."""
    suffix = name.casefold().rpartition(".")[2]
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if not data.removeprefix(b"\xef\xbb\xbf").strip(b"\0 \t\r\n"):
        return in_english("%(file)s is empty. Look whether it was saved, and send it again.", file=name)
    if data.startswith(_COMPOUND):
        return _problem_of_compound(name, data)
    if found := next((what for start, what in _DOCUMENTS.items() if head.startswith(start)), ""):
        return _document(name, found)
    if head.startswith(b"PK"):
        return _problem_of_packed(name, suffix, data)
    return _problem_of_text(name, suffix, head)


def _problem_of_compound(name: str, data: bytes) -> Sentence:
    if _ENCRYPTED in data:
        return in_english(
            "%(file)s is protected with a password. Open it, remove the password, save it as .xlsx and send it again.",
            file=name,
        )
    is_workbook = any(part in data for part in _OLD_WORKBOOKS)
    return _other_sheet(name, "Excel 97-2003, .xls") if is_workbook else _document(name, "Word, PowerPoint")


def _problem_of_text(name: str, suffix: str, head: bytes) -> Sentence | None:
    if suffix != "ics" and _WEB_PAGE.match(head):
        return in_english(
            "%(file)s is a web page. Open it in a spreadsheet program, save it as .xlsx and send that.", file=name
        )
    if suffix != "ics" and head.lstrip().upper().startswith(b"BEGIN:VCALENDAR"):
        return in_english("%(file)s is a calendar file. Give it a name that ends in .ics and send it again.", file=name)
    if suffix in {"ics", "csv", "xlsx"}:
        return None
    return in_english(
        "%(file)s is not a file that can be read here. Send a sheet (.xlsx, .csv) or a calendar file (.ics).", file=name
    )


def _problem_of_packed(name: str, suffix: str, data: bytes) -> Sentence | None:
    if _OPEN in data[:_HEAD]:
        is_sheet = _OPEN_SHEET in data[:_HEAD]
        return _other_sheet(name, "OpenDocument, .ods") if is_sheet else _document(name, "OpenDocument")
    parts = packed_sizes(data)
    if _WORKBOOK in parts and suffix != "xlsx":
        return in_english(
            "%(file)s is an Excel workbook. Save it as .xlsx, with a name that ends so, and send it again.", file=name
        )
    if found := next((what for part, what in _PACKED_SHEETS.items() if part in parts), ""):
        return _other_sheet(name, found)
    if found := next((what for part, what in _PACKED_DOCUMENTS.items() if part in parts), ""):
        return _document(name, found)
    # What is damaged, or packed as nothing that is known, is for the reader of workbooks to tell.
    if suffix == "xlsx":
        return None
    return in_english(
        "%(file)s is a packed file (ZIP). Unpack it and send the sheet or the calendar that is in it.", file=name
    )


def packed_sizes(data: bytes) -> dict[str, int]:
    """Return how many bytes each part of a packed file says to be; nothing for what is not packed, or damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return {part.filename: part.file_size for part in packed.infolist()}
    except UNREADABLE:
        return {}


def _other_sheet(name: str, format_: str) -> Sentence:
    return in_english(
        "%(file)s is a spreadsheet of another format (%(format)s). Open it, save it as .xlsx and send that.",
        file=name,
        format=format_,
    )


def _document(name: str, format_: str) -> Sentence:
    return in_english(
        "%(file)s is no spreadsheet, but a document or a picture (%(format)s). Copy its table into a spreadsheet, save"
        " that as .xlsx and send it.",
        file=name,
        format=format_,
    )
