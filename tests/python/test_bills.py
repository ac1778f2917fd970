"""Real bills, and one that breaks every rule: the ledger has each file's own sum to the last digit, and FOCUS out tells
them by its rules.
"""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import warehouse
from test_focus import columns_of, land
from test_focus_out import MART, NEEDED, OWN, check

from orchestration.places import Places

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
QUALITY = "sum(rows_landed), sum(rows_staged), sum(rows_duplicate), sum(rows_quarantined), sum(rows_conflicting)"

# Bills that break the specification's rules, each in its way. The mart still holds them, and shows the same money.
LAWFUL = {"ChargePeriodStart": "2026-10-02T00:00:00Z", "BillingCurrency": "USD", "BilledCost": "3.5"}
IN_EUR = {
    "PricingCurrency": "EUR", "PricingCurrencyEffectiveCost": "7", "PricingCurrencyListUnitPrice": "0.01",
    "PricingCurrencyContractedUnitPrice": "0.01",
}  # fmt: skip
LAWLESS = {
    "nothing but its amount": {},
    "no currency": {"BillingCurrency": ""},
    "a currency of its own": {"BillingCurrency": "Cloud Credits"},
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
def bills(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """One company: the bill that breaks the rules and, where they are there, FOCUS's sample and examples, AWS's report,
    and Oracle's twice, with another file that repeats some of it and corrects its first line.
    """
    base = tmp_path_factory.mktemp("bills")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    land(places, "lawless.csv", *({**LAWFUL, "ChargeDescription": name, **row} for name, row in LAWLESS.items()))
    places.config.mkdir()
    (places.config / "recoverable_taxes.csv").write_text(
        "account,recoverable_share,owner,approved_by,reason\nrefunds,1,finance,cfo,VAT\n"
    )
    if (folder := warehouse.real_folder()).is_dir():
        land_real_bills(places, folder)
    warehouse.build(places, *NEEDED, "data_quality")
    return places


def land_real_bills(places: Places, folder: Path) -> None:
    shutil.copytree(
        folder / "focus", places.landing / "focus", ignore=shutil.ignore_patterns("*.md"), dirs_exist_ok=True
    )
    for path in (
        "aws_cur/aws_cur_legacy_anonymous.csv", "oci_cost/oci_cost_report.csv", "oci_cost/again/oci_cost_report.csv",
    ):  # fmt: skip
        file = places.landing / path
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "cloud_exports" / file.name, file)
    rows = rows_of(folder / "cloud_exports" / "oci_cost_report.csv")
    with (places.landing / "oci_cost" / "overlap.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows([*rows[:50], corrected(rows[0])])


def hash_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))


def corrected(row: dict[str, str]) -> dict[str, str]:
    named = {"lineItem/referenceNo": "new", "lineItem/backreferenceNo": row["lineItem/referenceNo"]}
    return row | named | {"lineItem/isCorrection": "true", "cost/myCost": "-0.01"}


def sums_of(places: Places, source: str) -> list[tuple]:
    """Of each currency its lines, billed, effective, list and contracted cost."""
    return warehouse.query(
        places,
        "select billing_currency, count(*), sum(billed_cost), sum(effective_cost), sum(list_cost), sum(contracted_cost)"
        f" from core.fct_cost_lines where source = '{source}' group by 1",
    )


def quality_of(places: Places, source: str) -> list[tuple]:
    return warehouse.query(places, f"select {QUALITY} from governance.data_quality where source = '{source}'")


def test_the_oracle_report_stands_in_the_ledger_with_its_own_sum(bills: Places, real_data: Path) -> None:
    rows = rows_of(real_data / "cloud_exports" / "oci_cost_report.csv")
    # The same lines in another file, once more and with a correction of the first.
    costs = [Decimal(row["cost/myCost"]) for row in [*rows, corrected(rows[0])]]
    total = sum(costs)
    assert total == sum(cost.quantize(Decimal("1e-18")) for cost in costs)
    assert sums_of(bills, "oci_cost") == [("USD", len(rows) + 1, total, total, None, total)]
    assert quality_of(bills, "oci_cost") == [(557, 507, 50, 0, 0)]


