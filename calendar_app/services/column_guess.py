"""Which column of somebody's sheet is which field: by its name in six languages, by a likeness, by what is in it."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from calendar_app.services.columns import COLUMNS
from calendar_app.services.row_cells import ADDRESS
from calendar_app.services.text import fold
from calendar_app.services.written_dates import UnreadableDateError, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from calendar_app.services.reference import Reference
    from calendar_app.services.tables import Table

# A place in one cell, "Geneva, Switzerland" or "online"; it becomes city, country, venue and format.
PLACE = "place"
TARGETS = (*COLUMNS, PLACE)
# What other people call the columns. Where two columns of a sheet are called alike, the first one is taken.
_CALLED = {
    "title": (
        "name of the meeting|title of the event|name of the event"
        "|title of meeting|title of the meeting|meeting title|name of meeting|meeting|event|event title"
        "|event name|name of event|name|subject|activity|titre|intitule|reunion|nom de la reunion|evenement"
        "|titulo|nombre|nombre de la reunion|evento|название|название совещания|мероприятие|совещание"
        "|заседание|العنوان|الاجتماع|اسم الاجتماع|الحدث|عنوان الاجتماع|标题|会议|会议名称|名称|活动"
    ),
    "short_title": (
        "acronym|short name|abbreviation|short|sigle|abreviation|titre abrege|sigla|titulo corto"
        "|titulo abreviado|сокращение|краткое название|الاسم المختصر|المختصر|简称"
    ),
    "conventions": (
        "convention|mea|meas|mea s|process|processes|treaty|treaties|agreement|convencion|convenio"
        "|convenios|traite|accord|конвенция|конвенции|процесс|الاتفاقية|الاتفاقيات|公约"
    ),
    "kind": (
        "type|type of meeting|meeting type|kind of meeting|event type|category|type de reunion|categorie"
        "|tipo|tipo de reunion|categoria|тип|вид|тип совещания|النوع|نوع الاجتماع|类型|会议类型"
    ),
    "start": (
        "start date|date|dates|when|first day|from|begins|starts|beginning|date of meeting|meeting dates"
        "|date s|debut|date de debut|du|quand|fecha|fechas|inicio|fecha de inicio|desde|cuando|дата|даты"
        "|начало|дата начала|когда|التاريخ|التواريخ|تاريخ البدء|البداية|من|日期|开始日期|时间|开始"
    ),
    "end": (
        "end date|until|last day|to|ends|till|date of end|fin|date de fin|au|fecha de fin|fecha final|hasta"
        "|termino|конец|окончание|дата окончания|по|تاريخ الانتهاء|النهاية|الى|结束日期|结束"
    ),
    PLACE: (
        "place|location|where|city country|city and country|city venue|venue city|place of meeting|lieu"
        "|ville pays|endroit|lugar|sede|ciudad pais|место|место проведения|город страна|المكان"
        "|مكان الانعقاد|地点|会议地点"
    ),
    "city": "town|ville|ciudad|город|المدينة|城市",
    "country": "host country|pays|pays hote|pais|страна|البلد|الدولة|国家",
    "venue": "room|building|salle|зал|قاعة|مكان الاجتماع|场地",
    "format": ("modality|mode|mode of delivery|delivery|modalite|modalidad|formato|формат|الطريقة|طريقة الانعقاد|形式"),
    "organiser": (
        "organizer|organised by|organized by|organisers|organizers|organisation|lead|secretariat|held by"
        "|organisateur|organise par|organizador|organizado por|secretaria|организатор|организаторы|المنظم"
        "|الجهة المنظمة|主办方|组织者"
    ),
    "status": "confirmed|statut|etat|estado|статус|состояние|الحالة|状态",
    "body": "organ|meeting body|organe|organo|орган|الهيئة|机构",
    "regions": "region|regions|region s|regiones|регион|регионы|المنطقة|区域",
    "expected_participants": (
        "participants|number of participants|expected number|pax|nombre de participants"
        "|numero de participantes|participantes|участники|число участников|المشاركون|عدد المشاركين|与会人数"
    ),
    "web_url": (
        "link|web page|website|web site|url|web|lien|site web|enlace|pagina web|sitio web|ссылка|сайт"
        "|الرابط|الموقع|网址|链接"
    ),
    "registration_url": "registration|registration link|inscription|inscripcion|регистрация|التسجيل|注册",
    "contact": "contact person|focal point|e mail|email|personne de contact|contacto|контакт|جهة الاتصال|联系人",
    "languages": "language|langue|langues|idioma|idiomas|язык|языки|اللغة|اللغات|语言",
    "description": "details|summary|descriptif|descripcion|описание|الوصف|描述|说明",
}
_LIKE = 88
_SAMPLE, _MOSTLY = 60, 0.6
# Among so many first rows with anything in them the one that names the columns is looked for.
_HEADER_ROWS = 20


@cache
def _names() -> dict[str, str]:
    """Return the fields by every name of a column, folded; the calendar's own names come first."""
    found = {fold(column): column for column in COLUMNS}
    for target, names in _CALLED.items():
        for name in names.split("|"):
            found.setdefault(fold(name), target)
    return found


