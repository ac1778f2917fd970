"""FOCUS out: the ledger in FOCUS 1.2's own columns holds the specification's rules, and keeps them in any file."""

from __future__ import annotations

import csv
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import warehouse
from test_focus import columns_of, land

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


# Bills that break the specification's rules, each in its way. The mart still holds them, and shows the same money.
LAWFUL = {"ChargePeriodStart": "2026-10-02T00:00:00Z", "BillingCurrency": "USD", "BilledCost": "3.5"}
IN_EUR = {
    "PricingCurrency": "EUR", "PricingCurrencyEffectiveCost": "7", "PricingCurrencyListUnitPrice": "0.01",
    "PricingCurrencyContractedUnitPrice": "0.01",
}  # fmt: skip
LAWLESS = {
    "nothing but its amount": {},
    "no currency": {"BillingCurrency": ""},
    "small currency": {"BillingCurrency": "usd", "PricingCurrency": "usd"},
    "unknown words": {"ChargeCategory": "Fee", "ChargeClass": "Late", "ChargeFrequency": "Often",
                      "PricingCategory": "Best"},
    "ends before it starts": {"ChargePeriodEnd": "2026-10-01T00:00:00Z", "BillingPeriodEnd": "2026-09-01T00:00:00Z"},
    "a price that is none": {"ListCost": "10", "ListUnitPrice": "3", "PricingQuantity": "2", "PricingUnit": "Hrs"},
    "a quantity of nothing": {"ListCost": "10", "PricingQuantity": "0", "ConsumedQuantity": "0",
                              "ConsumedUnit": "GB-Mo"},
    "money back": {"BilledCost": "-3.5", "EffectiveCost": "-3.5", "ListCost": "-4", "PricingQuantity": "7"},
    "a public price of the other sign": {"BilledCost": "-1", "ListCost": "4", "PricingQuantity": "1"},
    "a price too small to write": {"ListCost": "0.01", "PricingQuantity": "99999999999999999999"},
    "half a commitment": {"CommitmentDiscountId": "plan", "ChargeCategory": "Usage",
                          "CommitmentDiscountStatus": "Idle"},
    "a commitment without its id": {"CommitmentDiscountStatus": "Used", "CommitmentDiscountQuantity": "4"},
    "a purchase by use": {"ChargeCategory": "Purchase", "ChargeFrequency": "Usage-Based", "EffectiveCost": "0",
                          "CommitmentDiscountId": "plan", "ResourceId": "other"},
    "a reservation half told": {"CapacityReservationId": "cr-1", "ChargeCategory": "Usage"},
    "a reservation's status alone": {"CapacityReservationStatus": "Unused"},
    "a tax with a price": {"ChargeCategory": "Tax", "ListUnitPrice": "1", "PricingQuantity": "3.5", "SkuId": "tax",
                           "SkuPriceId": "t"},
    "a service of two kinds": {"ServiceName": "Twofold", "ServiceCategory": "Compute"},
    "a service of two kinds, again": {"ServiceName": "Twofold", "ServiceCategory": "Storage",
                                      "ServiceSubcategory": "Bots"},
    "a price of two SKUs": {"SkuPriceId": "price", "SkuId": "one"},
    "a price of two SKUs, again": {"SkuPriceId": "price", "SkuId": "two"},
    "sold by one, billed by another": {"ProviderName": "AWS", "InvoiceIssuerName": "A reseller"},
    "tags and details that are none": {"SkuPriceDetails": "large", "Tags": '{"team": "search"}'},
    "blanks": {name: "  " for name in ("InvoiceId", "SkuId", "ServiceName", "RegionId", "ResourceId", "SubAccountId")},
    "names without ids": {name: "name" for name in ("RegionName", "ResourceName", "ResourceType", "SubAccountName")},
    "credits of its own": {"PricingCurrency": "Credits", "PricingCurrencyEffectiveCost": "7"},
    "a tax that is given back": {"ChargeCategory": "Tax", "BilledCost": "19", "EffectiveCost": "19",
                                 "BillingAccountId": "refunds"},
    "a tax priced apart": {"ChargeCategory": "Tax", **IN_EUR, "PricingCurrencyListUnitPrice": "1"},
    "a credit priced apart": {"ChargeCategory": "Credit", **IN_EUR, "PricingCurrencyListUnitPrice": "-5"},
    "thousands priced apart": {"ListCost": "40", "PricingQuantity": "2000", "PricingUnit": "1000 Tokens",
                               "ConsumedQuantity": "2000000", "ConsumedUnit": "Tokens", **IN_EUR,
                               "ChargeDescription": "gpt-4.1 Inp Tokens"},
    "too many priced apart": {"ListCost": "0.01", "PricingQuantity": "99999999999999999999", **IN_EUR},
    "a purchase that bears itself": {"ChargeCategory": "Purchase", "CommitmentDiscountId": "plan"},
    "five years": {"ChargePeriodEnd": "2031-10-02T00:00:00Z"},
    "no end": {"ChargePeriodEnd": "9999-12-31T00:00:00Z"},
}  # fmt: skip


