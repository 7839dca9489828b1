"""Fetching other people's feeds from a real server on this machine: what comes, and what is refused and why."""

from __future__ import annotations

import gzip
import ipaddress
import ssl
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from feeds.addresses import refused_address
from feeds.fetch import (
    Failure,
    FetchFailedError,
    FetchRefusedError,
    Guard,
    Limits,
    Refusal,
    Unchanged,
    fetch,
)
from tests.feeds.hostile_server import always, by_path, response, serving

BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
QUICK = Limits(seconds=10, body=2**20)


def nobody_asks(host, port):
    pytest.fail(f"{host} was looked up")


def names(**known):
    """Return a resolver that knows these names, and nothing else."""
    return lambda host, _: known.get(host.replace(".", "_"), [])


def allowing(*servers, resolve=None):
    """Return a guard that lets the test's own servers be asked."""
    allow = {(server.host, server.port) for server in servers}
    allow |= {(name, server.port) for server in servers for name in ("calendar.example", "other.example")}
    resolve = resolve or (lambda host, _: [servers[0].host if host.endswith(".example") else host])
    return Guard(allow=frozenset(allow), resolve=resolve)


def refusal(url, **options):
    with pytest.raises(FetchRefusedError) as refused:
        fetch(url, **options)
    assert str(refused.value).endswith(".")
    return refused.value


def failure(url, **options):
    with pytest.raises(FetchFailedError) as failed:
        fetch(url, **options)
    assert str(failed.value).endswith(".")
    return failed.value


def test_a_feed_comes_with_what_is_needed_to_ask_again():
    answer = response(BODY, etag='"1"', last_modified="Tue, 01 Sep 2026 10:00:00 GMT")
    with serving(always(answer)) as server:
        fetched = fetch(server.url(), guard=allowing(server))
    assert (fetched.status, fetched.body, fetched.etag) == (200, BODY, '"1"')
    assert fetched.last_modified == "Tue, 01 Sep 2026 10:00:00 GMT"
    assert fetched.content_type == "text/calendar; charset=utf-8"


def test_what_did_not_change_is_not_sent_again():
    with serving(always(response(status="304 Not Modified"))) as server:
        guard = allowing(server)
        again = fetch(server.url(), etag='"1"', last_modified="Tue, 01 Sep 2026 10:00:00 GMT", guard=guard)
        assert again == Unchanged()
        assert 'If-None-Match: "1"\r\n' in server.requests[0]
        assert "If-Modified-Since: Tue, 01 Sep 2026 10:00:00 GMT\r\n" in server.requests[0]
        # To a first request it is no answer.
        assert failure(server.url(), guard=guard).status == 304
        assert "If-" not in server.requests[1]


