"""The tables, one module per aggregate. Importing this package makes every table known to `Base.metadata`."""

from calendar_app.models.base import Base
from calendar_app.models.event import DateOption, Event, EventFacet, EventLink, EventSource, Revision, Service
from calendar_app.models.organisation import Organisation, OrganisationSeat
from calendar_app.models.state import CalendarVersion, SchedulerLease

__all__ = [
    "Base",
    "CalendarVersion",
    "DateOption",
    "Event",
    "EventFacet",
    "EventLink",
    "EventSource",
    "Organisation",
    "OrganisationSeat",
    "Revision",
    "SchedulerLease",
    "Service",
]
