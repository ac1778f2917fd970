"""Makes one landed file a DuckDB relation: a column for each thing that the source looks up, and a fault for each row.

Nothing is read row by row in Python, but for a text with damaged records: DuckDB gives up at the first one, so such
a file is copied once, record by record, with a fault in place of each damaged record's values.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.ingest import damaged_json
from orchestration.ingest.find import Landed, open_content
from orchestration.ingest.lookup import Lookup, literal, path, quoted
from orchestration.ingest.spec import ABOVE, KEY, Carrier, Column, Source

LONGEST_RECORD = 1 << 23  # bytes of one CSV record
LONGEST_OBJECT = 1 << 25  # bytes of one JSON object
PIECE = 1 << 20  # bytes of lines that hold records, each many
LANES = 2  # parts of such a file that are read at once, each on a core; each takes some 200 MB
SAMPLE = 20_000  # records whose keys are looked at to name the columns of a JSON file
SAMPLE_NESTED = 200  # objects that hold records, each many
DELIMITERS = (",", ";", "\t", "|")
SURROGATE = re.compile("[\udc80-\udcff]")  # what Python reads a byte as that is not UTF-8

NOT_JSON = "is not valid JSON."
NOT_OBJECT = "is JSON, but not an object with named values."
NOT_UTF8 = "is not UTF-8"
FAULT_MENDS = {  # by how the fault begins
    NOT_JSON[:-1]: "Write it as one whole object, in UTF-8; in a .jsonl file, on one line.",
    NOT_OBJECT: "Write the record as an object with named values.",
    NOT_UTF8: "Export the file as UTF-8, or convert it: iconv -f latin1 -t utf-8.",
    "": "Correct the record where the file is made; a text with the delimiter or a quote must be quoted.",
}
MENDED_JSON = "mended.jsonl"
NO_RECORD = "(no record)"  # the fault of a row that stands for an empty list of records; it is no row of the file
# Values of an object are records where at least half of them are objects themselves.
HOLDS_OBJECTS = (
    "json_type(json) = 'OBJECT' "
    "and 2 * len(list_filter(json_type(json, '$.*'), lambda kind: kind = 'OBJECT')) >= len(json_keys(json))"
)


class Unreadable(Exception):
    """A file that cannot be taken in at all: the reason, its mend, and the rows it holds where they can be counted."""

    def __init__(self, reason: str, mend: str, column: str | None = None, rows: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.mend, self.column, self.rows = reason, mend, column, rows


@dataclass(frozen=True)
class Relation:
    """`sqls`: selects of one part of the file after the other, each giving one column for each of source.landed and
    `_fault` (null: the row is whole); for a carrier one for each of its texts, as `carrier_text` names it.

    `types`: the type of each column but the carriers': VARCHAR where it is still text. `carried`: of how many texts
    each carrier is made. Such a text is a struct of `there`, whether it is there, and `inside`, what lies in it; null
    where it is no JSON. `extra`: landed columns that nobody asked for.
    `present`: the names in source.landed that the file has. `sampled`: the file has more records than were looked at.
    """

    sqls: tuple[str, ...]
    types: dict[str, str]
    carried: dict[str, int]
    extra: tuple[str, ...]
    present: frozenset[str]
    sampled: bool = False
    names: tuple[str, ...] = field(default=())


def relation(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    landed: Landed,
    place: Path,
    scratch: Path,
    as_text: bool,
    is_damaged: bool = False,
) -> Relation:
    """How to read the file. `as_text`: every column as text, in one select, so that many files fit one table.
    `is_damaged`: DuckDB refused the text before, so a mended copy is read.

    The file is read through a link with a plain name in `scratch`: its own may hold *, ? or quotes, and DuckDB would
    read a folder's day=… as a column.
    """
    link = scratch / f"file.{landed.format}{'.gz' if landed.gzipped else ''}"
    link.unlink(missing_ok=True)
    compression = "gzip" if landed.gzipped else "none"
    is_json = landed.format in ("json", "jsonl")
    # DuckDB may put a last line that does not end before all others.
    if (is_json and (landed.bom or not landed.ends_line)) or (landed.gzipped and landed.format == "parquet"):
        link = link.with_suffix("") if landed.gzipped else link
        with open_content(place, landed.gzipped) as content, open(link, "wb") as copy:
            content.read(3 if landed.bom else 0)
            shutil.copyfileobj(content, copy, 1 << 20)
            if is_json:
                copy.write(b"\n")
        compression = "none"
    else:
        os.symlink(place.absolute(), link)
    if landed.format == "csv":
        return _csv(source, landed, link, compression, is_damaged)
    if landed.format == "parquet":
        return _parquet(con, source, link, as_text)
    return _json(con, source, landed, link, compression, 1 if as_text else LANES, is_damaged)


def match(source: Source, names: Sequence[str], is_flat: bool = True) -> tuple[dict[str, list[int]], list[str]]:
    """For each landed column of the source the positions of the file's names that mean it, best first; and the rest.

    Names are compared without case, as the source's `header` reads them. Of equal ones the first with a value counts.
    `is_flat`: what else holds the record is one row with it.
    """
    plain: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        plain.setdefault(source.header(name).casefold(), []).append(position)
    chosen: dict[str, list[int]] = {}
    for column in source.landed:
        wanted = [name.replace(ABOVE, "") if is_flat else name for name in column.names]
        positions = [position for name in wanted for position in plain.get(name.casefold(), [])]
        if positions:
            chosen[column.name] = positions
    used = {position for positions in chosen.values() for position in positions}
    used |= {position for column in source.landed for position in under_prefix(column, names, used)}
    return chosen, [name for position, name in enumerate(names) if position not in used]


def under_prefix(column: Column, names: Sequence[str], used: Collection[int]) -> dict[int, str]:
    """Position -> key of the names that begin with one of the column's prefixes and that nothing else uses."""
    found: dict[int, str] = {}
    for position, name in enumerate(names):
        for prefix in column.prefixes:
            plain = name.strip()
            if plain.casefold().startswith(prefix.casefold()) and len(plain) > len(prefix) and position not in used:
                found.setdefault(position, plain[len(prefix) :])
    return found


