"""Writes raw: Parquet under a temporary name first, renamed once the gate has let it through."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import duckdb

from orchestration.ingest.lookup import literal, quoted
from orchestration.ingest.manifest import Entry, Part
from orchestration.ingest.spec import Source

MOST_PARTS = 8  # of one day, before they are merged
LARGE_PART = 500_000  # rows; parts from this size on are left as they are, so a merge never costs much
NO_DAY = date(1970, 1, 1)  # where a dated source's empty file lies, so that readers always find the columns


def kept_columns(source: Source) -> str:
    return ", ".join([*(quoted(column.name) for column in source.columns), "_file_hash", "_row"])


def write_aside(con: duckdb.DuckDBPyConnection, source: Source, rows: str, folder: Path) -> dict[str, list[Part]]:
    """Write the relation `rows` (kept columns and, in a dated source, `day`) below `folder`.

    Returns file_hash -> parts, their paths relative to `folder`, as they will lie in raw/<source>.
    """
    written = folder / f"w{secrets.token_hex(4)}"
    written.mkdir(parents=True)
    if source.by_day:
        con.execute(
            f"copy (select {kept_columns(source)}, day from {rows}) to {literal(str(written))} "
            "(format parquet, compression zstd, partition_by (day), overwrite_or_ignore, filename_pattern '{uuid}')"
        )
    else:
        con.execute(
            f"copy (select {kept_columns(source)} from {rows}) "
            f"to {literal(str(written / f'{secrets.token_hex(16)}.parquet'))} "
            "(format parquet, compression zstd)"
        )
    files = sorted(written.glob("**/*.parquet"))
    parts: dict[str, list[Part]] = defaultdict(list)
    for file, file_hash, count in _rows_by_content(con, files):
        path = Path(file)
        name = path.relative_to(written)
        day = date.fromisoformat(name.parts[0].removeprefix("day=")) if source.by_day else None
        (folder / name).parent.mkdir(exist_ok=True)
        if path.exists():
            path.rename(folder / name)
        parts[file_hash].append(Part(day, count, name.as_posix()))
    shutil.rmtree(written)
    return dict(parts)


def _rows_by_content(con: duckdb.DuckDBPyConnection, files: list[Path]) -> list[tuple[str, str, int]]:
    if not files:
        return []
    listed = ", ".join(literal(str(file)) for file in files)
    return con.execute(
        "select filename, _file_hash, count(*) "
        f"from read_parquet([{listed}], filename = true, hive_partitioning = false) "
        "group by all order by all"
    ).fetchall()


def write_empty(con: duckdb.DuckDBPyConnection, source: Source, allow_list: str, raw: Path) -> Path:
    """The source's empty, typed file: a reader finds its columns where nothing has landed."""
    folder = raw / source.name / (f"day={NO_DAY}" if source.by_day else "")
    path = folder / f"empty-{allow_list[:16]}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        columns = [f"null::{column.type} as {quoted(column.name)}" for column in source.columns]
        aside = folder / ".empty.tmp"
        con.execute(
            f"copy (select {', '.join(columns)}, null::varchar as _file_hash, null::bigint as _row limit 0) "
            f"to {literal(str(aside))} (format parquet, compression zstd)"
        )
        aside.rename(path)
    return path


def move_in(parts: Iterable[Part], aside: Path, raw: Path, home: Path) -> dict[str, str]:
    """Rename the parts from `aside` into `raw` (a source's folder). Returns their old path -> path relative to home."""
    moved: dict[str, str] = {}
    for part in parts:
        if part.path not in moved:
            target = raw / part.path
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(aside / part.path, "rb") as file:
                os.fsync(file.fileno())
            (aside / part.path).rename(target)
            moved[part.path] = target.relative_to(home).as_posix()
    return moved


def rewrite_shared(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    entries: Collection[Entry],
    gone: Collection[Entry],
    home: Path,
    aside: Path,
) -> None:
    """Take the rows of `gone` out of the parts that they share with `entries`, and merge days of too many small parts.

    A part is never changed: a new one is written, and the entries name it instead. The content of raw stays the same.
    """
    left: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for part in entry.parts:
            left[part.path].append(entry)
    shared = {part.path for entry in gone for part in entry.parts} & set(left)
    rows: dict[str, int] = defaultdict(int)
    by_day: dict[date | None, set[str]] = defaultdict(set)
    for entry in entries:
        for part in entry.parts:
            rows[part.path] += part.rows
            by_day[part.day].add(part.path)
    for day in sorted(by_day, key=lambda d: d or date.min):
        small = {path for path in by_day[day] if rows[path] < LARGE_PART}
        merged = small if len(small) > MOST_PARTS else set()
        for group in [merged, *({path} for path in sorted(shared & by_day[day] - merged))]:
            if group:
                members = {entry.file_hash: entry for path in group for entry in left[path]}
                _merge(con, source, sorted(group), members, day, home, aside)


def _merge(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    paths: list[str],
    members: dict[str, Entry],
    day: date | None,
    home: Path,
    aside: Path,
) -> None:
    listed = ", ".join(literal(str(home / path)) for path in paths)
    keep = ", ".join(literal(file_hash) for file_hash in sorted(members))
    name = f"{'day=' + day.isoformat() + '/' if day else ''}{secrets.token_hex(16)}.parquet"
    (aside / name).parent.mkdir(parents=True, exist_ok=True)
    con.execute(
        f"copy (select {kept_columns(source)} from read_parquet([{listed}], hive_partitioning = false) "
        f"where _file_hash in ({keep}) order by _file_hash, _row) to {literal(str(aside / name))} "
        "(format parquet, compression zstd)"
    )
    moved = move_in([Part(day, 0, name)], aside, home / "raw" / source.name, home)[name]
    for entry in members.values():
        own = [part for part in entry.parts if part.path in set(paths)]
        entry.parts = [part for part in entry.parts if part.path not in set(paths)]
        entry.parts.append(Part(day, sum(part.rows for part in own), moved))


def remove_unnamed(raw: Path, named: Collection[Path]) -> None:
    """Remove what the manifest does not name: what a killed run left, and what has been replaced."""
    keep = {str(path) for path in named}
    for folder, _, files in os.walk(raw, topdown=False):
        for file in files:
            path = os.path.join(folder, file)
            if path not in keep:
                os.unlink(path)
        if folder != str(raw) and not os.listdir(folder):
            os.rmdir(folder)


DATE = r"(20\d\d)-?(\d\d)-?(\d\d)"
EXPORT_TIME = re.compile(rf"(?<!\d){DATE}[T_ -]?(?!20\d\d-\d\d)(\d\d)[:_-]?(\d\d)(?:[:_-]?(\d\d))?(?!\d)")
EXPORT_DAY = re.compile(rf"(?<!\d){DATE}(?!\d)")


def exported_at(paths: Iterable[str]) -> datetime | None:
    """The newest time of export that a delivery's paths tell: a date with a time in a name or folder, else a date.

    Two dates in one name are a span of days, and tell of no export.
    """
    paths = list(paths)
    days = [EXPORT_DAY.findall(name) for path in paths for name in path.split("/")]
    alone = [found[0] for found in days if len(found) == 1]
    times = _moments(match for path in paths for match in EXPORT_TIME.findall(path))
    return max(times or _moments(alone), default=None)


def _moments(found: Iterable[tuple[str, ...]]) -> set[datetime]:
    """Of what looks like a time, what is one."""
    moments = set()
    for groups in found:
        with suppress(ValueError):
            moments.add(datetime(*(int(group or 0) for group in groups)))
    return moments
