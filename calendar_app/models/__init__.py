"""The tables, one module per aggregate. Importing this package makes every table known to `Base.metadata`."""

from calendar_app.models.account import Account, AuditEntry, Invitation, Membership, SignIn
from calendar_app.models.base import Base
from calendar_app.models.digest import DigestIssue, DigestRecipient, DigestSettings, MailSubscription
from calendar_app.models.event import (
    DateOption,
    Event,
    EventEditor,
    EventFacet,
    EventLink,
    EventSource,
    Revision,
    Service,
)
from calendar_app.models.finding import FindingAnswer, FindingEntry, PolicyVersion, StoredFinding
from calendar_app.models.imports import Import, RememberedColumns
from calendar_app.models.month import Cycle, DueStep, ExchangeRound, RoundEntry, RoundPartner, RoundReply
from calendar_app.models.organisation import Organisation, OrganisationSeat
from calendar_app.models.outbox import OutboxAttachment, OutboxMessage
from calendar_app.models.preparation import CoordinationSlot, EventMilestone, LeadTimes, PreparationReminder
from calendar_app.models.private_feed import PrivateFeed
from calendar_app.models.reference import ReferenceEntry
from calendar_app.models.rendering import EventRendering
from calendar_app.models.review import Review, ReviewDecision
from calendar_app.models.source import Source, SourceItem, SourceRun
from calendar_app.models.state import CalendarVersion, SchedulerLease
from calendar_app.models.submission import Draft, Proposal, Submission, SubmissionLetter

__all__ = [
    "Account",
    "AuditEntry",
    "Base",
    "CalendarVersion",
    "CoordinationSlot",
    "Cycle",
    "DateOption",
    "DigestIssue",
    "DigestRecipient",
    "DigestSettings",
    "Draft",
    "DueStep",
    "Event",
    "EventEditor",
    "EventFacet",
    "EventLink",
    "EventMilestone",
    "EventRendering",
    "EventSource",
    "ExchangeRound",
    "FindingAnswer",
    "FindingEntry",
    "Import",
    "Invitation",
    "LeadTimes",
    "MailSubscription",
    "Membership",
    "Organisation",
    "OrganisationSeat",
    "OutboxAttachment",
    "OutboxMessage",
    "PolicyVersion",
    "PreparationReminder",
    "PrivateFeed",
    "Proposal",
    "ReferenceEntry",
    "RememberedColumns",
    "Review",
    "ReviewDecision",
    "Revision",
    "RoundEntry",
    "RoundPartner",
    "RoundReply",
    "SchedulerLease",
    "Service",
    "SignIn",
    "Source",
    "SourceItem",
    "SourceRun",
    "StoredFinding",
    "Submission",
    "SubmissionLetter",
]
