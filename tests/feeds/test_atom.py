"""Our Atom feeds keep to RFC 4287, whatever their texts hold."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.changes import ChangeEntry
from feeds.writing import atom, characters
from tests.feeds.golden import ARABIC, CHANGED, INFO
from tests.feeds.texts import ADDRESS, HOSTILE, TEXT, TITLE

NAMESPACE = "{http://www.w3.org/2005/Atom}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MOVED = ChangeEntry(
    id=uuid.UUID(int=1),
    event=uuid.UUID(int=2),
    at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    title="Meeting <of> experts & others",
    sentences=("Dates changed from 1–2 March 2027 to 3 March 2027.", "Title changed."),
    kinds=("dates", "title"),
    facts=("3 March 2027", "Geneva, Switzerland"),
    url="https://calendar.example.org/events/2",
)


def read(data: bytes) -> ET.Element:
    """Parse a feed and hold it against what RFC 4287, section 4 asks for."""
    feed = ET.fromstring(data)
    assert feed.tag == f"{NAMESPACE}feed"
    assert one(feed, "id").startswith("https://")
    assert one(feed, "title").strip()
    assert DATE.fullmatch(one(feed, "updated"))
    assert feed.findtext(f"{NAMESPACE}author/{NAMESPACE}name")
    assert [link.get("rel") for link in feed.findall(f"{NAMESPACE}link")] == ["self", "alternate"]
    entries = feed.findall(f"{NAMESPACE}entry")
    for entry in entries:
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one(entry, "id"))
        assert one(entry, "title").strip()
        assert DATE.fullmatch(one(entry, "updated"))
        relations = [link.get("rel") for link in entry.findall(f"{NAMESPACE}link")]
        assert len(relations) == len(set(relations))
        assert entry.find(f"{NAMESPACE}content").get("type") == "html"
        assert all(item.get("term") for item in entry.findall(f"{NAMESPACE}category"))
    assert len({one(entry, "id") for entry in entries}) == len(entries)
    return feed


def one(parent: ET.Element, name: str) -> str:
    found = parent.findall(NAMESPACE + name)
    assert len(found) == 1, name
    return found[0].text or ""


class Tags(HTMLParser):
    """Collects the elements and the text of a fragment."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert not attrs
        self.tags.add(tag)

    def handle_data(self, data):
        self.text += data


def test_an_entry_says_what_changed_and_what_holds_now():
    feed = read(atom.write(INFO, [MOVED]))
    entry = feed.find(f"{NAMESPACE}entry")
    assert one(entry, "title") == "Meeting <of> experts & others"
    assert one(entry, "updated") == one(entry, "published") == "2026-11-20T09:00:00Z"
    assert one(entry, "content") == (
        "<p>Dates changed from 1–2 March 2027 to 3 March 2027.</p><p>Title changed.</p>"
        "<p>3 March 2027<br>Geneva, Switzerland</p>"
    )
    assert [item.get("term") for item in entry.findall(f"{NAMESPACE}category")] == ["dates", "title"]
    links = {link.get("rel"): link.get("href") for link in entry.findall(f"{NAMESPACE}link")}
    assert links == {"alternate": MOVED.url, "related": f"urn:uuid:{MOVED.event}"}


def test_a_reason_stands_between_what_changed_and_what_holds_now():
    entry = read(atom.write(INFO, [replace(MOVED, reason="Reason: a <b>strike</b>.")])).find(f"{NAMESPACE}entry")
    assert "<p>Title changed.</p><p>Reason: a &lt;b&gt;strike&lt;/b&gt;.</p><p>3 March" in one(entry, "content")


def test_what_is_gone_has_no_page():
    entry = read(atom.write(INFO, [replace(MOVED, url="", facts=())])).find(f"{NAMESPACE}entry")
    assert [link.get("rel") for link in entry.findall(f"{NAMESPACE}link")] == ["related"]
    assert one(entry, "content").endswith("<p>Title changed.</p>")


def test_a_title_in_another_language_says_so():
    feed = read(atom.write(INFO, [replace(MOVED, title=ARABIC, language="ar"), replace(MOVED, id=uuid.UUID(int=3))]))
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert feed.get(language) == INFO.language
    titles = [entry.find(f"{NAMESPACE}title") for entry in feed.findall(f"{NAMESPACE}entry")]
    assert [title.get(language) for title in titles] == ["ar", None]
    assert titles[0].text == ARABIC


def test_a_feed_without_changes_is_a_feed():
    assert read(atom.write(INFO, [])).findall(f"{NAMESPACE}entry") == []


def test_the_same_changes_give_the_same_bytes():
    assert atom.write(INFO, [MOVED]) == atom.write(replace(INFO), [replace(MOVED)])


@given(
    title=TITLE, sentences=st.lists(TEXT, min_size=1, max_size=3), facts=st.lists(TEXT, max_size=2), name=TITLE,
    url=ADDRESS, reason=TEXT,
)  # fmt: skip
def test_no_text_breaks_a_feed(title, sentences, facts, name, url, reason):
    change = replace(MOVED, title=title, sentences=tuple(sentences), facts=tuple(facts), url=url, reason=reason)
    feed = read(atom.write(replace(INFO, name=name, description=title), [change]))
    assert one(feed, "title") == characters.line(name)
    entry = feed.find(f"{NAMESPACE}entry")
    assert one(entry, "title") == characters.line(title)
    shown = Tags(one(entry, "content"))
    assert shown.tags <= {"p", "br"}
    assert shown.text == "".join(map(characters.line, (*sentences, reason, *facts)))


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_hostile_texts_come_back_as_text(text):
    feed = read(atom.write(INFO, [replace(MOVED, title="x" + text + "x")]))
    assert one(feed.find(f"{NAMESPACE}entry"), "title") == characters.line("x" + text + "x")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"at": datetime(2026, 11, 20, 9)}, "at"),  # noqa: DTZ001 - what is refused
        ({"title": "\u2028\x00 "}, "title"),
        ({"sentences": ()}, "sentences"),
        ({"kinds": ("Dates & places",)}, "kinds"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"language": "no language"}, "language"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(values, field):
    with pytest.raises(ValueError, match=field):
        replace(MOVED, **values)


def test_the_changed_moment_of_the_feed_is_the_one_given():
    assert one(read(atom.write(INFO, [])), "updated") == CHANGED.strftime("%Y-%m-%dT%H:%M:%SZ")
