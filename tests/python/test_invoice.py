"""An invoice that is typed in lands as the lines that it has, or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import warehouse

from orchestration.ingest import ingest_source
from orchestration.places import Places

GOOD = {"--vendor": "Pinecone", "--month": "2026-10", "--total": "119.00", "--tax": "19.00", "--currency": "eur"}


def add(home: Path, **changed: str):
    options = GOOD | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return warehouse.costgrain(home, "invoice", "add", *(word for option in options.items() for word in option))


def test_an_invoice_lands_as_its_net_and_its_tax_and_again_as_the_same(places: Places) -> None:
    (document := places.home.parent / "invoice.pdf").write_bytes(b"%PDF")
    for _ in range(2):
        done = add(places.home, document=str(document), category="vector database")
        assert done.returncode == 0, done.stderr
    [file] = (places.landing / "invoices").iterdir()
    assert file.name == "pinecone_2026-10_pinecone-2026-10.csv"
    lines = [line.split(",") for line in file.read_text().splitlines()[1:]]
    assert [(line[5], line[6], line[7]) for line in lines] == [
        ("vector database", "100.00", "EUR"),
        ("tax", "19.00", "EUR"),
    ]
    assert all(len(line[9]) == 64 for line in lines)
    report = ingest_source(places, "invoices")
    assert (report.rows_accepted, report.rows_quarantined) == (2, 0)


def test_vendors_that_are_written_in_other_letters_have_invoices_of_their_own(places: Places) -> None:
    vendors = {"東京電力", "Яндекс", "Café"}
    for vendor in vendors:
        assert add(places.home, vendor=vendor).returncode == 0
    ingest_source(places, "invoices")
    found = duckdb.sql(f"select distinct vendor, invoice_id from '{places.raw}/invoices/**/*.parquet'").fetchall()
    assert {vendor for vendor, _ in found} == vendors and len({name for _, name in found}) == 3


def test_an_invoice_that_lies_there_under_an_older_name_keeps_it(places: Places) -> None:
    assert add(places.home, vendor="Müller").returncode == 0
    [file] = (folder := places.landing / "invoices").iterdir()
    older = folder / "m-ller_2026-10_m-ller-2026-10.csv"
    older.write_text(file.read_text().replace("müller-", "m-ller-"))
    file.unlink()
    assert add(places.home, vendor="Müller").returncode == 0
    assert add(places.home, vendor="Müller", total="120").returncode == 1
    assert list(folder.iterdir()) == [older]
    assert add(places.home, vendor="Möller").returncode == 0
    assert {one.name for one in folder.iterdir()} == {older.name, "möller_2026-10_möller-2026-10.csv"}


def test_another_invoice_does_not_replace_one_of_the_same_name(places: Places) -> None:
    assert add(places.home).returncode == 0
    done = add(places.home, total="120")
    assert done.returncode == 1
    assert "--invoice-id" in done.stderr
    assert add(places.home, total="120", invoice_id="P 7/2").returncode == 0
    assert len(list((places.landing / "invoices").iterdir())) == 2


@pytest.mark.parametrize(
    "option, value",
    [
        ("vendor", " "),
        ("month", "2026-13"),
        ("month", "October"),
        ("month", "2027-01"),
        ("total", "1,234.56"),
        ("total", "NaN"),
        ("total", "1e20"),
        ("tax", "0.0000000000000000001"),
        ("tax", "120"),
        ("tax", "-1"),
        ("currency", "EURO"),
        ("document", "/nowhere/invoice.pdf"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_mend_and_nothing_is_written(
    places: Places, option: str, value: str
) -> None:
    done = add(places.home, **{option: value})
    assert done.returncode == 2
    assert f"--{option}" in done.stderr
    assert not (places.landing / "invoices").exists()
