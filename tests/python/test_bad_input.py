"""Bad input, for every source and in every format that it may come in: it crashes nothing, what is bad is named with
file, row, column, reason and mend, every row is accounted for, and the good rows are those of the whole file.

Each sample below `sources/` is cut into files of one record, put together again to five, and then damaged.
"""

from __future__ import annotations

import copy
import csv
import gzip
import io
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from test_sources import PLANTED, SAMPLES, leaks

from orchestration.ingest import SOURCES, manifest, pipeline
from orchestration.ingest.check import COUNTS, UNTOLD
from orchestration.ingest.spec import ABOVE, Column, Source
from orchestration.places import Places

RECORDS = 5
MIDDLE = 2  # of the records, from 0
ALL = tuple(range(RECORDS))
BAD_VALUES = {"allowed": "no such value", "tags": "{oops", "tag_list": "[oops", "amounts": "[oops"}
Document = dict


@dataclass(frozen=True)
class Record:
    """One record of a document: the objects that hold it, from itself outwards."""

    objects: tuple[Document, ...]

    def place_of(self, name: str) -> tuple[Document, str] | None:
        """The object that has the landed name, and its key there; `../` is one further out, where there is one."""
        held = self.objects[min(name.count(ABOVE), len(self.objects) - 1)]
        return next(((held, key) for key in held if key.strip().casefold() == plain(name).casefold()), None)

    def set(self, name: str, value: object) -> None:
        held, key = self.place_of(name)
        held[key] = value


@dataclass(frozen=True)
class Landed:
    """A file to land: which records of the whole are good in it, in its order, and what must be told of others.

    `told`: (row from 1 or None for the file, column or None, words of the reason). `extra`: columns to be named.
    `like`: the file whose records are the whole. `is_loose`: more may be made of its damaged part.
    """

    name: str
    content: bytes
    good: tuple[int, ...] = ALL
    told: tuple[tuple[int | None, str | None, str], ...] = ()
    extra: tuple[str, ...] = ()
    like: str = "whole/jsonl"
    is_loose: bool = False

    @property
    def path(self) -> str:
        return path_of(self.name)


@dataclass
class Case:
    """One sample of one source, the files made of it, and what came of them: by path or by the content's hash."""

    source: Source
    documents: list[Document]
    places: Places
    files: dict[str, list[Landed]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    entries: dict[str, manifest.Entry] = field(default_factory=dict)
    rows: dict[str, list[tuple]] = field(default_factory=dict)
    quarantined: dict[str, list[dict]] = field(default_factory=dict)

    @property
    def is_flat(self) -> bool:
        """Whether each document is one record, so that it can be a row of a table."""
        return all(len(records_of(self.source, document)[0].objects) == 1 for document in self.documents)


def path_of(name: str) -> str:
    return name.replace("/", "/of.")


def plain(name: str) -> str:
    return name.replace(ABOVE, "")


# --- samples, cut and put together


def documents_in(file: Path) -> list[Document]:
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".csv":
        return [dict(row) for row in csv.DictReader(io.StringIO(text))]
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


def held_in(holder: Document, keys: tuple[str, ...]) -> tuple[str, list] | None:
    """What lies in an object at a level: its key and the things in it; None where the object stands for itself."""
    if keys == ("*",):
        is_map = bool(holder) and all(isinstance(value, dict) for value in holder.values())
        return ("*", list(holder.items())) if is_map else None
    key = next((key for key in keys if key in holder), None)
    return None if key is None else (key, holder[key])


def records_of(source: Source, document: Document) -> list[Record]:
    found = [(document,)]
    for keys in source.levels:
        inner = []
        for objects in found:
            held = held_in(objects[0], keys)
            if held is None:
                inner.append(objects)
            elif held[0] == "*":
                inner += [(value, *objects) for _, value in held[1]]
            else:
                inner += [(value, *objects) for value in held[1]]
        found = inner
    return [Record(objects) for objects in found]


def singles(source: Source, document: Document, level: int = 0) -> Iterator[Document]:
    """The document once for each record in it, with nothing but that record."""
    if level == len(source.levels):
        yield document
        return
    held = held_in(document, source.levels[level])
    if held is None:
        yield from singles(source, document, level + 1)
    elif held[0] == "*":
        for key, value in held[1]:
            for inner in singles(source, value, level + 1):
                yield {key: inner}
    else:
        for value in held[1]:
            for inner in singles(source, value, level + 1):
                yield document | {held[0]: [inner]}


def marked_column(source: Source, record: Document) -> str:
    """The name of a text in the record that may say anything, so that records can be told apart."""
    texts = [c for c in source.columns if c.kind == "text" and not c.allowed and not c.secret]
    return next(name for c in texts for name in c.names if isinstance(record.get(name), str) and record[name])


def five_documents(source: Source, sample: Path) -> list[Document]:
    found = [single for document in documents_in(sample) for single in singles(source, document)]
    made = [copy.deepcopy(found[n % len(found)]) for n in ALL]
    for n, document in enumerate(made):
        record = records_of(source, document)[0].objects[0]
        record[marked_column(source, record)] += f"-{n}"
    return made


def changed(case: Case, change: Callable[[Record], None], which: tuple[int, ...] = ALL) -> list[Document]:
    made = copy.deepcopy(case.documents)
    for n in which:
        change(records_of(case.source, made[n])[0])
    return made


# --- formats


def as_jsonl(documents: list[Document]) -> bytes:
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents).encode()


