"""The forms on the way of a file into the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectField, SubmitField

from calendar_app.planning.vocabulary import Stage
from calendar_app.services.written_dates import Order
from calendar_app.web.page import words
from calendar_app.web.submit.fields import Decision, Text
from calendar_app.web.work.forms import MOST_REASON

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from calendar_app.services.tables import Table

_LONGEST_HEADER = 45


class UploadForm(FlaskForm):  # type: ignore[misc]
    """A file, and the organisation in whose name it comes in."""

    # What it is, its reader tells from what is in it, and says what to do with it.
    file = FileField(_l("File"), validators=[FileRequired(_l("Choose a file."))])
    organisation = SelectField(_l("In the name of"))


class ColumnsForm(FlaskForm):  # type: ignore[misc]
    """How a file is to be read; the field of each column stands in `column-0`, `column-1` and so on."""

    # Only what is wrong with the columns as a whole belongs to it.
    columns = HiddenField(_l("Columns"))
    worksheet = SelectField(_l("Worksheet"))
    header = SelectField(_l("The names of the columns stand in"))
    again = SubmitField(_l("Read it so"))
    order = SelectField(_l("Dates such as 03/11/2027"))
    stage = RadioField(_l("New events become"))
    reason = Text(_l("Reason"), most=MOST_REASON)

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401
        """Fill the lists."""
        super().__init__(*args, **rest)
        self.order.choices = [
            ("", _("are not in the file, or should be refused")),
            (str(Order.DAY_FIRST), _("have the day first: 3 November")),
            (str(Order.MONTH_FIRST), _("have the month first: 11 March")),
        ]
        self.stage.choices = [
            (str(Stage.DRAFT), _("drafts, which only your organisation sees")),
            (str(Stage.PUBLISHED), _("published at once")),
        ]

    def offer(self, tables: Sequence[Table], headers: Mapping[int, tuple[int, list[str]]]) -> None:
        """Offer the worksheets of a file, and the rows that may name its columns: what there is to choose between."""
        if len(tables) > 1:
            hidden = _("hidden")
            self.worksheet.choices = [
                (table.title, f"{table.title} ({hidden})" if table.is_hidden else table.title) for table in tables
            ]
        else:
            del self.worksheet
        if not headers:
            del self.header
            return
        say = words()
        lines = [
            (str(number), _("line %(number)s: %(names)s", number=line, names=say.isolated(_shown(cells))))
            for number, (line, cells) in headers.items()
        ]
        self.header.choices = [*lines, ("0", _("no line of this file"))]


def _shown(cells: Iterable[str]) -> str:
    text = " · ".join(" ".join(cell.split()) for cell in cells)
    return text if len(text) <= _LONGEST_HEADER else text[: _LONGEST_HEADER - 1].rstrip() + "…"


class ApplyForm(FlaskForm):  # type: ignore[misc]
    """Carrying an import out; what is decided on a line stands in `choice-12` and so on."""

    decision = Decision()


class UndoForm(FlaskForm):  # type: ignore[misc]
    """Undoing an import."""

    reason = Text(_l("Reason"), most=MOST_REASON)
    decision = Decision()
