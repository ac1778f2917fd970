"""What a bill shows and our logs do not, cause by cause: each has its amount, and what nobody named is unexplained."""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import warehouse

from orchestration.places import Places

MINI, NANO = "gpt-4.1-mini-2025-04-14", "gpt-4.1-nano-2025-04-14"
# USD a million tokens: input, cached input, output.
PRICES = {MINI: ("0.4", "0.1", "1.6"), NANO: ("0.1", "0.025", "0.4")}
MILLION = Decimal(1_000_000)


class Scene:
    """OpenAI's usage and cost reports of October 2026 beside our log, a day for each cause."""

    def __init__(self) -> None:
        self.calls: list[dict] = []
        self.usage: dict[int, list[dict]] = defaultdict(list)
        self.costs: dict[int, list[dict]] = defaultdict(list)

    def call(self, day: int, tokens: int, output: int, cached: int = 0, **more: object) -> None:
        number = len(self.calls)
        self.calls.append(
            {
                "call_id": f"call-{number}", "called_at": f"2026-10-{day:02d}T10:00:{number:02d}Z",
                "provider": "openai", "model": MINI, "input_uncached_tokens": tokens - cached,
                "cache_read_tokens": cached, "output_tokens": output, "status": "success", "team": "search",
            }
            | more
        )  # fmt: skip

    def report(self, day: int, tokens: int, output: int, cached: int = 0, **more: object) -> None:
        self.usage[day].append(
            {
                "object": "organization.usage.completions.result", "model": MINI, "input_tokens": tokens,
                "output_tokens": output, "input_cached_tokens": cached, "num_model_requests": 1,
            }
            | more
        )  # fmt: skip

    def bill(self, day: int, tokens: int, output: int, cached: int = 0, model: str = MINI, times: str = "1") -> None:
        full, read, out = (Decimal(price) * Decimal(times) / MILLION for price in PRICES[model])
        amounts = {"input": (tokens - cached) * full, "cached input": cached * read, "output": output * out}
        for kind, amount in amounts.items():
            if amount:
                self.cost(day, f"{model}, {kind}", amount)

    def cost(self, day: int, item: str, amount: Decimal) -> None:
        value = {"value": float(round(amount, 9)), "currency": "usd"}
        self.costs[day].append({"object": "costs", "line_item": item, "amount": value})

    def land(self, landing: Path) -> None:
        for source, days in (("openai_usage", self.usage), ("openai_costs", self.costs)):
            buckets = []
            for day, results in sorted(days.items()):
                start = int(datetime(2026, 10, day, tzinfo=UTC).timestamp())
                buckets.append(
                    {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": results}
                )
            (landing / source).mkdir(parents=True)
            (landing / source / "page.json").write_text(json.dumps({"object": "page", "data": buckets}))
        (landing / "llm_calls").mkdir()
        (landing / "llm_calls" / "calls.jsonl").write_text("\n".join(map(json.dumps, self.calls)))


def scene() -> Scene:
    made = Scene()
    plain = (1_000_000, 100_000)
    for day in (3, 5, 7, 9, 11, 13, 15, 16, 18, 20, 22, 24, 28):
        made.call(day, *plain)
    for day in (3, 11, 20, 22, 24):
        made.report(day, *plain)
    made.bill(3, *plain)
    # A team goes round the gateway.
    made.report(5, 1_500_000, 150_000, num_model_requests=2)
    made.bill(5, 1_500_000, 150_000)
    # Our log does not know what was read from a cache.
    made.report(7, *plain, cached=400_000)
    made.bill(7, *plain, cached=400_000)
    # A stream was cut off: the gateway saw no answer, the vendor counts it.
    made.call(9, 200_000, 0, status="failure")
    made.report(9, 1_200_000, 130_000, num_model_requests=2)
    made.bill(9, 1_200_000, 130_000)
    # One call is logged twice under different ids.
    made.call(11, *plain, called_at=made.calls[4]["called_at"])
    made.bill(11, *plain)
    # What we log under one name the vendor bills under another.
    made.report(13, *plain, model=NANO)
    made.bill(13, *plain, model=NANO)
    # The vendor's day ends at another hour.
    for day, tokens, output in ((15, 900_000, 90_000), (16, 1_100_000, 110_000)):
        made.report(day, tokens, output)
        made.bill(day, tokens, output)
    made.report(18, *plain, batch=True)
    made.bill(18, *plain, times="0.5")
    # Nobody planted a cause here.
    made.bill(20, *plain, times="1.2345")
    # Cents, read as dollars.
    made.bill(22, *plain, times="100")
    made.bill(24, *plain)
    made.cost(24, "code interpreter session", Decimal("0.33"))
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Places:
    base = tmp_path_factory.mktemp("reconciled")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    scene().land(places.landing)
    warehouse.take_in(places)
    warehouse.dbt(places, "build", "--exclude-resource-type", "unit_test")
    return places


@pytest.mark.parametrize(
    ("day", "cause", "certainty", "amount"),
    [
        (3, "none", "proved", "0"),
        (5, "missing_log", "proved", "0.28"),
        (7, "cache_semantics", "proved", "-0.12"),
        (9, "aborted_call", "proved", "0.048"),
        (11, "duplicate_log", "proved", "-0.56"),
        (13, "model_mapping", "proved", "0.14"),
        (15, "day_boundary", "proved", "-0.056"),
        (16, "day_boundary", "proved", "0.056"),
        (18, "tier_or_batch", "proved", "-0.28"),
        (20, "unexplained", "inferred", "0.13132"),
        (22, "unit_error", "proved", "55.44"),
        (24, "non_token_meter", "proved", "0.33"),
    ],
)
def test_each_cause_has_its_amount_and_no_other_is_named(
    built: Places, day: int, cause: str, certainty: str, amount: str
) -> None:
    found = warehouse.query(
        built,
        "select cause, certainty, sum(amount_usd) from finance.invoice_reconciliation"
        f" where charge_date = date '2026-10-{day:02d}' and (cause <> 'none' or {cause == 'none'}) group by all",
    )
    assert found == [(cause, certainty, Decimal(amount))]


def test_usage_that_no_line_pays_for_stands_beside_the_lines(built: Places) -> None:
    found = warehouse.query(
        built, "select cause, metered_usd, amount_usd from finance.invoice_reconciliation where line is null order by 1"
    )
    # The half of day 13 that is logged under the other name, and the last day, which no bill shows yet.
    assert found == [(cause, Decimal("0.56"), Decimal("-0.56")) for cause in ("model_mapping", "not_in_invoice_yet")]


def test_a_month_accrues_what_is_not_billed_and_the_bill_takes_it_back(built: Places) -> None:
    found = warehouse.query(
        built,
        "select month(month), opening_usd, accrued_usd, reversed_usd, closing_usd, true_up_usd from finance.accruals"
        " order by 1",
    )
    # The bill of 13 calls, of one more that was cut off and of one that was logged twice came in November.
    owed, billed = Decimal("7.92"), Decimal("62.20932") - Decimal("0.33")
    left = Decimal("0.56")
    assert found == [
        (10, 0, owed, 0, owed, 0),
        (11, owed, 0, left - owed, left, billed - (owed - left)),
    ]


def test_nobody_else_pays_for_what_no_log_has(built: Places) -> None:
    found = warehouse.query(
        built,
        "select workflow, team, rule_id, round(sum(billed_cost_usd), 9) from core.fct_allocated_costs"
        " where charge_date = date '2026-10-05' group by all order by 1",
    )
    assert found == [
        ("(unallocated)", "search", "usage-of-openai", Decimal("0.56")),
        ("(unlogged usage)", "(unallocated)", "unlogged-usage", Decimal("0.28")),
    ]


def test_a_call_bears_what_is_billed_for_it_and_until_then_what_was_agreed(built: Places) -> None:
    found = warehouse.query(
        built,
        "select call_date, sum(contracted_cost_usd), round(sum(billed_cost_usd), 9),"
        " round(sum(effective_cost_usd), 9)"
        " from core.fct_llm_calls where day(call_date) in (5, 7, 11, 18, 28) group by 1 order by 1",
    )
    assert [tuple(amounts) for _, *amounts in found] == [
        (Decimal("0.56"), Decimal("0.56"), Decimal("0.56")),
        (Decimal("0.56"), Decimal("0.44"), Decimal("0.44")),
        (Decimal("1.12"), Decimal("0.56"), Decimal("0.56")),
        (Decimal("0.56"), Decimal("0.28"), Decimal("0.28")),
        (Decimal("0.56"), None, Decimal("0.56")),
    ]


def test_an_invoice_is_shown_on_one_page_and_what_to_dispute_is_written(built: Places, tmp_path: Path) -> None:
    built.published_marts.parent.mkdir(exist_ok=True)
    shutil.copy(built.built_marts, built.published_marts)
    file = tmp_path / "dispute.csv"
    shown = warehouse.costgrain(built.home, "invoice", "show", "OpenAI", "2026-10", "--dispute", str(file))
    assert shown.returncode == 0, shown.stderr
    rows = {line.split()[0]: line.split() for line in shown.stdout.splitlines() if line.split()[1:]}
    assert rows["unit_error"] == ["unit_error", "proved", "2", "1", "55.44"]
    assert rows["unexplained"] == ["unexplained", "inferred", "2", "1", "0.13"]
    assert rows["billed"] == ["billed", "26", "62.21"]
    disputed = list(csv.DictReader(file.open()))
    assert {row["cause"] for row in disputed} == {"aborted_call", "tier_or_batch", "unexplained", "unit_error"}
    [wrong] = [row for row in disputed if row["cause"] == "unit_error" and row["token_class"] == "output"]
    assert (wrong["unit_price_expected_usd"], wrong["unit_price_charged_usd"]) == (
        "0.000001600000000",
        "0.000160000000000",
    )
    assert wrong["request_ids"] == "call-10"


@pytest.mark.parametrize(
    ("vendor", "invoice", "said"),
    [("openai", "2026-09", "Its invoices: 2026-10."), ("acme", "1", "Vendors with invoices: openai.")],
)
def test_an_invoice_that_is_not_there_is_answered_with_those_that_are(
    built: Places, vendor: str, invoice: str, said: str
) -> None:
    built.published_marts.parent.mkdir(exist_ok=True)
    shutil.copy(built.built_marts, built.published_marts)
    shown = warehouse.costgrain(built.home, "invoice", "show", vendor, invoice)
    assert shown.returncode == 1 and said in shown.stderr
