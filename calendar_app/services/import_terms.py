"""On what terms rows come in: as whom, at which stage, and what a person decided about single rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services.calendar import Viewer, can_see, visible_to
from calendar_app.services.sentences import in_english

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

    from calendar_app.services.records import EventRecord
    from calendar_app.services.reference import Reference

# What is decided on a row: it is new, it is left out, nobody has decided and it does not come in until then, or its
# event, which is withdrawn, comes back.
NEW, LEAVE, OPEN, BACK = "new", "leave", "open", "back"
# Where a record stands is not changed by a sheet that a coordinator brings: there are pages for each of these steps.
_NOT_BY_SHEET = (
    "stage publish_on merged_into sequence created_at last_modified status_since hidden_since last_public_start"
    " last_public_end last_confirmed_at last_confirmed_by"
).split()


@dataclass(frozen=True, slots=True)
class Terms:
    """How rows come in.

    `source` is a slug that keeps the ids of this sheet apart from those of all others: they become `source:id`.
    `organisation` is the member as which they come in, "" for whoever may do all (the command line); then `stage` is
    the stage of new events. `problems` are what is wrong with rows already, by line. `choices`, by line: the id of the
    event that a row is, `NEW`, `BACK`, or `LEAVE` or `OPEN` for a row that does not come in. `detailed` asks for
    `Report.landed`. `guessed` are columns that nobody wrote: they count for new events only. `zone` is where hours are
    meant of which nothing tells it; without one they are refused.
    """

    source: str = ""
    organisation: str = ""
    stage: Stage = Stage.PUBLISHED
    problems: Mapping[int, list[str]] = field(default_factory=dict)
    choices: Mapping[int, str] = field(default_factory=dict)
    detailed: bool = False
    guessed: Collection[str] = ()
    zone: str = ""

    @property
    def viewer(self) -> Viewer:
        """Who looks at the calendar."""
        return Viewer(frozenset({self.organisation}))

    def sees(self, event: Event) -> bool:
        """Tell whether whoever brings the rows in may know of an event."""
        return not self.organisation or can_see(self.viewer, event)

    def for_repeated(self, contents: Mapping[int, str]) -> Terms:
        """Return terms on which a row that repeats an earlier one is what that one was said to be.

        `contents` are what stands for the ids of rows, by line. Or the second one would come in as a new event.
        """
        choices, first = dict(self.choices), dict[str, str]()
        for line, content in contents.items():
            if line in choices:
                first.setdefault(content, choices[line])
            elif first.get(content, NEW) != NEW:
                choices[line] = first[content]
        return replace(self, choices=choices)

    def hidden(self, session: Session, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Return those of all events of the calendar that whoever brings the rows in may not know of."""
        if not self.organisation:
            return set()
        return set(ids).difference(session.scalars(select(Event.id).where(visible_to(self.viewer))))

    def cells(self, line: int, given: Mapping[str, str]) -> dict[str, str]:
        """Return the cells of a row that count on these terms.

        Of a row that a person said to be an event of the calendar, empty cells count for nothing: the sheet does not
        know that event, and must not clear what it says.
        """
        left_out = _NOT_BY_SHEET if self.organisation else ()
        is_chosen = self.choices.get(line, NEW) not in {NEW, BACK}
        return {name: text for name, text in given.items() if name not in left_out and (text.strip() or not is_chosen)}


def stage_of(terms: Terms, event: Event | None, said: str, status: Status) -> Stage | None:
    """Return the stage that a row gives its event, None for the one that it has.

    A withdrawn event of the organisation that comes in again comes back, and a draft is published if that is what new
    events are. Not so if the row says itself, as exports do (`said`), that it stands there, or, as feeds do of what is
    withdrawn, that it is cancelled.
    """
    if not terms.organisation:
        return None
    if event is None:
        return terms.stage
    if event.steward_code != terms.organisation or event.merged_into_id or said.strip() == event.stage:
        return None
    is_back = event.stage == Stage.WITHDRAWN and status is not Status.CANCELLED
    is_published = event.stage == Stage.DRAFT and terms.stage is Stage.PUBLISHED
    return terms.stage if is_back or is_published else None


def with_unseen(record: EventRecord, old: EventRecord, hidden: Collection[uuid.UUID]) -> EventRecord:
    """Return what a row says of an event, with what refers to hidden ones as it was.

    Nobody clears what they do not see: an export leaves these references out, and would otherwise take them away when
    it is read back.
    """
    part_of = record.part_of or (old.part_of if old.part_of in hidden else None)
    if not (kept := [link for link in old.links if link.other in hidden]):
        return replace(record, part_of=part_of)
    links = (*record.links, *(link for link in kept if link not in record.links))
    return replace(record, part_of=part_of, links=old.links if {*links} == {*old.links} else links)


def problem_of_rights(terms: Terms, event: Event | None, old: EventRecord, new: EventRecord, lists: Reference) -> str:
    """Return why these terms do not allow a change, "" if they do: an organisation changes what it keeps, alone."""
    # Before anything else: that a row says the same as such an event is no news to give, and it has not come in.
    if event and not terms.sees(event):
        return in_english(
            "its id is taken by an event that your organisation cannot see; leave the id out, or choose another."
        )
    if not terms.organisation or old == new:
        return ""
    if event and event.steward_code != terms.organisation:
        keeper = lists.organisations.get(event.steward_code)
        name = keeper.name if keeper else event.steward_code
        return in_english(
            "the calendar has this event from %(keeper)s, which alone changes it; ask them, or propose it on its page.",
            keeper=name,
        )
    if new.steward != terms.organisation:
        return in_english(
            "steward is %(steward)s, but these rows come in as %(organisation)s.",
            steward=new.steward,
            organisation=terms.organisation,
        )
    return ""
