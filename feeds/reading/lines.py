"""Content lines of iCalendar (RFC 5545, section 3.1) and the components that they make up.

Our own, because feeds are foreign: it takes 400,000 lines a second, remembers nothing from one feed to the next (the
library keeps a feed's time zones for the whole process), and what is wrong with a line is a remark, not an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from feeds.reading.values import Code, Failure, ReadFailedError
from feeds.told import marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.reading.values import Remarks

_DEEPEST, _MOST_ZONES = 20, 500
_LINE_ENDS = re.compile(r"\r\n?")
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
# A parameter's value: quoted, in which ; : and , mean nothing, or without quotation marks.
_QUOTED_HEAD = re.compile(r'((?:[^":]|"[^"]*")*+):')
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)')
# Names that need no look: most lines have one of them, and no parameters.
_USUAL = frozenset(
    "BEGIN CATEGORIES CLASS CREATED DESCRIPTION DTEND DTSTAMP DTSTART END LAST-MODIFIED LOCATION RRULE SEQUENCE STATUS "
    "SUMMARY TRANSP UID URL".split()
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Property(NamedTuple):
    """One property: its parameters (names in capitals), its value as written, and its line."""

    parameters: dict[str, str]
    value: str
    line: int


_NO_PARAMETERS: dict[str, str] = {}


@dataclass(slots=True)
class Component:
    """A component with its properties (names in capitals) and the components in it."""

    name: str
    line: int
    properties: dict[str, list[Property]] = field(default_factory=dict)
    inner: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        """Return the first property of a name."""
        found = self.properties.get(name)
        return found[0] if found else None

    def value(self, name: str) -> str:
        """Return the value of the first property of a name, "" if there is none."""
        found = self.properties.get(name)
        return found[0].value if found else ""


def unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the content of each line, folded ones put together."""
    start, parts = 0, [""]
    for number, line in enumerate(_LINE_ENDS.sub("\n", text).split("\n"), 1):
        if line[:1] in {" ", "\t"} and start:
            parts.append(line[1:])
            continue
        if parts[0]:
            yield start, parts[0] if len(parts) == 1 else "".join(parts)
        start, parts = number, [line]
    if parts[0]:
        yield start, "".join(parts)


def parse(number: int, content: str) -> tuple[str, Property] | None:
    """Return the name and the property of a content line, None if it is none."""
    head, colon, value = content.partition(":")
    if head in _USUAL:
        return head, Property(_NO_PARAMETERS, value, number)
    if not colon:
        return None
    name, parameters = head, _NO_PARAMETERS
    if ";" in head:
        if '"' in head:
            found = _QUOTED_HEAD.match(content)
            if found is None:
                return None
            head, value = found[1], content[found.end() :]
        name = head.partition(";")[0]
        parameters = {key.upper(): said.strip('"') for key, said in _PARAMETER.findall(head[len(name) :])}
    if not _NAME.fullmatch(name):
        return None
    return name.upper(), Property(parameters, value, number)


class Calendars:
    """The calendars of a text. `heads` are complete only after `components` has been gone through."""

    def __init__(self, text: str, problems: Remarks, notes: Remarks) -> None:
        """Nothing is read yet."""
        self._text, self._problems, self._notes = text, problems, notes
        self.heads: list[Component] = []

    def components(self) -> Iterator[Component]:
        """Yield each VEVENT and VTIMEZONE.

        Raises ReadFailedError at the end if there was no calendar, or one without its end.
        """
        open_now: list[Component] = []
        for number, content in unfolded(self._text):
            found = parse(number, content)
            if found is None:
                self._notes.add(Code.BAD_LINE, line=number)
                continue
            name, item = found
            if name == "BEGIN":
                self._begin(open_now, item)
            elif name == "END":
                closed = self._closed(open_now, item.value.strip().upper())
                if closed is not None:
                    yield closed
            elif open_now:
                properties = open_now[-1].properties
                if name in properties:
                    properties[name].append(item)
                else:
                    properties[name] = [item]
        if not self.heads:
            raise ReadFailedError(
                Failure.NOT_THE_FORMAT, marked("The answer is not a calendar: it has no BEGIN:VCALENDAR.")
            )
        if any(component.name == "VCALENDAR" for component in open_now):
            raise ReadFailedError(Failure.TRUNCATED, marked("The calendar is cut off: it has no END:VCALENDAR."))

    def _begin(self, open_now: list[Component], item: Property) -> None:
        name = item.value.strip().upper()
        # An event or a zone cannot begin inside of another: that one has lost its end.
        while name in {"VEVENT", "VTIMEZONE"} and open_now and open_now[-1].name != "VCALENDAR":
            self._report(open_now.pop())
        if len(open_now) >= _DEEPEST:
            raise ReadFailedError(
                Failure.NOT_THE_FORMAT, marked("The answer is not a calendar: too much begins and never ends.")
            )
        open_now.append(Component(name, item.line))
        if len(open_now) == 1 and name == "VCALENDAR":
            self.heads.append(open_now[0])

    def _closed(self, open_now: list[Component], name: str) -> Component | None:
        """Close the component `name` and what is still open in it; return it if it is an event."""
        if all(component.name != name for component in open_now):
            return None
        while open_now[-1].name != name:
            self._report(open_now.pop())
        done = open_now.pop()
        if done.name in {"VEVENT", "VTIMEZONE"}:
            return done
        if done.name in {"STANDARD", "DAYLIGHT"} and open_now:
            open_now[-1].inner.append(done)
        return None

    def _report(self, component: Component) -> None:
        if component.name == "VEVENT":
            self._problems.add(Code.UNFINISHED, line=component.line, uid=component.value("UID"))


def zone_definitions(text: str, problems: Remarks, notes: Remarks) -> list[Component]:
    """Return each VTIMEZONE of a text, which may stand after the events that need it."""
    found: list[str] = []
    at = text.find("BEGIN:VTIMEZONE")
    while at >= 0 and len(found) < _MOST_ZONES:
        end = text.find("END:VTIMEZONE", at)
        if end < 0:
            break
        found.append(text[at:end])
        at = text.find("BEGIN:VTIMEZONE", end)
    whole = "\n".join(("BEGIN:VCALENDAR", *(f"{zone}END:VTIMEZONE" for zone in found), "END:VCALENDAR"))
    return list(Calendars(whole, problems, notes).components())


def unescaped(value: str) -> str:
    """Return a TEXT without its escapes (RFC 5545, section 3.3.11); other backslashes stay."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(
        lambda found: "\n" if found[1] in "nN" else found[1] if found[1] in '\\;,:"' else found[0], value
    )


def split(value: str) -> list[str]:
    r"""Return the parts of a list of TEXT, unescaped: "a\,b,c" is "a,b" and "c"."""
    if "\\" not in value:
        return value.split(",")
    return [unescaped(part) for part in re.findall(r"((?:[^\\,]|\\.)*)(?:,|$)", value, re.DOTALL)]
