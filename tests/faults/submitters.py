"""People who send events in, each in a browser of their own, and who press the button again when nothing comes back."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser

import requests

ANSWER_SECONDS = 60
_AGAIN_SECONDS = 0.2


class HiddenFields(HTMLParser):
    """The hidden fields of the form that sends to /submit."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "form":
            self._inside = (values.get("method") or "").lower() == "post" and values.get("action") == "/submit"
        elif tag == "input" and self._inside and values.get("type") == "hidden":
            self.values[values.get("name") or ""] = values.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False


@dataclass
class Record:
    """What all submitters did. `answered`: the key of each form, the id it was received under, when that post began."""

    answered: dict[str, tuple[str, float]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    # The posts that were begun and not answered yet, by a number of their own; and those that broke off.
    in_flight: set[int] = field(default_factory=set)
    broken_posts: set[int] = field(default_factory=set)
    _posts: int = 0

    def begin(self) -> int:
        with self.lock:
            self._posts += 1
            self.in_flight.add(self._posts)
            return self._posts

    def end(self, post: int, *, broken: bool) -> None:
        with self.lock:
            self.in_flight.discard(post)
            if broken:
                self.broken_posts.add(post)


class Submitter(threading.Thread):
    """One person: opens the form, sends it, repeats until it is answered as received; then the next event."""

    def __init__(self, number: int, address: str, record: Record, ending: threading.Event) -> None:
        super().__init__(daemon=True, name=f"submitter {number}")
        self.number = number
        self.address = address
        self.record = record
        self.ending = ending
        self.browser = requests.Session()

    def run(self) -> None:
        """Send events in until told to end; what was begun is brought to its answer."""
        count = 0
        while not self.ending.is_set():
            self._submit(f"Training {self.number}.{count} for customs officers", count)
            count += 1
        self.browser.close()

    def _submit(self, title: str, count: int) -> None:
        page = self._page()
        if not page:
            return
        hidden = HiddenFields(page).values
        month, day = 1 + self.number % 12, 1 + count % 28
        form = hidden | {
            "organisation": "brs",
            "title": title,
            "title_language": "en",
            "kind": "training",
            "convention": "basel",
            "dates": "day",
            "first_day": f"2027-{month:02}-{day:02}",
            "last_day": f"2027-{month:02}-{day:02}",
            "status": "confirmed",
            "format": "online",
            "lead": "BRS",
            "name": f"Person {self.number}",
            "email": f"person{self.number}@example.org",
            "action": "send",
            # Seen what looks alike: the button then is "Send anyway".
            "sure": "1",
        }
        with self.record.lock:
            self.record.titles[title] = hidden["key"]
        received = self._send(form)
        with self.record.lock:
            self.record.answered[hidden["key"]] = received

    def _page(self) -> str:
        """Open the form, again and again while the server is down; return "" if the end came first."""
        while not self.ending.is_set():
            try:
                answer = self.browser.get(f"{self.address}/submit", params={"new": "1"}, timeout=ANSWER_SECONDS)
            except requests.RequestException:
                time.sleep(_AGAIN_SECONDS)
                continue
            if answer.status_code == 200:
                return answer.text
            self._note_refusal(answer)
        return ""

    def _send(self, form: dict[str, str]) -> tuple[str, float]:
        """Send the form until it is answered as received, however long it takes."""
        while True:
            post, began = self.record.begin(), time.time()
            try:
                answer = self.browser.post(
                    f"{self.address}/submit", data=form, allow_redirects=False, timeout=ANSWER_SECONDS
                )
            except requests.RequestException:
                self.record.end(post, broken=True)
            else:
                self.record.end(post, broken=False)
                _path, found, submission = answer.headers.get("Location", "").partition("/submit/received/")
                if answer.status_code == 303 and found:
                    return submission.partition("?")[0], began
                self._note_refusal(answer)
            time.sleep(_AGAIN_SECONDS)

    def _note_refusal(self, answer: requests.Response) -> None:
        """Keep what was answered instead: nothing but "received" is expected of a server that runs."""
        with self.record.lock:
            self.record.refused.append(f"{answer.status_code} to {answer.request.method} of {self.name}")
