"""The filter as a form and as a list of what is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask_babel import gettext as _

from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.countries import country_name
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference import reference
from calendar_app.services.text import fold
from calendar_app.web import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from calendar_app.services.filters import EventFilter
    from calendar_app.services.wording import Words


def form(
    wanted: EventFilter, words: Words, places: list[tuple[str, str, str]], action: str, *, feed: bool = False
) -> dict[str, Any]:
    """Return the fields of the filter form with the present choices; with `feed` the options of feeds beside them.

    `places`: (country, city slug, city) in use.
    """
    facts = reference()
    tiers = {1: _("Chemicals and waste"), 2: _("Close to the cluster"), 3: _("Other processes")}
    countries = sorted({country for country, _slug, _name in places if country})
    cities = {slug: words.city(name) for _country, slug, name in places if slug}
    organisers = _sorted(
        (o.code, words.gettext(o.short_name)) for o in facts.organisations.values() if o.kind != "regional-centre"
    )
    fields = [
        {"name": "q", "label": _("Search"), "type": "text", "value": wanted.q},
        _choices(
            "convention",
            _("Convention or process"),
            "checkboxes",
            ((p.slug, words.gettext(p.short_name), tiers[p.tier]) for p in facts.processes.values()),
            wanted,
        ),
        _choices(
            "kind", _("Kind"), "select", _sorted((k.slug, words.gettext(k.name)) for k in facts.kinds.values()), wanted
        ),
        _choices(
            "region",
            _("Region"),
            "select",
            ((r.code, words.gettext(r.name), "") for r in facts.regions.values()),
            wanted,
        ),
        _choices(
            "country", _("Country"), "select", _sorted((c, country_name(c, words.language)) for c in countries), wanted
        ),
        _choices("city", _("City"), "select", _sorted(cities.items()), wanted),
        _choices("format", _("Format"), "select", ((f, words.format(f), "") for f in Format), wanted),
        _choices("status", _("Status"), "select", ((s, words.status(s), "") for s in Status), wanted),
        _choices("organiser", _("Organiser"), "select", organisers, wanted),
        _choices(
            "body",
            _("Body"),
            "select",
            (
                (b.code, words.gettext(b.name), words.gettext(facts.processes[b.process].short_name))
                for b in facts.bodies.values()
            ),
            wanted,
        ),
    ]
    days = [
        {"name": "from", "label": _("From"), "type": "date", "value": wanted.first_text},
        {"name": "to", "label": _("To"), "type": "date", "value": wanted.last_text},
    ]
    hidden = [{"name": "lang", "value": wanted.lang}] if wanted.lang and not feed else []
    reset = "" if wanted.is_empty else action + (f"?lang={wanted.lang}" if wanted.lang else "")
    return {
        "fields": fields if feed else [*fields, *days],
        "options": [_language(), *days, *_feed_options(wanted, organisers)] if feed else [],
        "action": action,
        "hidden": hidden,
        "reset_url": reset,
    }


def _language() -> dict[str, Any]:
    options = [
        {
            # What goes without saying is not said in the address either.
            "value": "" if code == page.usual_language() else code,
            "label": page.own_name(code),
            "selected": code == page.title_language(),
            "group": "",
            "lang": code,
        }
        for code in LANGUAGES
    ]
    return {"name": "lang", "label": _("Language"), "type": "select", "options": options}


def _feed_options(wanted: EventFilter, organisers: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    none = {"value": "", "label": _("All in order of their days"), "selected": not wanted.own, "group": ""}
    own = [
        {"value": code, "label": label, "selected": code == wanted.own, "group": ""} for code, label, _g in organisers
    ]
    return [
        _option("tbc", "1", _("Dates to be confirmed"), _("Take them in, as whole periods"), chosen=wanted.tbc),
        _option(
            "cancelled",
            "keep",
            _("Cancelled events"),
            _("Keep them in view where programs hide them"),
            chosen=wanted.keep_cancelled,
        ),
        {
            "name": "own",
            "label": _("Whose events come first, for programs that read only the beginning"),
            "short_label": _("First in the list"),
            "type": "select",
            "options": [none, *own],
        },
    ]


def _sorted(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(value, label, "") for value, label in sorted(pairs, key=lambda pair: (fold(pair[1]), pair[1]))]


def _choices(
    name: str, label: str, kind: str, options: Iterable[tuple[str, str, str]], wanted: EventFilter
) -> dict[str, Any]:
    chosen = getattr(wanted, name)
    listed = [
        {"value": str(value), "label": text, "selected": value in chosen, "group": group}
        for value, text, group in options
    ]
    missing = [v for v in chosen if v not in {option["value"] for option in listed}]
    listed += [{"value": v, "label": v, "selected": True, "group": ""} for v in missing]
    return {"name": name, "label": label, "type": kind, "options": listed, "value": ""}


def _option(name: str, value: str, label: str, text: str, *, chosen: bool) -> dict[str, Any]:
    option = {"value": value, "label": text, "selected": chosen, "group": ""}
    return {"name": name, "label": label, "type": "checkboxes", "options": [option], "value": ""}


def active(wanted: EventFilter, shown: dict[str, Any], path: str) -> list[dict[str, str]]:
    """Return the present choices as "Kind: Workshop", each with the address that is without it."""
    return [
        {"label": choice.said, "remove_url": path + wanted.without(choice.name, choice.value).query()}
        for choice in in_words(wanted, shown)
        if choice.name != "lang"
    ]


class Choice(NamedTuple):
    """One choice of a filter: its name and value in addresses, its label, and words such as "Kind: Workshop"."""

    name: str
    value: str
    label: str
    said: str


def in_words(wanted: EventFilter, shown: dict[str, Any]) -> list[Choice]:
    """Return the choices of a filter with the labels of a form."""
    fields = {field["name"]: field for field in [*shown["fields"], *shown["options"]]}
    result = []
    for name, value in wanted.pairs():
        if name not in fields:
            continue
        labels = {option.get("lang") or option["value"]: option["label"] for option in fields[name].get("options", [])}
        label = labels.get(value) or page.words().isolated(value)
        field_label = fields[name].get("short_label") or fields[name]["label"]
        said = _("%(filter)s: %(value)s", filter=field_label, value=label)
        result.append(Choice(name, value, label, said))
    return result


def relaxations(
    wanted: EventFilter, shown: dict[str, Any], address: Callable[[EventFilter], str]
) -> list[dict[str, str]]:
    """Return, for each filter that is set, the words and the `address` of the same page without it."""
    labels = {field["name"]: field["label"] for field in shown["fields"]}
    names = dict.fromkeys(name for name, _value in wanted.pairs() if name in labels)
    return [
        {"label": _("Take away the filter “%(name)s”", name=labels[name]), "url": address(wanted.without(name))}
        for name in names
    ]
