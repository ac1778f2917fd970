"""Money that is paid ahead: billed once, spent by use, lost at its expiry, to the last decimal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import warehouse

from orchestration import config
from orchestration.places import Places

HEADER = "commitment_id,kind,vendor,account,models,amount,currency,valid_from,valid_to,expires,owner,approved_by,reason"
MODEL = "gpt-4.1-mini-2025-04-14"  # 0.4 USD a million tokens in, 1.6 out
NOW = datetime(2026, 11, 1)


def configure(places: Places, *rows: str) -> None:
    places.config.mkdir(exist_ok=True)
    (places.config / "commitments.csv").write_text("\n".join([HEADER, *(f"{row},me,me,agreed" for row in rows)]) + "\n")


def call(number: int, day: date, millions: str, **more: object) -> dict:
    return {
        "call_id": f"c{number}", "called_at": f"{day}T10:00:00Z", "provider": "openai", "model": MODEL,
        "input_uncached_tokens": int(Decimal(millions) * 1_000_000), "output_tokens": 0, "status": "success",
        "team": "search",
    } | more  # fmt: skip


def report(costs: dict[date, list[tuple[str, str]]]) -> dict:
    buckets = []
    for day, results in sorted(costs.items()):
        start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        found = [
            {"object": "costs", "line_item": item, "amount": {"value": float(amount), "currency": "usd"}}
            for item, amount in results
        ]
        buckets.append({"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": found})
    return {"object": "page", "data": buckets}


def land(places: Places, calls: list[dict], costs: dict[date, list[tuple[str, str]]], invoice: list[str]) -> None:
    files = {
        "llm_calls/calls.jsonl": "\n".join(map(json.dumps, calls)),
        "openai_costs/page.json": json.dumps(report(costs)),
        "invoices/invoice.csv": "\n".join(["vendor,invoice_id,line,period,service,amount,currency,category", *invoice]),
    }
    for name, text in files.items():
        file = places.landing / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")


def september(day: int) -> date:
    return date(2026, 9, day)


def october(day: int) -> date:
    return date(2026, 10, day)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """OpenAI's credits: two top-ups, one of which expires, and a gift for another model."""
    base = tmp_path_factory.mktemp("committed")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", NOW)
    configure(
        places,
        # Bought second, and drawn first: it expires first.
        "early,prepaid,OpenAI,,,3,usd,2026-09-10,,2026-09-20",
        "late,prepaid,openai,,,5,USD,2026-09-05,,2026-12-31",
        f"gift,promotional_credit,openai,,{MODEL};other,0.5,USD,2026-10-20,,2026-10-25",
    )
    calls = [
        call(1, september(6), "1"), call(2, september(11), "2"), call(3, october(5), "1"), call(4, october(5), "2"),
        call(5, october(20), "1"), call(6, october(21), "1"), call(7, october(28), "4"),
        # No report tells of these days.
        call(8, october(29), "1", team="search"), call(9, october(29), "2", team="support"),
        call(10, october(30), "5", team="search"), call(11, october(30), "5", team="support"),
    ]  # fmt: skip
    item = f"{MODEL}, input"
    costs = {
        september(6): [(item, "0.4")],
        september(11): [(item, "0.8"), ("web search", "0.2")],
        october(5): [(item, "1.2")],
        october(20): [(item, "0.4")],
        october(21): [(item, "0.4")],
        october(28): [(item, "1.6")],
    }
    invoice = [
        "OpenAI,OAI-1,1,2026-09,Credit purchase,5,USD,prepaid",
        "OpenAI,OAI-2,1,2026-09,Credit purchase EARLY,3,USD,prepaid",
        "OpenAI,OAI-2,2,2026-09,Tax,0.3,USD,tax",
        "OpenAI,OAI-3,1,2026-09-15,Refund of credits early,-0.5,USD,prepaid",
    ]
    land(places, calls, costs, invoice)
    warehouse.take_in(places)
    warehouse.dbt(places, "build", "--exclude-resource-type", "unit_test")
    yield places


def ledger(places: Places, where: str) -> list[tuple]:
    return warehouse.query(
        places,
        "select charge_date, cost_status, commitment_discount_id, billed_cost, effective_cost from core.fct_cost_lines"
        f" where {where} and effective_cost is distinct from 0 order by all",
    )


