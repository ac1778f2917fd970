"""The manifest: what has been taken in from which content, and where it lies. Written last, so it is the commit."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TIMESTAMP = pa.timestamp("us")
PART = pa.struct([("day", pa.date32()), ("rows", pa.int64()), ("path", pa.string())])
MODEL = pa.struct([("provider", pa.string()), ("model", pa.string())])
DELIVERY = pa.struct(
    [
        ("billing_account_id", pa.string()),
        ("billing_period_start", TIMESTAMP),
        ("exported_at", TIMESTAMP),
        ("is_correction", pa.bool_()),
        ("scopes", pa.list_(pa.string())),
    ]
)
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("file_hash", pa.string()),
        ("paths", pa.list_(pa.string())),
        ("format", pa.string()),
        ("module_version", pa.int32()),
        ("allow_list", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("rows_landed", pa.int64()),
        ("rows_accepted", pa.int64()),
        ("rows_quarantined", pa.int64()),
        ("extra_columns", pa.list_(pa.string())),
        ("first_seen_at", TIMESTAMP),
        ("came_at", TIMESTAMP),
        ("min_event_at", TIMESTAMP),
        ("max_event_at", TIMESTAMP),
        ("parts", pa.list_(PART)),
        ("models", pa.list_(MODEL)),
        ("deliveries", pa.list_(DELIVERY)),
        ("edition", pa.string()),
        ("holds_from", TIMESTAMP),
        ("holds_until", TIMESTAMP),
    ]
)


@dataclass(frozen=True)
class Part:
    """The rows of one content in one Parquet file; `path` is relative to home, `day` null in an undated source."""

    day: date | None
    rows: int
    path: str


@dataclass
class Entry:
    """One distinct landed content, taken in or refused.

    `holds_from` <= now < `holds_until`: the nows for which the row checks come to the same verdict (null: no end).
    """

    source: str
    file_hash: str
    paths: list[str]
    format: str | None
    module_version: int
    allow_list: str
    status: str
    reason: str | None
    rows_landed: int | None
    rows_accepted: int
    rows_quarantined: int | None
    extra_columns: list[str]
    first_seen_at: datetime | None
    came_at: datetime | None
    min_event_at: datetime | None
    max_event_at: datetime | None
    parts: list[Part]
    models: list[tuple[str | None, str | None]]
    deliveries: list[tuple[str | None, datetime | None, datetime | None, bool, tuple[str, ...]]]
    edition: str | None
    holds_from: datetime | None
    holds_until: datetime | None


def load(path: Path) -> dict[str, Entry]:
    """file_hash -> entry; empty where there is no manifest that can be read, so everything is taken in anew."""
    try:
        rows = pq.read_table(path, schema=SCHEMA).to_pylist()
    except (OSError, pa.ArrowException, ValueError):
        return {}
    for row in rows:
        row["parts"] = [Part(**part) for part in row["parts"]]
        row["models"] = [(m["provider"], m["model"]) for m in row["models"]]
        row["deliveries"] = [tuple((d | {"scopes": tuple(d["scopes"])}).values()) for d in row["deliveries"]]
    return {row["file_hash"]: Entry(**row) for row in rows}


def save(path: Path, entries: list[Entry]) -> None:
    """Replace the manifest, all or nothing."""
    rows = []
    for entry in sorted(entries, key=lambda e: e.file_hash):
        row = {field.name: getattr(entry, field.name) for field in fields(entry)}
        parts = sorted(entry.parts, key=lambda p: (p.day or date.min, p.path))
        row["parts"] = [{"day": p.day, "rows": p.rows, "path": p.path} for p in parts]
        row["models"] = [{"provider": p, "model": m} for p, m in _ordered(entry.models)]
        names = [field.name for field in DELIVERY]
        row["deliveries"] = [dict(zip(names, told, strict=True)) for told in _ordered(entry.deliveries)]
        rows.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.tmp")
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), aside, compression="zstd")
    with open(aside, "rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)


def _ordered(items: list[tuple]) -> list[tuple]:
    return sorted(set(items), key=lambda item: tuple((value is not None, value) for value in item))
