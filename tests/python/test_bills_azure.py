"""Azure's exports: actual and amortised tell one bill's money once, whatever their columns, language and order of arrival."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import warehouse

from orchestration.ingest import ingest_source
from orchestration.places import Places

# An enterprise agreement's columns. Values that a row does not give are these.
USUAL = {
    "BillingAccountId": "8611537",
    "BillingPeriodStartDate": "10/01/2026",
    "Date": "10/05/2026",
    "SubscriptionId": "sub-1",
    "MeterCategory": "Virtual Machines",
    "MeterName": "D2s v5",
    "ResourceId": "/subscriptions/sub-1/vm-1",
    "Quantity": "2",
    "UnitOfMeasure": "1 Hour",
    "UnitPrice": "5",
    "PayGPrice": "6",
    "EffectivePrice": "5",
    "CostInBillingCurrency": "10",
    "BillingCurrencyCode": "EUR",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
    "ReservationId": "",
    "Tags": '"team": "search"',
}
COVERED = {"PricingModel": "Reservation", "ReservationId": "ri-1"}
BOUGHT = COVERED | {"ChargeType": "Purchase", "ResourceId": "", "Quantity": "1"}
UNUSED = COVERED | {"ChargeType": "UnusedReservation", "ResourceId": ""}


def line(cost: str, **more: str) -> dict[str, str]:
    return {"CostInBillingCurrency": cost} | more


# One line alike in both; usage that a reservation covers; its purchase on a day of its own; a refund of part of it; a tax.
ACTUAL = [
    line("10.000000000000000001"),
    line("0", **COVERED),
    line("300", **BOUGHT, Date="10/01/2026"),
    line("-30", **BOUGHT | {"ChargeType": "Refund", "Date": "10/02/2026"}),
    line("1.9", ChargeType="Tax", Quantity="", Date="10/31/2026"),
    line("-0.000000000000000001", ChargeType="RoundingAdjustment", Quantity=""),
]
AMORTISED = [
    line("10.000000000000000001"),
    line("4.033333333333333333", **COVERED),
    line("5.666666666666666667", **UNUSED),
    line("1.9", ChargeType="Tax", Quantity="", Date="10/31/2026"),
    line("-0.000000000000000001", ChargeType="RoundingAdjustment", Quantity=""),
]


def total(lines: Iterable[dict[str, str]]) -> Decimal:
    return sum((Decimal(one["CostInBillingCurrency"]) for one in lines), Decimal(0))


def write(file: Path, lines: list[dict[str, str]], usual: dict[str, str] = USUAL, delimiter: str = ",") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8-sig") as out:
        writer = csv.DictWriter(out, list(usual), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(usual | one for one in lines)


def places_in(base: Path) -> Places:
    return Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)


def land(places: Places, path: str, lines: list[dict[str, str]], **how) -> None:
    write(places.landing / "azure_cost" / path, lines, **how)


def build(places: Places) -> None:
    warehouse.build(places, "--select", "+data_quality", "+fct_cost_lines")


COSTS = "list_cost, contracted_cost, billed_cost, effective_cost"


def ledger(places: Places) -> list[tuple]:
    return warehouse.query(
        places, f"select * exclude (file_hash, file_row) from core.fct_cost_lines order by cost_line_id, {COSTS}"
    )


def sums(places: Places) -> list[tuple]:
    return warehouse.query(
        places,
        "select billing_currency, count(*), sum(billed_cost), sum(effective_cost) from core.fct_cost_lines group by 1",
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Places:
    places = places_in(tmp_path_factory.mktemp("both"))
    land(places, "a.csv", ACTUAL)
    land(places, "b.csv", AMORTISED)
    build(places)
    return places


def test_billed_is_what_the_actual_export_says_and_effective_what_the_amortised_one_says(both: Places) -> None:
    assert sums(both) == [("EUR", 7, total(ACTUAL), total(AMORTISED))]
    found = warehouse.query(
        both,
        "select charge_category, charge_class, commitment_discount_status, billed_cost, effective_cost"
        " from core.fct_cost_lines order by effective_cost, billed_cost",
    )
    small, like, covered, unused = map(
        Decimal, ("-1e-18", "10.000000000000000001", "4.033333333333333333", "5.666666666666666667")
    )
    assert found == [
        ("Adjustment", None, None, small, small),
        ("Purchase", "Correction", None, Decimal(-30), 0),
        ("Purchase", None, None, Decimal(300), 0),
        ("Tax", None, None, Decimal("1.9"), Decimal("1.9")),
        ("Usage", None, "Used", 0, covered),
        ("Usage", None, "Unused", 0, unused),
        ("Usage", None, None, like, like),
    ]