def _keyed(source: Source, chosen: dict[str, list[int]], names: Sequence[str]) -> dict[str, dict[int, str]]:
    """For each column with prefixes that the file has: position -> key."""
    used = {position for positions in chosen.values() for position in positions}
    keyed = {column.name: under_prefix(column, names, used) for column in source.landed if column.prefixes}
    return {name: keys for name, keys in keyed.items() if keys}


def missing(source: Source, present: frozenset[str], extra: Sequence[str]) -> tuple[Column, str] | None:
    """The first required column that the file lacks, and the mend: one of its `extra` columns may be it, misspelt."""
    for column in source.landed:
        if column.required and not {column.name, *(column.inside or ())[:1]} & present:
            wanted = column.shown
            near = difflib.get_close_matches(wanted.casefold(), [n.strip().casefold() for n in extra], 1, 0.6)
            if near:
                found = next(n.strip() for n in extra if n.strip().casefold() == near[0])
                return column, f"Rename its column {found[:60]!r} to {wanted!r}."
            return column, f"Add the column {wanted!r}."
    return None


# --- CSV


def _csv(source: Source, landed: Landed, link: Path, compression: str, is_damaged: bool) -> Relation:
    with open_content(link, landed.gzipped) as content:
        head = content.read(LONGEST_RECORD).decode("utf-8-sig", "ignore")
    delimiter, names = _header(source, head)
    chosen, extra = match(source, names)
    keyed = _keyed(source, chosen, names)
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(names)))
    options = (
        f"auto_detect = false, header = true, delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
        f"strict_mode = true, max_line_size = {LONGEST_RECORD}, buffer_size = {4 * LONGEST_RECORD}"
    )
    reader = f"read_csv({literal(str(link))}, {options}, columns = {{{columns}}}, compression = '{compression}')"
    # DuckDB takes an empty first line for the header, and an empty line of a file with one column for a record.
    if is_damaged or head[:1] in "\r\n" or len(names) == 1:
        mended = link.with_name("mended.csv")
        wanted = sorted({position for positions in [*chosen.values(), *keyed.values()] for position in positions})
        _mend(link, landed.gzipped, delimiter, len(names), wanted, mended)
        columns = ", ".join(f"'{c}': 'VARCHAR'" for c in [*(f"c{i}" for i in wanted), "_fault"])
        options = options.replace(f"delim = {literal(delimiter)}", "delim = ','")
        reader = f"read_csv({literal(str(mended))}, {options}, columns = {{{columns}}})"
        fault = "_fault"
    else:
        fault = "null"
    values: list[str] = []
    carried: dict[str, int] = {}
    for column in source.landed:
        texts = [f"c{i}" for i in chosen.get(column.name, [])]
        if column.name in keyed:
            texts.append(_object_of({key: f"c{i}" for i, key in keyed[column.name].items()}))
        values += _values(source, column, texts, carried)
    return Relation(
        (f"select {', '.join(values)}, {fault} as _fault from {reader}",),
        _text_types(source),
        carried,
        tuple(extra),
        frozenset(chosen) | frozenset(keyed),
        names=tuple(names),
    )


