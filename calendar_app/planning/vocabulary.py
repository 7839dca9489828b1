"""The fixed words of an event record: what the code itself decides on, as opposed to the lists in `reference/`."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Status(StrEnum):
    """How firm a meeting is. `postponed` keeps the old dates until new ones are known."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


# What is planned to take place on its days.
TAKING_PLACE = frozenset({Status.TENTATIVE, Status.CONFIRMED})


class Stage(StrEnum):
    """Where a record is on its way to the public."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes-requested"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Visibility(StrEnum):
    """Who may see a published event, from the fewest to all."""

    STEWARD = "steward"
    MEMBERS = "members"
    PUBLIC = "public"


class Format(StrEnum):
    """How people take part."""

    IN_PERSON = "in-person"
    ONLINE = "online"
    HYBRID = "hybrid"
    UNKNOWN = "unknown"


class Access(StrEnum):
    """Who may attend (InforMEA's event access)."""

    PUBLIC = "public"
    INVITATION = "invitation"


class OrganiserRole(StrEnum):
    """What an organiser does for the event."""

    LEAD = "lead"
    CO_ORGANISER = "co-organiser"
    PARTNER = "partner"
    FUNDER = "funder"


# Who holds a meeting, as opposed to those who help.
HOLDING = frozenset({OrganiserRole.LEAD, OrganiserRole.CO_ORGANISER})


class PartRole(StrEnum):
    """What an event is to the whole it belongs to."""

    PART = "part"
    SEGMENT = "segment"
    SESSION = "session"
    SIDE_EVENT = "side-event"
    PRE_MEETING = "pre-meeting"
    BRIEFING = "briefing"


class LinkKind(StrEnum):
    """How an event relates to another one that it is not part of."""

    BACK_TO_BACK = "back-to-back"
    PREPARES_FOR = "prepares-for"
    BRIEFING_FOR = "briefing-for"
    INFORMATION_SESSION_FOR = "information-session-for"
    SAME_AS = "same-as"
    OVERLAP_INTENDED = "overlap-intended"


class ServiceKind(StrEnum):
    """A service that one secretariat gives to another's meeting."""

    REGISTRATION = "registration"
    TRAVEL = "travel"
    LOGISTICS = "logistics"
    IT = "it"
    DOCUMENTS = "documents"
    LEGAL = "legal"
    STAFF = "staff"
    PLATFORM = "platform"


class ServiceState(StrEnum):
    """How far the agreement on a service is."""

    REQUESTED = "requested"
    AGREED = "agreed"
    DONE = "done"
    DECLINED = "declined"


class OptionState(StrEnum):
    """Whether a candidate date is still in the running."""

    OPEN = "open"
    CHOSEN = "chosen"
    RELEASED = "released"


class Severity(IntEnum):
    """How badly two events, or an event and its days, get in each other's way."""

    NONE = 0
    MINOR = 1
    MAJOR = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The word that is stored and written: none, minor, major or critical."""
        return self.name.lower()


class FindingKind(StrEnum):
    """What planning says: something is in the way, or something could be made of it."""

    CLASH = "clash"
    OPPORTUNITY = "opportunity"


class About(StrEnum):
    """What a finding is about: two events, the days of one event, or what one event still lacks."""

    PAIR = "pair"
    DAYS = "days"
    GAP = "gap"


class PoolType(StrEnum):
    """What sharing a pool of people means (`audiences.csv`)."""

    DELEGATES = "delegates"
    MINISTERS = "ministers"
    MEMBERS = "members"
    EXPERTS = "experts"
    MISSIONS = "missions"
    PARTNERS = "partners"
    OBSERVERS = "observers"
    STAFF = "staff"
    LIAISON = "liaison"
