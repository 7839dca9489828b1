"""Which pages the browser opens, and the events that are added to the packaged calendar to make them hard to show."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LANGUAGES = ("en", "ar", "es", "fr", "ru", "zh")

CHINESE = "控制危险废物越境转移及其处置公约缔约方会议工作组关于塑料废物汞废物及持久性有机污染物审查" * 7
RUSSIAN = "Межправительственный_комитет_по_стойким_органическим_загрязнителям_" * 5
ARABIC = "اجتماعـالفريقـالعاملـالمفتوحـالعضويةـبشأنـالمواردـالكيميائيةـ" * 5
LATIN = "Chemicalsandwastemanagement" * 8
ADDRESS = "https://example.org/" + "registration-for-the-regional-workshop/" * 12
BY_NAME = {
    "chinese": CHINESE[:300],
    "russian": RUSSIAN[:300],
    "arabic": ARABIC[:300],
    "latin": LATIN[:200],
}
MEETING_IN_GENEVA = "Webinar on the national inventory of mercury releases"

ADDED = [
    *(
        {
            "id": f"long-{name}",
            "title": title,
            "short_title": title[:60],
            "venue": title[:200],
            "city": "Geneva",
            "country": "CH",
            "format": "hybrid",
            "start": f"2025-10-0{day}",
            "end": f"2025-10-0{day}",
            "start_time": "09:00",
            "end_time": "17:30",
            "timezone": "Europe/Zurich",
            "body": "BC-COP; RC-COP; SC-COP; MC-COP",
            "conventions": "Basel; Rotterdam; Stockholm; Minamata",
            "contact": title[:200],
            "series": title[:120],
            "description": title * 2,
            "registration_url": ADDRESS,
            "source_ids": f"long-{name}",
            "source_file": title[:200],
            "source_url": ADDRESS,
            "source_quote": title,
            "status": status,
        }
        for day, (name, title, status) in enumerate(
            zip(BY_NAME, BY_NAME.values(), ("confirmed", "tentative", "postponed", "cancelled"), strict=True), start=1
        )
    ),
    {
        "id": "long-words",
        "title": "A meeting of which only words are known",
        "title_ar": BY_NAME["arabic"],
        "title_ru": BY_NAME["russian"],
        "title_zh": BY_NAME["chinese"],
        "start": "2026-04-01",
        "end": "2026-06-30",
        "date_precision": "quarter",
        "date_text": LATIN[:120],
        "conventions": "Basel",
        "part_of": "long-latin",
    },
    {
        "id": "postponed-days",
        "title": "A postponed meeting of some days",
        "start": "2026-02-02",
        "end": "2026-02-04",
        "status": "postponed",
        "conventions": "Stockholm",
    },
    {
        "id": "hours-on-some-days",
        "title": "A training of some days with the same hours on each",
        "start": "2026-02-09",
        "end": "2026-02-11",
        "start_time": "10:00",
        "end_time": "12:00",
        "timezone": "Europe/Zurich",
        "format": "online",
        "status": "tentative",
        "conventions": "Rotterdam",
    },
    *(
        {
            "id": f"crowd-{number}",
            "title": f"Meeting {number} of a crowded week",
            "start": f"2027-09-0{6 + number % 3}",
            "end": f"2027-09-{9 + number % 2:02}",
            "conventions": "IOMC",
            "status": ("confirmed", "tentative", "cancelled")[number % 3],
        }
        for number in range(1, 10)
    ),
    *(
        {
            "id": f"sent-in-{number}",
            "title": title,
            "start": "2026-03-09",
            "end": "2026-03-11",
            "city": "Nairobi",
            "country": "KE",
            "conventions": "Basel",
            "steward": "brs",
            "stage": "submitted",
        }
        for number, title in enumerate(("Regional training on the control of movements", LATIN, BY_NAME["arabic"]), 1)
    ),
    {
        "id": "webinar-in-geneva",
        "title": MEETING_IN_GENEVA,
        "title_ar": "ندوة عبر الإنترنت عن الجرد الوطني لانبعاثات الزئبق",
        "start": "2025-11-26",
        "end": "2025-11-26",
        "start_time": "13:00",
        "end_time": "14:30",
        "timezone": "Europe/Zurich",
        "city": "Geneva",
        "country": "CH",
        "format": "hybrid",
        "conventions": "Minamata",
        "status": "confirmed",
    },
]

PAGES = {
    "coming": "/",
    "past": "/past",
    "nothing found": "/?q=zzzz",
    "filtered": "/?convention=basel&kind=cop",
    "event whose sources disagree": "/events/p-bc-oewg-15",
    "event with connected events": "/events/p-mc-cop-6",
    "event with parts": "/events/p-brs-cops-2025",
    "event with hours": "/events/webinar-in-geneva",
    "event with the same hours each day": "/events/hours-on-some-days",
    "postponed event": "/events/postponed-days",
    "event of which only words are known": "/events/long-words",
    "event with long words": "/events/long-latin",
    "event in Arabic": "/events/long-arabic",
    "month": "/calendar?from=2025-10",
    "crowded month": "/calendar?from=2027-09",
    "month with a filter": "/calendar?convention=minamata&from=2025-10",
    "week": "/calendar?from=2025-10-06&view=week",
    "day": "/calendar?from=2025-10-01&view=day",
    "planner": "/planner",
    "planner of thirty months": "/planner?from=2024-09&months=30",
    "planner with a filter": "/planner?convention=minamata&months=3",
    "planner without events": "/planner?q=zzzz",
    "about": "/about",
    "form": "/submit",
    "sign in": "/sign-in",
    "new password": "/password/forgot",
    "subscribe": "/subscribe",
    "monthly mail": "/subscribe/mail?convention=basel",
    "monthly mail asked for": "/subscribe/mail/sent",
    "wrong address": "/?foo=1",
    "no such page": "/nothing-here",
}
# What only members see, as a coordinator of BRS who is also a system administrator.
SIGNED_IN = {
    "workspace": "/workspace",
    "clashes": "/clashes?past=1",
    "opportunities": "/clashes?kind=opportunity",
    "no clash": "/clashes?state=accepted",
    "own events": "/workspace/events",
    "queue": "/moderation",
    "item of the queue": "/moderation/sent-in-1",
    "long item of the queue": "/moderation/sent-in-2",
    "own event": "/events/p-bc-oewg-15",
    "history": "/events/p-bc-oewg-15/history",
    "edit": "/events/p-bc-oewg-15/edit",
    "move": "/events/p-bc-oewg-15/move",
    "cancel": "/events/p-bc-oewg-15/cancel",
    "options": "/events/p-bc-oewg-15/options",
    "copy": "/events/p-bc-oewg-15/copy",
    "merge": "/events/p-bc-oewg-15/merge",
    "editors": "/events/p-bc-oewg-15/editors",
    "milestone": "/events/p-bc-oewg-15/milestones/documents-published",
    "coordination": "/coordination?months=24",
    "coordination slot": "/events/p-mc-cop-6/coordination/statements",
    "digests": "/digests",
    "next digest": "/digests/brs/preview",
    "recipients of digests": "/digests/brs/recipients",
    "propose": "/events/p-mc-cop-6/propose",
    "round": "/rounds/new",
    "exchange rounds": "/exchange",
    "cycle of the month": "/exchange/settings",
    "form as a member": "/submit?new=1",
    "review": "/review/2025-09",
    "review with a form": "/review/2025-09?line=other",
    "day of the review": "/review/2025-09/head",
    "closing the review": "/review/2025-09/close",
    "finder": "/finder",
    "finder with an event": "/finder?event=p-bc-oewg-15",
    "finder with a day": "/finder?kind=workshop&days=5&organiser=brs&city=Geneva&format=in-person&earliest=2026-01"
    "&latest=2026-06&body=BC-OEWG&day=2026-02-02",
    "finder with mistakes": "/finder?kind=&days=0&earliest=soon&latest=soon&avoid=never",
    "planner as a member": "/planner?from=2025-09",
    "sources": "/sources",
    "source": "/sources/partner",
    "new source": "/sources/new",
    "settings of a source": "/sources/partner/edit",
    "submissions": "/submissions",
    "subscribe as a member": "/subscribe?convention=basel&own=brs",
    "account": "/account",
    "set up two steps": "/two-step/set-up",
    "administration": "/admin",
    "organisations": "/admin/organisations",
    "organisation": "/admin/organisations/brs",
    "members": "/admin/organisations/brs/members",
    "lists": "/admin/lists",
    "cities": "/admin/lists/cities",
    "city": "/admin/lists/cities/geneva",
    "steps of a kind": "/admin/lists/kinds/cop",
    "new body": "/admin/lists/bodies/new",
    "people": "/admin/people",
    "planning policy": "/admin/policy",
    "mail and schedule": "/admin/mail",
    "audit log": "/admin/audit",
}
# What is answered otherwise than 200, by path.
STATUS = {PAGES["wrong address"]: 400, PAGES["no such page"]: 404, SIGNED_IN["finder with mistakes"]: 400}


def status_of(path: str) -> int:
    """Return what the address is answered, in whatever language it is asked for."""
    return STATUS.get(re.sub(r"[?&]lang=\w\w$", "", path), 200)


def in_language(path: str, language: str) -> str:
    """Return the address of a page in a language."""
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def write_added(path: Path) -> None:
    """Write the added events as a sheet that the import reads."""
    columns = list(dict.fromkeys(name for row in ADDED for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(ADDED)
