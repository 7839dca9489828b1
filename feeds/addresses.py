"""Which addresses on the internet may be asked for somebody else's feed: pure rules about URLs, hosts and IP addresses.

The danger is a server that is made to ask its own neighbours (SSRF): an address typed by a person, a redirect or
a name that resolves to the machine itself or to the network around it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from feeds.told import ToldError, marked

LONGEST = 2000
DEFAULT_PORTS = {"http": 80, "https": 443}
# Where calendars are published. Anything else would make of us a scanner of other people's ports.
PORTS = frozenset({80, 443, 8080, 8443})
_DOTTED = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")
# What ends in a number is an IPv4 address to a browser and to the C library, however it is written
# (url.spec.whatwg.org, "ends in a number"): 2130706433, 0x7f.1, 0177.0.0.1.
_NUMERIC_LABEL = re.compile(r"\d+|0[xX][0-9a-fA-F]*")
_NAME = re.compile(
    r"(?=.{1,253}\.?$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?"
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")

_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291, section 2.4: all that is given out today
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052, section 2.1
# Beside what ipaddress calls private or reserved, of which older Pythons know less:
# registries "IPv4/IPv6 Special-Purpose Address Space" of IANA.
_SPECIAL_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
    )
)  # fmt: skip
_SPECIAL_6 = tuple(
    IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "3ffe::/16")
)


class Refusal(StrEnum):
    """Why an address is not asked."""

    NOT_AN_ADDRESS = "not-an-address"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    HOST = "host"
    PORT = "port"
    NOT_PUBLIC = "not-public"
    DOWNGRADE = "downgrade"
    TOO_MANY_REDIRECTS = "too-many-redirects"


class FetchRefusedError(ToldError):
    """An address must not be asked: `reason` for programs, `detail` what it is about, the text for people."""

    def __init__(self, reason: Refusal, detail: str, template: str, **values: str | int) -> None:
        """Keep what programs and people are told."""
        super().__init__(template, **values)
        self.reason, self.detail = reason, detail


class Target(NamedTuple):
    """A checked address: what is asked of whom. `host` is a name in ASCII or an IP address without brackets."""

    url: str
    scheme: str
    host: str
    port: int


def check_url(url: str, allow: frozenset[tuple[str, int]] = frozenset()) -> Target:
    """Return the parts of a web address, in the form in which it is asked.

    allow: (host, port) pairs whose port is not looked at.
    Raises FetchRefusedError. The host's own addresses are looked at when it is resolved: `refused_address`.
    """
    if not url or len(url) > LONGEST or _UNSAFE.search(url.strip()):
        raise _no_address(url)
    try:
        parts = parse_url(url.strip())
    except (LocationParseError, ValueError):
        raise _no_address(url) from None
    scheme = (parts.scheme or "").lower()
    if scheme not in DEFAULT_PORTS:
        template = marked("An address that can be asked begins with http:// or https://.")
        if scheme:
            template = marked("An address that can be asked begins with http:// or https://, not with %(scheme)s://.")
        raise FetchRefusedError(Refusal.SCHEME, scheme, template, scheme=scheme)
    if parts.auth is not None:
        template = marked("The address contains a user name or password; such addresses are not asked.")
        raise FetchRefusedError(Refusal.CREDENTIALS, "", template)
    host = check_host(parts.host or "")
    port = parts.port or DEFAULT_PORTS[scheme]
    if parts.port == 0 or (port not in PORTS and (host, port) not in allow):
        template = marked("Port %(port)s is not one where feeds are published.")
        raise FetchRefusedError(Refusal.PORT, str(parts.port), template, port=str(parts.port))
    return Target(parts._replace(scheme=scheme, fragment=None).url, scheme, host, port)


def _no_address(url: str) -> FetchRefusedError:
    return FetchRefusedError(
        Refusal.NOT_AN_ADDRESS, url[:100], marked("“%(url)s” is not a web address."), url=url[:100]
    )


def check_host(host: str) -> str:
    """Return a host in lower case, an IPv6 address without its brackets.

    An IPv4 address is four plain decimal numbers; any other way to write one is refused, as is a zone of an
    IPv6 address. Raises FetchRefusedError.
    """
    lowered = host.lower()
    if lowered.startswith("["):
        inside = lowered.removeprefix("[").removesuffix("]")
        if _ip(inside) is not None and "%" not in inside:
            return inside
        template = marked("“%(host)s” is not an IPv6 address that can be asked.")
        raise FetchRefusedError(Refusal.HOST, host, template, host=host)
    if _DOTTED.fullmatch(lowered):
        return lowered
    if _NUMERIC_LABEL.fullmatch(lowered.rstrip(".").rpartition(".")[2]):
        template = marked("“%(host)s” is an unusual way to write an IP address; such addresses are not asked.")
        raise FetchRefusedError(Refusal.HOST, host, template, host=host)
    if not _NAME.fullmatch(lowered):
        raise FetchRefusedError(Refusal.HOST, host, marked("“%(host)s” is not the name of a host."), host=host)
    return lowered


def refused_address(address: str) -> str:
    """Return why an IP address is not asked, in words that follow "is"; "" if it is a public one.

    An IPv4 address inside of an IPv6 one is judged as itself; the ways to tunnel one (6to4, Teredo) are refused.
    """
    found = _ip(address.partition("%")[0])
    if found is None:
        return marked("not an IP address")
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped
        if inner is None and found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is None:
            return _refused_6(found)
        found = inner
    return _refused_4(found)


def _refused_4(address: IPv4Address) -> str:
    if address in IPv4Network("100.64.0.0/10"):
        return marked("shared between customers of a provider (CGNAT)")
    return _named(address) or _special(any(address in network for network in _SPECIAL_4) or not address.is_global)


def _refused_6(address: IPv6Address) -> str:
    if address.sixtofour is not None or address.teredo is not None:
        return marked("a tunnel to an IPv4 address")
    special = address not in _GLOBAL_UNICAST or any(address in network for network in _SPECIAL_6)
    return _named(address) or _special(special or not address.is_global)


def _named(address: IPv4Address | IPv6Address) -> str:
    """Return the sort of a special address that people know by name."""
    sorts = (
        (marked("the machine itself"), address.is_loopback),
        (marked("unspecified"), address.is_unspecified),
        (marked("link-local"), address.is_link_local),
        (marked("for many receivers (multicast)"), address.is_multicast),
    )
    named = next((sort for sort, holds in sorts if holds), "")
    return named or (marked("private") if address.is_private and not address.is_reserved else "")


def _special(holds: object) -> str:
    return marked("reserved") if holds else ""


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
