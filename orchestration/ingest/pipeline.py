"""The one path of every source: find, check, normalise, write, record.

A run first looks at what has landed and at what the manifest already holds. Only contents that are new, or that another
module version, allow-list or now may judge differently, are read. The manifest is renamed into place last: until then
the last run's state holds, and what is not named in it is removed at the next start.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb

from orchestration import ledger
from orchestration.ingest import check, gate, manifest, privacy, quarantine, read, values, write
from orchestration.ingest.content import Content
from orchestration.ingest.find import Landed, Place, find
from orchestration.ingest.lookup import literal, quoted
from orchestration.ingest.manifest import Entry, Part
from orchestration.ingest.read import Relation, Unreadable, relation
from orchestration.ingest.spec import Source
from orchestration.places import Places

PATH_VERSION = 6  # of what all sources share; part of the allow-list's hash, so a change reads everything again
SMALL_FILE = 4 << 20  # uncompressed bytes; files up to this size are checked and written together
BATCH_BYTES, BATCH_FILES = 64 << 20, 500
MEMORY = "1GB"
FLUSH_ROWS = 50_000  # that wait to be written by day; what waits has to fit into memory
MEND_UNREADABLE = "Check that the file is whole and of the format that its ending names."

Echo = Callable[[str], None]


@dataclass(frozen=True)
class SourceReport:
    """What one source's ingest found. Files are landed paths, rows those of distinct contents.

    `files_new`: distinct contents that this run read. `messages`: one line for each path that is refused or has rows in
    quarantine, whenever that was found. `checks`: what Great Expectations said about the new files.
    """

    source: str
    files_landed: int
    files_accepted: int
    files_quarantined: int
    files_new: int
    rows_landed: int
    rows_accepted: int
    rows_quarantined: int
    messages: list[str]
    checks: list[gate.CheckResult]


class Run:
    """What the steps of one source's ingest share: the places, a connection, a scratch folder."""

    def __init__(
        self, places: Places, source: Source, con: duckdb.DuckDBPyConnection, scratch: Path, salt: str
    ) -> None:
        self.places, self.source, self.con, self.scratch, self.salt = places, source, con, scratch, salt
        self.raw = places.raw / source.name
        self.aside = scratch / "written"
        self.aside.mkdir()
        self.quarantine = places.quarantine / source.name
        seal = hashlib.sha256(
            f"{PATH_VERSION}:{hashlib.sha256(salt.encode()).hexdigest()}:{source.allow_list}".encode()
        )
        self.allow_list = seal.hexdigest()


def ingest(places: Places, source: Source, echo: Echo = lambda message: None) -> SourceReport:
    """Bring raw/<source> and its manifest in line with what has landed."""
    with _run(places, source) as run:
        before = manifest.load(_manifest_path(run))
        write.remove_unnamed(run.raw, _named(run, before.values()))
        paths, where = find(
            places.landing / source.name, places.landing, places.home / "ingest" / f"{source.name}.json"
        )
        contents = _contents(paths, where)
        current = {h: e for h, e in before.items() if h in contents and _holds(run, e, contents[h])}
        new = sorted((c for h, c in contents.items() if h not in current), key=lambda c: c.file_hash)
        if new:
            echo(f"{source.name}: reading {len(new):,} new file{'s' * (len(new) > 1)}")
            _define_macros(run)
        for batch in _batches(new):
            _take_in(run, batch, echo)
        for content in [c for c in new if c.place is not None and c.place.has_changed()]:
            echo(f"{content.landed.path} changed while it was read: it is taken in at the next run")
            del contents[content.file_hash]
            new.remove(content)
        checks = _pass_gate(run, new)
        seen = ledger.first_seen(places, [(source.name, h) for h in contents])
        came = ledger.came(places, {h: (seen[source.name, h], c.paths) for h, c in contents.items()})
        entries = _record(run, before, current, new, contents, seen, came)
        return _report(source, contents, entries, new, checks)


