"""What letters look like: plain text and HTML, in the reader's language, with nothing in them that acts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.mail import messages
from calendar_app.mail.composing import Action, Facts, Letter, Listing, Paragraph, Quotation
from calendar_app.mail.rendering import WIDTH, wrapped
from calendar_app.models import OutboxMessage
from calendar_app.services import outbox
from tests.mail.letters import LETTER, put, row

pytestmark = pytest.mark.either_database

LONG_URL = "https://calendar.example.org/submissions/open/" + "a-b." * 60
FULL = Letter(
    "Changes are asked for: Training <b>",
    (
        Paragraph("The secretariat of the Basel Convention asks for changes of the event that you sent in. " * 3),
        Quotation("Which room?\n\nAnd <script>alert(1)</script> " + "who " * 30),
        Facts((("Dates", "3–7 May 2027"), ("Place", 'Geneva "CICG" <x>'))),
        Listing((("Training", "https://calendar.example.org/events/1"), ("Another", ""))),
        Action("Change the submission", LONG_URL),
    ),
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)


class Seen(HTMLParser):
    """The tags and the text of a page, and the attributes of each tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def sent() -> messages.EmailMessage:
    """The only letter of the outbox as it arrives: written out and read back."""
    return as_it_arrives(row())


def as_it_arrives(found: OutboxMessage) -> messages.EmailMessage:
    wire = outbox.message_of(outbox._claimed(db.session(), found), "calendar@example.org").as_bytes()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|[^\x00-\x7f]", wire), "lines as the protocol wants them, in seven bits"
    return message_from_bytes(wire, policy=policy.default)


def name_in(message, header: str) -> str:
    """The name in an address header; Python's newer reader puts a blank between two encoded words of a name."""
    raw = message_from_bytes(message.as_bytes())[header]
    return str(make_header(decode_header(parseaddr(raw.replace("\n", "").replace("\r", ""))[0])))


def parts(message) -> tuple[str, str]:
    return tuple(message.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))


def test_a_letter_has_a_text_part_and_an_html_part_that_say_the_same(app):
    put(letter=FULL, name="Ana Pérez")
    text, html = parts(sent())
    seen = Seen(html)
    for words in ("Hello Ana Pérez,", "Which room?", "3–7 May 2027", 'Geneva "CICG" <x>', "Training", "Change the sub"):
        assert words in text
        assert words in seen.text
    assert "Joint meeting calendar" in text
    assert "the address ana@brs.example was given" in " ".join(text.split())


def test_every_address_is_written_out_in_the_text_and_never_broken(app):
    put(letter=FULL)
    text, html = parts(sent())
    assert LONG_URL in text.split("\n")
    assert "https://calendar.example.org/events/1" in text
    links = [attributes["href"] for tag, attributes in Seen(html).tags if tag == "a"]
    assert links == ["https://calendar.example.org/events/1", LONG_URL]


def test_lines_have_76_characters_at_most_except_for_addresses(app):
    put(letter=FULL)
    text, _html = parts(sent())
    assert [line for line in text.split("\n") if len(line) > WIDTH] == [LONG_URL]


def test_the_words_of_others_are_marked_as_theirs_and_do_nothing(app):
    put(letter=FULL)
    text, html = parts(sent())
    assert "> Which room?\n>\n> And <script>" in text
    seen = Seen(html)
    assert "script" not in {tag for tag, _attributes in seen.tags}
    assert "<script>alert(1)</script>" in seen.text
    quoted = html[html.index("<blockquote") : html.index("</blockquote>")]
    assert quoted.count("<br>") == 2


def test_an_arabic_letter_says_its_language_and_runs_from_right_to_left(app):
    put(letter=Letter("أكِّد عنوانك", (Paragraph("وصلنا حدثك."),)), language="ar", name="سلمى")
    message = sent()
    text, html = parts(message)
    assert message["Subject"] == "أكِّد عنوانك"
    assert message["Content-Language"] == "ar"
    assert name_in(message, "From") == "التقويم المشترك للاجتماعات"
    assert "وصلنا حدثك." in text
    tags = Seen(html).tags
    assert [(tag, a["dir"]) for tag, a in tags if a.get("lang") == "ar"] == [("html", "rtl"), ("div", "rtl")]
    assert "left" not in html


def test_a_language_without_catalogue_is_written_in_english_and_says_so(app):
    put(language="zh")
    assert sent()["Content-Language"] == "en"


def test_the_headers_say_that_a_program_writes_and_which_letter_it_is(app):
    put(name="Ana")
    message = sent()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{row().id}@example.org>"
    assert sent()["Message-ID"] == message["Message-ID"]
    assert message["Date"].datetime == row().created_at
    assert str(message["To"]) == "Ana <ana@brs.example>"
    assert str(message["From"]) == "Joint meeting calendar <calendar@example.org>"


