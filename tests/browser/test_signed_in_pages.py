"""The pages of members are as sound as those of readers: accessible, narrow enough, within the policy."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.pages import NARROW, SIGNED_IN, STATUS, WIDE, in_language
from tests.browser.test_accessibility import COLOURS, OPEN_FOLDS, axe, findings  # noqa: F401 - axe is a fixture
from tests.browser.test_layout import CUT_OFF, SMALL, STICKING_OUT
from tests.browser.test_network import watch

pytestmark = pytest.mark.xdist_group("browser")


# Narrow and from right to left is where most goes wrong; what is laid out otherwise on a wide screen is seen there too.
WIDE_TOO = ("workspace", "own events", "item of the queue", "own event", "edit", "members", "audit log")
VIEWS = [(name, NARROW, "ar") for name in SIGNED_IN] + [(name, WIDE, "en") for name in WIDE_TOO]


@pytest.mark.parametrize(
    ("name", "viewport", "language"), VIEWS, ids=[f"{name} in {language}" for name, _size, language in VIEWS]
)
def test_axe_finds_nothing_and_nothing_sticks_out(member, axe, name, viewport, language):  # noqa: F811
    member.page.set_viewport_size(viewport)
    page = member.open(in_language(SIGNED_IN[name], language))
    assert page.locator(".site-account form").count() == 1, "not signed in"
    page.evaluate(OPEN_FOLDS)
    found = findings(page, axe, f"{name}, light")
    found += page.evaluate(STICKING_OUT) + page.evaluate(CUT_OFF)
    if viewport == NARROW:
        found += page.evaluate(SMALL)
    page.emulate_media(color_scheme="dark")
    found += findings(page, axe, f"{name}, dark", COLOURS)
    assert not found, "\n".join(found)


def test_no_page_of_members_breaks_its_policy_complains_or_asks_another_host(visitor, coordinator):
    someone = visitor(storage_state=coordinator)
    complaints, asked = watch(someone)
    for path in SIGNED_IN.values():
        someone.open(path).evaluate(OPEN_FOLDS)
    # The browser itself reports the pages that are refused; nothing else.
    own = [text for text in complaints if "status of 40" in text]
    assert len(own) == len(STATUS.keys() & SIGNED_IN.values())
    assert [text for text in complaints if text not in own] == []
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(someone.address).netloc}


def test_the_cookie_of_a_session_is_out_of_reach_of_scripts(visitor, coordinator):
    someone = visitor(storage_state=coordinator)
    page = someone.open("/workspace")
    assert page.evaluate("document.cookie") == ""
    cookies = someone.context.cookies()
    assert cookies
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in cookies)
