"""A page is light, asks nobody but its own server, and breaks none of its own rules."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.pages import NARROW, PAGES, STATUS

pytestmark = pytest.mark.xdist_group("browser")

MOST_BYTES = 150_000
LISTEN = """addEventListener("securitypolicyviolation", event =>
  console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI || "what is written in the page"}`))"""
BLOCKS = """() => [...document.querySelectorAll('script[type="application/ld+json"]')].map(
  block => JSON.parse(block.textContent))"""
INLINE = """() => {
  const script = document.createElement("script");
  script.text = "window.ran = true";
  document.body.append(script);
}"""


def note_failure(request, complaints: list[str]) -> None:
    """Note what failed, but not what the browser gave up because the visitor went on to another page."""
    if request.failure != "net::ERR_ABORTED":
        complaints.append(f"{request.url}: {request.failure}")


def watch(someone) -> tuple[list[str], list[str]]:
    """Return a list of all complaints and one of all addresses asked for; both grow while the visitor reads."""
    complaints: list[str] = []
    asked: list[str] = []
    page = someone.page
    page.add_init_script(LISTEN)
    page.on("console", lambda message: complaints.extend([message.text] * (message.type in {"error", "warning"})))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: note_failure(request, complaints))
    page.on("request", lambda request: asked.append(request.url))
    return complaints, asked


def test_the_coming_events_weigh_less_than_150_kb_with_everything_they_load(visitor):
    someone = visitor()
    complaints, _asked = watch(someone)
    protocol = someone.context.new_cdp_session(someone.page)
    protocol.send("Network.enable")
    protocol.send("Network.setCacheDisabled", {"cacheDisabled": True})
    names: dict[str, str] = {}
    sizes: dict[str, float] = {}
    protocol.on("Network.responseReceived", lambda event: names.update({event["requestId"]: event["response"]["url"]}))
    protocol.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page = someone.open("/")
    page.wait_for_load_state("networkidle")
    assert complaints == []
    loaded = {urlsplit(names[request]).path: size for request, size in sizes.items() if size}
    for path, size in loaded.items():
        print(f"{size:7,.0f} bytes {path}")
    print(f"{sum(loaded.values()):7,.0f} bytes in all for the coming events")
    assert {"/", "/static/css/site.css", "/static/vendor/bootstrap.min.css", "/static/js/filter.js"} <= set(loaded)
    assert sum(loaded.values()) < MOST_BYTES


def test_no_page_breaks_its_policy_complains_or_asks_another_host(visitor):
    someone = visitor(viewport=NARROW, color_scheme="dark")
    complaints, asked = watch(someone)
    for path in PAGES.values():
        page = someone.open(path)
        page.evaluate("() => document.querySelectorAll('details').forEach(fold => fold.open = true)")
    # The browser itself reports the two error pages; nothing else.
    own = [text for text in complaints if "status of 40" in text]
    assert len(own) == len(STATUS.keys() & PAGES.values())
    assert [text for text in complaints if text not in own] == []
    here = urlsplit(someone.address).netloc
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {here}


def test_the_data_for_search_engines_in_a_page_breaks_no_policy(visitor):
    someone = visitor()
    complaints, _asked = watch(someone)
    for name, language in (("event with hours", ""), ("event with long words", ""), ("event in Arabic", "?lang=ar")):
        page = someone.open(PAGES[name] + language)
        blocks = page.evaluate(BLOCKS)
        assert len(blocks) == 1
        assert blocks[0]["@type"] == "Event"
        assert blocks[0]["name"] == page.locator("h1").inner_text()
    assert complaints == []


def test_a_broken_policy_would_be_noticed(visitor):
    someone = visitor()
    complaints, _asked = watch(someone)
    page = someone.open("/about")
    page.evaluate(INLINE)
    page.wait_for_timeout(100)
    assert page.evaluate("() => window.ran") is None
    assert any(text.startswith("policy: script-src") for text in complaints), complaints