HOSTILE = (
    "x\r\nBcc: everybody@example.org",
    "x\nBcc: everybody@example.org\n\nA body",
    "x\rBcc: everybody@example.org",
    "x\x0bBcc: y\x00\x1f\x7f\x85",
    "x\u2028Bcc: everybody\u2029",
    "\u202egro.elpmaxe",
    "=?utf-8?q?x=0ABcc:_y?=",
    '"; Bcc: everybody',
    "a" * 5000,
    "é" * 5000,
    "\ud800",
    "\r\n\r\n",
    "",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_a_subject_or_a_name_becomes_a_header_or_a_body_of_its_own(app, text):
    put(letter=Letter(text, (Paragraph("Ours."),)), name=text)
    message = sent()
    assert sorted(message.keys()) == sorted(
        "From To Subject Date Message-ID Content-Language Auto-Submitted MIME-Version Content-Type".split()
    )
    assert len(message["Subject"]) <= outbox.LONGEST_SUBJECT
    assert not re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\u202e]", message["Subject"] + str(message["To"]))
    assert [a.addr_spec for a in message["To"].addresses] == ["ana@brs.example"]


@pytest.mark.parametrize(
    "title",
    [
        "ورشة عمل إقليمية بشأن نفايات الزئبق في تعدين الذهب الحرفي",
        "控制 危险 废物 越境 转移 及其 处置 公约 缔约方 会议",
        "Региональный семинар по вопросам ртутных отходов для стран",
        "A long title in plain letters, " * 5,
    ],
)
def test_a_long_subject_keeps_every_blank(app, title):
    wanted = f"Please change: {title.strip()}"
    put(letter=Letter(wanted, (Paragraph("Text"),)))
    message = sent()
    assert message["Subject"] == wanted


@given(subject=TEXTS, name=TEXTS, text=TEXTS)
def test_whatever_a_letter_holds_arrives_as_one_message_to_one_person(app, subject, name, text):
    letter = Letter(subject, (Paragraph(text), Quotation(text), Facts(((text, text),)), Action(text, "https://x.org/")))
    with transaction(keep=False) as session:
        outbox.queue(session, outbox.Recipient("ana@brs.example", name), letter, clock.now())
        found = session.scalar(select(OutboxMessage))
        message = as_it_arrives(found)
        subject_kept, name_kept = found.subject, found.to_name
        tags = {tag for tag, _attributes in Seen(found.html).tags}
    assert [a.addr_spec for a in message["To"].addresses] == ["ana@brs.example"]
    assert message["Subject"].split() == subject_kept.replace("=?", "= ?").split()
    assert name_in(message, "To").split() == name_kept.replace("=?", "= ?").split()
    assert len(message.keys()) == 9
    assert tags <= set("html head meta title body div p blockquote br a span dl dt dd".split())


@pytest.mark.parametrize("name", ["Visit evil.example.com", "http://evil", "win@evil", "www.evil", "a/b"], ids=range(5))
def test_a_name_that_programs_would_turn_into_a_link_is_left_out(app, name):
    put(name=name)
    text, html = parts(sent())
    assert text.startswith("Hello,\n")
    assert name not in text + html
    assert str(sent()["To"]) == "ana@brs.example"


def test_a_very_long_name_is_shortened(app):
    put(name="Ana " * 100)
    assert len(name_in(sent(), "To")) <= 100


@pytest.mark.parametrize("email", ["nobody", "a@b\r\nBcc: c@d.org", "a b@c.org", "<a@b.org>, c@d.org", "x" * 400])
def test_a_letter_to_no_address_is_kept_as_failed_and_the_change_goes_on(app, email):
    assert put(email)
    assert (row().state, row().error) == ("failed", "This is not an address to which mail can be sent.")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("ana@brs.example", "ana@brs.example"),
        ("Ana@BRS.Example", "Ana@brs.example"),
        ("ana@exämple.org", "ana@xn--exmple-cua.org"),
        ("administrator@localhost", "administrator@localhost"),
        ("a\nb@localhost", ""),
        ("ana@", ""),
        ("@localhost", ""),
        ("", ""),
    ],
)
def test_addresses_are_checked_by_their_form_alone(given, expected):
    assert messages.address(given) == expected


def test_the_same_key_is_written_once(app):
    assert put(key="submission/1/confirm")
    assert not put(key="submission/1/confirm")
    assert row().subject == LETTER.subject


@given(text=TEXTS)
def test_wrapping_loses_and_adds_no_word(text):
    assert wrapped(text).split() == text.split()


def test_a_long_address_in_a_header_is_written_as_it_is():
    address = f"<https://calendar.example.org/mail/unsubscribe/{'x' * 200}>"

    def written(value: str) -> bytes:
        return messages.compose(
            message_id="<1@example.org>", date=datetime(2026, 12, 1, tzinfo=UTC),
            sender=("Calendar", "calendar@example.org"), to=("", "reader@example.org"), language="en",
            subject="A subject " * 12, parts=("text", "<p>html</p>"), headers={"List-Unsubscribe": value},
        ).as_bytes()  # fmt: skip

    assert f"\r\nList-Unsubscribe: {address}\r\n".encode() in written(address)
    assert max(len(line) for line in written(address).split(b"\r\n") if b"unsubscribe" not in line) <= 78
    with pytest.raises(ValueError, match="one line"):
        written("<https://calendar.example.org>\nBcc: other@example.org")