def D(*amounts: str | None) -> tuple:
    return tuple(None if amount is None else Decimal(amount) for amount in amounts)


def test_a_top_up_is_billed_once_and_borne_by_its_use(built: Places) -> None:
    found = warehouse.query(
        built,
        "select commitment_discount_id, billed_cost, effective_cost from core.fct_cost_lines"
        " where source = 'invoices' and charge_category = 'Purchase' order by 1, 2",
    )
    assert found == [("early", *D("-0.5", "0")), ("early", *D("3", "0")), ("late", *D("5", "0"))]


def test_usage_that_a_report_shows_is_drawn_from_what_expires_first_and_nothing_of_it_is_billed(built: Places) -> None:
    assert ledger(built, "source = 'openai_costs' and charge_date < date '2026-10-20'") == [
        (september(6), "invoiced", "late", *D("0", "0.4")),
        (september(11), "invoiced", "early", *D("0", "0.2")),
        (september(11), "invoiced", "early", *D("0", "0.8")),
        (october(5), "invoiced", "late", *D("0", "1.2")),
    ]


def test_usage_that_no_bill_shows_is_drawn_and_the_rest_of_it_is_accrued(built: Places) -> None:
    # 5 bought, 0.4 + 1.2 + 0.3 + 1.6 drawn by the 28th, so 1.5 is left: 1.2 on the 29th, and 0.3 of the 4 of the 30th.
    assert ledger(built, "source = 'metered'") == [
        (october(29), "invoiced", "late", *D("0", "1.2")),
        (october(30), "accrued", None, None, Decimal("3.7")),
        (october(30), "invoiced", "late", *D("0", "0.3")),
    ]
    owed = warehouse.query(built, "select month, accrued_usd, closing_usd from finance.accruals order by 1")
    assert owed == [(september(1), *D("0", "0")), (october(1), *D("3.7", "3.7")), (date(2026, 11, 1), *D("0", "3.7"))]


def test_what_was_given_is_neither_billed_nor_borne_and_nothing_of_it_is_lost(built: Places) -> None:
    found = warehouse.query(
        built,
        "select charge_date, billed_cost, effective_cost from core.fct_cost_lines"
        " where commitment_discount_id = 'gift' order by 1",
    )
    # Of the second day, 0.1 was given and 0.3 is drawn from what was bought.
    assert found == [(october(20), *D("0", "0")), (october(21), *D("0", "0.3"))]


def test_what_is_unused_at_its_expiry_is_a_charge_of_that_day_that_no_call_bears(built: Places) -> None:
    found = warehouse.query(
        built,
        "select charge_date, commitment_discount_id, commitment_discount_status, list_cost, billed_cost, effective_cost"
        " from core.fct_cost_lines where source = 'commitments'",
    )
    # 3 bought, 1 used, 0.5 paid back on the 15th.
    assert found == [(september(20), "early", "Unused", None, *D("0", "1.5"))]
    parts = "select team, effective_cost from core.fct_allocated_costs where part = 'unused_commitment'"
    assert warehouse.query(built, parts) == [("(unallocated)", Decimal("1.5"))]


def test_over_its_life_what_is_borne_is_what_was_bought_less_what_was_paid_back(built: Places) -> None:
    found = warehouse.query(
        built,
        "select commitment_id, sum(purchased_amount), sum(drawn_amount), sum(expired_amount), sum(refunded_amount),"
        " bool_or(is_billed) from finance.commitment_balance group by 1 order by 1",
    )
    assert found == [
        ("early", *D("3", "1", "1.5", "0.5"), True),
        ("gift", *D("0.5", "0.5", "0", "0"), False),
        ("late", *D("5", "5", "0", "0"), True),
    ]
    [(borne,)] = warehouse.query(
        built,
        "select sum(effective_cost) from core.fct_cost_lines"
        " where cost_status = 'invoiced' and charge_category <> 'Tax'",
    )
    assert borne == 5 + Decimal("2.5")
    [(billed,)] = warehouse.query(built, "select sum(billed_cost) from core.fct_cost_lines where source <> 'invoices'")
    assert billed == 0


def test_a_balance_that_is_used_up_has_no_loss_to_come_and_one_that_is_over_says_so(built: Places) -> None:
    found = warehouse.query(
        built,
        "select commitment_id, closing_amount, projected_loss_amount, no_projection_reason"
        " from finance.commitment_balance where month = date '2026-11-01' order by 1",
    )
    assert found == [
        ("early", 0, None, "it has expired"),
        ("gift", 0, None, "it has expired"),
        ("late", 0, 0, None),
    ]


