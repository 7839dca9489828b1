"""The digests of a month go out while the schedulers, two at once, are killed by SIGKILL again and again.

Every recipient must get the digest. Twice is possible in one case only: the mail server had taken the message, and
the scheduler was killed before it had noted so; then both have the same Message-ID. By hand, in full:
.venv/bin/python -m tests.faults.mail_while_killed --recipients 500 --kills 100 --database postgresql
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller
from sqlalchemy import select

from calendar_app.extensions import db, transaction
from calendar_app.factory import ROOT
from calendar_app.models import DigestRecipient, OutboxMessage
from calendar_app.services import month
from tests.conftest import close_databases, make_app
from tests.faults.kill_server import a_database
from tests.mail.servers import HOST, PostOffice
from tests.serving import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

# The calendar's clock at the start: the digests of October 2025 are due, and nothing else of that month is.
BEFORE, START = datetime(2025, 9, 30, 12, tzinfo=UTC), datetime(2025, 10, 1, 6, 0, tzinfo=UTC)
WAIT_SECONDS = 240
# How long the server takes for a message: a kill shall find somebody in the middle of it.
_TAKES_SECONDS = 0.02
_BETWEEN = 8


@dataclass
class SlowOffice(PostOffice):
    """A mail server that remembers which conversation each message came in, and takes its time."""

    conversations: dict[tuple[object, ...], list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - the server's name
        await asyncio.sleep(_TAKES_SECONDS)
        answer = await super().handle_DATA(server, session, envelope)
        address, message = self.taken[-1]
        self.conversations[session.peer].append((address, message["Message-ID"]))
        # The sender learns of it some time after it is so.
        await asyncio.sleep(_TAKES_SECONDS)
        return answer


@dataclass
class Outcome:
    """What happened, counted."""

    recipients: int
    kills: int
    sent: int
    twice: int
    seconds: float
    problems: list[str]

    def __str__(self) -> str:
        return (
            f"{self.recipients} recipients, {self.kills} kills in {self.seconds:.0f} s: {self.sent} messages taken,"
            f" {self.twice} of them a second time with the same Message-ID; {len(self.problems)} problems"
        )


class Scheduler:
    """A scheduler process that is started anew after each kill."""

    def __init__(self, database_url: str, mail_url: str, folder: Path, name: str, claim: float) -> None:
        self._claim = claim
        self._environment = os.environ | {
            "DATABASE_URL": database_url, "SECRET_KEY": "x" * 40, "MAIL_URL": mail_url, "TIMEZONE": "Europe/Zurich",
        }  # fmt: skip
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, shift: float) -> None:
        command = [sys.executable, "-m", "tests.faults.short_lived_scheduler", str(shift), str(self._claim)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stderr=log)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def check(self) -> None:
        assert self._process.poll() is None, self._log.read_text(errors="replace")


def run(database_url: str, folder: Path, *, recipients: int, kills: int, claim: float = 6, seed: int = 7) -> Outcome:
    """Do it on a database with tables that is empty otherwise; a letter is claimed for `claim` seconds."""
    chance = random.Random(seed)
    addresses = [f"p{number}@brs.example" for number in range(recipients)]
    _fill(database_url, folder, addresses)
    began = time.monotonic()
    shift = START.timestamp() - time.time()
    with _office() as office:
        mail_url = f"smtp://{HOST}:{office.port}?tls=none"
        schedulers = [Scheduler(database_url, mail_url, folder, name, claim) for name in ("one", "two")]
        try:
            for scheduler in schedulers:
                scheduler.start(shift)
            for number in range(kills):
                # Some mail goes out between two kills, so that the last ones find mail as well.
                goal = len(office.taken) + chance.randrange(1, max(2, min(_BETWEEN, recipients // (kills + 1))))
                _wait(lambda goal=goal: len(office.taken) >= min(goal, recipients), schedulers)
                time.sleep(chance.uniform(0, 3 * _TAKES_SECONDS))
                victim = schedulers[number % 2] if chance.random() < 0.5 else chance.choice(schedulers)
                victim.kill()
                victim.start(shift)
            _wait(lambda: {address for address, _message in office.taken} >= set(addresses), schedulers)
            _wait(lambda: _unfinished(database_url, folder) == 0, schedulers, every=1)
        finally:
            for scheduler in schedulers:
                scheduler.kill()
        return _outcome(office, addresses, kills, time.monotonic() - began)


def _outcome(office: SlowOffice, addresses: list[str], kills: int, seconds: float) -> Outcome:
    by_address: dict[str, list[str]] = defaultdict(list)
    for address, message in office.taken:
        by_address[address].append(message["Message-ID"])
    problems = [f"{address} got nothing" for address in addresses if address not in by_address]
    problems += [f"{address} is nobody's" for address in by_address if address not in addresses]
    problems += [f"{address}: different messages" for address, ids in by_address.items() if len(set(ids)) > 1]
    twice = {ids[0] for ids in by_address.values() if len(ids) > 1}
    for conversation in office.conversations.values():
        # Whoever went on after a message had noted it: that one must not come again.
        problems += [
            f"{address} twice without a kill between"
            for address, message_id in conversation[:-1]
            if message_id in twice and _came_again(office, message_id, conversation)
        ]
    return Outcome(len(addresses), kills, len(office.taken), len(office.taken) - len(by_address), seconds, problems)


def _came_again(office: SlowOffice, message_id: str, conversation: list[tuple[str, str]]) -> bool:
    """Tell whether a message was taken in a conversation that began after this one."""
    conversations = list(office.conversations.values())
    later = conversations[conversations.index(conversation) + 1 :]
    return any(message_id == other for each in later for _address, other in each)


def _fill(database_url: str, folder: Path, addresses: list[str]) -> None:
    app = make_app(database_url, folder)
    with app.app_context(), transaction() as session:
        month.cycle(session, BEFORE)
        session.add_all(
            DigestRecipient(organisation_code="brs", kind="person", email=address, name="", language="en")
            for address in addresses
        )
    with app.app_context():
        close_databases()


def _unfinished(database_url: str, folder: Path) -> int:
    app = make_app(database_url, folder)
    with app.app_context():
        states = db.session.scalars(select(OutboxMessage.state).where(OutboxMessage.state != "sent")).all()
        close_databases()
    return len(states)


def _wait(true, schedulers: list[Scheduler], every: float = 0.01) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, "nothing goes on"
        for scheduler in schedulers:
            scheduler.check()
        time.sleep(every)


@contextmanager
def _office() -> Iterator[SlowOffice]:
    office = SlowOffice(free_port())
    controller = Controller(office, hostname=HOST, port=office.port, server_hostname="mail.test")
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def main() -> int:
    """Do it by hand and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=500)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--claim", type=float, default=45, help="how long a letter is claimed, in seconds")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, a_database(asked.database, Path(name)) as url:
        outcome = run(url, Path(name), recipients=asked.recipients, kills=asked.kills, claim=asked.claim)
    print(f"{asked.database}: {outcome}", *outcome.problems, sep="\n")
    return bool(outcome.problems)


if __name__ == "__main__":
    sys.exit(main())