def _header(source: Source, head: str) -> tuple[str, list[str]]:
    """The delimiter under which the first record holds most of the names we know, then most fields."""
    known = {name.casefold() for column in source.landed for name in column.names}

    def read(delimiter: str) -> list[str]:
        try:
            records = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
            return next((record for record in records if any(map(str.strip, record))), [])
        except csv.Error:
            return []

    headers = {delimiter: read(delimiter) for delimiter in DELIMITERS}
    read_as = {d: {source.header(name).casefold() for name in headers[d]} for d in DELIMITERS}
    best = max(DELIMITERS, key=lambda d: (len(read_as[d] & known), len(headers[d])))
    if not headers[best]:
        raise Unreadable("has no header line.", "Put the names of the columns into its first line.")
    return best, headers[best]


def _mend(link: Path, gzipped: bool, delimiter: str, width: int, wanted: list[int], mended: Path) -> None:
    """Copy the wanted fields of each record; a record that cannot be read has its fault instead."""
    with open_content(link, gzipped) as content, open(mended, "w", newline="", encoding="utf-8") as out:
        text = io.TextIOWrapper(content, encoding="utf-8-sig", errors="surrogateescape", newline="")
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([*(f"c{i}" for i in wanted), "_fault"])
        is_header = True
        for record, fault in _records(text, delimiter):
            if record is not None and not any(map(str.strip, record)) and (len(record) <= 1 or is_header):
                continue  # an empty line is no record
            if is_header:
                is_header = False
                continue
            if record is not None and len(record) > width and not any(map(str.strip, record[width:])):
                record = record[:width]  # delimiters at the end of the line add nothing
            if record is not None and len(record) != width:
                record, fault = None, f"has {len(record)} fields where the header has {width} ({fault})."
            elif record is not None and any(SURROGATE.search(record[i]) for i in wanted):
                record, fault = None, f"{NOT_UTF8} ({fault})."
            if record is None:
                writer.writerow([*("" for _ in wanted), fault])
            else:
                writer.writerow([*(record[i] for i in wanted), ""])


def _records(text: io.TextIOBase, delimiter: str) -> Iterator[tuple[list[str] | None, str]]:
    """(fields, 'line N') of each record, or (None, what is wrong with it)."""
    limit = csv.field_size_limit(LONGEST_RECORD)
    try:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        while True:
            line = f"line {reader.line_num + 1:,}"
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                what = "has a quote that never ends" if "end of data" in str(error) else "has a misplaced quote"
                if "field limit" in str(error) or "field larger" in str(error):
                    what = f"has a field of more than {LONGEST_RECORD:,} characters"
                yield None, f"{what} ({line})."
            else:
                yield record, line
    finally:
        csv.field_size_limit(limit)


# --- JSON