@pytest.fixture(scope="module")
def lawless(tmp_path_factory: pytest.TempPathFactory) -> Places:
    base = tmp_path_factory.mktemp("lawless")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    land(places, "bill.csv", *({**LAWFUL, "ChargeDescription": name, **row} for name, row in LAWLESS.items()))
    places.config.mkdir()
    (places.config / "recoverable_taxes.csv").write_text(
        "account,recoverable_share,owner,approved_by,reason\nrefunds,1,finance,cfo,VAT\n"
    )
    warehouse.build(places, *NEEDED)
    return places


def told(places: Places, columns: str, *charges: str) -> list[tuple]:
    """What the mart says of charges of these descriptions, in this order."""
    found = {name: rest for name, *rest in warehouse.query(places, f"select ChargeDescription, {columns} from {OWN}")}
    return [tuple(found[charge]) for charge in charges]


def test_a_bill_that_breaks_the_rules_is_told_by_them(lawless: Places) -> None:
    check(lawless)
    found = warehouse.query(lawless, f"select ChargeDescription, BilledCost from {MART} order by all")
    assert found == sorted(
        (row.get("ChargeDescription", name), Decimal(row.get("BilledCost", "3.5"))) for name, row in LAWLESS.items()
    )


def test_a_tax_that_is_given_back_is_billed_and_nobodys_cost(lawless: Places) -> None:
    assert told(lawless, "BilledCost, EffectiveCost", "a tax that is given back") == [(19, 0)]


def test_a_price_in_another_currency_is_of_the_unit_that_is_shown(lawless: Places) -> None:
    columns = "PricingCurrency, PricingUnit, PricingQuantity, PricingCurrencyListUnitPrice"
    assert told(lawless, columns, "gpt-4.1 Inp Tokens", "a tax priced apart", "a credit priced apart") == [
        ("EUR", "1000000 Tokens", 2, 10),
        ("EUR", None, None, None),
        ("EUR", None, None, None),
    ]
    # Where the price has more digits than money holds, the whole is one unit.
    columns = "PricingUnit, PricingQuantity, PricingCurrencyListUnitPrice::double"
    assert told(lawless, columns, "too many priced apart") == [("Units", 1, pytest.approx(1e18))]


def test_a_purchase_of_a_commitment_that_bears_itself_is_usage(lawless: Places) -> None:
    columns = "ChargeCategory, x_StatedChargeCategory, EffectiveCost, CommitmentDiscountStatus"
    assert told(lawless, columns, "a purchase that bears itself", "a purchase by use") == [
        ("Usage", "Purchase", Decimal("3.5"), "Used"),
        ("Purchase", "Purchase", 0, None),
    ]


def test_a_long_term_keeps_its_end(lawless: Places) -> None:
    ends = [("2031-10-02T00:00:00Z",), ("2026-10-03T00:00:00Z",)]
    assert told(lawless, "ChargePeriodEnd", "five years", "no end") == ends


def test_a_provider_that_is_named_by_who_is_paid_is_told_by_its_own_name(lawless: Places) -> None:
    assert told(lawless, "ProviderName, x_StatedProviderName", "sold by one, billed by another") == [
        ("A reseller", "AWS")
    ]


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
