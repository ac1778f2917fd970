"""Bills as clouds export them: what stands in the ledger is the file's own sum, to the last digit."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import warehouse

from orchestration.places import Places

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


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
    warehouse.build(places, "data_quality", "fct_cost_lines")
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


COST_COLUMNS = ("list_cost", "contracted_cost", "billed_cost", "effective_cost")


def test_each_focus_file_stands_in_the_ledger_with_its_own_rows_and_sums(tmp_path: Path, real_data: Path) -> None:
    places = places_in(tmp_path)
    shutil.copytree(real_data / "focus", places.landing / "focus", ignore=shutil.ignore_patterns("*.md"))
    lines: Counter[tuple[str, str]] = Counter()  # file hash, currency
    costs: dict[tuple[str, str], list[list[Decimal]]] = {}
    for file in places.landing.rglob("*.csv"):
        file_hash = hashlib.sha256(file.read_bytes()).hexdigest()
        for row in csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()):
            named = {(name or "").strip(): (value or "").strip().replace("NULL", "") for name, value in row.items()}
            key = (file_hash, named.get("BillingCurrency", "").upper())
            lines[key] += 1
            for column, known in zip(COSTS, costs.setdefault(key, [[], [], [], []]), strict=True):
                if named.get(column):
                    # Some of the specification's examples write dollars as a person does.
                    known.append(Decimal(re.sub("[$,]", "", named[column])))
    assert len({file_hash for file_hash, _ in lines}) == 27 and lines.total() == 1081
    warehouse.build(places, "data_quality", "fct_cost_lines", "fct_allocated_costs")
    sums = "sum(billed_cost), sum(effective_cost), sum(list_cost), sum(contracted_cost)"
    found = warehouse.query(
        places,
        f"select source_file_hash, coalesce(billing_currency, ''), count(*), {sums} from core.fct_cost_lines"
        " group by 1, 2",
    )
    # What a file does not know is null, not zero.
    assert {(file_hash, currency): told for file_hash, currency, *told in found} == {
        key: [lines[key], *(sum(known) if known else None for known in costs[key])] for key in lines
    }
    quality = "select file_hash, file_status, reason, rows_landed, rows_staged, rows_quarantined, rows_duplicate"
    rows: Counter[str] = Counter()
    for (file_hash, _), count in lines.items():
        rows[file_hash] += count
    assert sorted(warehouse.query(places, f"{quality} from governance.data_quality")) == [
        (file_hash, "accepted", None, count, count, 0, 0) for file_hash, count in sorted(rows.items())
    ]
    # Each charge's parts add up to it, and what was bought ahead to what was used of it and what was not.
    each = ", ".join(f"sum(p.{c}) is distinct from any_value(l.{c})" for c in COST_COLUMNS)
    assert warehouse.query(
        places,
        "select count(*) from (select l.cost_line_id from core.fct_cost_lines as l"
        " left join core.fct_allocated_costs as p using (cost_line_id) group by 1"
        f" having list_has_any([{each}], [true]) or sum(allocation_ratio) <> 1)",
    ) == [(0,)]
    hashes = {
        hashlib.sha256(file.read_bytes()).hexdigest(): file.stem
        for file in (places.landing / "focus").rglob("*utilization*.csv")
    }
    ahead = warehouse.query(
        places,
        "select l.source_file_hash, sum(p.billed_cost) filter (charge_category = 'Purchase'),"
        " sum(p.effective_cost) filter (commitment_discount_status is not null),"
        " sum(p.effective_cost) filter (charge_category = 'Purchase')"
        " from core.fct_cost_lines as l inner join core.fct_allocated_costs as p using (cost_line_id) group by 1",
    )
    assert {hashes[file]: told for file, *told in ahead if file in hashes} == {
        name: [Decimal(amount), Decimal(amount), Decimal(0)]
        for name, amount in {
            "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource": "0.5",
            "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources": "2",
            "one_hundred_percent_utilization_without_commitment_discount_flexibility": "1.5",
            "zero_percent_utilization_without_commitment_discount_flexibility": "1.5",
        }.items()
    }