@contextmanager
def _run(places: Places, source: Source) -> Iterator[Run]:
    places.home.mkdir(parents=True, exist_ok=True)
    scratch = places.home / "tmp" / f"ingest-{source.name}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    salt = ledger.salt(places)
    con = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "temp_directory": str(scratch / "spill"),
            "partitioned_write_flush_threshold": FLUSH_ROWS,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    try:
        con.execute("set global TimeZone = 'UTC'")  # of cursors, too
        con.execute("set enable_progress_bar = false")
        yield Run(places, source, con, scratch, salt)
    finally:
        con.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _define_macros(run: Run) -> None:
    """What values are read and masked with. It takes longer than all else where a source has nothing new."""
    run.con.execute(values.MACROS)
    run.con.execute(privacy.mask_macros(run.salt))


def _manifest_path(run: Run) -> Path:
    return run.places.raw / "manifest" / f"{run.source.name}.parquet"


def _named(run: Run, entries) -> set[Path]:
    return {run.places.home / part.path for entry in entries for part in entry.parts}


# --- what is new


def _contents(paths: list[Landed], where: dict[str, Place]) -> dict[str, Content]:
    """file_hash -> content. Of several paths the first that has a known format decides how it is read."""
    by_hash: dict[str, list[Landed]] = defaultdict(list)
    for landed in paths:
        by_hash[landed.file_hash].append(landed)
    contents = {}
    for file_hash, copies in by_hash.items():
        copies.sort(key=lambda one: (one.fault is not None, one.path))
        contents[file_hash] = Content(copies[0], where.get(copies[0].path), sorted(one.path for one in copies))
    return contents


def _holds(run: Run, entry: Entry, content: Content) -> bool:
    """Whether the entry says what reading the content now would say."""
    now = run.places.now
    return (
        entry.module_version == run.source.version
        and entry.allow_list == run.allow_list
        and entry.format == content.landed.format
        and (entry.holds_from is None or entry.holds_from <= now)
        and (entry.holds_until is None or now < entry.holds_until)
        and all((run.places.home / part.path).is_file() for part in entry.parts)
        and (entry.status == "accepted") == (not quarantine.path(run.quarantine, entry.file_hash).exists())
        and (entry.status == "accepted" or entry.paths[:1] == content.paths[:1])
        and _is_named(run.source, entry.paths) == _is_named(run.source, content.paths)
    )


def _is_named(source: Source, paths: list[str]) -> bool:
    """Whether a path says that the file is of the source's other edition."""
    edition = source.edition
    return edition is not None and any(re.search(edition.path, path, re.IGNORECASE) for path in paths)


