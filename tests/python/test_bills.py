"""Bills as clouds export them: what stands in the ledger is the file's own sum, to the last digit."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import warehouse

from orchestration.places import Places


def places_in(base: Path) -> Places:
    return Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)


def test_the_oracle_report_stands_in_the_ledger_with_its_own_sum(tmp_path: Path, real_data: Path) -> None:
    places = places_in(tmp_path)
    report = real_data / "cloud_exports" / "oci_cost_report.csv"
    for name in ("report.csv", "again.csv"):
        (places.landing / "oci_cost").mkdir(parents=True, exist_ok=True)
        shutil.copy(report, places.landing / "oci_cost" / name)
    # The same lines in another file, once more and with a correction of the first.
    lines = report.read_text(encoding="utf-8-sig").splitlines()
    rows = list(csv.DictReader(lines))
    corrected = dict(rows[0]) | {"lineItem/referenceNo": "new", "lineItem/isCorrection": "true", "cost/myCost": "-0.01"}
    corrected["lineItem/backreferenceNo"] = rows[0]["lineItem/referenceNo"]
    with (places.landing / "oci_cost" / "overlap.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([*rows[:50], corrected])
    warehouse.build(places, "--select", "+data_quality", "+fct_cost_lines")
    total = sum(Decimal(row["cost/myCost"]) for row in [*rows, corrected])
    found = warehouse.query(
        places,
        "select billing_currency, count(*), sum(billed_cost), sum(effective_cost), sum(contracted_cost),"
        " count(list_cost) from core.fct_cost_lines group by 1",
    )
    places_of_18 = sum(Decimal(row["cost/myCost"]).quantize(Decimal("1e-18")) for row in [*rows, corrected])
    assert total == places_of_18
    assert found == [("USD", len(rows) + 1, total, total, total, 0)]
    quality = "select sum(rows_landed), sum(rows_staged), sum(rows_duplicate), sum(rows_conflicting)"
    assert warehouse.query(places, f"{quality} from governance.data_quality") == [(557, 507, 50, 0)]


def test_the_focus_sample_and_examples_stand_in_the_ledger_with_their_own_sums(tmp_path: Path, real_data: Path) -> None:
    places = places_in(tmp_path)
    shutil.copytree(real_data / "focus", places.landing / "focus", ignore=shutil.ignore_patterns("*.md"))
    truth: dict[str, list[Decimal]] = {}
    for file in places.landing.rglob("*.csv"):
        for row in csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()):
            named = {(name or "").strip(): value for name, value in row.items()}
            currency = (named.get("BillingCurrency") or "").strip().upper()
            sums = truth.setdefault("" if currency == "NULL" else currency, [Decimal(0)] * 5)
            for position, cost in enumerate(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), start=1):
                # Some of the specification's examples write dollars as a person does.
                text = (named.get(cost) or "").strip().replace("$", "").replace(",", "")
                sums[position] += Decimal(text) if text not in ("", "NULL") else 0
            sums[0] += 1
    warehouse.build(places, "--select", "+data_quality", "+fct_cost_lines")
    found = warehouse.query(
        places,
        "select coalesce(billing_currency, ''), count(*), coalesce(sum(billed_cost), 0),"
        " coalesce(sum(effective_cost), 0), coalesce(sum(list_cost), 0),"
        " coalesce(sum(contracted_cost), 0) from core.fct_cost_lines group by 1",
    )
    assert {currency: list(sums) for currency, *sums in found} == truth