def test_the_server_sees_a_browser_with_our_name(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving(always(response(BODY))) as server:
        fetch(server.url(host="calendar.example"), accept="application/json", guard=allowing(server))
    head = server.requests[0]
    assert "User-Agent: Mozilla/5.0" in head
    assert "JointMeetingCalendar" in head
    assert f"Host: calendar.example:{server.port}\r\n" in head
    assert "Accept: application/json\r\n" in head


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://calendar.example/a.ics", Refusal.SCHEME),
        ("file:///etc/passwd", Refusal.SCHEME),
        ("calendar.example/a.ics", Refusal.SCHEME),
        ("", Refusal.NOT_AN_ADDRESS),
        ("http://calendar.example/" + "a" * 2000, Refusal.NOT_AN_ADDRESS),
        ("http://calendar.example\\@127.0.0.1/", Refusal.NOT_AN_ADDRESS),
        ("http://calendar.example/\r\nHost: other", Refusal.NOT_AN_ADDRESS),
        ("http://user:secret@calendar.example/", Refusal.CREDENTIALS),
        ("http://user@calendar.example/", Refusal.CREDENTIALS),
        ("http://calendar.example:22/", Refusal.PORT),
        ("http://calendar.example:6379/", Refusal.PORT),
        ("http://calendar.example:0/", Refusal.PORT),
        ("http://2130706433/", Refusal.HOST),
        ("http://0x7f000001/", Refusal.HOST),
        ("http://0x7f.0.0.1/", Refusal.HOST),
        ("http://017700000001/", Refusal.HOST),
        ("http://0177.0.0.1/", Refusal.HOST),
        ("http://127.1/", Refusal.HOST),
        ("http://127.0.0.1./", Refusal.HOST),
        ("http://0/", Refusal.HOST),
        ("http:///feed.ics", Refusal.HOST),
        ("http://[fe80::1%25eth0]/", Refusal.HOST),
    ],
)
def test_an_address_that_no_public_feed_has_is_refused_before_anything_is_looked_up(url, reason):
    assert refusal(url, guard=Guard(resolve=nobody_asks)).reason is reason


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "the machine itself"),
        ("127.8.8.8", "the machine itself"),
        ("::1", "the machine itself"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("10.0.0.8", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fc00::1", "private"),
        ("fd12:3456::1", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("100.64.0.1", "CGNAT"),
        ("100.127.255.254", "CGNAT"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("192.0.0.8", "reserved"),
        ("fec0::1", "reserved"),
        ("::ffff:127.0.0.1", "the machine itself"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:100.64.0.1", "CGNAT"),
        ("::127.0.0.1", "reserved"),
        ("64:ff9b::7f00:1", "the machine itself"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("64:ff9b:1::1", "reserved"),
        ("2002:7f00:1::1", "tunnel"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "tunnel"),
        ("2001:db8::1", "private"),
    ],
)
def test_an_address_inside_of_a_network_is_refused_however_it_comes(address, why):
    host = f"[{address}]" if ":" in address else address
    itself = refusal(f"http://{host}/", guard=Guard(resolve=lambda host, _: [host]))
    assert (itself.reason, why in str(itself)) == (Refusal.NOT_PUBLIC, True)
    named = refusal(
        "https://calendar.example/", guard=Guard(resolve=names(calendar_example=["93.184.216.34", address]))
    )
    assert (named.reason, named.detail) == (Refusal.NOT_PUBLIC, address)
    assert why in str(named)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_public_addresses_may_be_asked(address):
    assert not refused_address(address)


def test_a_name_that_stands_for_nothing_is_a_failure():
    assert failure("https://gone.example/", guard=Guard(resolve=names())).reason is Failure.UNKNOWN_HOST


def test_the_socket_goes_to_the_address_that_was_checked():
    """The name stands for the calendar when it is checked, and for the machine's own service at any later look."""
    with (
        serving(always(response(BODY))) as calendar,
        serving(always(response(b"secret")), host="127.0.0.2", port=calendar.port) as inside,
    ):
        answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
        guard = allowing(calendar, resolve=lambda *_: answers.pop(0))
        assert fetch(calendar.url(host="calendar.example"), guard=guard).body == BODY
        assert len(answers) == 2
        # The second request looks anew, and finds what it must not ask.
        again = refusal(calendar.url(host="calendar.example"), guard=guard)
        assert (again.reason, again.detail) == (Refusal.NOT_PUBLIC, "127.0.0.2")
        assert inside.connections == 0


def test_a_name_that_changes_between_redirects_is_refused():
    moved = {"/feed.ics": response(status="302 Found", location="/2.ics"), "/2.ics": response(b"secret")}
    with serving(by_path(moved)) as server:
        answers = [["127.0.0.1"], ["10.0.0.1"]]
        guard = allowing(server, resolve=lambda *_: answers.pop(0))
        assert refusal(server.url(host="calendar.example"), guard=guard).reason is Refusal.NOT_PUBLIC
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://10.0.0.1/", Refusal.NOT_PUBLIC),
        ("http://169.254.169.254/latest/meta-data/", Refusal.NOT_PUBLIC),
        ("http://[::1]/", Refusal.NOT_PUBLIC),
        ("http://[::ffff:127.0.0.1]/", Refusal.NOT_PUBLIC),
        ("http://2130706433/", Refusal.HOST),
        ("http://0177.0.0.1/", Refusal.HOST),
        ("//0x7f.1/", Refusal.HOST),
        ("file:///etc/passwd", Refusal.SCHEME),
        ("gopher://calendar.example/", Refusal.SCHEME),
        ("http://a:b@calendar.example/", Refusal.CREDENTIALS),
        ("http://calendar.example:25/", Refusal.PORT),
    ],
)
def test_a_redirect_is_checked_as_the_first_address_was(location, reason):
    with serving(always(response(status="302 Found", location=location))) as server:
        assert refusal(server.url(), guard=allowing(server)).reason is reason
        assert len(server.requests) == 1


def test_redirects_are_followed():
    answers = {
        "/feed.ics": response(status="301 Moved", location="2.ics", set_cookie="a=b"),
        "/2.ics": response(status="302 Found", location="/3.ics"),
        "/3.ics": response(BODY),
    }
    with serving(by_path(answers)) as server:
        assert fetch(server.url(), guard=allowing(server)).body == BODY
    assert len(server.requests) == 3
    assert not any("Cookie" in head for head in server.requests)


def test_a_ring_of_redirects_ends():
    with serving(always(response(status="302 Found", location="/feed.ics"))) as server:
        assert refusal(server.url(), guard=allowing(server)).reason is Refusal.TOO_MANY_REDIRECTS
        assert len(server.requests) == 6


def test_a_status_is_a_failure_that_names_it():
    with serving(always(response(status="503 Service Unavailable", retry_after="9" * 5000))) as server:
        failed = failure(server.url(), guard=allowing(server))
    assert (failed.reason, failed.status) == (Failure.STATUS, 503)
    assert "503 Service Unavailable" in str(failed)


def drip(pieces, seconds):
    def answer(_):
        for piece in pieces:
            yield piece
            time.sleep(seconds)

    return answer


ENDLESS_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/calendar\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b""] * 100, id="nothing"),
        pytest.param([b"H"] * 100, id="status"),
        pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"a: b\r\n"] * 100], id="headers"),
        pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n"] * 100, id="continue"),
        pytest.param([ENDLESS_HEAD, *[b"."] * 100], id="body"),
        pytest.param([response(b"." * 1000)[:-1000], *[b"."] * 100], id="body of known length"),
        pytest.param([CHUNKED, *[b"1\r\na\r\n"] * 100], id="chunks"),
        pytest.param([CHUNKED, *[b"0"] * 100], id="length of a chunk"),
    ],
)
def test_a_slow_drip_is_cut_off(pieces):
    limits = Limits(seconds=0.4)
    with serving(drip(pieces, 0.05)) as server:
        started = time.monotonic()
        assert failure(server.url(), limits=limits, guard=allowing(server)).reason is Failure.SLOW
        assert time.monotonic() - started < 3