def as_list(documents: list[Document], indent: int | None = None) -> bytes:
    return json.dumps(documents, ensure_ascii=False, indent=indent).encode()


def as_csv(documents: list[Document], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    names = list(dict.fromkeys(name for document in documents for name in document))
    writer = csv.DictWriter(out, names, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    for document in documents:
        writer.writerow({k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in document.items()})
    return out.getvalue().encode()


def as_parquet(documents: list[Document], folder: Path) -> bytes:
    """As a program would write it: times, whole numbers and nested values in types of their own."""
    text, table = folder / "parquet.jsonl", folder / "made.parquet"
    text.write_bytes(as_jsonl(documents))
    duckdb.sql(f"copy (from read_json('{text}', format = 'newline_delimited')) to '{table}'")
    return table.read_bytes()


def texts_of(case: Case, documents: list[Document]) -> dict[str, bytes]:
    """Ending -> the documents in each format of text that the source may come in."""
    made = {"jsonl": as_jsonl(documents), "list.json": as_list(documents), "pretty.json": as_list(documents, 1)}
    return made | ({"csv": as_csv(documents)} if case.is_flat else {})


# --- the files


def whole_files(case: Case, folder: Path) -> Iterator[Landed]:
    texts = texts_of(case, case.documents)
    for ending, content in texts.items():
        yield Landed(f"whole/{ending}", content)
        yield Landed(f"gzip/{ending}.gz", gzip.compress(content + b"\n"))
        yield Landed(f"bom/{ending}", b"\xef\xbb\xbf" + content)
        yield Landed(f"crlf/{ending}", content.rstrip(b"\n").replace(b"\n", b"\r\n"))
    yield Landed("stream/json", b"".join(json.dumps(document, indent=1).encode() for document in case.documents))
    yield Landed("reversed/jsonl", as_jsonl(case.documents[::-1]), good=ALL[::-1])
    yield Landed("repeated/jsonl", as_jsonl(case.documents * 2), good=ALL * 2)
    yield Landed("lacking/jsonl", as_jsonl(case.documents[:1] + case.documents[3:]), good=(0, 3, 4))
    if case.is_flat:
        yield Landed("whole/parquet", as_parquet(case.documents, folder))
        yield Landed("semicolon/csv", as_csv(case.documents, ";"))


def damaged_files(case: Case) -> Iterator[Landed]:
    lines = as_jsonl(case.documents).splitlines(keepends=True)
    parts = [json.dumps(document, ensure_ascii=False, indent=1) for document in case.documents]
    # On one line, what a page holds may begin as the page does.
    is_loose = not case.is_flat
    for n in (0, MIDDLE, RECORDS - 1):
        others, row = tuple(i for i in ALL if i != n), n + 1
        told = ((row, None, "is not valid JSON"),)
        broken = lines[n].replace(b":", b"", 1)
        yield Landed(f"broken/{n}.jsonl", b"".join([*lines[:n], broken, *lines[row:]]), others, told)
        for layout, between in (("compact", ","), ("lines", ",\n"), ("stream", "\n")):
            texts = [part if "\n" in between else json.dumps(json.loads(part), ensure_ascii=False) for part in parts]
            texts[n] = texts[n].replace(":", "", 1)
            text = between.join(texts)
            content = (f"[{text}]" if "," in between else text).encode()
            loose = is_loose and layout == "compact"
            yield Landed(f"broken/{n}.{layout}.json", content, others, told, is_loose=loose)
        latin1 = changed(case, lambda r: r.objects[0].update({marked_column(case.source, r.objects[0]): "ÄÖÜ"}), (n,))
        told = ((row, None, "is not valid JSON"),)
        yield Landed(f"latin1/{n}.jsonl", as_jsonl(latin1).decode().encode("latin1"), others, told)
        yield Landed(f"latin1/{n}.json", as_list(latin1, 1).decode().encode("latin1"), others, told)
        if case.is_flat:
            told = ((row, None, "is not UTF-8"),)
            yield Landed(f"latin1/{n}.csv", as_csv(latin1).decode().encode("latin1"), others, told)
            records = as_csv(case.documents).splitlines(keepends=True)
            assert len(records) == RECORDS + 1
            records[row] = records[row].rstrip(b"\n") + b",one,too,many\n"
            yield Landed(f"broken/{n}.csv", b"".join(records), others, ((row, None, "fields where the header has"),))
    for ending, content in texts_of(case, case.documents).items():
        begin = content.rindex(b"\n", 0, -1) if ending in ("csv", "jsonl") else len(content) - len(lines[-1])
        cut = content[: (begin + len(content)) // 2]
        reason = f"(line {RECORDS + 1})" if ending == "csv" else "is not valid JSON"
        loose = is_loose and ending == "list.json"
        yield Landed(f"cut/{ending}", cut, ALL[:-1], ((RECORDS, None, reason),), is_loose=loose)
    yield Landed("cut/end.json", as_list(case.documents)[:-1], ALL, ((RECORDS + 1, None, "is not valid JSON"),))


def in_turn(case: Case) -> Iterator[Callable[[list[Document]], tuple[str, bytes]]]:
    """Each of the formats of text in turn: what makes (ending, content) of documents in it."""
    for ending in itertools.cycle(texts_of(case, case.documents)):
        yield lambda documents, ending=ending: (ending, texts_of(case, documents)[ending])


def bad_value_files(case: Case) -> Iterator[Landed]:
    formats = in_turn(case)
    others = tuple(i for i in ALL if i != MIDDLE)
    for column in case.source.columns:
        name = next((n for n in column.names if records_of(case.source, case.documents[MIDDLE])[0].place_of(n)), None)
        if name is None or (column.inside and not column.landed):
            continue

        def with_value(value: object, name: str = name) -> list[Document]:
            return changed(case, lambda r: r.set(name, value), (MIDDLE,))

        shown = column.inside[0] if column.inside else column.shown
        bad = BAD_VALUES.get("allowed" if column.allowed else column.kind, "twelve")
        values = [] if column.kind == "text" and not column.allowed else [(bad, "" if column.kind in UNTOLD else bad)]
        values += [(-5, "is negative (-5)")] if column.kind in COUNTS else []
        values += [(10**30, "is more than")] if column.kind in COUNTS and column.kind != "seconds" else []
        values += [("", "is empty")] if column.not_null else []
        if column.name == case.source.event:
            values += [("1970-01-02", "lies before 2015"), ("2199-01-01", "after now (2199-01-01)")]
        for n, (value, words) in enumerate(values):
            ending, content = next(formats)(with_value(value))
            yield Landed(f"value/{column.name}.{n}.{ending}", content, others, ((MIDDLE + 1, shown, words),))


def missing_column_files(case: Case) -> Iterator[Landed]:
    for column in case.source.columns:
        if not column.required or (column.inside and not column.landed):
            continue

        def without(record: Record, column: Column = column) -> None:
            for name in (*column.names, *(column.inside or ())[:1]):
                while (place := record.place_of(name)) is not None:
                    del place[0][place[1]]

        documents = changed(case, without)
        is_above = any(name.startswith(ABOVE) for name in column.names)
        for ending, content in texts_of(case, documents).items():
            told = ((None, column.shown, "is missing"),)
            if is_above and ending != "csv":
                told = tuple((row + 1, column.shown, "is empty") for row in ALL)
            yield Landed(f"missing/{column.name}.{ending}", content, (), told)


def other_ways_to_write(case: Case, folder: Path) -> Iterator[Landed]:
    def as_text(value: object) -> object:
        if isinstance(value, dict):
            return {key: as_text(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [as_text(inner) for inner in value]
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    yield Landed("texts/jsonl", as_jsonl([as_text(document) for document in case.documents]))
    new = {"brand_new": PLANTED, "brand_new_object": {"text": PLANTED, "list": [PLANTED]}}
    newer = changed(case, lambda record: record.objects[0].update(new))
    for ending, content in texts_of(case, newer).items():
        yield Landed(f"newer/{ending}", content, extra=tuple(new))
    if case.is_flat:
        yield Landed("newer/parquet", as_parquet(newer, folder), extra=tuple(new))


def times_in_other_ways(case: Case) -> Iterator[Landed]:
    event = next((column for column in case.source.columns if column.name == case.source.event), None)
    if event is None or event.kind != "time":
        return
    name = next(n for n in event.names if records_of(case.source, case.documents[0])[0].place_of(n) is not None)
    formats, seconds = in_turn(case), 1791194400
    ways: dict[str, object] = {"iso": "2026-10-05T10:00:00Z", "no_zone": "2026-10-05 10:00:00"}
    ways |= {
        "offset": "2026-10-05T12:00:00+02:00",
        "seven": "2026-10-05T10:00:00.0000000Z",
        "utc": "2026-10-05 10:00:00 UTC",
    }
    ways |= {"comma": "2026-10-05 10:00:00,000", "float": float(seconds)}
    for power, unit in enumerate(("seconds", "milliseconds", "microseconds", "nanoseconds")):
        ways |= {unit: seconds * 1000**power, f"{unit}_text": str(seconds * 1000**power)}
    for way, value in ways.items():
        documents = changed(case, lambda record, value=value: record.set(name, value))
        ending, content = next(formats)(documents)
        yield Landed(f"time/{way}.{ending}", content, like="time/iso.jsonl")


def files_of_other_kinds(case: Case) -> Iterator[Landed]:
    texts = texts_of(case, case.documents)
    for ending, content in texts.items():
        told = ((None, None, "is UTF-16 or UTF-32"),)
        yield Landed(f"wide/16.{ending}", content.decode().encode("utf-16"), (), told)
        yield Landed(f"wide/32.{ending}", content.decode().encode("utf-32-be"), (), told)
        packed = gzip.compress(content)
        yield Landed(f"packed/{ending}.gz", packed[: len(packed) // 2], (), ((None, None, "truncated gzip"),))
        yield Landed(f"page/{ending}", f"<html>{PLANTED} {ending}</html>".encode(), (), ((None, None, "web page"),))
    yield Landed("nothing/json", b"", ())
    yield Landed("nothing/list.json", b"[]", ())
    yield Landed("nothing/blank.jsonl", b"\n \n", ())
    if case.is_flat:
        yield Landed("nothing/header.csv", texts["csv"].split(b"\n")[0] + b"\n", ())
    for depth, (key, *_) in enumerate(case.source.levels):
        if key != "*":
            page: Document = {key: []}
            for outer, *_ in reversed(case.source.levels[:depth]):
                page = {outer: [page]} if outer != "*" else {"one": page}
            yield Landed(f"nothing/page.{depth}.json", json.dumps(page).encode(), ())


KINDS = (
    whole_files,
    damaged_files,
    bad_value_files,
    missing_column_files,
    other_ways_to_write,
    times_in_other_ways,
    files_of_other_kinds,
)


# --- taken in once for each sample


def take_in(case: Case, places: Places) -> None:
    """Ingest the source as it lies in `places`, and keep what came of it."""
    report = pipeline.ingest(places, case.source)
    case.messages = report.messages
    for entry in manifest.load(places.raw / "manifest" / f"{case.source.name}.parquet").values():
        for path in entry.paths:
            case.entries[path.removeprefix(f"{case.source.name}/")] = entry
    kept = ", ".join(f'"{column.name}"' for column in case.source.columns)
    glob = places.raw / case.source.name / "**" / "*.parquet"
    for file_hash, *row in duckdb.sql(
        f"select _file_hash, {kept} from read_parquet('{glob}', hive_partitioning = false) order by _file_hash, _row"
    ).fetchall():
        case.rows.setdefault(file_hash, []).append(tuple(row))
    for file in (places.quarantine / case.source.name).glob("*.jsonl"):
        case.quarantined[file.stem] = [json.loads(line) for line in file.read_text(encoding="utf-8-sig").splitlines()]


def land(case: Case, places: Places, files: list[Landed]) -> None:
    for file in files:
        target = places.landing / case.source.name / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)


def places_below(base: Path, ledger: Path | None = None) -> Places:
    return Places(base / "landing", base / "config", ledger or base / "ledger", base / "home", datetime(2026, 11, 2, 6))


# Their names stand in another language, or in a record's own key: such a file cannot be made from its rows.
NOT_BY_NAME = {"azure_cost/german.csv", "litellm_prices/model_prices_2026-10-01.json"}
NAMES = {f"{file.parent.name}/{file.name}" for file in SAMPLES.glob("*/*")}


@pytest.fixture(scope="module", params=sorted(NAMES - NOT_BY_NAME))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    base = tmp_path_factory.mktemp("bad_input")
    source = SOURCES[request.param.split("/")[0]]
    made = Case(source, five_documents(source, SAMPLES / request.param), places_below(base))
    for kind in KINDS:
        made.files[kind.__name__] = list(kind(made, base) if kind in (whole_files, other_ways_to_write) else kind(made))
        land(made, made.places, made.files[kind.__name__])
    take_in(made, made.places)
    return made


def assert_as_foreseen(case: Case, kind: Callable) -> None:
    for file in case.files[kind.__name__]:
        entry = case.entries[file.path]
        rows, told = case.rows.get(entry.file_hash, []), case.quarantined.get(entry.file_hash, [])
        whole = case.rows[case.entries[path_of(file.like)].file_hash]
        assert entry.rows_accepted == len(rows), file.path
        if entry.rows_landed is not None:
            assert entry.rows_landed == entry.rows_accepted + entry.rows_quarantined, file.path
        good = [whole[n] for n in file.good]
        if file.is_loose:
            assert [row for row in rows if row in good] == good, file.path
            assert told, file.path
            continue
        assert rows == good, file.path
        assert [(one["row"], one["column"]) for one in told] == [(row, column) for row, column, _ in file.told], (
            file.path
        )
        for one, (_, _, words) in zip(told, file.told, strict=True):
            assert words in one["reason"] and one["mend"] and one["file"] == entry.paths[0], (file.path, one)
        if told:
            (message,) = [m for m in case.messages if m.startswith(f"{case.source.name}/{file.path}: ")]
            assert told[0]["reason"] in message and told[0]["mend"] in message, message
        assert set(file.extra) <= set(entry.extra_columns), file.path


def test_a_file_gives_the_same_rows_in_every_format_order_and_packing(case: Case) -> None:
    whole = case.rows[case.entries[path_of("whole/jsonl")].file_hash]
    assert len(set(map(str, whole))) == RECORDS
    assert_as_foreseen(case, whole_files)


def test_a_damaged_record_costs_itself_alone(case: Case) -> None:
    assert_as_foreseen(case, damaged_files)


def test_a_bad_value_is_named_with_row_column_and_mend_and_the_other_rows_go_through(case: Case) -> None:
    assert_as_foreseen(case, bad_value_files)


def test_a_missing_column_is_named(case: Case) -> None:
    assert_as_foreseen(case, missing_column_files)


def test_numbers_may_be_texts_and_what_is_new_is_named_and_passes(case: Case) -> None:
    assert_as_foreseen(case, other_ways_to_write)


def test_a_time_is_the_same_instant_however_it_is_written(case: Case) -> None:
    assert_as_foreseen(case, times_in_other_ways)


def test_what_is_no_text_says_what_it_is_and_what_is_empty_is_accepted(case: Case) -> None:
    assert_as_foreseen(case, files_of_other_kinds)


def test_content_of_damaged_files_is_nowhere(case: Case) -> None:
    assert leaks(case.places.landing)
    assert not leaks(case.places.home)
    assert PLANTED not in str(case.messages).lower()


# One of each way in which files are read; the others differ in what their columns are called.
@pytest.mark.parametrize(
    "case",
    [
        "aws_cur/report.csv",
        "focus/bill.csv",
        "langfuse/trace.json",
        "litellm/spend_logs.jsonl",
        "openai_usage/completions.json",
        "opencost/allocation.json",
        "otel/spans.jsonl",
    ],
    indirect=True,
    scope="module",
)
def test_a_large_file_is_judged_as_a_small_one(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = ("whole/", "broken/2.c", "cut/", "newer/parquet")
    files = [file for some in case.files.values() for file in some if file.name.startswith(kinds)]
    large = Case(case.source, case.documents, places_below(tmp_path, case.places.ledger))
    land(large, large.places, files)
    monkeypatch.setattr(pipeline, "SMALL_FILE", 0)
    take_in(large, large.places)
    for file in files:
        entry, other = case.entries[file.path], large.entries[file.path]
        assert large.rows.get(entry.file_hash) == case.rows.get(entry.file_hash), file.path
        assert (other.status, other.rows_landed, other.extra_columns) == (
            entry.status, entry.rows_landed, entry.extra_columns,
        ), file.path  # fmt: skip
        assert [one | {"file": ""} for one in large.quarantined.get(entry.file_hash, [])] == [
            one | {"file": ""} for one in case.quarantined.get(entry.file_hash, [])
        ], file.path