def _json(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    landed: Landed,
    link: Path,
    compression: str,
    lanes: int,
    is_damaged: bool,
) -> Relation:
    """Objects are read as text and only the paths asked for are taken out of them.

    The columns that a file has are known from the keys of its first objects; a longer file is also asked for every
    other name that a column may have.
    """
    kind = _json_kind(landed, link)
    if is_damaged or landed.size == 1:  # of one letter DuckDB reads nothing
        gzipped, broken, link = compression == "gzip", link, link.with_name(MENDED_JSON)
        if not damaged_json.copy(broken, gzipped, LONGEST_OBJECT, NOT_OBJECT, link):
            raise Unreadable(
                "holds no whole JSON object.",
                "Get it again from where it was made; if it is no JSON, name it by what it is.",
            )
        kind, compression = "newline_delimited", "none"
    outer = _outer(source)
    files = [link]
    if source.levels and kind == "newline_delimited" and landed.size > PIECE:
        # DuckDB takes some thousand lines at once, parsed several times over on their way to the records in them; but
        # never lines of two files.
        files, compression = _pieces(link, compression == "gzip"), "none"
    objects = _objects(files, kind, compression)
    # The limit stands before records are unfolded: behind that, DuckDB would keep all of them at once.
    most = SAMPLE_NESTED if source.levels else SAMPLE
    first = f"(select json from {objects} limit {most})"
    (looked_at,) = con.execute(f"select count(*) from {first}").fetchone()
    (found,) = con.execute(
        f"select list_distinct(flatten(list(json_keys(json)))) from {_innermost(source, first, outer)} "
        f"where starts_with(ltrim(json::varchar), '{{')"
    ).fetchone()
    names = sorted(found or [])
    sampled = looked_at >= most
    chosen, extra = match(source, names, is_flat=not source.levels)
    keyed = _keyed(source, chosen, names)
    above = {column.name for column in source.landed if any(name.startswith((ABOVE, KEY)) for name in column.names)}
    wanted: dict[str, list[tuple[str, ...]]] = {}
    for column in source.landed:
        keys = [names[i] for i in chosen.get(column.name, [])]
        if sampled:
            keys += [name for name in column.names if name not in keys and not name.startswith((ABOVE, KEY))]
        wanted[column.name] = [(key,) for key in keys]
    inline = {name: places[0] for name, places in wanted.items() if _is_inline(source, name, wanted)}
    looked_up = Lookup(
        [
            place
            for name, places in wanted.items()
            for place in ([(*inline[name], *inner) for inner in _inside(source, name)] if name in inline else places)
        ]
    )
    values: list[str] = []
    carried: dict[str, int] = {}
    for column in source.landed:
        texts = [
            looked_up.text("_s", place) if place in looked_up else f"json_extract_string(json, {literal(path(*place))})"
            for place in wanted[column.name]
            if column.name not in inline
        ]
        if column.kind == "money":
            texts = [
                f"exact_json({text}, json, {literal(_number_of(key))})"
                for text, (key,) in zip(texts, wanted[column.name], strict=True)
            ]
        texts += [_text_above(outer, name) for name in column.names if name.startswith(ABOVE)]
        texts += ["_key" for name in column.names if name == KEY]
        if column.name in keyed or (column.prefixes and sampled):
            prefixes = [prefix.casefold() for prefix in column.prefixes]
            named = [name.casefold() for other in source.landed for name in other.names]
            texts.append(f"keyed_by_prefix(json, {_list_of(prefixes)}, {_list_of(named)})")
        if column.name in inline:
            # Taken out together with the rest, unless it is JSON as a text (or holds nothing): that is parsed apart.
            (key,) = inline[column.name]
            inner = looked_up.text("_s", (key,))
            found_inside = ", ".join(looked_up_in(source, column.name).texts(inner))
            text = f"json_extract_string(json, {literal(path(key))})"
            carried[column.name] = 1
            values.append(
                f"case when coalesce({found_inside}) is not null then struct_pack(there := true, inside := {inner}) "
                f"else {_carried(source, column.name, text)} end as {carrier_text(column.name, 0)}"
            )
        else:
            values += _values(source, column, texts, carried)
    # The text of a number is looked for only where it has more digits than a double keeps.
    con.execute(
        """create or replace macro exact_json(x, json, pattern) as case
        when regexp_matches(json::varchar, '[0-9.]{16}') and try_cast(x as double) is not null
        then coalesce(nullif(regexp_extract(json::varchar, pattern, 1), ''), x) else x end"""
    )
    whole = "case when starts_with(json::varchar, '{') then true else starts_with(ltrim(json::varchar), '{') end"
    ups = "".join(f", up_{up}" for up in sorted(outer))
    broken = "_broken" if source.levels else "json is null"
    fault = "json_extract_string(json, '$')" if link.name == MENDED_JSON else literal(NOT_OBJECT)
    sqls = (
        f"select {', '.join(values)}, case when {broken} then {literal(NOT_JSON)} "
        f"when json is null then {literal(NO_RECORD)} "
        f"when not _whole then {fault} end as _fault from (select *, "
        f"case when _whole then {looked_up.taken('json')} end as _s "
        f"from (select json{ups}{', _broken, _key' if source.levels else ''}, {whole} as _whole "
        f"from {_innermost(source, _objects(part, kind, compression), outer)}))"
        for part in _parts(files, lanes)
    )
    present = frozenset(chosen) | frozenset(keyed) | above
    return Relation(tuple(sqls), _text_types(source), carried, tuple(extra), present, sampled, tuple(names))