def test_the_legacy_aws_report_stands_in_the_ledger_with_its_own_sums(bills: Places, real_data: Path) -> None:
    rows = rows_of(real_data / "cloud_exports" / "aws_cur_legacy_anonymous.csv")
    truth: dict[str, list[Decimal]] = {}
    for row in rows:
        # It holds usage and tax: what is billed is also what was agreed, and nothing is amortised.
        assert row["lineItem/LineItemType"] in ("Usage", "Tax")
        sums = truth.setdefault(row["lineItem/CurrencyCode"], [Decimal(0)] * 5)
        billed, public = (Decimal(row[name]) for name in ("lineItem/UnblendedCost", "pricing/publicOnDemandCost"))
        truth[row["lineItem/CurrencyCode"]] = [
            total + part for total, part in zip(sums, (1, billed, billed, public, billed), strict=True)
        ]
    assert {currency: list(totals) for currency, *totals in sums_of(bills, "aws_cur")} == truth
    assert len(rows) == 1281 and quality_of(bills, "aws_cur") == [(1281, 1281, 0, 0, 0)]


COST_COLUMNS = ("list_cost", "contracted_cost", "billed_cost", "effective_cost")


def test_each_focus_file_stands_in_the_ledger_with_its_own_rows_and_sums(bills: Places, real_data: Path) -> None:
    lines: Counter[tuple[str, str]] = Counter()  # file hash, currency
    costs: dict[tuple[str, str], list[list[Decimal]]] = {}
    for file in (real_data / "focus").rglob("*.csv"):
        file_hash = hash_of(file)
        for row in rows_of(file):
            named = {(name or "").strip(): (value or "").strip().replace("NULL", "") for name, value in row.items()}
            key = (file_hash, named.get("BillingCurrency", "").upper())
            lines[key] += 1
            for column, known in zip(COSTS, costs.setdefault(key, [[], [], [], []]), strict=True):
                if named.get(column):
                    # Some of the specification's examples write dollars as a person does.
                    known.append(Decimal(re.sub("[$,]", "", named[column])))
    assert len({file_hash for file_hash, _ in lines}) == 27 and lines.total() == 1081
    of_focus = f"source = 'focus' and source_file_hash in {tuple(sorted({file_hash for file_hash, _ in lines}))}"
    sums = "sum(billed_cost), sum(effective_cost), sum(list_cost), sum(contracted_cost)"
    found = warehouse.query(
        bills,
        f"select source_file_hash, coalesce(billing_currency, ''), count(*), {sums} from core.fct_cost_lines"
        f" where {of_focus} group by 1, 2",
    )
    # What a file does not know is null, not zero.
    assert {(file_hash, currency): told for file_hash, currency, *told in found} == {
        key: [lines[key], *(sum(known) if known else None for known in costs[key])] for key in lines
    }
    quality = "select file_hash, file_status, reason, rows_landed, rows_staged, rows_quarantined, rows_duplicate"
    rows: Counter[str] = Counter()
    for (file_hash, _), count in lines.items():
        rows[file_hash] += count
    of_files = of_focus.replace("source_file_hash", "file_hash")
    assert sorted(warehouse.query(bills, f"{quality} from governance.data_quality where {of_files}")) == [
        (file_hash, "accepted", None, count, count, 0, 0) for file_hash, count in sorted(rows.items())
    ]
    # Each charge's parts add up to it, and what was bought ahead to what was used of it and what was not; at list and
    # contracted prices, where what is used stands itself, the purchase is told apart.
    each = ", ".join(f"sum(p.{c}) is distinct from any_value(l.{c})" for c in COST_COLUMNS)
    assert warehouse.query(
        bills,
        "select count(*) from (select l.cost_line_id from core.fct_cost_lines as l"
        " left join core.fct_allocated_costs as p using (cost_line_id) group by 1"
        f" having list_has_any([{each}], [true]) or sum(allocation_ratio) <> 1)",
    ) == [(0,)]
    hashes = {hash_of(file): file.stem for file in (real_data / "focus").rglob("*utilization*.csv")}
    ahead = warehouse.query(
        bills,
        "select l.source_file_hash, sum(p.billed_cost) filter (charge_category = 'Purchase'),"
        " sum(p.effective_cost) filter (commitment_discount_status is not null),"
        " sum(p.effective_cost) filter (charge_category = 'Purchase'),"
        " count(p.list_cost + p.contracted_cost) filter (charge_category = 'Purchase' and not is_commitment_purchase)"
        " from core.fct_cost_lines as l inner join core.fct_allocated_costs as p using (cost_line_id) group by 1",
    )
    assert {hashes[file]: told for file, *told in ahead if file in hashes} == {
        name: [Decimal(amount), Decimal(amount), Decimal(0), 0]
        for name, amount in {
            "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource": "0.5",
            "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources": "2",
            "one_hundred_percent_utilization_without_commitment_discount_flexibility": "1.5",
            "zero_percent_utilization_without_commitment_discount_flexibility": "1.5",
        }.items()
    }


