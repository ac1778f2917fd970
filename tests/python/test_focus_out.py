"""FOCUS out: the ledger in FOCUS 1.2's own columns holds the specification's rules, and keeps them in any file."""

from __future__ import annotations

import csv
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import warehouse

from orchestration.places import ROOT, Places

MART = "focus.focus_1_2_cost_and_usage"
OWN = "focus.focus_1_2_cost_and_usage_x"
PARTS = "focus.focus_1_3_allocated_costs"
SEEDS = ROOT / "seeds" / "reference"
TESTS = (
    "path:tests/focus",
    "focus_adds_up_to_the_ledger",
    "focus_parts_add_up_to_their_charge",
    "path:models/marts/focus",
)
NEEDED = ("path:models/marts/focus", "fct_cost_lines", "fct_allocated_costs", "focus_rules")
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
    warehouse.dbt(places, "test", "--vars", "full_test: true", "--select", *TESTS)
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
            assert (
                connection.execute("select count(*), sum(BilledCost), sum(EffectiveCost) from back").fetchall() == rows
            )
            assert broken_rules(connection, "back") == {}
    for line in csv.DictReader((places.home / "focus.csv").open()):
        assert MOMENT.fullmatch(line["ChargePeriodStart"]) and MOMENT.fullmatch(line["BillingPeriodEnd"])
        assert re.fullmatch("[A-Z]{3}", line["BillingCurrency"])
        assert isinstance(json.loads(line["Tags"] or "{}"), dict)


def test_the_demo_keeps_the_rules_in_the_mart_and_in_files(demo: Places, tmp_path: Path) -> None:
    own = Places(demo.landing, demo.config, demo.ledger, tmp_path / "home", demo.now)
    shutil.copytree(demo.home, own.home)
    check(own)


def test_the_parts_of_a_charge_keep_its_prices_and_name_their_rule(demo: Places) -> None:
    split = warehouse.published(
        demo,
        "select AllocatedMethodDetails, AllocatedResourceId, AllocatedTags, allocation_ratio, team"
        f" from {PARTS} inner join core.fct_allocated_costs on x_AllocatedCostKey = allocated_cost_key"
        " where AllocatedMethodId = rule_id",
    )
    assert split
    for details, resource, tags, ratio, team in split:
        [element] = json.loads(details, parse_float=Decimal)["Elements"]
        assert element["AllocatedRatio"] == ratio
        named = json.loads(tags or "{}")
        assert named.get("costgrain/team", "(unallocated)") == team
        assert (resource is None) == (not named)
    product, cost = "ListUnitPrice::double * PricingQuantity::double", "ListCost::double"
    broken = f"abs({product} - {cost}) > 1e-9 * greatest(abs({cost}), 1)"
    assert warehouse.published(demo, f"select count(*) from {PARTS} where {broken}") == [(0,)]
    whole = f"select count(*) from {PARTS} where AllocatedMethodId is null and AllocatedTags is not null"
    assert warehouse.published(demo, whole) == [(0,)]


def test_usage_of_models_is_in_tokens_priced_by_the_million(demo: Places) -> None:
    rows = warehouse.published(
        demo,
        "select x_Source, x_CostStatus, count(*), bool_and(PricingUnit = '1000000 Tokens' and ConsumedUnit = 'Tokens'),"
        " bool_and(PricingQuantity * 1000000 = ConsumedQuantity),"
        " bool_and(ServiceCategory = 'AI and Machine Learning'),"
        f" bool_and(contains(SkuMeter, 'Token') or x_Source not in ('metered', 'openai_costs')) from {OWN}"
        " where x_TokenClass in ('input_uncached', 'output', 'cache_read') and x_HasConsumedQuantity group by all",
    )
    assert {"metered", "openai_costs", "focus"} <= {source for source, *_ in rows}
    for source, status, count, *held in rows:
        assert count and all(held), (source, status)
    # A report of costs that counts no tokens has those that the vendor's report of usage counts.
    counted = (
        f"select count(*), count(*) filter (where ConsumedUnit = 'Tokens') from {OWN} where x_Source = 'anthropic_cost'"
    )
    [(lines, in_tokens)] = warehouse.published(demo, counted)
    assert lines and in_tokens / lines > 0.95


def test_what_no_bill_shows_yet_is_there_and_not_billed(demo: Places) -> None:
    accrued = (
        "select count(*), sum(BilledCost), count(InvoiceId), count(x_BilledCostUsd), sum(EffectiveCost)"
        f" from {OWN} where x_CostStatus = 'accrued'"
    )
    [(count, billed, invoices, billed_usd, effective)] = warehouse.published(demo, accrued)
    ledger = "select count(*), sum(effective_cost) from core.fct_cost_lines where cost_status = 'accrued'"
    assert [(count, effective)] == warehouse.published(demo, ledger + " and effective_cost is not null")
    assert count and effective > 0 and (billed, invoices, billed_usd) == (0, 0, 0)
    # One day, account, model and token class a row.
    same = "count(*) - count(distinct (ChargePeriodStart, BillingAccountId, SkuId, coalesce(CommitmentDiscountId, '')))"
    assert warehouse.published(demo, f"select {same} from {OWN} where x_Source = 'metered'") == [(0,)]


def test_the_views_hold_whatever_name_the_file_is_opened_by(demo: Places, tmp_path: Path) -> None:
    copy = tmp_path / "another_name.duckdb"
    shutil.copy(demo.published_marts, copy)
    for mart in (MART, PARTS):
        [(count,)] = warehouse.rows(copy, f"select count(*) from {mart}")
        assert [(count,)] == warehouse.published(demo, f"select count(*) from {mart}")


def test_a_broken_rule_is_found(demo: Places) -> None:
    """Each kind of rule can fail: the rows that it is about are spoilt, and it says so."""
    spoilt = {
        "BillingAccountId-C-001-M": "BillingAccountId = null",
        "ChargeCategory-C-003-M": "ChargeCategory = 'Fee'",
        "BillingPeriodStart-C-002-M": "BillingPeriodStart = '2026-10-01 00:00:00'",
        "ListUnitPrice-C-010-C": "ListUnitPrice = ListUnitPrice + 1",
        "DiscountHandling-A-019-C": "CommitmentDiscountStatus = 'Unused', CommitmentDiscountId = 'a', ResourceId = 'b'",
        "ServiceSubcategory-C-004-M": "ServiceSubcategory = 'Virtual Machines', ServiceCategory = 'Storage'",
    }
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.published_marts}' as marts (read_only)")
        for rule, change in spoilt.items():
            connection.execute(f"create or replace table spoilt as from marts.{MART}")
            connection.execute(f"update spoilt set {change}")
            assert rule in broken_rules(connection, "spoilt")