def _batches(contents: list[Content]) -> Iterator[list[Content]]:
    """Small files together, each large one alone."""
    batch: list[Content] = []
    size = 0
    for content in contents:
        if content.landed.size > SMALL_FILE:
            yield [content]
            continue
        if batch and (size + content.landed.size > BATCH_BYTES or len(batch) == BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(content)
        size += content.landed.size
    if batch:
        yield batch


# --- read, check, write aside


def _take_in(run: Run, batch: list[Content], echo: Echo) -> None:
    """Read and check the batch, and write its good rows aside. What cannot be read is refused, the others go on."""
    for content in batch:
        landed = content.landed
        if landed.fault is not None:
            content.refuse(landed.fault, landed.mend or "")
    readable = [content for content in batch if content.refused is None]
    is_large = len(readable) == 1 and readable[0].landed.size > SMALL_FILE
    if is_large:
        echo(f"{readable[0].landed.path}: {readable[0].landed.size / 1e6:,.0f} MB")
    # To look for what is computed twice takes longer than to compute it twice, for few rows.
    run.con.execute(f"set disabled_optimizers = '{'' if is_large else 'common_subexpressions'}'")
    try:
        offsets = _stage_large(run, readable[0]) if is_large else _stage_small(run, readable)
        if offsets:
            _write_checked(run, {index: readable[index] for index in offsets}, offsets)
    except duckdb.Error as error:
        _raise_if_ours(error)
        # No check should fail on any value. If one does all the same, find the file and let the others through.
        for content in readable:
            content.relation, content.metrics, content.parts, content.models, content.deliveries = None, {}, [], [], []
            if len(readable) == 1:
                content.refuse(_said(error), MEND_UNREADABLE)
            else:
                content.refused = None
                _take_in(run, [content], echo)
    run.con.execute("drop table if exists landed")
    run.con.execute("drop view if exists checked" if is_large else "drop table if exists checked")


def _raise_if_ours(error: Exception) -> None:
    """A full memory or disk is no fault of the file."""
    is_full = isinstance(error, OSError) or "No space left" in str(error)
    if isinstance(error, duckdb.OutOfMemoryException) or is_full:
        raise error


def _open(run: Run, content: Content, as_text: bool, is_damaged: bool = False) -> Relation | None:
    """The content as a relation; None where there is nothing in it or where it is refused."""
    landed = content.landed
    if landed.size == 0 or (landed.format != "parquet" and landed.first == ""):
        content.relation = Relation((), {}, {}, (), frozenset())  # an empty file: nothing to read, nothing wrong
        return None
    found = relation(run.con, run.source, landed, content.place.path, run.scratch, as_text, is_damaged)
    content.relation = found
    if not found.sampled:
        has_rows = bool(found.names) or landed.format == "csv"
        lacking = read.missing(run.source, found.present, found.extra) if has_rows else None
        if lacking is not None:
            raise _lacks(run, content, found, *lacking)
    return found


def _lacks(run: Run, content: Content, found: Relation, column, mend: str) -> Unreadable:
    rows = sum(run.con.execute(f"select count(*) from ({sql})").fetchone()[0] for sql in found.sqls)
    return Unreadable(f"The column {column.shown} is missing.", mend, column.shown, rows)


def _attempt(run: Run, content: Content, stage: Callable[[bool], Any]) -> Any:
    """Stage the content; a text that DuckDB refuses is tried again record by record. None where it is refused."""
    # What is not UTF-8 in a column that is not read brings DuckDB's CSV reader down, and the connection with it.
    is_safe = content.landed.is_utf8 or content.landed.format != "csv"
    for is_damaged in (False, True) if is_safe else (True,):
        try:
            return stage(is_damaged)
        except Unreadable as error:
            content.refused = error
            return None
        except (duckdb.Error, ValueError, OSError) as error:
            _raise_if_ours(error)
            if is_damaged or content.landed.format == "parquet":
                content.refuse(_said(error), MEND_UNREADABLE)
                return None
    return None


def _said(error: Exception) -> str:
    """The engine's first line without what it quotes: that may be content."""
    line = str(error).split("\n", 1)[0]
    line = re.sub(r'"[^"]*"|\'[^\']*\'', "…", line)
    return f"cannot be read ({line[:160].rstrip(' .')})."


def _stage_large(run: Run, content: Content) -> dict[int, int]:
    """Copy what is read of one large file, then check it: table `checked`. Returns {0: the _row of its first row}."""

    def stage(is_damaged: bool) -> dict[int, int]:
        found = _open(run, content, as_text=False, is_damaged=is_damaged)
        if found is None:
            return {}
        # Parquet numbers the rows, and holds a text that is there often once, so that most checks look at it once.
        copies = [literal(str(run.scratch / f"landed-{number}.parquet")) for number in range(len(found.sqls))]

        def copy(sql: str, to: str) -> int:
            raws = check.raws(run.source, found, sql)
            with run.con.cursor() as con:
                return con.execute(f"copy ({raws}) to {to} (format parquet)").fetchone()[0]

        with _in_order(run), ThreadPoolExecutor() as lanes:
            rows = list(lanes.map(copy, found.sqls, copies))
        landed = " union all ".join(
            f"select *, file_row_number + {first} as _row, 0::integer as _file from read_parquet({copy})"
            for copy, first in zip(copies, accumulate(rows, initial=0), strict=False)
        )
        _check(run, check.raw_types(run.source, found.types), f"({landed})", is_large=True)
        return {0: 0}

    return _attempt(run, content, stage) or {}


def _stage_small(run: Run, batch: list[Content]) -> dict[int, int]:
    """Put the files' texts into one table, then check them together. Returns each index -> _row of its first row."""
    con, source = run.con, run.source
    con.execute(f"create or replace temp table landed ({', '.join(check.raw_columns(source))}, _file integer)")
    offsets: dict[int, int] = {}
    total = 0
    for index, content in enumerate(batch):

        def stage(is_damaged: bool, content: Content = content, index: int = index) -> int:
            found = _open(run, content, as_text=True, is_damaged=is_damaged)
            if found is None:
                return 0
            raws = check.raws(source, found, *found.sqls)
            insert = f"insert into landed by name select *, {index} as _file from ({raws})"
            return con.execute(insert).fetchone()[0]

        with _in_order(run):
            rows = _attempt(run, content, stage)
        if rows is not None:
            offsets[index] = total
            total += rows
    if total:
        _check(run, dict.fromkeys((c.name for c in source.columns), "VARCHAR"), "(select *, rowid as _row from landed)")
    return offsets if total else {}


@contextmanager
def _in_order(run: Run) -> Iterator[None]:
    """With more than one thread a query does not keep the order of several files, as which nested records are read."""
    if run.source.levels:
        run.con.execute("set threads = 1")
    try:
        yield
    finally:
        run.con.execute("reset threads")


def _check(run: Run, types: dict[str, str], landed: str, is_large: bool = False) -> None:
    """What was checked as `checked`; of a large file in a file, as a table of it would not fit into memory."""
    checked = check.checked(run.source, types, run.places.now, landed)
    if is_large:
        copy = literal(str(run.scratch / "checked.parquet"))
        run.con.execute(f"copy ({checked}) to {copy} (format parquet)")
        checked = f"from read_parquet({copy})"
    run.con.execute(f"create or replace temp {'view' if is_large else 'table'} checked as {checked}")


def _write_checked(run: Run, contents: dict[int, Content], offsets: dict[int, int]) -> None:
    con, source = run.con, run.source
    result = con.execute(check.metrics(source, run.places.now))
    names = [item[0] for item in result.description]
    for row in result.fetchall():
        contents[row[0]].metrics = dict(zip(names, row, strict=True))
    for content in contents.values():
        _look_for_missing(run, content)
    _note_deliveries(run, contents)
    _note_editions(run, contents)
    con.execute("create or replace temp table files (_file integer, _file_hash varchar, _first bigint)")
    con.executemany("insert into files values (?, ?, ?)", [[i, c.file_hash, offsets[i]] for i, c in contents.items()])
    good = [i for i, c in contents.items() if c.refused is None and c.metrics.get("rows_accepted")]
    bad = [i for i, c in contents.items() if c.refused is None and c.metrics.get("rows_quarantined")]
    if bad:
        quarantine.write_rows(con, source, run.places.now, {i: contents[i] for i in bad}, run.scratch / "quarantine")
    if not good:
        return
    listed = ", ".join(map(str, good))
    day = f", {quoted(source.event)}::date as day" if source.by_day else ""
    columns = ", ".join(quoted(column.name) for column in source.columns)
    rows = (
        f"(select {columns}, _file_hash, _row - _first + 1 as _row{day} from checked join files using (_file) "
        f"where _problem is null and _file in ({listed}))"
    )
    by_hash = write.write_aside(con, source, rows, run.aside)
    for index in good:
        contents[index].parts = by_hash.get(contents[index].file_hash, [])
    if source.models is not None:
        provider, model = (literal(n[1:]) if n.startswith("=") else quoted(n) for n in source.models)
        found = con.execute(
            f"select distinct _file, {provider}, {model} from checked where _problem is null and _file in ({listed})"
        ).fetchall()
        for index, *pair in found:
            contents[index].models.append(tuple(pair))


def _note_deliveries(run: Run, contents: dict[int, Content]) -> None:
    """Which accounts and periods each file delivers, and of which scopes in them; when it was exported, and whether it
    holds corrections alone. A period without a record too."""
    source = run.source
    if source.deliveries is None:
        return
    account, period = map(quoted, source.deliveries)
    exported = f"max({quoted(source.exported)})" if source.exported else "null"
    scope = f"coalesce({quoted(source.scope)}, '')" if source.scope else "''"
    seller = f"coalesce({', '.join(map(quoted, source.sellers))}, '')" if source.sellers else "''"
    corrects = "false"
    if source.corrections:
        column, value = source.corrections
        is_one = f"{quoted(column)} is not distinct from {literal(value)}"
        corrects = f"bool_and(bool_and({is_one})) over (partition by _file)"
    found = run.con.execute(
        f"select _file, {account}, {period}, {exported}, {corrects}, list(distinct [{scope}, {seller}]) from checked "
        f"where _problem is null or _problem = {check.EMPTY} group by _file, {account}, {period}"
    ).fetchall()
    for index, account, period, exported_at, is_correction, scopes in found:
        if contents[index].refused is None:
            told = (account, _moment(period), exported_at, is_correction, _told_scopes(scopes))
            contents[index].deliveries.append(told)


def _told_scopes(pairs: list[list[str]]) -> tuple[str, ...]:
    """Each scope, with its seller after a separator where one is known; none is all of a seller's scopes, where no row
    names one."""
    named = {seller for scope, seller in pairs if scope}
    return tuple(
        sorted(scope + (seller and f"\x1f{seller}") for scope, seller in pairs if scope or seller not in named)
    )


def _note_editions(run: Run, contents: dict[int, Content]) -> None:
    edition = run.source.edition
    if edition is None:
        return
    found = run.con.execute(f"select distinct _file from checked where _problem is null and ({edition.row})").fetchall()
    told = {index for (index,) in found}
    for index, content in contents.items():
        if index in told or _is_named(run.source, content.paths):
            content.edition = edition.name


def _look_for_missing(run: Run, content: Content) -> None:
    """A long JSON file lacks a column that none of its first records has and that is empty throughout."""
    found, rows = content.relation, content.metrics
    if content.refused is not None or found is None or not found.sampled:
        return
    empty = {c.name for c in run.source.columns if c.required and rows[f"nulls_{c.name}"] == rows["rows_accepted"]}
    present = found.present | {c.name for c in run.source.landed if c.name not in empty}
    lacking = read.missing(run.source, present, found.extra)
    if lacking is not None:
        column, mend = lacking
        content.refuse(f"The column {column.shown} is missing.", mend, column.shown, rows["rows_read"])


# --- the gate


def _pass_gate(run: Run, new: list[Content]) -> list[gate.CheckResult]:
    """Ask Great Expectations about every new file, and refuse the files that it does not let through."""
    if not new:
        return []
    rows = []
    for content in new:
        metrics, refused = content.metrics, content.refused
        read_rows, accepted = metrics.get("rows_read") or 0, metrics.get("rows_accepted") or 0
        written = sum(part.rows for part in content.parts)
        row = {
            "file_hash": content.file_hash,
            "faults": int(refused is not None and refused.column is None),
            "columns_missing": int(refused is not None and refused.column is not None),
            "rows_unaccounted": read_rows - (metrics.get("rows_quarantined") or 0) - (accepted if refused else written),
            "least_count": metrics.get("least_count") or 0,
            "quarantined_ratio": (metrics.get("rows_quarantined") or 0) / read_rows if read_rows else 0.0,
            "min_event_at": metrics.get("min_event_at"),
            "max_event_at": metrics.get("max_event_at"),
        }
        row |= {f"nulls_{c.name}": metrics.get(f"nulls_{c.name}") or 0 for c in run.source.columns if c.required}
        rows.append(row)
    checks, failed = gate.check_files(run.source, run.places.now, rows)
    for content in new:
        if content.refused is None and content.file_hash in failed:
            reason = f"does not meet an expectation: {failed[content.file_hash]}"
            content.refuse(reason, "Look at the file's values.", rows=content.metrics.get("rows_read"))
    return checks


# --- record


def _record(
    run: Run,
    before: dict[str, Entry],
    current: dict[str, Entry],
    new: list[Content],
    contents: dict[str, Content],
    seen: dict[tuple[str, str], datetime],
    came: dict[str, datetime],
) -> list[Entry]:
    """Move what was written into raw, then replace the manifest: from then on the new state holds."""
    source, home = run.source, run.places.home
    made = {content.file_hash: _entry(run, content) for content in new}
    refused = {content.file_hash for content in new if content.refused is not None}
    # A part may hold rows of a file that the gate refused: it moves in with the others and is rewritten below.
    written = [part for content in new for part in content.parts]
    wanted = {part.path for content in new if content.file_hash not in refused for part in content.parts}
    moved = write.move_in([part for part in written if part.path in wanted], run.aside, run.raw, home)
    gone = [entry for file_hash, entry in before.items() if file_hash not in current]
    for content in new:
        parts = [Part(part.day, part.rows, moved[part.path]) for part in content.parts if part.path in moved]
        if content.file_hash in refused:
            gone.append(_with_parts(made[content.file_hash], parts))
        else:
            made[content.file_hash].parts = parts
    entries = list((current | made).values())
    for entry in entries:
        content = contents[entry.file_hash]
        entry.paths = content.paths
        entry.first_seen_at = seen[(source.name, entry.file_hash)]
        entry.came_at = came[entry.file_hash]
        if source.exported is None:
            exported_at = write.exported_at(content.paths)
            entry.deliveries = [(account, period, exported_at, *told) for account, period, _, *told in entry.deliveries]
    write.rewrite_shared(run.con, source, entries, gone, home, run.aside)
    empty = write.write_empty(run.con, source, run.allow_list, run.places.raw)
    quarantine.move_in(run.scratch / "quarantine", run.quarantine)
    manifest.save(_manifest_path(run), entries)
    write.remove_unnamed(run.raw, _named(run, entries) | {empty})
    quarantine.remove_others(run.quarantine, {e.file_hash for e in entries if e.status != "accepted"})
    return entries


def _with_parts(entry: Entry, parts: list[Part]) -> Entry:
    return Entry(**{**vars(entry), "parts": parts})


def _entry(run: Run, content: Content) -> Entry:
    source, metrics, refused = run.source, content.metrics, content.refused
    read_rows, accepted = metrics.get("rows_read") or 0, metrics.get("rows_accepted") or 0
    bad = metrics.get("rows_quarantined") or 0
    delta = timedelta(days=source.latest_days)
    last, due = _moment(metrics.get("last_seen")), _moment(metrics.get("next_due"))
    extra = content.relation.extra if content.relation and content.relation.present else ()
    entry = Entry(
        source=source.name,
        file_hash=content.file_hash,
        paths=content.paths,
        format=content.landed.format,
        module_version=source.version,
        allow_list=run.allow_list,
        status="partly_quarantined" if bad else "accepted",
        reason=None,
        rows_landed=read_rows,
        rows_accepted=accepted,
        rows_quarantined=bad,
        extra_columns=sorted({privacy.mask(name.strip()[:60], run.salt) for name in extra}),
        first_seen_at=None,
        came_at=None,
        min_event_at=_moment(metrics.get("min_event_at")),
        max_event_at=_moment(metrics.get("max_event_at")),
        parts=[],
        models=content.models,
        deliveries=content.deliveries,
        edition=content.edition,
        holds_from=last - delta if last else None,
        holds_until=due - delta if due else None,
    )
    if refused is not None:
        entry.status = "quarantined"
        entry.reason = f"{refused.reason} {refused.mend}".strip()
        entry.rows_landed, entry.rows_accepted, entry.rows_quarantined = refused.rows, 0, refused.rows
        entry.min_event_at = entry.max_event_at = None
        entry.models, entry.deliveries = [], []
        quarantine.write_file(run.scratch / "quarantine", content.file_hash, content.paths[0], refused)
    elif bad:
        entry.status = "partly_quarantined" if accepted else "quarantined"
        entry.reason = f"{bad:,} of {read_rows:,} rows quarantined; the first: {content.first_problem}"
    return entry


def _moment(value: Any) -> datetime | None:
    return (
        None if value is None else datetime(value.year, value.month, value.day) if not hasattr(value, "hour") else value
    )


def _report(
    source: Source,
    contents: dict[str, Content],
    entries: list[Entry],
    new: list[Content],
    checks: list[gate.CheckResult],
) -> SourceReport:
    paths = [(path, entry) for entry in entries for path in entry.paths]
    return SourceReport(
        source=source.name,
        files_landed=sum(len(content.paths) for content in contents.values()),
        files_accepted=sum(entry.status != "quarantined" for _, entry in paths),
        files_quarantined=sum(entry.status == "quarantined" for _, entry in paths),
        files_new=len(new),
        rows_landed=sum(entry.rows_landed or 0 for entry in entries),
        rows_accepted=sum(entry.rows_accepted for entry in entries),
        rows_quarantined=sum(entry.rows_quarantined or 0 for entry in entries),
        messages=sorted(f"{path}: {entry.reason}" for path, entry in paths if entry.reason),
        checks=checks,
    )
