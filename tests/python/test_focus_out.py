"""FOCUS out: the ledger in FOCUS 1.2's own columns holds the specification's rules, and keeps them in any file."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import warehouse
from test_focus import columns_of, land

from orchestration.places import ROOT, Places

MART = "focus.focus_1_2_cost_and_usage"
SEEDS = ROOT / "seeds" / "reference"
NEEDED = ("--select", "+path:models/marts/focus", "+path:tests/focus", "+focus_adds_up_to_the_ledger")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def broken_rules(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, int]:
    """Of each rule of the seed, how many rows of the relation break it; those that none breaks left out."""
    connection.execute(
        f"create or replace temp view subcategories as from read_csv('{SEEDS / 'focus_service_subcategories.csv'}')"
    )
    found = {}
    for row in csv.DictReader((SEEDS / "focus_rules.csv").open()):
        condition = row["broken_if"].replace("{subcategories}", "subcategories")
        [(count,)] = connection.execute(f"select count(*) from {relation} where {condition}").fetchall()
        if count:
            found[row["rule"]] = count
    return found


def check(places: Places) -> None:
    """Our tests pass on the mart as built, and the rules hold on it as written to CSV and Parquet and read back."""
    warehouse.dbt(places, "test", "--select", "path:tests/focus", "focus_adds_up_to_the_ledger", "path:models/marts/focus")
    with duckdb.connect(str(places.built_marts), read_only=True) as marts:
        for file in (places.home / "focus.csv", places.home / "focus.parquet"):
            marts.execute(f"copy {MART} to '{file}'")
        types = {name: kind for name, kind, *_ in marts.execute(f"describe {MART}").fetchall()}
        rows = marts.execute(f"select count(*), sum(BilledCost), sum(EffectiveCost) from {MART}").fetchall()
    typed = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    for read in (
        f"read_parquet('{places.home}/focus.parquet')",
        f"read_csv('{places.home}/focus.csv', header = true, columns = {{{typed}}})",
    ):
        with duckdb.connect() as connection:
            connection.execute(f"create table back as from {read}")
            assert {name: kind for name, kind, *_ in connection.execute("describe back").fetchall()} == types
            assert connection.execute("select count(*), sum(BilledCost), sum(EffectiveCost) from back").fetchall() == rows
            assert broken_rules(connection, "back") == {}
    for line in csv.DictReader((places.home / "focus.csv").open()):
        assert MOMENT.fullmatch(line["ChargePeriodStart"]) and MOMENT.fullmatch(line["BillingPeriodEnd"])
        assert re.fullmatch("[A-Z]{3}", line["BillingCurrency"])
        assert isinstance(json.loads(line["Tags"] or "{}"), dict)


@pytest.fixture(scope="module")
def real_bills(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Places:
    """The FOCUS sample and examples, AWS's report and Oracle's, in one company's warehouse."""
    base = tmp_path_factory.mktemp("real")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    shutil.copytree(real_data / "focus", places.landing / "focus", ignore=shutil.ignore_patterns("*.md"))
    for source, name in (("aws_cur", "aws_cur_legacy_anonymous.csv"), ("oci_cost", "oci_cost_report.csv")):
        (places.landing / source).mkdir()
        shutil.copy(real_data / "cloud_exports" / name, places.landing / source / name)
    warehouse.build(places, *NEEDED)
    return places


def test_the_columns_are_those_of_the_specification_in_its_order_and_types(real_bills: Places) -> None:
    found = warehouse.query(real_bills, f"select column_name, column_type from (describe {MART})")
    assert [name for name, _ in found] == columns_of("1.2")
    numbers = {name for name, kind in found if kind == "DECIMAL(38,18)"}
    assert numbers == {name for name, _ in found if name.endswith(("Cost", "Price", "Quantity"))}
    assert {kind for name, kind in found if name not in numbers} == {"VARCHAR"}


def test_every_real_bill_keeps_the_rules_in_the_mart_and_in_files(real_bills: Places) -> None:
    check(real_bills)


def test_the_demo_keeps_the_rules_in_the_mart_and_in_files(demo: Places, tmp_path: Path) -> None:
    own = Places(demo.landing, demo.config, demo.ledger, tmp_path / "home", demo.now)
    shutil.copytree(demo.home, own.home)
    check(own)