# --- FOCUS out


def test_it_has_all_money_of_the_ledger_whatever_the_currency_is_called(bills: Places) -> None:
    warehouse.dbt(bills, "test", "--select", "focus_adds_up_to_the_ledger")
    named = warehouse.query(bills, "select distinct billing_currency from core.fct_cost_lines where source = 'focus'")
    assert ("CLOUD CREDITS",) in named


def test_the_columns_are_those_of_the_specification_in_its_order_and_types(bills: Places) -> None:
    found = warehouse.query(bills, f"select column_name, column_type from (describe {MART})")
    assert [name for name, _ in found] == columns_of("1.2")
    numbers = {name for name, kind in found if kind == "DECIMAL(38,18)"}
    assert numbers == {name for name, _ in found if name.endswith(("Cost", "Price", "Quantity"))}
    assert {kind for name, kind in found if name not in numbers} == {"VARCHAR"}


def told(places: Places, columns: str, *charges: str) -> list[tuple]:
    """What the mart says of charges of these descriptions, in this order."""
    found = {name: rest for name, *rest in warehouse.query(places, f"select ChargeDescription, {columns} from {OWN}")}
    return [tuple(found[charge]) for charge in charges]


def test_bills_are_told_by_the_rules_in_the_mart_and_in_files_though_they_break_them(bills: Places) -> None:
    check(bills)
    found = warehouse.query(
        bills,
        f"select ChargeDescription, BilledCost from {OWN} inner join core.fct_cost_lines on x_CostLineId = cost_line_id"
        f" where source_file_hash = '{hash_of(bills.landing / 'focus' / 'lawless.csv')}' order by all",
    )
    assert found == sorted(
        (row.get("ChargeDescription", name), Decimal(row.get("BilledCost", "3.5"))) for name, row in LAWLESS.items()
    )


def test_a_tax_that_is_given_back_is_billed_and_nobodys_cost(bills: Places) -> None:
    assert told(bills, "BilledCost, EffectiveCost", "a tax that is given back") == [(19, 0)]


def test_a_price_in_another_currency_is_of_the_unit_that_is_shown(bills: Places) -> None:
    columns = "PricingCurrency, PricingUnit, PricingQuantity, PricingCurrencyListUnitPrice"
    assert told(bills, columns, "gpt-4.1 Inp Tokens", "a tax priced apart", "a credit priced apart") == [
        ("EUR", "1000000 Tokens", 2, 10),
        ("EUR", None, None, None),
        ("EUR", None, None, None),
    ]
    # Where the price has more digits than money holds, the whole is one unit.
    columns = "PricingUnit, PricingQuantity, PricingCurrencyListUnitPrice::double"
    assert told(bills, columns, "too many priced apart") == [("Units", 1, pytest.approx(1e18))]


def test_a_purchase_of_a_commitment_that_bears_itself_is_usage(bills: Places) -> None:
    columns = "ChargeCategory, x_StatedChargeCategory, EffectiveCost, CommitmentDiscountStatus"
    assert told(bills, columns, "a purchase that bears itself", "a purchase by use") == [
        ("Usage", "Purchase", Decimal("3.5"), "Used"),
        ("Purchase", "Purchase", 0, None),
    ]


def test_a_long_term_keeps_its_end(bills: Places) -> None:
    ends = [("2031-10-02T00:00:00Z",), ("2026-10-03T00:00:00Z",)]
    assert told(bills, "ChargePeriodEnd", "five years", "no end") == ends


def test_a_provider_that_is_named_by_who_is_paid_is_told_by_its_own_name(bills: Places) -> None:
    assert told(bills, "ProviderName, x_StatedProviderName", "sold by one, billed by another") == [
        ("A reseller", "AWS")
    ]
