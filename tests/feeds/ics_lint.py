"""A linter for the bytes of our iCalendar feeds: what subscribers' programs stumble over.

It shares no code with the writer and none with an iCalendar library. Each message begins with the rule's
name, then the number of the line in the file where there is one. `RULES` says what each rule is about.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = {
    "bom": "no byte order mark",
    "crlf": "every line ends with CRLF, the last one too (RFC 5545, section 3.1)",
    "encoding": "the whole is UTF-8",
    "fold": "no line is longer than 75 octets (RFC 5545, section 3.1)",
    "split": "no fold inside a UTF-8 sequence",
    "control": "no control character but the tab, nor what some readers take for the end of a line",
    "line": "a content line is a name, parameters, a colon and a value",
    "structure": "exactly one VCALENDAR around everything, every BEGIN with its END",
    "version": "one VERSION:2.0 (RFC 5545, section 3.7.4)",
    "prodid": "one PRODID that is not empty (RFC 5545, section 3.7.3)",
    "method": "no METHOD",
    "policy": "no X-WR-TIMEZONE, no UID of the calendar, no alarms; events take nobody's time",
    "calendar": "the calendar says its name, colour, page, address, last change and when to look again (RFC 7986)",
    "required": "each event has one UID, DTSTAMP, DTSTART, DTEND, STATUS and SUMMARY",
    "stamp": "DTSTAMP and LAST-MODIFIED are the same: when the event last changed (RFC 5545, section 3.8.7.2)",
    "sequence": "each event has one SEQUENCE, 0 to 2^31 - 1 (RFC 5545, section 3.8.7.4)",
    "utc": "DTSTAMP, LAST-MODIFIED and CREATED are in UTC (RFC 5545, section 3.8.7)",
    "date": "DTSTART and DTEND are both a date (VALUE=DATE) or both a time with a zone",
    "order": "DTEND is after DTSTART (RFC 5545, section 3.8.2.2)",
    "tzid": "every TZID has its VTIMEZONE (RFC 5545, section 3.2.19)",
    "zone": "only a series has a zone, whose VTIMEZONE has STANDARD and DAYLIGHT, and rules, no RDATE",
    "uid": "no UID twice",
    "status": "STATUS is TENTATIVE, CONFIRMED or CANCELLED (RFC 5545, section 3.8.1.11)",
    "mark": "a cancelled event's title begins with a word in brackets, after nothing but vague dates",
    "busy": "X-MICROSOFT-CDO-BUSYSTATUS is TENTATIVE for a tentative event, else FREE",
    "html": "X-ALT-DESC is text/html, and only beside a DESCRIPTION",
    "online": "CONFERENCE is a URI with a FEATURE, and stands in the DESCRIPTION too (RFC 7986, section 5.11)",
    "language": "the name of the calendar and each title say their language",
    "escape": "commas, semicolons and backslashes in a text are escaped (RFC 5545, section 3.3.11)",
}
_LIMIT = 75
_TEXTS = {
    "SUMMARY",
    "LOCATION",
    "DESCRIPTION",
    "NAME",
    "X-WR-CALNAME",
    "X-WR-CALDESC",
    "X-ALT-DESC",
    "COMMENT",
}
_STATUSES = {"TENTATIVE", "CONFIRMED", "CANCELLED"}
_LARGEST_INTEGER = 2**31 - 1
_STAMPS = ("DTSTAMP", "LAST-MODIFIED", "CREATED")
_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_CONTENT = re.compile(
    r'(?P<name>[A-Za-z0-9-]+)(?P<parameters>(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^",;:]*)(?:,(?:"[^"]*"|[^",;:]*))*)*):'
    r"(?P<value>.*)",
    re.DOTALL,
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:])*)')
_GOOD_TEXT = re.compile(r"(?:\\[\\;,nN]|[^\\;,])*")
_FOLD = re.compile(rb"\r?\n[ \t]")
_MARK = re.compile(r"(?:\(.*\) )?\[.+\]")
_DURATION = re.compile(r"PT[1-9]\d*[HMS]")
_COLOR_NAME, _COLOR_VALUE = re.compile(r"[a-z]+"), re.compile(r"#[0-9A-F]{6}")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_UTC = re.compile(r"\d{8}T\d{6}Z")
_LOCAL = re.compile(r"\d{8}T\d{6}")
_DATE = re.compile(r"\d{8}")


@dataclass
class _Property:
    number: int
    name: str
    parameters: dict[str, str]
    value: str


@dataclass
class _Component:
    number: int
    name: str
    properties: list[_Property] = field(default_factory=list)
    components: list[_Component] = field(default_factory=list)

    def all(self, name: str) -> list[_Property]:
        return [found for found in self.properties if found.name == name]

    def walk(self) -> Iterator[_Component]:
        yield self
        for component in self.components:
            yield from component.walk()


def lint(data: bytes) -> list[str]:
    """Return what is wrong with `data`, each as "rule: line N: sentence"; an empty list when nothing is."""
    messages = list(_lint_bytes(data))
    lines = list(_unfold(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")))
    root = _Component(0, "")
    messages += _parse(lines, root)
    calendars = [component for component in root.components if component.name == "VCALENDAR"]
    if len(calendars) != 1 or len(root.components) != 1 or root.properties:
        messages.append("structure: the file is not exactly one VCALENDAR")
    for calendar in calendars:
        messages += _lint_calendar(calendar)
        for component in calendar.walk():
            messages += _lint_texts(component)
            if component.name == "VEVENT":
                messages += _lint_event(component)
    return messages


def _lint_bytes(data: bytes) -> Iterator[str]:
    if data.startswith(b"\xef\xbb\xbf"):
        yield "bom: the file begins with a byte order mark"
    if not data.endswith(b"\r\n"):
        yield "crlf: the file does not end with CRLF"
    bare = re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    if bare:
        yield f"crlf: line {_line_of(data, bare.start())}: a lone CR or LF"
    try:
        _FOLD.sub(b"", data).decode()
        rule = "split"
    except UnicodeDecodeError:
        rule = "encoding"
    lines = re.split(rb"\r\n|\r|\n", data.removeprefix(b"\xef\xbb\xbf"))
    for number, line in enumerate(lines, start=1):
        if not line and number < len(lines):
            yield f"line: line {number}: empty"
        if len(line) > _LIMIT:
            yield f"fold: line {number}: {len(line)} octets"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield f"{rule}: line {number}: not UTF-8" + (" until it is unfolded" if rule == "split" else "")
            continue
        found = _CONTROLS.search(text)
        if found:
            yield f"control: line {number}: U+{ord(found[0]):04X}"


def _line_of(data: bytes, position: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", data[:position])) + 1


def _unfold(text: str) -> Iterator[tuple[int, str]]:
    """Give (number of the first physical line, content line), RFC 5545, section 3.1."""
    start, parts = 0, list[str]()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if line.startswith((" ", "\t")) and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield start, "".join(parts)
        start, parts = number, [line] if line else []
    if parts:
        yield start, "".join(parts)


def _parse(lines: list[tuple[int, str]], root: _Component) -> Iterator[str]:
    """Fill `root` with the components of `lines`; give what is wrong with the lines or their nesting."""
    stack = [root]
    for number, line in lines:
        found = _CONTENT.fullmatch(line)
        if not found:
            yield f"line: line {number}: not a content line"
            continue
        name, value = found["name"].upper(), found["value"]
        if name == "BEGIN":
            component = _Component(number, value.upper())
            stack[-1].components.append(component)
            stack.append(component)
        elif name == "END":
            if stack[-1].name != value.upper() or stack[-1] is root:
                yield f"structure: line {number}: END:{value} without its BEGIN"
            else:
                stack.pop()
        else:
            parameters = {key.upper(): item for key, item in _PARAMETER.findall(found["parameters"])}
            stack[-1].properties.append(_Property(number, name, parameters, value))
    if stack[-1] is not root:
        yield f"structure: line {stack[-1].number}: BEGIN:{stack[-1].name} without its END"


def _lint_calendar(calendar: _Component) -> Iterator[str]:
    if [found.value for found in calendar.all("VERSION")] != ["2.0"]:
        yield "version: the calendar has not exactly one VERSION:2.0"
    if [bool(found.value) for found in calendar.all("PRODID")] != [True]:
        yield "prodid: the calendar has not exactly one PRODID"
    for found in calendar.all("METHOD"):
        yield f"method: line {found.number}: METHOD:{found.value}"
    for found in calendar.all("X-WR-TIMEZONE") + calendar.all("UID"):
        yield f"policy: line {found.number}: {found.name} of the calendar"
    for component in calendar.walk():
        if component.name == "VALARM":
            yield f"policy: line {component.number}: an alarm"
    yield from _lint_head(calendar)
    yield from _lint_zones(calendar)
    uids = Counter(found.value for event in calendar.walk() if event.name == "VEVENT" for found in event.all("UID"))
    for uid, count in uids.items():
        if count > 1:
            yield f"uid: {uid} stands {count} times"


def _lint_head(calendar: _Component) -> Iterator[str]:
    parameters = {"REFRESH-INTERVAL": "DURATION", "SOURCE": "URI"}
    for name, form in (
        ("NAME", re.compile(".+")),
        ("X-WR-CALNAME", re.compile(".+")),
        ("COLOR", _COLOR_NAME),
        ("X-APPLE-CALENDAR-COLOR", _COLOR_VALUE),
        ("REFRESH-INTERVAL", _DURATION),
        ("X-PUBLISHED-TTL", _DURATION),
        ("SOURCE", _URI),
        ("URL", _URI),
        ("LAST-MODIFIED", _UTC),
    ):
        found = calendar.all(name)
        if len(found) != 1 or not form.fullmatch(found[0].value):
            yield f"calendar: not exactly one {name} as it should be"
        elif found[0].parameters.get("VALUE") != parameters.get(name):
            yield f"calendar: line {found[0].number}: {name} says another type of value"
    for name, twin in (
        ("NAME", "X-WR-CALNAME"),
        ("DESCRIPTION", "X-WR-CALDESC"),
        ("REFRESH-INTERVAL", "X-PUBLISHED-TTL"),
    ):
        if [found.value for found in calendar.all(name)] != [found.value for found in calendar.all(twin)]:
            yield f"calendar: {name} and {twin} differ"
    for found in calendar.all("NAME"):
        if "LANGUAGE" not in found.parameters:
            yield f"language: line {found.number}: NAME"


def _lint_zones(calendar: _Component) -> Iterator[str]:
    zones = {found.value for zone in calendar.components if zone.name == "VTIMEZONE" for found in zone.all("TZID")}
    for component in calendar.walk():
        for found in component.properties:
            zone = found.parameters.get("TZID", "").strip('"')
            if zone and zone not in zones:
                yield f"tzid: line {found.number}: {zone} is not declared"
            if zone and component.name == "VEVENT" and not component.all("RRULE"):
                yield f"zone: line {found.number}: {zone} of an event that is no series"
        if component.name != "VTIMEZONE":
            continue
        if {part.name for part in component.components} != {"STANDARD", "DAYLIGHT"}:
            yield f"zone: line {component.number}: not STANDARD and DAYLIGHT"
        if any(part.all("RDATE") or not part.all("RRULE") for part in component.components):
            yield f"zone: line {component.number}: dates in the place of rules"


def _lint_texts(component: _Component) -> Iterator[str]:
    for found in component.properties:
        if found.name in _STAMPS and (not _UTC.fullmatch(found.value) or found.parameters):
            yield f"utc: line {found.number}: {found.name}:{found.value}"
        if found.name in _TEXTS and not _GOOD_TEXT.fullmatch(found.value):
            yield f"escape: line {found.number}: {found.name}"


def _lint_event(event: _Component) -> Iterator[str]:
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "STATUS", "SUMMARY"):
        if [bool(found.value) for found in event.all(name)] != [True]:
            yield f"required: line {event.number}: not exactly one {name}"
    for name in (*_STAMPS[1:], "DESCRIPTION", "LOCATION", "URL", "GEO"):
        if len(event.all(name)) > 1:
            yield f"required: line {event.number}: more than one {name}"
    for found in event.all("STATUS"):
        if found.value not in _STATUSES:
            yield f"status: line {found.number}: {found.value}"
    if [found.value for found in event.all("TRANSP")] != ["TRANSPARENT"]:
        yield f"policy: line {event.number}: the event takes time (TRANSP)"
    yield from _lint_revision(event)
    yield from _lint_state(event)
    yield from _lint_words(event)
    starts, ends = event.all("DTSTART"), event.all("DTEND")
    if starts and ends:
        yield from _lint_span(starts[0], ends[0])


def _lint_revision(event: _Component) -> Iterator[str]:
    if [found.value for found in event.all("DTSTAMP")] != [found.value for found in event.all("LAST-MODIFIED")]:
        yield f"stamp: line {event.number}: DTSTAMP is not LAST-MODIFIED"
    if [found.value.isdecimal() and int(found.value) <= _LARGEST_INTEGER for found in event.all("SEQUENCE")] != [True]:
        yield f"sequence: line {event.number}: not exactly one SEQUENCE that is a number"


def _lint_state(event: _Component) -> Iterator[str]:
    states = {found.value for found in event.all("STATUS")}
    busy = "TENTATIVE" if states == {"TENTATIVE"} else "FREE"
    if [found.value for found in event.all("X-MICROSOFT-CDO-BUSYSTATUS")] != [busy]:
        yield f"busy: line {event.number}: X-MICROSOFT-CDO-BUSYSTATUS is not {busy}"
    for found in event.all("SUMMARY"):
        if states == {"CANCELLED"} and not _MARK.match(found.value):
            yield f"mark: line {found.number}: cancelled, and the title does not say it"


def _lint_words(event: _Component) -> Iterator[str]:
    for found in event.all("SUMMARY"):
        if "LANGUAGE" not in found.parameters:
            yield f"language: line {found.number}: SUMMARY"
    descriptions = event.all("DESCRIPTION")
    for found in event.all("X-ALT-DESC"):
        if found.parameters != {"FMTTYPE": "text/html"} or not descriptions:
            yield f"html: line {found.number}: not text/html beside a plain text"
    said = "".join(re.sub(r"\\([\\;,])", r"\1", found.value) for found in descriptions)
    for found in event.all("CONFERENCE"):
        if found.parameters.get("VALUE") != "URI" or not found.parameters.get("FEATURE"):
            yield f"online: line {found.number}: not a URI with a FEATURE"
        if found.value not in said and unquote(found.value) not in unquote(said):
            yield f"online: line {found.number}: the address is not in the description"


def _lint_span(start: _Property, end: _Property) -> Iterator[str]:
    kinds = [_kind(found) for found in (start, end)]
    if "" in kinds or kinds[0] != kinds[1]:
        yield f"date: line {start.number}: {start.value} and {end.value} are not of one kind"
    elif end.value <= start.value:
        yield f"order: line {end.number}: {end.value} is not after {start.value}"


def _kind(found: _Property) -> str:
    """Return what kind of moment a property has: "date", "UTC", its zone, or "" when it has none of these."""
    if found.parameters.get("VALUE") == "DATE":
        return "date" if _DATE.fullmatch(found.value) else ""
    if _UTC.fullmatch(found.value):
        return "" if "TZID" in found.parameters else "UTC"
    return found.parameters.get("TZID", "") if _LOCAL.fullmatch(found.value) else ""