def first_rows(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the rows that may name the columns: their numbers from 1, lines in the file, and cells."""
    numbered = ((number, line, cells) for number, (line, cells) in enumerate(rows, 1) if any(map(str.strip, cells)))
    return islice(numbered, _HEADER_ROWS)


def header_of(rows: Sequence[tuple[int, list[str]]]) -> int:
    """Return the number, from 1, of the row that names the columns; 0 if none of the first rows does.

    That is the first one with a column `title`; else the one in which most cells are names of columns, two at least,
    if possible with a title among them.
    """
    best = (False, 0, 0)
    for number, _line, cells in first_rows(rows):
        targets = [_names().get(fold(cell), "") for cell in cells]
        if any(fold(cell) == "title" for cell in cells):
            return number
        known = len({target for target in targets if target})
        # A row with a title goes before one without.
        best = max(best, (("title" in targets), known, -number)) if known > 1 else best
    return -best[2]


def guess(table: Table, header: int, reference: Reference, remembered: Mapping[str, str]) -> list[str]:
    """Return the field of each column, "" for one that is left out; each field once, `start` for all that says when.

    `header` is the number of the row with the names (0: there is none); `remembered` are the fields that somebody
    chose for columns of these folded names before, and goes before every guess.
    """
    names = table.rows[header - 1][1] if header else []
    width = len(names) or max((len(cells) for _line, cells in table.rows), default=0)
    names = [fold(name) for name in names] + [""] * (width - len(names))
    found = [""] * width
    for known in (remembered, _names()):
        for number, name in enumerate(names):
            target = known.get(name, "") if name and (known is remembered or name not in remembered) else ""
            if target and not found[number] and target not in found:
                found[number] = target
    open_ones = [number for number, name in enumerate(names) if not found[number] and name not in remembered]
    for number in open_ones:
        target = _alike(names[number])
        if target and target not in found:
            found[number] = target
    for number in open_ones:
        if not found[number]:
            column = [cells[number].strip() for _line, cells in table.rows[header:] if number < len(cells)]
            target = _by_content([text for text in column if text][:_SAMPLE], found, reference)
            found[number] = target
    return found


def _alike(name: str) -> str:
    """Return the field whose name is nearly this one: a slip of the pen, not another word."""
    if len(name) < 5 or name in _names():  # noqa: PLR2004 - short words are like too many others
        return ""
    score, target = max((fuzz.ratio(name, other), target) for other, target in _names().items())
    return target if score >= _LIKE else ""


def _by_content(texts: Sequence[str], found: Sequence[str], reference: Reference) -> str:
    """Return what a column with a name that says nothing holds, if it is plain: dates, cities, addresses, countries."""
    if not texts:
        return ""
    tests = (
        ("start", _is_date),
        (PLACE, lambda text: reference.find("city", text) is not None),
        ("web_url", lambda text: ADDRESS.fullmatch(text) is not None),
    )
    for target, is_one in tests:
        if target not in found and sum(map(is_one, texts)) >= _MOSTLY * len(texts):
            return target
    return ""


def _is_date(text: str) -> bool:
    try:
        return read(text).span is not None and not text.isdigit()
    except UnreadableDateError:
        return False


def has_title(columns: Iterable[str]) -> bool:
    """Tell whether one of the columns has titles, in whatever language."""
    return any(column == "title" or column.startswith("title_") for column in columns)


def left_out(header: Sequence[str], targets: Sequence[str], rows: Sequence[Sequence[str]], skipped: int) -> list[str]:
    """Return the names of the columns that are left out, but for the first `skipped` ones.

    One without a name, as those under a second line of headings, is named by its number and what stands first in it.
    """
    found = []
    for place, target in enumerate(targets):
        if target or place < skipped:
            continue
        name = "".join(header[place : place + 1]).strip()
        texts = (text for row in rows if (text := "".join(row[place : place + 1]).strip()))
        if not name and (text := next(texts, "")):
            name = f"{place + 1} ({text})"
        found += [name[:40]] if name else []
    return found
