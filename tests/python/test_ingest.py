"""What lands is read where it can be read, refused with a reason where it cannot, and every row is accounted for."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration import config, ledger
from orchestration.ingest import SOURCES, SourceReport, ingest_source, pipeline, read, unknown_folders
from orchestration.ingest import manifest as manifests
from orchestration.ingest.spec import Column, Source
from orchestration.ingest.values import MACROS
from orchestration.ingest.write import exported_at
from orchestration.places import Places

HEADER = "call_id,called_at,provider,model,input_uncached_tokens,output_tokens"
ROW = "c{0},2026-10-0{1}T00:00:00Z,openai,gpt-4.1,{0},2"


def land(places: Places, path: str, content: str | bytes) -> Path:
    file = places.landing / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def calls(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def some_calls(numbers: Iterable[int]) -> str:
    return calls(*(ROW.format(n, n % 3 + 1) for n in numbers))


def raw(places: Places, source: str, columns: str = "*", order: str = "_file_hash, _row") -> list[tuple]:
    glob = places.raw / source / "**" / "*.parquet"
    return duckdb.sql(
        f"select {columns} from read_parquet('{glob}', hive_partitioning = {SOURCES[source].by_day}) order by {order}"
    ).fetchall()


def entries(places: Places, source: str) -> dict[str, manifests.Entry]:
    return {entry.paths[0]: entry for entry in manifests.load(places.raw / "manifest" / f"{source}.parquet").values()}


def quarantined(places: Places, source: str) -> list[dict]:
    files = sorted((places.quarantine / source).glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def comparable(places: Places, source: str) -> list[dict]:
    """The manifest without what may differ between one run and many: times of arrival, and how parts are cut."""
    rows = []
    for entry in manifests.load(places.raw / "manifest" / f"{source}.parquet").values():
        row = dataclasses.asdict(entry)
        row["parts"] = sorted((str(part["day"]), part["rows"]) for part in row["parts"])
        del row["first_seen_at"], row["came_at"]
        rows.append(row)
    return rows


def rows_of(places: Places, entry: manifests.Entry, columns: str) -> list[tuple]:
    """The raw rows of one landed content, in their order."""
    paths = [str(places.home / part.path) for part in entry.parts]
    return duckdb.sql(
        f"select {columns} from read_parquet({paths}) where _file_hash = '{entry.file_hash}' order by _row"
    ).fetchall()


def assert_complete(places: Places, source: str) -> None:
    """Law 2 per file, and that raw holds exactly what the manifest says."""
    held: dict[str, int] = {}
    for (file_hash,) in raw(places, source, "_file_hash"):
        held[file_hash] = held.get(file_hash, 0) + 1
    for entry in entries(places, source).values():
        if entry.rows_landed is not None:
            assert entry.rows_landed == entry.rows_accepted + entry.rows_quarantined
        assert held.pop(entry.file_hash, 0) == entry.rows_accepted == sum(part.rows for part in entry.parts)
    assert not held
    on_disk = {
        str(p.relative_to(places.home)) for p in (places.raw / source).rglob("*.parquet") if "empty" not in p.name
    }
    assert on_disk == {part.path for entry in entries(places, source).values() for part in entry.parts}


def test_flat_sources_land_as_csv_json_lines_json_and_parquet(places: Places) -> None:
    rows = {
        "llm_calls": {
            "call_id": "c1",
            "called_at": "2026-10-01T00:00:00Z",
            "input_uncached": 5,
            "tags": {"team": "search"},
            "service_tier": "flex",
            "usage": {
                "input_tokens": 3,
                "cache_read_input_tokens": 9,
                "service_tier": "standard",
                "server_tool_use": {"web_search_requests": 2},
                "iterations": [{"type": "compaction", "input_tokens": 7}, {"type": "message", "input_tokens": 3}],
            },
        },
        "litellm": {
            "request_id": "r1",
            "startTime": "2026-10-01T00:00:00Z",
            "model": "gpt-4.1",
            "prompt_tokens": 5,
            "spend": 1e-05,
            "completion_tokens": 2,
            "request_tags": ["team:search", "flag", "team:other"],
            "api_key": "ab" * 32,
            "metadata": {
                "spend_logs_metadata": {"a": "b", "nested": {"c": 1}},
                "usage_object": {"cache_read_input_tokens": 3},
            },
        },
        "focus": {"BilledCost": "1.5", "ChargePeriodStart": "2026-10-01", "Tags": {"a": "b"}},
        "customers": {"customer_id": "c1", "valid_from": "2026-01-01"},
        "revenue": {
            "customer_id": "c1",
            "month": "2026-08",
            "amount": "10",
            "currency": "USD",
            "revenue_kind": "billed",
        },
        "outcomes": {"outcome_id": "o1", "outcome_type": "task", "occurred_at": "2026-10-01", "status": "success"},
    }
    assert set(rows) <= set(SOURCES)
    for source, row in rows.items():
        flat = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
        cells = [str(value).replace('"', '""') for value in flat.values()]
        land(places, f"{source}/a.csv", ",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in cells) + "\n")
        land(places, f"{source}/b.jsonl", json.dumps(row) + "\n")
        land(places, f"{source}/c.json", json.dumps([row], indent=1))
        land(places, f"{source}/d.json", json.dumps(row, indent=1))
        land(places, f"{source}/e.ndjson.gz", gzip.compress((json.dumps(flat) + "\n\n").encode()))
        parquet = places.landing / source / "f.parquet"
        duckdb.sql(f"copy (select * from read_json('{places.landing / source / 'b.jsonl'}')) to '{parquet}'")
        report = ingest_source(places, source)
        assert (report.files_accepted, report.rows_accepted, report.messages) == (6, 6, []), source
        assert all(check.passed for check in report.checks)
        kept = ", ".join(f'"{column.name}"' for column in SOURCES[source].columns)
        assert len(set(map(str, raw(places, source, kept)))) == 1, source
        types = duckdb.sql(f"describe select {kept} from '{places.raw}/{source}/**/*.parquet'").fetchall()
        assert [row[1] for row in types] == [column.type for column in SOURCES[source].columns]
        assert_complete(places, source)
    tags = raw(places, "litellm", "request_tags, spend_logs_metadata, reported_cache_read_tokens, spend, api_key")[0]
    assert tags == ({"team": "search", "flag": "true"}, {"a": "b"}, 3, Decimal("0.00001"), "ab" * 32)
    counts = "usage_form, reported_input_tokens, reported_cache_read_tokens, web_searches, service_tier"
    assert raw(places, "llm_calls", counts)[0] == ("messages", 10, 9, 2, "flex")


def test_a_source_that_has_not_landed_has_empty_typed_files(places: Places) -> None:
    for source in SOURCES:
        report = ingest_source(places, source)
        assert report == SourceReport(source, 0, 0, 0, 0, 0, 0, 0, [], [])
        assert raw(places, source) == [] and entries(places, source) == {}


READABLE = [
    ("bom.csv", b"\xef\xbb\xbf" + some_calls([1, 2]).encode()),
    ("crlf.csv", some_calls([1, 2]).replace("\n", "\r\n").encode()),
    ("mixed.csv", calls(ROW.format(1, 1) + "\r", ROW.format(2, 1)).encode()),
    ("header.csv", some_calls([1, 2]).replace("call_id", " CALL_ID ").encode()),
    ("semicolon.csv", some_calls([1, 2]).replace(",", ";").encode()),
    ("tab.csv", some_calls([1, 2]).replace(",", "\t").encode()),
    ("blank lines.csv", b"\n\n" + some_calls([1, 2]).replace("\nc2", "\n\nc2").encode()),
    ("no end.csv", some_calls([1, 2]).rstrip().encode()),
    ("trailing.csv", calls(ROW.format(1, 1) + ",", ROW.format(2, 1) + ",").encode()),
    ("quoted.csv", calls(ROW.format(1, 1).replace("openai", '"open\nai"'), ROW.format(2, 1)).encode()),
    ("twice.csv", calls(*(ROW.format(n, 1) + ",x" for n in (1, 2)), header=HEADER + ",call_id").encode()),
    ("members.csv.gz", gzip.compress(calls(ROW.format(1, 1)).encode()) + gzip.compress(ROW.format(2, 1).encode())),
    ("plain.csv.gz", some_calls([1, 2]).encode()),
    ("packed.csv", gzip.compress(some_calls([1, 2]).encode())),
    (
        "bom.json",
        b'\xef\xbb\xbf[{"call_id": "c1", "called_at": 1790812800}, {"call_id": 2, "called_at": "1790812800"}]',
    ),
    (
        "lines.json",
        b'{"call_id": 1, "called_at": 1790812800}\n\n{"call_id": 2, "called_at": "2026-10-01", "x": 1}\n',
    ),
    ("many.json", b'{"call_id": 1,\n "called_at": 1790812800}{"call_id": 2, "called_at": 1790812800}'),
    ("case.jsonl", b'{"Call_Id": 1, "CALLED_AT": 1790812800}\n{"call_id": 2, "called_at": 1790812800}\n'),
]


def test_what_can_be_read_is_read(places: Places) -> None:
    for n, (name, content) in enumerate(READABLE):
        land(places, f"llm_calls/{n:02} {name}", content)
    report = ingest_source(places, "llm_calls")
    assert report.messages == []
    landed = {path: entry for entry in entries(places, "llm_calls").values() for path in entry.paths}
    assert {path: (e.rows_landed, e.rows_accepted) for path, e in landed.items()} == {
        f"llm_calls/{n:02} {name}": (2, 2) for n, (name, _) in enumerate(READABLE)
    }
    assert_complete(places, "llm_calls")


def test_file_names_of_every_kind_are_read(places: Places) -> None:
    names = [
        "a b.csv",
        "it's.csv",
        'say "x".csv',
        "a;b.csv",
        "a*?.csv",
        "{a,b}[c].csv",
        "é🙂.csv",
        "day=2020-01-01/a.csv",
    ]
    for n, name in enumerate(names):
        land(places, f"llm_calls/{name}", some_calls([n]))
    assert ingest_source(places, "llm_calls").rows_accepted == len(names)
    assert set(entries(places, "llm_calls")) == {f"llm_calls/{name}" for name in names}


def test_extra_columns_are_named_and_not_kept(places: Places) -> None:
    land(places, "llm_calls/a.csv", calls(ROW.format(1, 1) + ",secret text", header=HEADER + ",prompt"))
    land(places, "llm_calls/b.jsonl", '{"call_id": "c1", "called_at": 1790812800, "messages": "x", "bob@acme.com": 1}')
    ingest_source(places, "llm_calls")
    extra = {path: entry.extra_columns for path, entry in entries(places, "llm_calls").items()}
    assert extra["llm_calls/a.csv"] == ["prompt"]
    assert extra["llm_calls/b.jsonl"][1] == "messages" and extra["llm_calls/b.jsonl"][0].startswith("h_")


def test_null_texts_and_empty_values_are_null(places: Places) -> None:
    land(places, "llm_calls/a.csv", calls('c1,2026-10-01,NULL,null,Null," "', "c2,2026-10-01,(null),(NULL),,"))
    ingest_source(places, "llm_calls")
    assert raw(places, "llm_calls", "provider, model, input_uncached_tokens, output_tokens") == [(None,) * 4] * 2


def test_an_empty_file_is_accepted_with_no_rows(places: Places) -> None:
    for n, content in enumerate([b"", b" \n", b"\xef\xbb\xbf"]):
        for name in ("a.csv", "a.json", "a.jsonl", "a.csv.gz"):
            land(places, f"llm_calls/{n}/{name}", content)
    land(places, "llm_calls/a.parquet", b"")
    report = ingest_source(places, "llm_calls")
    assert (report.files_accepted, report.files_quarantined, report.rows_landed, report.messages) == (13, 0, 0, [])


REFUSED = [
    ("bad.csv.gz", gzip.compress(some_calls(range(99)).encode())[:-20], "truncated gzip"),
    ("bad.csv.gz", gzip.compress(some_calls([1]).encode()) + b"\x1f\x8bjunk", "truncated gzip"),
    ("bad.csv", some_calls([1]).encode("utf-16"), "UTF-16"),
    ("bad.csv", some_calls([2]).encode("utf-16-le"), "UTF-16"),
    ("bad.csv.gz", gzip.compress(gzip.compress(some_calls([1]).encode())), "is packed twice"),
    ("bad.csv", b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "is a ZIP archive or a workbook"),
    ("bad.json", "<!DOCTYPE html><html>Sign in</html>", "is a web page or XML"),
    ("bad.csv", '[{"call_id": 1}]', "is JSON, not CSV. Give it the ending .json"),
    ("bad.json", some_calls([4]), "holds no whole JSON object"),
    ("bad.json", "5", "holds no whole JSON object"),
    (
        "bad.csv",
        some_calls([1]).replace("called_at", "caled_at"),
        "called_at is missing. Rename its column 'caled_at'",
    ),
    ("bad.csv", some_calls([1]).replace("call_id", "x"), "call_id is missing. Add the column 'call_id'"),
    ("bad.jsonl", '{"call_id": 1, "calledAt": 1790812800}', "called_at is missing. Rename its column 'calledAt'"),
    ("bad.json", '[{"call_id": 1}, {"call', "called_at is missing"),
    ("bad.parquet", b"PAR1 nothing of the kind PAR1", "cannot be read"),
    ("bad.parquet", some_calls([1]), "not a whole Parquet file"),
    ("bad.xlsx", b"PK\x03\x04", "ending"),
    ("bad", b"x", "ending"),
]


def test_a_file_that_cannot_be_read_is_refused_and_the_others_go_through(places: Places) -> None:
    land(places, "llm_calls/good.csv", some_calls([1, 2]))
    for n, (name, content, _) in enumerate(REFUSED):
        land(places, f"llm_calls/{n:02}/{name}", content)
    report = ingest_source(places, "llm_calls")
    assert (report.files_accepted, report.files_quarantined, report.rows_accepted) == (1, len(REFUSED), 2)
    told = {entry["file"]: entry for entry in quarantined(places, "llm_calls")}
    for n, (name, _, reason) in enumerate(REFUSED):
        path = f"llm_calls/{n:02}/{name}"
        assert report.messages[n].startswith(f"{path}: ") and reason in report.messages[n]
        assert told[path]["row"] is None and told[path]["reason"] and told[path]["mend"]
    assert not all(check.passed for check in report.checks)
    assert_complete(places, "llm_calls")
    assert ingest_source(places, "llm_calls").messages == report.messages  # they are told again, though nothing is read
    for n in range(len(REFUSED)):
        shutil.rmtree(places.landing / "llm_calls" / f"{n:02}")
    assert ingest_source(places, "llm_calls").messages == [] and quarantined(places, "llm_calls") == []


def test_a_missing_column_tells_how_many_rows_it_costs(places: Places) -> None:
    land(places, "llm_calls/a.csv", some_calls([1, 2, 3]).replace("call_id", "id"))
    report = ingest_source(places, "llm_calls")
    assert (report.rows_landed, report.rows_quarantined) == (3, 3)


BAD_ROWS = [
    ("c9,2026-10-01,p,m,-5,1", "input_uncached_tokens", "-5"),
    ("c9,2026-10-01,p,m,5,1000000000000000000", "output_tokens", "more than 1,000,000,000"),
    ("c9,2026-10-01,p,m,5,99999999999999999999999", "output_tokens", "more than 1,000,000,000"),
    ("c9,2026-10-01,p,m,five,1", "input_uncached_tokens", "not a whole number (five)"),
    ("c9,2026-10-01,p,m,1.5,1", "input_uncached_tokens", "not a whole number (1.5)"),
    ("c9,1970-01-01,p,m,5,1", "called_at", "before 2015-01-01"),
    ("c9,2027-06-01,p,m,5,1", "called_at", "1 day after now"),
    ("c9,yesterday,p,m,5,1", "called_at", "not a time (yesterday)"),
    ("c9,,p,m,5,1", "called_at", "is empty"),
    (",2026-10-01,p,m,5,1", "call_id", "is empty"),
    ("c9,2026-10-01,p,m", None, "4 fields where the header has 6 (line 3)"),
    ("c9,2026-10-01,p,m,1,2,3,4", None, "8 fields where the header has 6 (line 3)"),
    ('c9,2026-10-01,"p"x,m,1,2', None, "misplaced quote (line 3)"),
]


def test_a_bad_row_is_quarantined_and_the_others_go_through(places: Places) -> None:
    for n, (row, _, _) in enumerate(BAD_ROWS):
        land(places, f"llm_calls/{n:02}.csv", calls(ROW.format(1, 1), row, ROW.format(2, 1)))
    report = ingest_source(places, "llm_calls")
    assert (report.rows_landed, report.rows_accepted) == (3 * len(BAD_ROWS), 2 * len(BAD_ROWS))
    told = {entry["file"]: entry for entry in quarantined(places, "llm_calls")}
    for n, (_, column, found) in enumerate(BAD_ROWS):
        entry = told[f"llm_calls/{n:02}.csv"]
        assert (entry["row"], entry["column"]) == (2, column) and found in entry["reason"] and entry["mend"]
        assert "1 of 3 rows" in report.messages[n] and "row 2" in report.messages[n] and found in report.messages[n]
    assert set(raw(places, "llm_calls", "_row")) == {(1,), (3,)}
    assert_complete(places, "llm_calls")


def test_a_quote_that_never_ends_costs_the_rest_of_the_file_only(places: Places) -> None:
    land(places, "llm_calls/a.csv", calls(ROW.format(1, 1), 'c9,"2026', ROW.format(2, 1)))
    report = ingest_source(places, "llm_calls")
    assert (report.rows_accepted, report.rows_quarantined) == (1, 1)
    assert "quote that never ends" in report.messages[0]


def test_bad_json_lines_are_quarantined_one_by_one(places: Places) -> None:
    good = '{"call_id": "c1", "called_at": "2026-10-01"}'
    land(places, "llm_calls/a.jsonl", "\n".join([good, "{broken", "5", "[1]", good, '{"call_id": "c2"', ""]))
    report = ingest_source(places, "llm_calls")
    assert (report.rows_landed, report.rows_accepted, report.rows_quarantined) == (6, 2, 4)
    assert [entry["row"] for entry in quarantined(places, "llm_calls")] == [2, 3, 4, 6]


def test_values_out_of_a_list_and_json_that_does_not_parse_are_quarantined(places: Places) -> None:
    kinds = ("recognised", "Billed", "mrr", "guess", "")
    rows = [f"c,p,f,2026-08,1,USD,{kind}" for kind in kinds]
    land(places, "revenue/a.csv", calls(*rows, header="customer_id,product,feature,month,amount,currency,revenue_kind"))
    ingest_source(places, "revenue")
    assert raw(places, "revenue", "revenue_kind") == [("recognised",), ("billed",)]
    assert [entry["row"] for entry in quarantined(places, "revenue")] == [3, 4, 5]
    assert "MRR is a run rate, not revenue" in quarantined(places, "revenue")[0]["mend"]
    row = {"request_id": "r", "startTime": "2026-10-01", "model": "m", "prompt_tokens": 1, "completion_tokens": 1}
    bad = [
        row | {"metadata": "{oops"},
        row | {"request_tags": "[oops"},
        row | {"metadata": {"spend_logs_metadata": [1]}},
        row,
    ]
    land(places, "litellm/a.jsonl", "\n".join(map(json.dumps, bad)))
    ingest_source(places, "litellm")
    assert [e["column"] for e in quarantined(places, "litellm")] == ["metadata", "request_tags", "metadata"]


def test_a_currency_is_three_letters_or_its_row_is_quarantined(places: Places) -> None:
    rows = [f"Acme,i,{line},2026-10,5,{currency}" for line, currency in enumerate(("EUR", " usd", "Euro", "€", "E1R"))]
    land(places, "invoices/a.csv", calls(*rows, header="vendor,invoice_id,line,period,amount,currency"))
    ingest_source(places, "invoices")
    assert raw(places, "invoices", "currency") == [("EUR",), ("USD",)]
    refused = [(entry["row"], entry["column"]) for entry in quarantined(places, "invoices")]
    assert refused == [(3, "currency"), (4, "currency"), (5, "currency")]
    assert quarantined(places, "invoices")[0]["mend"] == "Write a currency by its three letters, such as EUR."


def test_an_amount_that_names_another_currency_than_its_row_is_quarantined(places: Places) -> None:
    good = [
        "€5,EUR",
        "5 USD,USD",
        "$5,CAD",
        "R$5,BRL",
        "¥5,JPY",
        "5 Ft,HUF",
        "€5 EUR,EUR",
        '"5 000,00 kr",sek',
        "5,XYZ",
    ]
    bad = [
        "€5,USD",
        "USD 5,EUR",
        "US$5,EUR",
        "CA$5,USD",
        "¥5,USD",
        "5 000 Ft,EUR",
        "5 zł,EUR",
        "€5 MIO,EUR",
        "€5 USD,EUR",
    ]
    rows = [f"Acme,i,{line},2026-10,{amount}" for line, amount in enumerate(good + bad)]
    land(places, "invoices/a.csv", calls(*rows, header="vendor,invoice_id,line,period,amount,currency"))
    ingest_source(places, "invoices")
    assert len(raw(places, "invoices", "amount")) == len(good)
    refused = quarantined(places, "invoices")
    assert [entry["row"] for entry in refused] == [len(good) + number for number in range(1, len(bad) + 1)]
    assert refused[0]["reason"] == "amount names another currency than its row (€5)."


def test_an_amount_is_in_the_currency_of_its_row_in_every_source(places: Places) -> None:
    land(places, "focus/a.csv", "BilledCost,ChargePeriodStart,BillingCurrency,ListCost,PricingQuantity\n"
         "5 000 kr,2026-10-01,USD,1,1\n5 000 kr,2026-10-01,SEK,1,1\n5,2026-10-01,SEK,1,$2\n")  # fmt: skip
    land(places, "copilot/a.csv", "date,gross_amount,net_amount\n2026-10-01,$5,€5\n2026-10-01,$5,$5\n")
    ingest_source(places, "focus")
    ingest_source(places, "copilot")
    assert [entry["column"] for entry in quarantined(places, "focus")] == ["BilledCost", "PricingQuantity"]
    assert [entry["column"] for entry in quarantined(places, "copilot")] == ["net_amount"]
    for source in SOURCES.values():
        named = {
            column.name
            for column in source.columns
            if "currency" in column.name.lower() and column.kind != "float_money"
        }
        assert source.currency in named or not named


def test_money_is_exact_or_quarantined(places: Places) -> None:
    good = [
        "0.123456789012345678",
        "-12345678901234567890.5",
        '"$50,000.00 "',
        "1e-05",
        "0.30000000000000001",
        "7",
        "-$1.50",
    ]
    bad = [
        "0.1234567890123456789",
        "123456789012345678901",
        "1e-19",
        '"1,500"',
        '"1.234,5"',
        "abc",
        "NaN",
    ]
    header = "BilledCost,ChargePeriodStart"
    land(places, "focus/a.csv", calls(*(f"{value},2026-10-01" for value in good + bad), header=header))
    numbers = ["0.123456789012345678", "12345678901234.123456789012", "0.30000000000000001", "5e-10", "-3"]
    land(
        places, "focus/b.jsonl", "\n".join(f'{{"BilledCost": {n}, "ChargePeriodStart": "2026-10-01"}}' for n in numbers)
    )
    report = ingest_source(places, "focus")
    assert report.rows_quarantined == len(bad)
    by_file = {}
    for file_hash, cost in raw(places, "focus", "_file_hash, BilledCost"):
        by_file.setdefault(file_hash, []).append(cost)
    by_path = {path: by_file[entry.file_hash] for path, entry in entries(places, "focus").items()}
    plain = [value.strip('" ').replace("$", "").replace(",", "") for value in good]
    assert by_path["focus/a.csv"] == [Decimal(value) for value in plain]
    assert by_path["focus/b.jsonl"] == [Decimal(value) for value in numbers]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-11-16 18:15:46.6805907", datetime(2023, 11, 16, 18, 15, 46, 680590)),
        ("2023-11-16T18:15:46.999999999+05:30", datetime(2023, 11, 16, 12, 45, 46, 999999)),
        ("2023-11-16T18:15Z", datetime(2023, 11, 16, 18, 15)),
        ("2023-11-16", datetime(2023, 11, 16)),
        ("2023-02-01T30:00:00Z", datetime(2023, 2, 2, 6)),
        ("10/1/25", datetime(2025, 10, 1)),
        ("4/1/2026 13:05", datetime(2026, 4, 1, 13, 5)),
        ("01.10.2026", datetime(2026, 10, 1)),
        ("31.10.2026 13:05", datetime(2026, 10, 31, 13, 5)),
        ("10.31.2026", None),
        ("1699999999", datetime(2023, 11, 14, 22, 13, 19)),
        ("1699999999.5", datetime(2023, 11, 14, 22, 13, 19, 500000)),
        ("1699999999123", datetime(2023, 11, 14, 22, 13, 19, 123000)),
        ("1699999999123456", datetime(2023, 11, 14, 22, 13, 19, 123456)),
        ("1699999999123456789", datetime(2023, 11, 14, 22, 13, 19, 123456)),
        ("20241005T101112Z", datetime(2024, 10, 5, 10, 11, 12)),
        ("20241005101112", datetime(2024, 10, 5, 10, 11, 12)),
        ("1.699999999123e+12", datetime(2023, 11, 14, 22, 13, 19, 123000)),
        ("2024-10-05 10:11:12,345", datetime(2024, 10, 5, 10, 11, 12, 345000)),
        ("2024-10-05 10:11:12.345 +0200", datetime(2024, 10, 5, 8, 11, 12, 345000)),
        ("2024-10-05 10:11:12 +0000 UTC", datetime(2024, 10, 5, 10, 11, 12)),
        ("2024-10-05 10:11:12 UTC", datetime(2024, 10, 5, 10, 11, 12)),
        ("2024-10-05t10:11:12z", datetime(2024, 10, 5, 10, 11, 12)),
        # At the end of summer time the hour from two to three comes twice, and at its beginning never.
        ("2025-10-26T02:30:00+02:00", datetime(2025, 10, 26, 0, 30)),
        ("2025-10-26T02:30:00+01:00", datetime(2025, 10, 26, 1, 30)),
        ("2025-03-30T02:30:00", datetime(2025, 3, 30, 2, 30)),
        ("2025-10-26 02:30:00 Europe/Berlin", None),
        ("2025-10-26 02:30:00 CET", None),
        ("2024-10-05T10:11:12+25:00", None),
        ("2024-10-05T10:61:12Z", None),
        ("infinity", None),
        ("epoch", None),
        ("13/13/25", None),
        ("2024-13-01", None),
        ("12:30", None),
        ('{"year": 2026, "month": 9, "day": 5}', datetime(2026, 9, 5)),
        ('{"year":2026,"month":9}', datetime(2026, 9, 1)),
        ('{"year":2026}', None),
    ],
)
def test_times_are_read_in_every_way_that_is_seen(text: str, expected: datetime | None) -> None:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(MACROS)
        assert con.execute("select read_time(x) from (select ?::varchar as x)", [text]).fetchone() == (expected,)


@pytest.mark.parametrize(
    ("text", "day", "month"),
    [
        ("2026-10-01T00:00:00+02:00", date(2026, 10, 1), date(2026, 10, 1)),
        ("2026-10-31 23:30:00-05:00", date(2026, 10, 31), date(2026, 10, 1)),
        ("2026-10-05 rest", None, None),
        ("2026-10", None, date(2026, 10, 1)),
        ("202610", None, date(2026, 10, 1)),
    ],
)
def test_a_date_is_the_one_that_is_written(text: str, day: date | None, month: date | None) -> None:
    found = _readers().execute("select read_date(x), read_month(x) from (select ?::varchar as x)", [text]).fetchone()
    assert found == (day, month)


@pytest.mark.parametrize(
    ("text", "exact", "rounded"),
    [
        ("(500)", "-500", "-500"),
        ("(1,234.5)", "-1234.5", "-1234.5"),
        ("($1,234,567)", "-1234567", "-1234567"),
        ("1,234.50", "1234.5", "1234.5"),
        ("(1,234)", None, None),
        ("1,234", None, None),
        ("¥1000", "1000", "1000"),
        ("€1,000.00", "1000", "1000"),
        ("US$12.50", "12.5", "12.5"),
        ("12.50 USD", "12.5", "12.5"),
        ("(12.50) EUR", "-12.5", "-12.5"),
        ("-€ 12.50", "-12.5", "-12.5"),
        ("12.50-", "-12.5", "-12.5"),
        ("\u221212.50", "-12.5", "-12.5"),
        ("1 000,00 kr", "1000", "1000"),
        ("1\u202f000,50\xa0€", "1000.5", "1000.5"),
        ("CHF 1'234.50", "1234.5", "1234.5"),
        ("₹1,00,000", "100000", "100000"),
        ("€1.234,567", "1234.567", "1234.567"),
        ("1.234.567 €", "1234567", "1234567"),
        ("900,00 Kč", "900", "900"),
        ("€0,123", "0.123", "0.123"),
        # Where 2.000 is two, points are decimal.
        ("1.234,56", None, None),
        ("1.234.567", None, None),
        ("1 000,00", None, None),
        ("900,00", None, None),
        ("2.000", "2", "2"),
        ("€0.002", "0.002", "0.002"),
        # A thousand and some, or one and a part of one.
        ("€1.234", None, None),
        ("$1.234", None, None),
        ("5 XY$", None, None),
        ("1.234 kr", None, None),
        ("12,345 kr", None, None),
        ("-(5)", None, None),
        ("EUR", None, None),
        ("2.3749999999999997e-06", None, "0.000002375"),
    ],
)
def test_amounts_are_read_as_accountants_write_them(text: str, exact: str | None, rounded: str | None) -> None:
    sql = "select read_money(x), read_float_money(x) from (select ?::varchar as x)"
    found = _readers().execute(sql, [text]).fetchone()
    assert found == (exact and Decimal(exact), rounded and Decimal(rounded))


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.text(max_size=30), st.decimals(allow_nan=True).map(str), st.text("0123456789.,-+eE$() ", max_size=24))
)
def test_no_text_makes_a_value_reader_fail_and_money_read_is_money_written(text: str) -> None:
    con = _readers()
    readers = ["integer", "money", "float_money", "seconds", "time", "date", "month"]
    text = text.replace("\x00", "")
    sql = (
        ", ".join(f"read_{name}(x)" for name in readers)
        + ", keys_of_object(x), values_of_object(x), texts_of(x), blank(x)"
    )
    found = con.execute(f"select {sql} from (select ?::varchar as x)", [text]).fetchone()
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        return
    if found[1] is not None and "_" not in text:
        assert found[1] == number


def _readers(cache: list = []) -> duckdb.DuckDBPyConnection:  # noqa: B006  one connection for all examples
    if not cache:
        cache.append(duckdb.connect())
        cache[0].execute("set TimeZone = 'UTC'")
        cache[0].execute(MACROS)
    return cache[0]


def test_links_out_of_landing_are_refused_and_unfinished_files_left_alone(places: Places, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(some_calls([1]))
    land(places, "llm_calls/good.csv", some_calls([2]))
    (places.landing / "llm_calls" / "link.csv").symlink_to(outside)
    (places.landing / "llm_calls" / "inside.csv").symlink_to(places.landing / "llm_calls" / "good.csv")
    (places.landing / "llm_calls" / "dangling.csv").symlink_to(places.landing / "nothing.csv")
    (places.landing / "llm_calls" / "folder").symlink_to(tmp_path)
    (places.landing / "llm_calls" / "loop").symlink_to(places.landing / "llm_calls")
    for name in ("a.csv.tmp", "b.csv.part", ".hidden.csv", ".git/c.csv"):
        land(places, f"llm_calls/{name}", some_calls([3]))
    report = ingest_source(places, "llm_calls")
    assert report.rows_accepted == 1
    assert [message.split(": ")[0] for message in report.messages] == [
        f"llm_calls/{name}" for name in ("dangling.csv", "folder", "link.csv")
    ]
    assert "out of the landing folder" in report.messages[2]


def test_unknown_folders_are_reported(places: Places) -> None:
    land(places, "lite_llm/a.csv", "x")
    land(places, "stray.csv", "x")
    land(places, "litellm/a.csv", "")
    assert unknown_folders(places) == ["lite_llm", "stray.csv"]


# --- what changes between runs


def test_redelivery_adds_a_path_and_nothing_else(places: Places) -> None:
    land(places, "llm_calls/a.csv", some_calls([1, 2]))
    ingest_source(places, "llm_calls")
    before = raw(places, "llm_calls")
    land(places, "llm_calls/0/copy.csv", some_calls([1, 2]))
    land(places, "llm_calls/packed.csv.gz", gzip.compress(some_calls([1, 2]).encode()))
    report = ingest_source(places, "llm_calls")
    assert (report.files_landed, report.files_new, report.rows_accepted) == (3, 0, 2)
    assert raw(places, "llm_calls") == before
    (entry,) = entries(places, "llm_calls").values()
    assert entry.paths == ["llm_calls/0/copy.csv", "llm_calls/a.csv", "llm_calls/packed.csv.gz"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("focus/exported_at=2026-09-03T0600/2026-08-31.csv", datetime(2026, 9, 3, 6)),
        ("focus/20260903T060012Z/a.csv", datetime(2026, 9, 3, 6, 0, 12)),
        ("focus/focus_2026-08-10.csv", datetime(2026, 8, 10)),
        ("aws_cur/20260801-20260901/20260903/a.csv", datetime(2026, 9, 3)),
        ("focus/2026-08-01_2026-08-15.csv", None),
        ("focus/2026-08-01_2026-08.csv", datetime(2026, 8, 1)),
        ("aws_cur/20260801-20260901/a.csv", None),
        ("focus/2026-13-45.csv", None),
    ],
)
def test_a_path_tells_when_it_was_exported_by_a_time_or_a_day_and_not_by_a_span(
    path: str, told: datetime | None
) -> None:
    assert exported_at([path]) == told


def test_a_file_of_corrections_alone_adds_and_an_account_of_corrections_in_a_snapshot_does_not(places: Places) -> None:
    header = "BilledCost,ChargePeriodStart,BillingAccountId,SubAccountId,ChargeClass,BillingPeriodStart\n"
    usage, correction = "1,2026-08-01,a,s,,2026-08-01\n", "1,2026-08-01,b,,Correction,2026-08-01\n"
    land(places, "focus/snapshot.csv", header + usage + correction)
    land(places, "focus/corrections.csv", header + correction)
    ingest_source(places, "focus")
    told = {path: [(row[0], *row[3:]) for row in entry.deliveries] for path, entry in entries(places, "focus").items()}
    assert told == {
        "focus/snapshot.csv": [("a", False, ("s",)), ("b", False, ("",))],
        "focus/corrections.csv": [("b", True, ("",))],
    }


def test_a_path_with_new_content_and_a_deleted_file_leave_raw(places: Places) -> None:
    land(places, "llm_calls/a.csv", some_calls([1, 2]))
    land(places, "llm_calls/b.csv", some_calls([3]))
    ingest_source(places, "llm_calls")
    land(places, "llm_calls/a.csv", some_calls([1, 2, 4]))
    assert ingest_source(places, "llm_calls").files_new == 1
    assert raw(places, "llm_calls", "call_id", "call_id") == [("c1",), ("c2",), ("c3",), ("c4",)]
    os.unlink(places.landing / "llm_calls" / "a.csv")
    assert ingest_source(places, "llm_calls").rows_accepted == 1
    assert raw(places, "llm_calls", "call_id") == [("c3",)]
    assert_complete(places, "llm_calls")
    shutil.rmtree(places.landing / "llm_calls")
    assert ingest_source(places, "llm_calls").files_landed == 0
    assert raw(places, "llm_calls") == []


def test_now_decides_again_when_it_has_passed_or_fallen_behind(places: Places) -> None:
    land(places, "llm_calls/a.csv", calls("c1,2026-11-03,p,m,1,1", "c2,2026-10-01,p,m,1,1"))
    seen = {}
    for days in (0, 2, 1, 0, 400):
        at = dataclasses.replace(places, now=places.now + timedelta(days=days))
        report = ingest_source(at, "llm_calls")
        assert seen.setdefault(days, comparable(at, "llm_calls")) == comparable(at, "llm_calls")
        assert report.rows_accepted == (1 if days < 1 else 2)
        assert_complete(at, "llm_calls")


def test_a_changed_module_reads_its_files_again(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    land(places, "customers/a.csv", "customer_id,plan\nc1,gold\n")
    ingest_source(places, "customers")
    source = SOURCES["customers"]
    monkeypatch.setitem(SOURCES, "customers", dataclasses.replace(source, version=99))
    assert ingest_source(places, "customers").files_new == 1
    assert [entry.module_version for entry in entries(places, "customers").values()] == [99]
    monkeypatch.setitem(SOURCES, "customers", dataclasses.replace(source, columns=source.columns[:-1]))
    assert ingest_source(places, "customers").files_new == 1
    assert "valid_from" not in duckdb.sql(f"select * from '{places.raw}/customers/*.parquet'").columns


def test_any_order_and_number_of_runs_gives_the_same_raw_and_manifest(places: Places, tmp_path: Path) -> None:
    files = {f"llm_calls/{n}.csv": some_calls(range(n, n + 4)) for n in range(7)}
    files["llm_calls/bad.csv"] = calls(ROW.format(1, 1), "c2,1970-01-01,p,m,1,1")
    files["llm_calls/copy.csv"] = files["llm_calls/3.csv"]
    for name, content in files.items():
        land(places, name, content)
    ingest_source(places, "llm_calls")
    other = Places(tmp_path / "l2", tmp_path / "c2", places.ledger, tmp_path / "h2", places.now)
    for name in sorted(files, key=lambda name: name[::-1]):
        land(other, name, files[name])
        ingest_source(other, "llm_calls")
        assert_complete(other, "llm_calls")
    assert raw(places, "llm_calls") == raw(other, "llm_calls")
    assert comparable(places, "llm_calls") == comparable(other, "llm_calls")


def test_small_parts_of_a_day_are_merged_and_their_content_stays(places: Places) -> None:
    for n in range(10):
        land(places, f"llm_calls/{n:02}.csv", calls(ROW.format(n, 1)))
        ingest_source(places, "llm_calls")
    parts = list((places.raw / "llm_calls" / "day=2026-10-01").glob("*.parquet"))
    assert len(parts) <= 8
    assert sorted(raw(places, "llm_calls", "call_id, _row")) == sorted((f"c{n}", 1) for n in range(10))
    os.unlink(places.landing / "llm_calls" / "03.csv")
    ingest_source(places, "llm_calls")
    assert len(raw(places, "llm_calls")) == 9
    assert_complete(places, "llm_calls")


@pytest.mark.parametrize(
    "step", ["manifest.save", "write.move_in", "write.rewrite_shared", "gate.check_files", "quarantine.move_in"]
)
def test_a_run_killed_at_any_step_is_healed_by_the_next(
    places: Places, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from orchestration.ingest import pipeline

    land(places, "llm_calls/a.csv", some_calls([1, 2]))
    ingest_source(places, "llm_calls")
    before = raw(places, "llm_calls")
    land(places, "llm_calls/a.csv", calls(ROW.format(7, 1), "c9,1970-01-01,p,m,1,1"))
    module, name = step.split(".")
    done = getattr(getattr(pipeline, module), name)

    def die(*arguments):
        if step != "manifest.save":
            done(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(getattr(pipeline, module), name, die)
        with pytest.raises(KeyboardInterrupt):
            ingest_source(places, "llm_calls")
    assert [row for row in raw(places, "llm_calls") if row in before] == before  # nothing was taken away
    (places.raw / "llm_calls" / "torn.parquet").write_bytes(b"PAR1")
    report = ingest_source(places, "llm_calls")
    assert (report.rows_accepted, report.rows_quarantined) == (1, 1)
    assert raw(places, "llm_calls", "call_id") == [("c7",)] and len(quarantined(places, "llm_calls")) == 1
    assert_complete(places, "llm_calls")


def test_lost_parts_and_a_torn_manifest_are_made_again(places: Places) -> None:
    land(places, "llm_calls/a.csv", some_calls([1, 2]))
    ingest_source(places, "llm_calls")
    before = raw(places, "llm_calls")
    shutil.rmtree(places.raw / "llm_calls")
    assert ingest_source(places, "llm_calls").files_new == 1
    (places.raw / "manifest" / "llm_calls.parquet").write_bytes(b"torn")
    assert ingest_source(places, "llm_calls").files_new == 1
    assert raw(places, "llm_calls") == before
    assert_complete(places, "llm_calls")


def test_a_file_that_the_gate_refuses_leaves_the_part_it_shares(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.ingest import gate

    land(places, "llm_calls/a.csv", some_calls([1]))
    land(places, "llm_calls/b.csv", some_calls([4]))
    true_check = gate.check_files

    def refuse_one(source, now, rows):
        checks, failed = true_check(source, now, rows)
        return checks, failed | {rows[0]["file_hash"]: "Nothing is ever wrong."}

    monkeypatch.setattr(gate, "check_files", refuse_one)
    report = ingest_source(places, "llm_calls")
    assert (report.files_accepted, report.files_quarantined, report.rows_accepted) == (1, 1, 1)
    assert "Nothing is ever wrong" in report.messages[0]
    assert_complete(places, "llm_calls")


# --- the ledger, privacy, real files


def test_first_seen_times_are_kept_and_checked(places: Places) -> None:
    assert ledger.first_seen(places, [("a", "1")]) == {("a", "1"): places.now}
    later = dataclasses.replace(places, now=places.now + timedelta(days=3))
    assert ledger.first_seen(later, [("a", "1"), ("a", "2")]) == {("a", "1"): places.now, ("a", "2"): later.now}
    assert ledger.salt(places) == ledger.salt(later) and len(ledger.salt(places)) == 64
    file = sorted((places.ledger / "first_seen").iterdir())[0]
    file.write_text(file.read_text().replace("2026", "2025"))
    with pytest.raises(ledger.LedgerError, match="was changed"):
        ledger.first_seen(places, [("a", "1")])


def test_an_unchanged_part_comes_again_with_the_others_whether_its_old_folder_is_still_there_or_not(
    places: Places,
) -> None:
    later = dataclasses.replace(places, now=places.now + timedelta(days=3))
    first, second = places.now, later.now
    # A source that an earlier version took in, of whose paths nothing is recorded.
    assert ledger.came(later, {"c": (first, ["usage/2/c"]), "d": (second, ["usage/2/d"])}) == {"c": first, "d": second}
    ledger.came(places, {"1": (first, ["focus/1/p1"]), "2": (first, ["focus/1/p2"]), "3": (first, ["focus/1/p3"])})
    again = {"1b": (second, ["focus/2/p1"]), "2": (first, ["focus/2/p2"]), "3": (first, ["focus/1/p3", "focus/2/p3"])}
    assert ledger.came(later, again) == dict.fromkeys(again, second)
    assert ledger.came(later, {"1": (first, ["focus/copy/p1"])}) == {"1": first}


PRIVATE = [
    "bob@acme.com",
    "Bob <bob.b+x@mail.acme.co.uk>",
    "10.1.2.3",
    "http://10.1.2.3:8000/v1",
    "2001:db8::1",
    "1:2:3:4:5:6:7:8",
    "sk-proj-abcdefghijklmnop",
    "sk-ant-api03-abcdefghijkl",
    "AKIAABCDEFGHIJKLMNOP",
    "Bearer abcdefghijklmnop",
    "lsv2_pt_abcdef0123456789abcdef0123456789_abcdef0123",
    "tvly-dev-abcdefghijklmnopqrstuv",
]
HARMLESS = [
    "gpt-4.1-2025-04-14",
    "claude-3-5-sonnet@20240620",
    "task-force-somethings",
    "1.2.3",
    "AWS::EC2::Instance",
    "12:30:45",
    "arn:aws:sqs:us-test-2:347410479675:queue",
    "https://api.openai.com",
    "ab" * 32,
]


def test_what_looks_private_is_hashed_alike_in_every_source(places: Places) -> None:
    values = PRIVATE + HARMLESS
    rows = [{"call_id": n, "called_at": "2026-10-01", "user_id": v, "tags": {"u": v}} for n, v in enumerate(values)]
    land(places, "llm_calls/a.jsonl", "\n".join(map(json.dumps, rows)))
    land(places, "customers/a.jsonl", "\n".join(json.dumps({"customer_id": value}) for value in values))
    ingest_source(places, "llm_calls")
    ingest_source(places, "customers")
    kept = raw(places, "llm_calls", "user_id, tags['u']")
    assert [user for user, _ in kept] == [tag for _, tag in kept]
    assert [(user,) for user, _ in kept] == raw(places, "customers", "customer_id")
    assert all(user.startswith("h_") for user, _ in kept[: len(PRIVATE)])
    assert [user for user, _ in kept[len(PRIVATE) :]] == HARMLESS


def test_config_that_names_a_hashed_value_is_refused_with_the_hash_that_raw_has_of_it(places: Places) -> None:
    key, customer = "0123456789abcdef0123456789abcdef", "jane.doe@example.com"
    land(
        places,
        "llm_calls/a.csv",
        calls(ROW.format(1, 1) + f",{key},{customer}", header=f"{HEADER},api_key,customer_id"),
    )
    ingest_source(places, "llm_calls")
    places.config.mkdir()
    (places.config / "api_keys.csv").write_text(f"source,api_key,team,owner\nllm_calls,{key},search,{customer}\n")
    (places.config / "customer_aliases.csv").write_text(
        f"source,source_customer_id,customer_id\nllm_calls,{customer},c-1\n"
    )
    # A cell that names values in it has the hash of each.
    (places.config / "allocation_rules.csv").write_text(
        "rule_id,priority,tag,method,targets,valid_from,owner,approved_by,reason\n"
        f"r,1,user = {customer},fixed_split,team=a & customer={customer}: 0.6; team=b:0.4,,o,a,r\n"
    )
    # Who signs a row, and a note to it, join nothing.
    (places.config / "value_baselines.csv").write_text(
        "workflow,minutes_saved,usd_per_hour,signed_off_by,valid_from,owner,approved_by,reason\n"
        f"triage,12,60,{customer},2026-10-01,{customer},{customer},{customer}\n"
    )
    (places.config / "closed_periods.csv").write_text(
        f"month,cost_centre,status,note,owner,approved_by,reason\n2026-09-01,,accepted,asked {customer},o,a,r\n"
    )
    with pytest.raises(config.ConfigError) as refused:
        config.check(places)
    _, *told = str(refused.value).splitlines()
    [(hashed_key, hashed)] = raw(places, "llm_calls", "api_key, customer_id")
    assert [line.partition(" is an e-mail")[0] for line in told] == [
        "  allocation_rules.csv, row 2, column tag:",
        "  allocation_rules.csv, row 2, column targets:",
        "  api_keys.csv, row 2, column api_key:",
        "  customer_aliases.csv, row 2, column source_customer_id:",
    ]
    assert [line.partition(". Write ")[2].partition(", by which")[0] for line in told] == [
        f"user = {hashed}",
        f"team=a & customer={hashed}: 0.6; team=b:0.4",
        hashed_key,
        hashed,
    ]
    assert customer not in str(refused.value) and key not in str(refused.value)


def test_no_content_key_or_address_is_left_anywhere_under_home(places: Places) -> None:
    marker = "tulip-marker-9"
    row = {
        "request_id": "r1",
        "startTime": "2026-10-01",
        "model": "m",
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "user": f"{marker}@x.com",
        "messages": [{"content": marker}],
        "response": {"text": marker},
        "requester_ip_address": marker,
        "request_tags": [f"who:{marker}@x.com"],
        "metadata": {"headers": marker, "spend_logs_metadata": {"a": f"{marker}@x.com", "b": {"text": marker}}},
    }
    bad = [row | {"prompt_tokens": f"{marker} and a long text about it"}, row | {"startTime": f"{marker}@x.com"}]
    bad.append(row | {"metadata": "{" + marker, "request_tags": "[" + marker})
    land(places, "litellm/a.jsonl", "\n".join(map(json.dumps, [row, *bad])) + "\n{" + marker)
    land(places, "litellm/b.csv", f"request_id,{marker}@x.com\n{marker},1,2\n")
    land(places, "litellm/c.json", f'[{{"request_id": "{marker}", oops')
    report = ingest_source(places, "litellm")
    assert (report.rows_accepted, report.rows_quarantined) == (1, 5)
    for file in places.home.rglob("*"):
        if file.suffix == ".parquet":
            duckdb.sql(f"copy (select * from '{file}') to '{file}.json' (format json)")
            file = file.with_name(file.name + ".json")
        assert not file.is_file() or marker not in file.read_text(errors="replace"), file
    assert marker not in str(report)


def test_columns_that_share_a_prefix_land_as_one_map_in_every_format(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = (Column("id", required=True), Column("tags", "tags", ("labels",), prefixes=("Tags/", "tag:")))
    source = Source("bills", 1, columns, by_day=False)
    row = {"id": "1", "tags/Team ": "a", "TAG:env": "b", "tags/": "x", "tags/who": "bob@acme.com", "other": "x"}
    row |= {"tags/blank": " ", "tags/json": '{"text": "x"}', "tags/n": "1.50"}
    for name, value in (("a.jsonl", row), ("b.jsonl", row | {"labels": "{}"}), ("c.jsonl", {"id": "2", "other": "x"})):
        land(places, f"bills/{name}", json.dumps(value) + "\n" + json.dumps({"id": "3"}) + "\n")
    for form in ("csv", "parquet"):
        target = places.landing / "bills" / f"d.{form}"
        duckdb.sql(f"copy (select * from read_json('{places.landing}/bills/a.jsonl')) to '{target}' (format {form})")
    land(places, "bills/e.csv", 'id,tags/Team \n1,a\n2,\n3,"broken\n')
    nested = {"id": "1", "tags/nested": {"text": "x"}, "tags/list": ["x"], "tags/n": 1.5, "tags/none": None}
    land(places, "bills/f.jsonl", json.dumps(nested))
    duckdb.sql(
        f"copy (select * from read_json('{places.landing}/bills/f.jsonl')) to '{places.landing}/bills/f.parquet'"
    )
    for sample, small in ((20_000, pipeline.SMALL_FILE), (1, 0)):
        monkeypatch.setattr(read, "SAMPLE", sample)
        monkeypatch.setattr(pipeline, "SMALL_FILE", small)
        shutil.rmtree(places.home, ignore_errors=True)
        assert pipeline.ingest(places, source).rows_quarantined == 1
        held = {
            path: [row[0] for row in rows_of(places, entry, "tags")] for path, entry in entries(places, "bills").items()
        }
        hashed = held["bills/a.jsonl"][0]["who"]
        full = {"Team": "a", "env": "b", "who": hashed, "n": "1.50"}
        assert hashed.startswith("h_")
        assert held.pop("bills/c.jsonl") == ([None, None] if sample > 1 else [{}, {}])
        assert held == {
            "bills/a.jsonl": [full, {}],
            "bills/b.jsonl": [{}, {}],
            "bills/d.csv": [full, {}],
            "bills/d.parquet": [full, {}],
            "bills/e.csv": [{"Team": "a"}, {}],
            "bills/f.jsonl": [{"n": "1.5"}],
            "bills/f.parquet": [{"n": "1.5"}],
        }
        assert "tags/" in entries(places, "bills")["bills/d.csv"].extra_columns


def test_the_focus_sample_adds_up_exactly(places: Places, real_data: Path) -> None:
    shutil.copytree(real_data / "focus", places.landing / "focus", ignore=shutil.ignore_patterns("*.md"))
    report = ingest_source(places, "focus")
    assert (report.files_accepted, report.files_quarantined, report.rows_quarantined) == (27, 0, 0)
    sample = entries(places, "focus")["focus/focus_1.0_sample_1000.csv"]
    assert sample.rows_accepted == 1000 and sample.extra_columns == ["Id"]
    import csv

    with open(real_data / "focus" / "focus_1.0_sample_1000.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for column in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
        expected = sum((Decimal(row[column]) for row in rows if row[column] != "NULL"), Decimal(0))
        held = raw(places, "focus", f"sum({column}) filter (where _file_hash = '{sample.file_hash}')", "1")
        assert held == [(expected,)], column
    assert len({account for account, *_ in sample.deliveries}) > 1
    assert_complete(places, "focus")


def test_the_azure_trace_lands_with_its_own_sums(places: Places, real_data: Path) -> None:
    trace = real_data / "azure_llm_trace" / "AzureLLMInferenceTrace_conv_2023.csv"
    target = places.landing / "llm_calls" / "azure.csv"
    target.parent.mkdir()
    duckdb.sql(
        f"""copy (select 'azure-' || row_number() over () as call_id, "TIMESTAMP" as called_at, ContextTokens as
        input_uncached_tokens, GeneratedTokens as output_tokens from read_csv('{trace}', all_varchar = true))
        to '{target}'"""
    )
    assert ingest_source(places, "llm_calls").rows_accepted == 19_366
    sums = duckdb.sql(
        f"select sum(ContextTokens), sum(GeneratedTokens), max(\"TIMESTAMP\") from read_csv('{trace}')"
    ).fetchone()
    held = raw(places, "llm_calls", "sum(input_uncached_tokens), sum(output_tokens), max(called_at)", "1")
    assert held == [sums]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_large_file_reads_as_a_small_one_does(places: Places, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    target = places.landing / "llm_calls" / f"a.{kind}"
    target.parent.mkdir()
    form = {"csv": "csv", "jsonl": "json", "parquet": "parquet"}[kind]
    duckdb.sql(
        f"""copy (select 'c' || i as call_id, timestamp '2026-10-01' + to_seconds(i * 60) as called_at,
        i % 7 - 1 as input_uncached,
        (i / 8)::double as seconds, case when i % 5 = 0 then 'u' || i || '@x.com' end as user_id from range(1000) r(i))
        to '{target}' (format {form})"""
    )
    monkeypatch.setattr(read, "SAMPLE", 10)
    found = []
    for size in (pipeline.SMALL_FILE, 0):
        monkeypatch.setattr(pipeline, "SMALL_FILE", size)
        shutil.rmtree(places.home, ignore_errors=True)
        report = ingest_source(places, "llm_calls")
        assert (report.rows_accepted, report.rows_quarantined) == (857, 143)
        found.append((raw(places, "llm_calls"), comparable(places, "llm_calls"), quarantined(places, "llm_calls")))
    assert found[0] == found[1]


def test_an_attribute_that_is_empty_or_holds_others_names_nothing_and_leaves_the_word_to_the_resource(
    places: Places,
) -> None:
    held = {
        "a": {"kvlistValue": {"values": [{"key": "note", "value": {"stringValue": "MARKER"}}]}},
        "b": {"arrayValue": {"values": [{"stringValue": "MARKER"}]}},
        "c": {"stringValue": ""},
        "d": {},
        "n": {"stringValue": None},
        "e": {"stringValue": "own"},
        "f": {"stringValue": '{"note": "MARKER"}'},
    }
    own = {"traceId": "t", "startTimeUnixNano": "1790985600000000000"}
    spans = [own | {"spanId": name, "attributes": [{"key": "team", "value": value}]} for name, value in held.items()]
    resource = {"attributes": [{"key": "team", "value": {"stringValue": "search"}}]}
    land(
        places,
        "otel/a.jsonl",
        json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}),
    )
    ingest_source(places, "otel")
    assert [team for (team,) in raw(places, "otel", "team")] == ["search"] * 5 + ["own", None]
    assert "MARKER" not in str(raw(places, "otel"))


def test_an_observation_tells_its_cost_and_tokens_as_the_api_the_export_and_the_table_do(places: Places) -> None:
    own = {"type": "GENERATION", "startTime": "2026-10-05T09:00:00Z", "metadata": {"team": {"note": "MARKER"}}}
    told = [
        {"totalCost": 0.3, "promptTokens": 10, "costDetails": {"total": 0.4}},
        {"total_cost": None, "prompt_tokens": 10, "cost_details": {"input": 0.1, "total": 0.3}},
        {"calculatedTotalCost": "$0.30", "usageDetails": {"input": 10}},
    ]
    rows = [json.dumps(own | {"id": f"o{number}"} | one) for number, one in enumerate(told)]
    land(places, "langfuse/a.jsonl", "\n".join(rows))
    ingest_source(places, "langfuse")
    found = raw(places, "langfuse", "total_cost, reported_input_tokens, team")
    assert found == [(Decimal("0.3"), 10, None)] * 3


def test_what_an_observation_does_not_say_itself_its_trace_says(places: Places):
    own = {"id": "a", "type": "GENERATION", "startTime": "2026-10-05T09:00:00Z"}
    observations = [
        {**own, "metadata": {"attributes": {"gen_ai.system": "openai"}, "team": "search"}},
        {**own, "id": "b"},
        {**own, "id": "c", "metadata": "no JSON"},
    ]
    # What holds other values is no name, and hides none; a name in brackets is one.
    observations[1] |= {"metadata": {"team": {"x": 1}, "workflow": "[EU] onboarding"}}

    trace = {"id": "t", "metadata": {"customer_id": "c-1", "team": "other"}, "observations": observations}
    land(places, "langfuse/trace.jsonl", json.dumps(trace) + "\n")
    assert ingest_source(places, "langfuse").rows_quarantined == 1
    found = raw(places, "langfuse", "provider, team, customer_id, workflow")
    assert found == [("openai", "search", "c-1", None), (None, "other", "c-1", "[EU] onboarding")]


def test_the_metadata_of_users_names_targets_and_a_text_that_is_no_json_is_no_fault(
    places: Places,
) -> None:
    told = {
        "team": "search",
        "customer_id": "a@example.com",
        "feature": {"prompt": "MARKER"},
        "note": "MARKER",
        "product": 7,
    }
    texts = {"a": json.dumps(told), "b": "no JSON", "c": "[1]", "d": "", "e": json.dumps({"team": "other"})}

    def span(number: str, **attributes: str) -> dict:
        told = [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]
        return {"traceId": "t", "spanId": number, "startTimeUnixNano": "1790985600000000000", "attributes": told}

    spans = [span(number, metadata=text) for number, text in texts.items()]
    spans[-1]["attributes"].append({"key": "team", "value": {"stringValue": "own"}})
    of_users = {"traceloop.association.properties.team": "red", "langfuse.trace.metadata.product": "assist"}
    spans.append(span("f", **of_users | {"langfuse.trace.metadata.note": "MARKER"}))
    land(places, "otel/a.jsonl", json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}) + "\n")
    assert ingest_source(places, "otel").rows_accepted == 6
    found = {number: rest for number, *rest in raw(places, "otel", "span_id, team, feature, product, customer_id")}
    assert found.pop("a")[:3] == ["search", None, "7"]
    assert found.pop("e")[0] == "own"
    assert found.pop("f") == ["red", None, "assist", None]
    assert set(map(tuple, found.values())) == {(None,) * 4}
    everything = str(raw(places, "otel"))
    assert "MARKER" not in everything and "example.com" not in everything


def test_pages_of_langfuses_api_land_as_what_they_hold(places: Places) -> None:
    own = {"type": "GENERATION", "startTime": "2026-10-05T09:00:00Z"}
    trace = {"id": "t", "metadata": {"team": "search"}, "observations": [own | {"id": "a"}, own | {"id": "b"}]}
    land(places, "langfuse/traces.json", json.dumps({"data": [trace], "meta": {"page": 1}}))
    alone = own | {"id": "c", "traceId": "u", "metadata": {"team": "ads", "customer_id": {"x": 1}, "customer": "c-2"}}
    land(places, "langfuse/observations.json", json.dumps({"data": [alone], "meta": {"page": 1}}))
    ingest_source(places, "langfuse")
    found = raw(places, "langfuse", "observation_id, trace_id, team, customer_id", order="1")
    assert found == [("a", "t", "search", None), ("b", "t", "search", None), ("c", "u", "ads", "c-2")]


def test_of_langfuse_only_tools_keep_their_names_and_none_that_is_json(places: Places) -> None:
    asked = {"input": "MARKER"}
    named = [("tool", "search"), ("TOOL", asked), ("TOOL", '["MARKER"]'), ("SPAN", "MARKER"), ("GENERATION", asked)]
    rows = [{"type": kind, "name": name, "startTime": "2026-10-05T09:00:00Z"} for kind, name in named]
    land(places, "langfuse/a.json", json.dumps([row | {"id": str(number)} for number, row in enumerate(rows)]))
    ingest_source(places, "langfuse")
    assert raw(places, "langfuse", "name", order="observation_id") == [("search",), *[(None,)] * 4]
    assert "MARKER" not in str(raw(places, "langfuse"))


def many_spans(lines: int, each: int) -> str:
    """Export requests of an OTLP collector, a line each, with `each` spans whose ids count up from 0."""

    def span(number: int) -> dict:
        said = {"key": "gen_ai.input.messages", "value": {"stringValue": "said " * 100}}
        start = 1_790_812_800_000_000_000 + number
        return {"traceId": "t", "spanId": f"{number:08}", "startTimeUnixNano": str(start), "attributes": [said]}

    requests = [[span(line * each + n) for n in range(each)] for line in range(lines)]
    return "\n".join(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}) for spans in requests)


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz"])
def test_each_row_keeps_its_place_in_the_file(places: Places, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(pipeline, "SMALL_FILE", 0)
    monkeypatch.setattr(read, "PIECE", 50_000)
    numbers = range(3_000)
    records = ({"call_id": f"{n:08}", "called_at": "2026-10-01", "input_uncached": n} for n in numbers)
    files = {"llm_calls": "\n".join(map(json.dumps, records)), "otel": many_spans(30, 100)}  # the last line has no end
    for source, text in files.items():
        land(places, f"{source}/a.{ending}", gzip.compress(text.encode()) if "gz" in ending else text)
        assert ingest_source(places, source).rows_accepted == len(numbers)
    assert raw(places, "llm_calls", "call_id, _row") == [(f"{n:08}", n + 1) for n in numbers]
    assert raw(places, "otel", "span_id, _row") == [(f"{n:08}", n + 1) for n in numbers]


def test_a_page_without_records_is_read_and_one_with_an_empty_record_says_so(places: Places) -> None:
    bucket = {"object": "bucket", "start_time": 1_790_812_800, "end_time": 1_790_899_200}
    land(places, "openai_costs/none.json", json.dumps({"object": "page", "data": []}))
    land(places, "openai_costs/empty.json", json.dumps({"object": "page", "data": [bucket | {"results": []}]}))
    cost = {"object": "organization.costs.result", "amount": {"value": 1, "currency": "usd"}, "project_id": "p"}
    land(places, "openai_costs/null.json", json.dumps({"data": [bucket | {"results": [None, cost]}]}))
    report = ingest_source(places, "openai_costs")
    assert (report.rows_accepted, report.rows_quarantined) == (1, 1), report.messages
    assert "row 1: is JSON, but not an object" in report.messages[0]


def test_times_of_a_zone_are_read_alike_wherever_the_machine_stands(places: Places) -> None:
    bill = places.landing / "focus" / "bill.parquet"
    bill.parent.mkdir(parents=True)
    at = "timestamptz '2026-09-01 00:00:00+00'"
    duckdb.sql(
        f"copy (select {at} as ChargePeriodStart, {at} as BillingPeriodStart, {at} as x_seen, "
        f"'USD' as BillingCurrency, 1.5 as BilledCost, 'Usage' as ChargeCategory, 'AWS' as ProviderName) "
        f"to '{bill}' (format parquet)"
    )
    ingest = (
        "from orchestration.ingest import ingest_source, pipeline; from orchestration.places import Places; "
        "pipeline.SMALL_FILE = 0; ingest_source(Places.from_env(), 'focus')"
    )
    # DuckDB asks for the machine's zone once a process.
    elsewhere = os.environ | places.environment() | {"TZ": "Europe/Berlin"}
    subprocess.run([sys.executable, "-c", ingest], env=elsewhere, check=True)
    assert raw(places, "focus", "x_columns['seen']") == [("2026-09-01 00:00:00+00",)]


def test_memory_does_not_grow_with_the_length_of_lines(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MEMORY", "800MB")
    land(places, "otel/a.jsonl", many_spans(1_000, 50))
    assert ingest_source(places, "otel").rows_accepted == 50_000
