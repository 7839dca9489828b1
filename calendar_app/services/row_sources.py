"""Reading the sources of a row: all sources of the event, line by line, or the one source of somebody else's sheet."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from calendar_app.services.columns import SOURCE_COLUMNS
from calendar_app.services.records import SourceNote
from calendar_app.services.row_cells import ADDRESS, MAX_ID, MAX_LINE, MAX_LONG, MAX_URL, event_id_of, lines_of

if TYPE_CHECKING:
    from calendar_app.services.row_cells import RowCells


def read_sources(row: RowCells) -> None:
    """Read the sources; with `source_ids` a cell holds a line for each, without it the row is one source of several."""
    present = [name for name in SOURCE_COLUMNS if row.has(name)]
    if not present:
        return
    sources = _every(row, present) if "source_ids" in present else _one_more(row, present)
    named = [source.source_id for source in sources if source.source_id]
    for doubled in sorted({name for name in named if named.count(name) > 1}):
        row.wrong("source_ids names '%(text)s' more than once.", text=doubled[:60])
    for source in sources:
        shorts = max(len(source.dates), len(source.conflicts))
        longest = max(map(len, (source.citation, source.quote, source.note)))
        if len(source.source_id) > MAX_ID or longest > MAX_LONG or shorts > MAX_LINE or len(source.url) > MAX_URL:
            row.wrong(
                "a source is too long: source_ids may have %(ids)d characters, source_dates %(dates)d,"
                " source_url %(url)d, the others %(most)d.",
                ids=MAX_ID,
                dates=MAX_LINE,
                url=MAX_URL,
                most=MAX_LONG,
            )
    row.row.values["sources"] = tuple(source for source in sources if source != SourceNote())


def _every(row: RowCells, present: list[str]) -> list[SourceNote]:
    """Return the source of each line; what the sheet has no column for stays with the source's id."""
    lines = {name: lines_of(row.cells[name]) for name in present}
    count = max(len(entries) for entries in lines.values())
    stored = {source.source_id: source for source in row.base.sources if source.source_id}
    sources = []
    for number in range(count):
        # Blank lines at the end are lost by spreadsheets.
        given = {SOURCE_COLUMNS[name]: entry[number] for name, entry in lines.items() if number < len(entry)}
        given |= {SOURCE_COLUMNS[name]: "" for name, entry in lines.items() if number >= len(entry)}
        sources.append(_source(stored.get(given["source_id"], SourceNote()), given))
    return sources


def _one_more(row: RowCells, present: list[str]) -> list[SourceNote]:
    """Return the stored sources with the row's one among them, whatever line breaks its cells have.

    The row's own id finds the source that is to change; without one nothing stored changes.
    """
    given = {SOURCE_COLUMNS[name]: " ".join(row.cells[name].split()) for name in present}
    text = row.cells.get("id", "")
    own = "" if event_id_of(text) else text
    sources = list(row.base.sources)
    place = next((n for n, source in enumerate(sources) if own and source.source_id == own), None)
    if place is not None:
        sources[place] = _source(sources[place], given)
        return sources
    if not any(given.values()):
        return sources
    if not own and any(_source(source, given) == source for source in sources):
        return sources
    return [*sources, _source(SourceNote(own), given)]


def _source(stored: SourceNote, given: dict[str, str]) -> SourceNote:
    """Return `stored` with what is given; only a web address becomes the address, other text joins the citation."""
    source = dataclasses.replace(stored, **given)
    if not source.url or ADDRESS.fullmatch(source.url):
        return source
    told = source.citation if source.url in source.citation else ", ".join(filter(None, (source.citation, source.url)))
    return dataclasses.replace(source, citation=told, url="")
