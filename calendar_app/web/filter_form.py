"""The filter as a form and as a list of what is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.reference import country_name, reference
from calendar_app.services.text import fold
from calendar_app.web import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from calendar_app.services.filters import EventFilter
    from calendar_app.services.wording import Words


def form(
    wanted: EventFilter, words: Words, places: list[tuple[str, str, str]], action: str, *, feed: bool = False
) -> dict[str, Any]:
    """Return the fields of the filter form with the present choices; with `feed` the options of feeds too.

    `places`: (country, city slug, city) in use.
    """
    facts = reference()
    tiers = {1: _("Chemicals and waste"), 2: _("Close to the cluster"), 3: _("Other processes")}
    countries = sorted({country for country, _slug, _name in places if country})
    cities = {slug: words.city(name) for _country, slug, name in places if slug}
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
        _choices(
            "organiser",
            _("Organiser"),
            "select",
            _sorted(
                (o.code, words.gettext(o.short_name))
                for o in facts.organisations.values()
                if o.kind != "regional-centre"
            ),
            wanted,
        ),
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
        {"name": "from", "label": _("From"), "type": "date", "value": wanted.first_text},
        {"name": "to", "label": _("To"), "type": "date", "value": wanted.last_text},
    ]
    if feed:
        fields += [
            _option("tbc", "1", _("Dates to be confirmed"), _("Take them in, as whole periods"), chosen=wanted.tbc),
            _option(
                "cancelled",
                "keep",
                _("Cancelled events"),
                _("Keep them in view where programs hide them"),
                chosen=wanted.keep_cancelled,
            ),
        ]
    hidden = [{"name": "lang", "value": wanted.lang}] if wanted.lang else []
    reset = "" if wanted.is_empty else action + (f"?lang={wanted.lang}" if wanted.lang else "")
    return {"fields": fields, "action": action, "hidden": hidden, "reset_url": reset}


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
    fields = {field["name"]: field for field in shown["fields"]}
    result = []
    for name, value in wanted.pairs():
        if name not in fields:
            continue
        labels = {option["value"]: option["label"] for option in fields[name].get("options", [])}
        said = labels.get(value) or page.words().isolated(value)
        label = _("%(filter)s: %(value)s", filter=fields[name]["label"], value=said)
        result.append({"label": label, "remove_url": path + wanted.without(name, value).query()})
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