def test_a_slow_name_server_is_not_waited_for():
    guard = Guard(resolve=lambda *_: time.sleep(2))
    started = time.monotonic()
    assert failure("http://calendar.example/", limits=Limits(seconds=0.2), guard=guard).reason is Failure.SLOW
    assert time.monotonic() - started < 3


def test_an_endless_body_is_cut_off():
    def endless(_):
        yield ENDLESS_HEAD
        while True:
            yield b"." * 50_000

    with serving(endless) as server:
        failed = failure(server.url(), limits=QUICK, guard=allowing(server))
    assert failed.reason is Failure.TOO_LARGE
    assert "1 MB" in str(failed)


def test_endless_headers_are_cut_off():
    many = b"HTTP/1.1 200 OK\r\n" + b"".join(b"h%d: %s\r\n" % (n, b"." * 1000) for n in range(90)) + b"\r\n"
    with serving(always(many)) as server:
        assert failure(server.url(), guard=allowing(server)).reason is Failure.TOO_LARGE
    with serving(always(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5000 + b"\r\n")) as server:
        assert failure(server.url(), guard=allowing(server)).reason is Failure.CUT_OFF


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])),
        ("GZIP", gzip.compress(BODY) + b"\0\0\0"),
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),
        ("identity", BODY),
    ],
    # Names of their own, because what is packed holds the moment at which it was.
    ids=["gzip", "in two parts", "zeros behind", "deflate", "raw deflate", "as it is"],
)
def test_packed_bodies_are_unpacked(coding, packed):
    with serving(always(response(packed, content_encoding=coding))) as server:
        assert fetch(server.url(), guard=allowing(server)).body == BODY


BOMB = bytes(100_000_000)


@pytest.mark.parametrize(
    ("coding", "packed", "reason"),
    [
        pytest.param("gzip", gzip.compress(BOMB, 9), Failure.TOO_LARGE, id="gzip bomb"),
        pytest.param("gzip", gzip.compress(bytes(60_000), 9) * 10, Failure.TOO_LARGE, id="gzip bomb in parts"),
        pytest.param("deflate", zlib.compress(BOMB, 9), Failure.TOO_LARGE, id="deflate bomb"),
        pytest.param("deflate", raw_deflate(BOMB), Failure.TOO_LARGE, id="raw deflate bomb"),
        pytest.param("br", b"\x0b\x02\x80", Failure.ENCODING, id="brotli"),
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(BOMB)), Failure.ENCODING, id="twice"),
        pytest.param("gzip", BODY, Failure.ENCODING, id="not packed"),
        pytest.param("deflate", b"\xff" * 40, Failure.ENCODING, id="not deflate"),
        pytest.param(
            "gzip", gzip.compress(b"".join(b"%d" % n for n in range(9999)))[:-900], Failure.CUT_OFF, id="half"
        ),
    ],
)
def test_packed_bodies_that_burst_or_break_are_refused(coding, packed, reason):
    limits = Limits(body=200_000)
    with serving(always(response(packed, content_encoding=coding))) as server:
        assert failure(server.url(), limits=limits, guard=allowing(server)).reason is reason


