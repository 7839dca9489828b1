"""Backups that somebody has changed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    Row = dict[str, Any]


def rewritten(
    path: Path,
    rows: Mapping[str, Callable[[Row], Row | None]] | None = None,
    *,
    manifest: Mapping[str, Any] | None = None,
    kinds: Mapping[str, str] | None = None,
    drop: AbstractSet[str] = frozenset(),
    columns: Mapping[str, AbstractSet[str]] | None = None,
    seal: bool = True,
) -> None:
    """Write a backup anew with some `rows` changed or (None) left out, or without some tables and columns.

    `columns`: the only ones that stay, by table. With `seal` its digests and counts are those of the new rows.
    """
    with zipfile.ZipFile(path) as archive:
        said = json.loads(archive.read("manifest.json")) | (manifest or {})
        tables = {t["name"]: archive.read(f"tables/{t['name']}.jsonl").splitlines() for t in said["tables"]}
    said["tables"] = [table for table in said["tables"] if table["name"] not in drop]
    with zipfile.ZipFile(path, "w") as archive:
        for table in said["tables"]:
            names = [name for name, _kind in table["columns"]]
            stay = (columns or {}).get(table["name"], set(names))
            change = (rows or {}).get(table["name"], lambda row: row)
            changed = [change(dict(zip(names, json.loads(line), strict=True))) for line in tables[table["name"]]]
            lines = [json.dumps([row[name] for name in names if name in stay]) + "\n" for row in changed if row]
            data = "".join(lines).encode()
            archive.writestr(f"tables/{table['name']}.jsonl", data)
            table["columns"] = [
                [name, (kinds or {}).get(kind, kind)] for name, kind in table["columns"] if name in stay
            ]
            if seal:
                table["rows"], table["sha256"] = len(lines), hashlib.sha256(data).hexdigest()
        archive.writestr("manifest.json", json.dumps(said))