def test_the_reconciliation_proves_what_is_bought_and_what_is_drawn(built: Places) -> None:
    found = warehouse.query(
        built,
        "select source, cause, certainty, sum(amount_usd) from finance.invoice_reconciliation"
        " where cause <> 'none' group by all order by all",
    )
    assert found == [
        ("invoices", "prepaid_or_commitment", "proved", Decimal("7.5")),
        ("invoices", "tax", "proved", Decimal("0.3")),
        ("metered", "not_in_invoice_yet", "proved", Decimal("-3.7")),
        ("metered", "prepaid_or_commitment", "proved", Decimal("-1.5")),
        ("openai_costs", "missing_log", "inferred", Decimal("0.2")),
        ("openai_costs", "prepaid_or_commitment", "proved", Decimal("-5")),
    ]


def test_a_call_that_a_balance_pays_for_is_billed_nothing(built: Places) -> None:
    found = dict(
        (call_id, amounts)
        for call_id, *amounts in warehouse.query(
            built, "select call_id, billed_cost_usd, effective_cost_usd from core.fct_llm_calls"
        )
    )
    assert found["c1"] == [0, Decimal("0.4")]
    assert found["c5"] == [0, 0]
    assert found["c8"] == [0, Decimal("0.4")]
    assert found["c10"] == [None, Decimal("2")], "of a day that is drawn in part, no bill says yet what a call costs"


def test_a_later_day_changes_no_earlier_one_and_only_days_that_are_drawn_otherwise_are_rebuilt(built: Places) -> None:
    """Continues on the same warehouse."""
    before = warehouse.fingerprints(built, "fct_cost_lines")
    shown = ledger(built, "charge_date < date '2026-10-29'")
    extra = built.landing / "llm_calls" / "more.jsonl"
    extra.write_text(json.dumps(call(12, october(29), "0.5")) + "\n")
    warehouse.build(built)
    after = warehouse.fingerprints(built, "fct_cost_lines")
    assert {day for day in after if after[day] != before.get(day)} == {october(29), october(30)}
    assert ledger(built, "charge_date < date '2026-10-29'") == shown
    assert ledger(built, "source = 'metered'") == [
        (october(29), "invoiced", "late", *D("0", "1.4")),
        (october(30), "accrued", None, None, Decimal("3.9")),
        (october(30), "invoiced", "late", *D("0", "0.1")),
    ]
    # A row of config moves money from the day on from which it holds.
    rows = (built.config / "commitments.csv").read_text()
    (built.config / "commitments.csv").write_text(rows + "new,prepaid,openai,,,2,USD,2026-10-30,,,me,me,agreed\n")
    warehouse.build(built)
    last = warehouse.fingerprints(built, "fct_cost_lines")
    assert {day for day in last if last[day] != after.get(day)} == {october(30)}
    assert ledger(built, "source = 'metered' and cost_status = 'accrued'") == [
        (october(30), "accrued", None, None, Decimal("1.9"))
    ]


OPENAI = "a,prepaid,openai,,"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([f"{OPENAI},5,USD,2026-09-01,,", "A,prepaid,openai,,,5,USD,2027-09-01,,"], "rows 2 and 3: both are A"),
        ([f"{OPENAI},-5,USD,2026-09-01,,"], "row 2, column amount: '-5' is not positive"),
        ([f"{OPENAI},5,USD,2026-09-01,,2026-09-01"], "row 2, column expires: 2026-09-01 is not after valid_from"),
        ([f"{OPENAI},5,USD,2026-09-02,2026-09-01,"], "row 2, column valid_to: 2026-09-01 is not after valid_from"),
        ([f"{OPENAI},5,USD,,,"], "row 2, column valid_from: is empty"),
        (["a,handshake,openai,,,5,USD,2026-09-01,,"], "'handshake' is not known"),
    ],
)
def test_rows_that_cannot_be_are_refused_by_their_numbers(places: Places, rows: list[str], said: str) -> None:
    configure(places, *rows)
    with pytest.raises(config.ConfigError) as refused:
        config.check(places)
    assert said in str(refused.value)