def _inside(source: Source, name: str) -> list[tuple[str, ...]]:
    return [place_in(source, name, place) for place in source.places_inside(name)]


def _is_inline(source: Source, name: str, wanted: Mapping[str, list[tuple[str, ...]]]) -> bool:
    """Whether the column is a carrier at one place, where nothing else is looked up."""
    column = next(column for column in source.landed if column.name == name)
    return (
        column.kind == "carrier"
        and not _carrier(source, name).attributes
        and not any(name.startswith((ABOVE, KEY)) for name in column.names)
        and len(wanted[name]) == 1
        and not any(wanted[name][0] in places for other, places in wanted.items() if other != name)
    )


def _parts(files: list[Path], lanes: int) -> list[list[Path]]:
    """The files, in order, in as many parts as are read at once."""
    most = -(-len(files) // min(lanes, os.cpu_count() or 1))
    return [files[first : first + most] for first in range(0, len(files), most)]


def _outer(source: Source) -> dict[int, Lookup]:
    """How many levels further out -> what is looked up there: the places that columns have, and the list below."""
    found: dict[int, list[tuple[str, ...]]] = {}
    for column in source.landed:
        for name in column.names:
            up, place = _above(name)
            found.setdefault(up, []).append(place)
    levels = enumerate(reversed(source.levels), 1)
    return {up: Lookup(found.get(up, []), [key for key in keys if key != "*"]) for up, keys in levels}


def _above(name: str) -> tuple[int, tuple[str, ...]]:
    up = 0
    while name.startswith(ABOVE):
        up, name = up + 1, name.removeprefix(ABOVE)
    return up, tuple(name.split("."))


def _text_above(outer: dict[int, Lookup], name: str) -> str:
    up, place = _above(name)
    return outer[up].text(f"up_{up}", place)


def _innermost(source: Source, objects: str, outer: dict[int, Lookup]) -> str:
    """The innermost records as `json`, with `up_N`, what is looked up N levels further out, taken before the list below
    is unfolded, and `_key`, the key of a record that is an object's value. Null where a list is empty; `_broken` where
    the line is no JSON at all."""
    if not source.levels:
        return objects
    sql = f"(select json, json is null as _broken, null::varchar as _key from {objects})"
    ups = ""
    for up, keys in zip(range(len(source.levels), 0, -1), source.levels, strict=True):
        cases = []
        for key in keys:
            if key == "*":
                cases.append(f"when {HOLDS_OBJECTS} then json_extract(json, '$.*')")
            else:
                place, members = literal(path(key)), outer[up].text(f"up_{up}", (key,))
                # What is there but no list is taken for the one thing in it.
                cases += [
                    f"when {members} is not null then list_transform({members}, lambda m: coalesce(m, 'null'::json))",
                    f"when json_type(json, {place}) = 'NULL' then []",
                    f"when json_exists(json, {place}) then [json_extract(json, {place})]",
                ]
        held = f"case {' '.join(cases)} else [json] end"
        named = f"case when {HOLDS_OBJECTS} then json_keys(json) else [] end" if "*" in keys else "[]::varchar[]"
        sql = (
            f"(select _broken{ups}, up_{up}, unnest(_keys) as _key, "
            f"unnest(case when len(_held) = 0 then [null::json] else _held end) as json "
            f"from (select *, {held} as _held, {named} as _keys from (select *, {outer[up].taken('json')} as up_{up} "
            f"from {sql})))"
        )
        ups += f", up_{up}"
    return sql


def _number_of(key: str) -> str:
    """The pattern of a key's number in an object's text. JSON inside a text has its quotes escaped and cannot match."""
    escaped = "".join(c if c.isalnum() or c == "_" else "\\" + c for c in key)
    return rf'[{{,]\s*"{escaped}"\s*:\s*(-?\d[0-9.eE+-]*)'


def _json_kind(landed: Landed, link: Path) -> str:
    """array; newline_delimited; or unstructured: objects one after the other, over several lines."""
    if landed.first == "[":
        return "array"
    if landed.format == "jsonl":
        return "newline_delimited"
    with open_content(link, link.suffix == ".gz") as content:
        line = next((line for line in iter(lambda: content.readline(LONGEST_OBJECT), b"") if line.strip()), b"")
    try:
        json.loads(line)
    except ValueError:
        return "unstructured"
    return "newline_delimited"


def _pieces(link: Path, gzipped: bool) -> list[Path]:
    """The file's lines, in order, in files of about PIECE bytes beside the link."""
    folder = link.with_name("pieces")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    files: list[Path] = []
    with open_content(link, gzipped) as content:
        while piece := content.read(PIECE):
            files.append(folder / f"{len(files):06}.jsonl")
            files[-1].write_bytes(piece + content.readline(LONGEST_OBJECT))
    return files


def _objects(files: Sequence[Path], kind: str, compression: str) -> str:
    lenient = ", ignore_errors = true" if kind == "newline_delimited" else ""
    compression = compression.replace("none", "uncompressed")
    listed = ", ".join(literal(str(file)) for file in files)
    return (
        f"read_json_objects([{listed}], format = '{kind}', compression = '{compression}', "
        f"maximum_object_size = {LONGEST_OBJECT}{lenient})"
    )


# --- Parquet

AS_IS = {  # types that the checks take as they are; every other one becomes text first
    "tokens": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"),
    "money": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"),
    "time": ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE"),
}
AS_IS |= {kind: AS_IS["tokens"] for kind in ("count", "sum")}
AS_IS |= {"float_money": AS_IS["money"]}
AS_IS |= {kind: AS_IS["time"] for kind in ("date", "month", "start")}


def _parquet(con: duckdb.DuckDBPyConnection, source: Source, link: Path, as_text: bool) -> Relation:
    """Types are kept where the check takes them; binary floats of money are rounded to 18 decimals, their digits after
    the seventeenth being noise; nested values become JSON text."""
    reader = f"read_parquet({literal(str(link))}, hive_partitioning = false)"
    described = con.execute(f"describe select * from {reader}").fetchall()
    names, kinds = [row[0] for row in described], [row[1] for row in described]
    chosen, extra = match(source, names)
    keyed = _keyed(source, chosen, names)
    values: list[str] = []
    carried: dict[str, int] = {}
    taken: dict[str, str] = {}
    for column in source.landed:
        positions = chosen.get(column.name, [])
        found = [kinds[i] for i in positions]
        if len(positions) == 1 and not as_text and column.name not in keyed and _is_taken(column.kind, found[0]):
            values.append(f"{quoted(names[positions[0]])} as {quoted(column.name)}")
            taken[column.name] = found[0]
        else:
            texts = [_text_of(quoted(names[i]), kinds[i], column.kind) for i in positions]
            if column.name in keyed:
                flat = {key: quoted(names[i]) for i, key in keyed[column.name].items() if not _is_nested(kinds[i])}
                texts.append(_object_of({key: f"{name}::varchar" for key, name in flat.items()}))
            values += _values(source, column, texts, carried)
    sql = f"select {', '.join(values)}, null::varchar as _fault from {reader}"
    return Relation(
        (sql,),
        _text_types(source) | taken,
        carried,
        tuple(extra),
        frozenset(chosen) | frozenset(keyed),
        names=tuple(names),
    )


def _is_taken(kind: str, type_: str) -> bool:
    if kind in ("money", "float_money") and type_.startswith("DECIMAL("):
        precision, scale = map(int, type_[8:-1].split(","))
        return scale <= 18 and precision - scale <= 20
    return type_ in AS_IS.get(kind, ())


def _text_of(name: str, type_: str, kind: str) -> str:
    if type_ in ("DOUBLE", "FLOAT") and kind == "money":
        return f"coalesce(read_float_money({name}::varchar)::varchar, {name}::varchar)"
    if type_ == "BLOB":
        return f"try(decode({name}))"
    if type_ == "JSON":  # a text in it has quotes around it
        return f"json_extract_string({name}, '$')"
    if _is_nested(type_):
        return f"to_json({name})::varchar"
    return f"{name}::varchar"


def _is_nested(type_: str) -> bool:
    return type_ == "BLOB" or type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))


