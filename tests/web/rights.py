"""What each route answers to each kind of person: a row for every rule of the URL map.

A row has the class of who may read it and of who may send to it; `None` is a method that the route does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.web.actors import Actor

ROWS: dict[str, tuple[str | None, str | None]] = {
    # Reading the calendar
    "/": ("everybody", None),
    "/past": ("everybody", None),
    "/calendar": ("everybody", None),
    "/export/<any(coming, past):listed>.<any(csv, xlsx, docx):form>": ("everybody", None),
    "/events/<event_id>": ("event", None),
    "/events/<event_id>.ics": ("event", None),
    "/planner": ("everybody", None),
    "/subscribe": ("everybody", "signed in"),
    "/subscribe/private/<int(max=2147483647):feed_id>/replace": (None, "own private feed"),
    "/subscribe/private/<int(max=2147483647):feed_id>/revoke": (None, "own private feed"),
    "/subscribe/mail": ("everybody", "everybody"),
    "/subscribe/mail/sent": ("everybody", None),
    "/mail/confirm/<token>": ("token", "token"),
    "/mail/unsubscribe/<token>": ("token", "token"),
    "/about": ("everybody", None),
    "/feeds/all.ics": ("everybody", None),
    "/feeds/calendar.ics": ("everybody", None),
    "/feeds/<convention>.ics": ("everybody", None),
    "/feeds/changes.atom": ("everybody", None),
    "/feeds/events.json": ("everybody", None),
    "/robots.txt": ("everybody", None),
    "/sitemap.xml": ("everybody", None),
    "/feeds/private/<token>.ics": ("token", None),
    "/healthz": ("everybody", None),
    "/readyz": ("everybody", None),
    "/static/<path:filename>": ("everybody", None),
    # Signing in and the own account
    "/sign-in": ("everybody", "everybody"),
    "/sign-in/link": ("everybody", "everybody"),
    "/sign-in/link/<token>": ("token", "token"),
    "/sign-out": (None, "everybody"),
    "/two-step": ("asked", "asked"),
    "/two-step/recovery": ("asked", "asked"),
    "/two-step/recovery-codes": (None, "signed in"),
    "/two-step/remove": ("signed in", "signed in"),
    "/two-step/set-up": ("signed in", "signed in"),
    "/password": ("signed in", "signed in"),
    "/password/forgot": ("everybody", "everybody"),
    "/password/forgot/<token>": ("token", "token"),
    "/password/forgot/sent": ("everybody", None),
    "/confirm-identity": ("signed in", "signed in"),
    "/account": ("signed in", "signed in"),
    "/account/sign-ins/end": (None, "signed in"),
    "/invitations/<token>": ("token", "token"),
    # Sending in and following it
    "/submit": ("everybody", "everybody"),
    "/submit/dates": ("everybody", None),
    "/submit/draft": (None, "everybody"),
    "/submit/draft/discard": (None, "everybody"),
    "/submit/duplicates": ("everybody", None),
    # Says the same to everybody, whether there is such a submission or not.
    "/submit/received/<uuid:submission_id>": ("everybody", None),
    "/submissions": ("signed in", None),
    "/submissions/open/<token>": ("token", None),
    "/submissions/<uuid:submission_id>": ("submission", None),
    "/submissions/<uuid:submission_id>/edit": ("own submission", "own submission"),
    "/submissions/<uuid:submission_id>/send": (None, "own submission"),
    "/submissions/<uuid:submission_id>/withdraw": (None, "own submission"),
    # Deciding
    "/workspace": ("signed in", None),
    "/workspace/events": ("coordinator", None),
    "/workspace/events/change": (None, "coordinator"),
    "/workspace/events/confirm": (None, "coordinator"),
    "/moderation": ("coordinator", None),
    "/moderation/<event_id>": ("steward", None),
    "/moderation/<event_id>/publish": (None, "steward"),
    "/moderation/<event_id>/reject": (None, "steward"),
    "/moderation/<event_id>/request-changes": (None, "steward"),
    "/moderation/<event_id>/series": ("steward", None),
    "/moderation/<event_id>/series/publish": (None, "steward"),
    "/moderation/<event_id>/series/reject": (None, "steward"),
    "/proposals/<uuid:proposal_id>": ("proposal", None),
    "/proposals/<uuid:proposal_id>/accept": (None, "proposal to answer"),
    "/proposals/<uuid:proposal_id>/decline": (None, "proposal to answer"),
    "/proposals/<uuid:proposal_id>/withdraw": (None, "own proposal"),
    # Clashes: the finding is about an event of brs and one of minamata
    "/clashes": ("member", None),
    "/finder": ("member", None),
    "/finder/<event_id>/hold": (None, "steward"),
    "/clashes/<uuid:finding_id>": ("member", None),
    "/clashes/<uuid:finding_id>/comment": (None, "member"),
    "/clashes/<uuid:finding_id>/accept": (None, "coordinator"),
    "/clashes/<uuid:finding_id>/acknowledge": (None, "coordinator"),
    "/clashes/<uuid:finding_id>/reopen": (None, "coordinator"),
    # The coordination review, which brs convenes; the decision is an action
    "/review": ("member", None),
    "/review/<month>": ("member", None),
    "/review/<month>/decisions": ("member", "coordinator"),
    "/review/<month>/decisions/<int(max=2147483647):number>": ("coordinator", "coordinator"),
    "/review/<month>/minutes.docx": ("member", None),
    "/review/<month>/sign-off": (None, "coordinator"),
    "/review/<month>/head": ("convener", "convener"),
    "/review/<month>/close": ("convener", "convener"),
    "/review/<month>/open-again": (None, "convener"),
    "/review/<month>/decisions/<int(max=2147483647):number>/remove": (None, "coordinator"),
    "/review/actions/<int(max=2147483647):number>": ("member", None),
    "/review/actions/<int(max=2147483647):number>/end": (None, "coordinator"),
    "/review/actions/<int(max=2147483647):number>/hand-over": (None, "coordinator"),
    "/review/actions/<int(max=2147483647):number>/open-again": (None, "coordinator"),
    # The daily work
    "/events/<event_id>/cancel": ("steward", "steward"),
    "/events/<event_id>/confirm": (None, "steward"),
    "/events/<event_id>/copy": ("steward", "steward"),
    "/events/<event_id>/edit": ("steward", "steward"),
    "/events/<event_id>/editors": ("steward", "steward"),
    "/events/<event_id>/history": ("member who sees it", None),
    "/events/<event_id>/merge": ("steward", "steward"),
    "/events/<event_id>/move": ("steward", "steward"),
    "/events/<event_id>/options": ("steward", "steward"),
    "/events/<event_id>/options/<int:number>/choose": ("steward", "steward"),
    "/events/<event_id>/options/<int:number>/hold": (None, "steward"),
    "/events/<event_id>/options/<int:number>/release": (None, "steward"),
    "/events/<event_id>/options/<int:number>/remove": (None, "steward"),
    "/events/<event_id>/postpone": ("steward", "steward"),
    "/events/<event_id>/propose": ("others", "others"),
    "/events/<event_id>/publish": ("steward", "steward"),
    "/events/<event_id>/reinstate": ("steward", "steward"),
    "/events/<event_id>/undo": ("steward", "steward"),
    "/events/<event_id>/withdraw": ("steward", "steward"),
    "/events/<event_id>/milestones/<step>": ("steward", "steward"),
    "/events/<event_id>/coordination": (None, "coordinator of what all see"),
    "/events/<event_id>/coordination/<slot>": ("coordinator of what all see", "coordinator of what all see"),
    "/coordination": ("member", None),
    "/coordination.csv": ("member", None),
    "/rounds/new": ("coordinator", "coordinator"),
    # Bringing in files: the import is one of brs
    "/imports": ("coordinator", "coordinator"),
    "/imports/template.xlsx": ("coordinator", None),
    "/imports/<uuid:import_id>": ("import", None),
    "/imports/<uuid:import_id>/columns": ("import", "import"),
    "/imports/<uuid:import_id>/refused.csv": ("import", None),
    "/imports/<uuid:import_id>/refused.xlsx": ("import", None),
    "/imports/<uuid:import_id>/apply": (None, "import"),
    "/imports/<uuid:import_id>/stop": (None, "import"),
    "/imports/<uuid:import_id>/undo": (None, "import"),
    # Sources: this one is of brs
    "/sources": ("member", None),
    "/sources/new": ("coordinator", "coordinator"),
    "/sources/<slug>": ("member", None),
    "/sources/<slug>/edit": ("steward", "steward"),
    "/sources/<slug>/run": (None, "steward"),
    "/sources/<slug>/try": (None, "steward"),
    "/sources/<slug>/<any(pause, resume):act>": (None, "steward"),
    "/sources/<slug>/gone": (None, "steward"),
    "/sources/<slug>/settle": (None, "steward"),
    # Digests: those of brs
    "/digests": ("member", None),
    "/digests/<uuid:issue_id>": ("digest", None),
    "/digests/<uuid:issue_id>.ics": ("digest", None),
    "/digests/<uuid:issue_id>/mail": ("digest", None),
    "/digests/<code>/preview": ("digest", None),
    "/digests/<code>/preview/mail": ("digest", None),
    "/digests/<code>/recipients": ("digest settings", "digest settings"),
    "/digests/<code>/recipients/<int(max=2147483647):recipient_id>": ("digest settings", "digest settings"),
    "/digests/<code>/recipients/<int(max=2147483647):recipient_id>/remove": (None, "digest settings"),
    "/digests/<code>/settings": (None, "digest settings"),
    "/digests/<code>/test": (None, "digest"),
    # The exchange round, which brs convenes; a letter's link lets in whoever it was sent to
    "/exchange": ("member", None),
    "/exchange/settings": ("sets the cycle", "sets the cycle"),
    "/exchange/<month>": ("member", None),
    "/exchange/<month>.csv": ("member", None),
    "/exchange/<month>/remind": (None, "own coordinator"),
    "/exchange/<month>/of/<code>": ("own coordinator", "own coordinator"),
    "/exchange/<month>/of/<code>/sheet": ("own coordinator", "own coordinator"),
    "/exchange/<month>/of/<code>/replies/<uuid:reply_id>": ("own coordinator", "own coordinator"),
    "/round/<token>": ("token", "token"),
    "/round/<token>/sheet": ("token", "token"),
    "/round/<token>/replies/<uuid:reply_id>": ("token", "token"),
    # Administration
    "/admin": ("administrator", None),
    "/admin/audit": ("administrator", None),
    "/admin/audit.csv": ("administrator", None),
    "/admin/lists/kinds/<kind>": ("system", "system"),
    "/admin/lists/kinds/<kind>/take-back": (None, "system"),
    "/admin/lists": ("system", None),
    "/admin/lists/<name>": ("system", None),
    "/admin/lists/<name>/new": ("system", "system"),
    "/admin/lists/<name>/<code>": ("system", "system"),
    "/admin/lists/<name>/<code>/remove": (None, "system"),
    "/admin/mail": ("system", None),
    "/admin/mail/<uuid:letter>/<any(again, aside):act>": (None, "system"),
    "/admin/organisations": ("system", None),
    "/admin/organisations/new": ("system", "system"),
    "/admin/organisations/<code>": ("system", "system"),
    "/admin/organisations/<code>/members": ("manager", "manager"),
    "/admin/organisations/<code>/members/<int(max=2147483647):account_id>/role": (None, "own administrator"),
    "/admin/organisations/<code>/members/<int(max=2147483647):account_id>/remove": (None, "own administrator"),
    "/admin/organisations/<code>/invitations/<int(max=2147483647):invitation_id>/resend": (None, "own administrator"),
    "/admin/organisations/<code>/invitations/<int(max=2147483647):invitation_id>/revoke": (None, "own administrator"),
    "/admin/people": ("system", None),
    "/admin/people/<int(max=2147483647):account_id>/<any(close, open, end):act>": (None, "system"),
    "/admin/policy": ("system", "system"),
    "/admin/policy.toml": ("system", None),
}
IN, FORBIDDEN, MISSING, ALLOWED = "to sign in", 403, 404, "allowed"
_DECIDING = {"coordinator", "administrator"}


def expected(who: str, actor: Actor, *, hidden: bool) -> object:  # noqa: C901, PLR0911 - a table in words
    """What somebody is answered: the event and the submission are of brs, the proposal of minamata to brs.

    With `hidden` the event is one that brs alone may see.
    """
    owner = actor.roles.get("brs")
    role = next(iter(actor.roles.values()), None)
    sees = owner is not None or not hidden
    if who in {"everybody", "token"}:
        return ALLOWED if who == "everybody" else MISSING
    if who == "event":
        return ALLOWED if sees else MISSING
    if actor.is_stranger or who == "asked":  # nobody is in the middle of signing in
        return IN
    if who in {"submission", "own submission"}:  # of somebody else: only members of brs may look at it
        return MISSING if owner is None else ALLOWED if who == "submission" else FORBIDDEN
    if who in {"signed in", "own private feed"}:  # the feed is of somebody else, whoever asks
        return ALLOWED if who == "signed in" else MISSING
    if who in {"steward", "others", "member who sees it", "coordinator of what all see"}:
        if who == "coordinator of what all see" and hidden and role in _DECIDING:
            # Nobody coordinates what the members do not all see, its steward neither.
            return MISSING
        if who == "member who sees it" and role is None:
            return FORBIDDEN
        return _of_event(who, owner, role) if sees else MISSING
    if who == "import":
        return ALLOWED if owner in _DECIDING else MISSING if role in _DECIDING else FORBIDDEN
    if who in {"proposal", "proposal to answer", "own proposal", "digest", "digest settings"}:
        return (_of_digest if who.startswith("digest") else _of_proposal)(who, owner, role)
    allowed = {
        "member": role is not None,
        "coordinator": role in _DECIDING,
        "convener": owner in _DECIDING,
        "administrator": role == "administrator" or actor.system_administrator,
        # The system administrator invites the first administrators, who then manage the others.
        "own coordinator": owner in _DECIDING,
        "sets the cycle": owner in _DECIDING or actor.system_administrator,
        "own administrator": owner == "administrator",
        "manager": owner == "administrator" or actor.system_administrator,
        "system": actor.system_administrator,
    }[who]
    return ALLOWED if allowed else FORBIDDEN


def _of_event(who: str, owner: str | None, role: str | None) -> object:
    allowed = {
        "steward": owner in _DECIDING,
        "others": role is not None and owner not in _DECIDING,
        "member who sees it": role is not None,
        "coordinator of what all see": role in _DECIDING,
    }[who]
    return ALLOWED if allowed else FORBIDDEN


def _of_digest(who: str, owner: str | None, role: str | None) -> object:
    if role is None:
        return FORBIDDEN
    if owner is None:
        return MISSING
    return ALLOWED if who == "digest" or owner in _DECIDING else FORBIDDEN


def _of_proposal(who: str, owner: str | None, role: str | None) -> object:
    if role is None or owner == "contributor":
        return MISSING
    # To be withdrawn by the proposer alone, whom none of these is.
    allowed = {"proposal": True, "proposal to answer": owner in _DECIDING, "own proposal": False}
    return ALLOWED if allowed[who] else FORBIDDEN
