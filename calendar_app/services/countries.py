"""Countries as CLDR has them: codes, and names in the six languages."""

from __future__ import annotations

from functools import cache

from babel import Locale

from calendar_app.services.records import LANGUAGES
from calendar_app.services.text import fold

# CLDR has these too: groups of countries, parts of countries, and codes for tests.
_NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())


@cache
def country_name(code: str, language: str) -> str:
    """Return the CLDR name of a country in `language`; the code itself where CLDR has none."""
    return str(Locale.parse(language).territories.get(code, code))


def code_named(folded: str) -> str | None:
    """Return the code of the country with this CLDR name in any of the six languages, folded."""
    return _by_name().get(folded)


# Made when first asked for: CLDR's words of six languages take 10 MB.
@cache
def _by_name() -> dict[str, str]:
    index: dict[str, str] = {}
    for code in country_codes():
        for language in LANGUAGES:
            index.setdefault(fold(country_name(code, language)), code)
    return index


@cache
def is_country(code: str) -> bool:
    """Tell whether `code` is an ISO 3166 alpha-2 code that CLDR knows."""
    return code in country_codes()


@cache
def country_codes() -> tuple[str, ...]:
    """Return the ISO 3166 alpha-2 codes that CLDR knows, in order."""
    territories = (str(code) for code in Locale.parse("en").territories)
    return tuple(sorted(c for c in territories if len(c) == 2 and c.isalpha() and c not in _NOT_COUNTRIES))  # noqa: PLR2004