def _object_of(texts: Mapping[str, str]) -> str:
    """A JSON object of columns' texts. JSON in a text is left out, as it is in every map: it may hold anything."""
    pairs = [f"{literal(key)}, tag_value({text})" for key, text in texts.items()]
    return f"json_object({', '.join(pairs)})::varchar"


def _text_types(source: Source) -> dict[str, str]:
    return {column.name: "VARCHAR" for column in source.landed if column.kind != "carrier"}


def carrier_text(carrier: str, number: int) -> str:
    return quoted(f"{carrier} {number}")


def looked_up_in(source: Source, carrier: str) -> Lookup:
    """What is looked up in the carrier."""
    return Lookup([place_in(source, carrier, place) for place in source.places_inside(carrier)])


def place_in(source: Source, carrier: str, place: str) -> tuple[str, ...]:
    """The keys of one of source.places_inside: a.b, or a."b.c". An attribute has one, whatever it is called."""
    if _carrier(source, carrier).attributes:
        return (place,)
    return tuple(key.strip('"') for key in re.findall(r'"[^"]+"|[^.]+', place))


def _carrier(source: Source, name: str) -> Carrier:
    return next(carrier for carrier in source.carriers if carrier.name == name)


def _list_of(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(literal, texts)) + "]::varchar[]"


