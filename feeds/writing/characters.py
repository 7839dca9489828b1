"""Characters that no feed may carry, taken out of texts and addresses before a format escapes them."""

from __future__ import annotations

import re
from urllib.parse import quote

# U+0085, U+2028 and U+2029 end a line for Python's str.splitlines, with which vdirsyncer cuts a calendar into
# lines.
_LINE_ENDS = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
# C0 (RFC 5545, section 3.1: CONTROL), DEL, C1, the byte order mark, what XML 1.0 forbids, and lone
# surrogates, which have no UTF-8 form.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_BLANKS = re.compile(r"[\t\n ]+")
# Everything that RFC 3986, section 2 allows in an address, beside letters and digits; "%" as it is already
# encoded.
_ADDRESS_SAFE = "%:/?#[]@!$&'()*+,;=-._~"


def text(value: str) -> str:
    """Return `value` with every line end as a newline, without controls (tabs stay) and lone surrogates."""
    return _UNSAFE.sub("", _LINE_ENDS.sub("\n", value))


def line(value: str) -> str:
    """Return `value` as `text` does, in one line: each run of newlines, tabs and blanks becomes one blank."""
    return _BLANKS.sub(" ", text(value)).strip()


def address(value: str) -> str:
    """Return the address `value` in ASCII (RFC 3987, section 3.1): anything else percent-encoded as UTF-8."""
    return quote(text(value), safe=_ADDRESS_SAFE)