@pytest.mark.parametrize("status", ["302 Found", "301 Moved Permanently"])
def test_the_body_of_a_redirect_is_not_unpacked(status):
    packed = response(gzip.compress(BOMB, 9), status=status, location="/2.ics", content_encoding="gzip")
    with serving(by_path({"/feed.ics": packed, "/2.ics": response(BODY)})) as server:
        tracemalloc.start()
        assert fetch(server.url(), guard=allowing(server)).body == BODY
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert used < len(BOMB) / 10


def test_the_body_of_a_redirect_is_not_waited_for():
    def endless(head):
        if " /2.ics " in head:
            yield response(BODY)
            return
        yield b"HTTP/1.1 302 Found\r\nlocation: /2.ics\r\n\r\n"
        while True:
            yield b"." * 1000
            time.sleep(0.01)

    with serving(endless) as server:
        assert fetch(server.url(), limits=Limits(seconds=2), guard=allowing(server)).body == BODY


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(response(BODY)[:-10], id="shorter than it says"),
        pytest.param(CHUNKED + b"5\r\nBEGIN", id="a chunk that ends"),
        pytest.param(CHUNKED + b"zz\r\n", id="a chunk without a length"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="not HTTP"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_an_answer_that_breaks_off_is_a_failure(answer):
    with serving(always(answer)) as server:
        assert failure(server.url(), guard=allowing(server)).reason is Failure.CUT_OFF


def test_a_closed_port_is_a_failure():
    with serving(always(b"")) as server:
        guard = allowing(server)
        closed = server.url()
    assert failure(closed, guard=guard).reason is Failure.UNREACHABLE


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for calendar.example and its key, in files; who trusts the one trusts the name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "calendar.example")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("calendar.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("authority")
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.TraditionalOpenSSL
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return certificate_file, key_file


@pytest.fixture
def tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    context.asked_for = []
    context.sni_callback = lambda _, name, __: context.asked_for.append(name)
    return context


def trusting(authority, guard):
    return Guard(resolve=guard.resolve, allow=guard.allow, authorities=str(authority[0]))


def test_the_certificate_is_checked_for_the_name_not_for_the_address(tls, authority):
    with serving(always(response(BODY)), tls=tls) as server:
        guard = trusting(authority, allowing(server))
        assert fetch(server.url(host="calendar.example"), guard=guard).body == BODY
        assert tls.asked_for == ["calendar.example"]
        assert f"Host: calendar.example:{server.port}" in server.requests[0]
        other = failure(server.url(host="other.example"), guard=guard)
        assert other.reason is Failure.CERTIFICATE
        assert "other.example" in str(other)
        unknown = failure(server.url(host="calendar.example"), guard=allowing(server))
        assert unknown.reason is Failure.CERTIFICATE
        assert len(server.requests) == 1


def test_http_after_https_is_refused(tls, authority):
    answer = response(status="301 Moved", location="http://calendar.example/feed.ics")
    with serving(always(answer), tls=tls) as server:
        guard = trusting(authority, allowing(server))
        assert refusal(server.url(host="calendar.example"), guard=guard).reason is Refusal.DOWNGRADE


@pytest.mark.parametrize("pieces", [[ENDLESS_HEAD, *[b"."] * 100], [b"H"] * 100])
def test_a_slow_drip_over_tls_is_cut_off(tls, authority, pieces):
    with serving(drip(pieces, 0.05), tls=tls) as server:
        guard = trusting(authority, allowing(server))
        started = time.monotonic()
        failed = failure(server.url(host="calendar.example"), limits=Limits(seconds=0.4), guard=guard)
        assert failed.reason is Failure.SLOW
        assert time.monotonic() - started < 3


def test_a_handshake_that_never_ends_is_cut_off(authority):
    """A server that speaks no TLS: it waits for a request, and so does not answer."""
    with serving(lambda _: []) as server:
        guard = trusting(authority, allowing(server))
        address = server.url(host="calendar.example").replace("http:", "https:")
        started = time.monotonic()
        assert failure(address, limits=Limits(seconds=0.4), guard=guard).reason is Failure.SLOW
        assert time.monotonic() - started < 3


def test_what_people_are_told_can_be_put_in_other_words():
    told = refusal("http://10.0.0.1/")
    assert told.template % told.values == str(told)
    assert told.template == "The address %(address)s is not on the public internet: it is %(because)s."
    assert told.values == {"host": "10.0.0.1", "address": "10.0.0.1", "because": "private"}