def _carried(source: Source, carrier: str, text: str) -> str:
    """What lies in a text of the carrier."""
    inside = looked_up_in(source, carrier).taken(f"blank({text})")
    return f"struct_pack(there := blank({text}) is not null, inside := try({inside}))"


def _attributes(source: Source, carrier: str, texts: Sequence[str]) -> str:
    """What lies in lists of attributes: the first list that has a key wins, as it does of an object's members."""
    members = ", ".join(f"otlp_members({text})" for text in texts)
    inside = looked_up_in(source, carrier).taken(f"'{{' || concat_ws(',', {members}) || '}}'")
    return f"struct_pack(there := coalesce({', '.join(texts)}) is not null, inside := {inside})"


def _values(source: Source, column: Column, texts: list[str], carried: dict[str, int]) -> list[str]:
    """What the select has of the column; of a carrier, each of its texts, as many as `carried` is told."""
    if column.kind != "carrier":
        return [_first_value(column, texts)]
    held = [_carried(source, column.name, text) for text in texts]
    if texts and _carrier(source, column.name).attributes:
        held = [_attributes(source, column.name, texts)]
    carried[column.name] = len(held)
    return [f"{one} as {carrier_text(column.name, number)}" for number, one in enumerate(held)]


def first_of(texts: Sequence[str]) -> str:
    """The first of the texts that is there; null where there is none."""
    return {0: "null::varchar", 1: "".join(texts)}.get(len(texts), f"coalesce({', '.join(texts)})")


def _first_value(column: Column, texts: list[str]) -> str:
    """The first of the texts that is not blank. A column of tags that is there but empty is an empty map."""
    if not texts:
        return f"null::varchar as {quoted(column.name)}"
    values = [f"blank({text})" for text in texts] if len(texts) > 1 else texts
    if column.kind in ("tags", "tag_list"):
        values = [*(f"blank({text})" for text in texts), "'{}'"]
    return f"{first_of(values)} as {quoted(column.name)}"
