"""Money that is paid ahead: billed once, spent by use, lost at its expiry, to the last decimal."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext

import duckdb
import pytest
import warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration import config
from orchestration.places import Places

MARTS = (
    "fct_cost_lines",
    "fct_llm_calls",
    "accruals",
    "commitment_balance",
    "invoice_reconciliation",
    "fct_allocated_costs",
    "int_purchases_without_commitment",
)
HEADER = (
    "commitment_id,kind,vendor,account,models,amount,currency,valid_from,valid_to,expires,capacity,"
    "owner,approved_by,reason"
)
MODEL = "gpt-4.1-mini-2025-04-14"  # 0.4 USD a million tokens in, 1.6 out
NOW = datetime(2026, 11, 1)
LOST = "source = 'commitments' and commitment_discount_id = 'new'"
INVOICE = "vendor,invoice_id,line,period,service,amount,currency,category"
SEATS = ("Figma,Figma AI,3,10,USD,2026-09-01", "Figma,Figma AI,4,10,USD,2026-10-01", "Linear,Linear,5,8,GBP,2026-10-01")


def configure(places: Places, *rows: str) -> None:
    places.config.mkdir(exist_ok=True)
    text = "\n".join([HEADER, *(f"{row},,me,me,agreed" for row in rows)])
    (places.config / "commitments.csv").write_text(text + "\n")


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
        "invoices/invoice.csv": "\n".join([INVOICE, *invoice]),
        "licences/seats.csv": "\n".join(["vendor,product,seats,unit_price,currency,period_start", *SEATS]),
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
        "late,prepaid,openai,,,5.5,USD,2026-09-05,,2026-12-31",
        f"gift,promotional_credit,openai,,{MODEL};other,0.5,USD,2026-10-20,,2026-10-25",
        "short,spend_minimum,Acme,,,100,USD,2026-09-01,2026-11-01,",
        "billed,spend_minimum,globex,,,100,USD,2026-09-01,2026-10-01,",
        "reached,spend_minimum,globex,,,50,USD,2026-10-01,2026-11-01,",
        "running,spend_minimum,initech,,,100,USD,2026-10-01,2026-11-16,",
        "seat-of-gpus,reservation,hooli,,,10,USD,2026-10-30,2026-11-06,",
        "promised,reservation,umbrella,,,30,USD,2026-10-31,2026-11-03,",
        "by-month,reservation,stark,,,30,USD,2026-10-30,2026-11-02,",
        "abroad,spend_minimum,Vandelay,,,100,USD,2026-10-01,2026-11-01,",
        "nowhere,spend_minimum,Kramerica,,,100,USD,2026-10-01,2026-11-01,",
        "tiny,prepaid,anthropic,,,5,USD,2026-10-01,,2026-12-31",
        "overseas,reservation,Dunder,,,30,GBP,2026-10-31,2026-11-03,",
        # Ten dollars of balance for eight.
        "paid-part,prepaid,mistral,,,8,USD,2026-10-01,,2026-12-31",
        "given-part,promotional_credit,mistral,,,2,USD,2026-10-01,,2026-12-31",
        "billed-later,prepaid,cohere,,,4,USD,2026-09-28,,2026-12-31",
        "waiting,prepaid,cohere,,,7,USD,2026-10-15,,2026-12-31",
    )
    (places.config / "fx_rates.csv").write_text(
        "currency,usd_per_unit,valid_from,valid_to,owner,approved_by,reason\nEUR,1.1,2026-01-01,,me,me,the bank\n"
        "GBP,1.3,2026-01-01,,me,me,the bank\nGBP,1.4,2026-11-01,,me,me,the bank\nGBP,1.5,2026-11-15,,me,me,the bank\n"
    )
    calls = [
        call(0, september(8), "1"),
        call(1, september(6), "1"), call(2, september(11), "2"), call(3, october(5), "1"), call(4, october(5), "2"),
        call(5, october(20), "1"), call(6, october(21), "1"), call(7, october(28), "4"),
        # No report tells of these days.
        call(8, october(29), "1", team="search"), call(9, october(29), "2", team="support"),
        call(10, october(30), "5", team="search"), call(11, october(30), "5", team="support"),
        call(12, october(5), "0.82", provider="anthropic", model="claude-opus-5"),
        call(13, october(6), "3", provider="mistral", model="mistral-large-latest"),
        call(14, october(7), "2", provider="mistral", model="mistral-large-latest"),
        call(15, october(6), "1", provider="cohere", model="command-r-plus-08-2024"),
    ]  # fmt: skip
    item = f"{MODEL}, input"
    costs = {
        september(6): [(item, "0.4")],
        # A tenth of a dollar more than it should.
        september(8): [(item, "0.5")],
        september(11): [(item, "0.8"), ("web search", "0.2")],
        october(5): [(item, "1.2")],
        october(20): [(item, "0.4")],
        october(21): [(item, "0.4")],
        october(28): [(item, "1.6")],
    }
    invoice = [
        "OpenAI,OAI-1,1,2026-09,Credit purchase,5.5,USD,prepaid",
        "OpenAI,OAI-2,1,2026-09,Credit purchase EARLY,3,USD,prepaid",
        "OpenAI,OAI-2,2,2026-09,Tax,0.3,USD,tax",
        "OpenAI,OAI-3,1,2026-09-15,Refund of credits early,-0.5,USD,prepaid",
        "Acme,A-1,1,2026-09,Reads,60,USD,vector database",
        "Acme,A-1,2,2026-09,Tax,6,USD,tax",
        "Acme,A-2,1,2026-10,Reads,15,USD,vector database",
        "Globex,G-1,1,2026-09,Traces,70,USD,observability",
        "Globex,G-1,2,2026-09,Shortfall of September,30,USD,observability",
        "Globex,G-2,1,2026-10,Traces,90,USD,observability",
        "Initech,I-1,1,2026-10,Traces,60,USD,observability",
        "Hooli,H-1,1,2026-10,Reserved capacity,10,USD,commitment",
        "Stark,S-1,1,2026-10,First instalment of by-month,10,USD,commitment",
        "Vandelay,V-1,1,2026-10,Reads,95,EUR,vector database",
        "Kramerica,K-1,1,2026-10,Reads,95,SEK,vector database",
        "Anthropic,AN-1,1,2026-10,Credit purchase TINY,5,USD,prepaid",
        "Anthropic,AN-2,1,2026-10-10,Refund of credits tiny,-1.5,USD,refund",
        "Mistral,M-1,1,2026-10,Credit purchase,8,USD,prepaid",
        "Cohere,CO-1,1,2026-10,Credit purchase,4,USD,prepaid",
        "Cohere,CO-2,1,2026-10,Credit purchase,9,USD,prepaid",
    ]
    land(places, calls, costs, invoice)
    warehouse.build(places, *MARTS, tests=True)
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
        " where vendor = 'openai' and charge_category = 'Purchase' order by 1, 2",
    )
    assert found == [("early", *D("-0.5", "0")), ("early", *D("3", "0")), ("late", *D("5.5", "0"))]


def test_usage_that_a_report_shows_is_drawn_from_what_expires_first_and_nothing_of_it_is_billed(built: Places) -> None:
    assert ledger(built, "source = 'openai_costs' and charge_date < date '2026-10-20'") == [
        (september(6), "invoiced", "late", *D("0", "0.4")),
        (september(8), "invoiced", "late", *D("0", "0.5")),
        (september(11), "invoiced", "early", *D("0", "0.2")),
        (september(11), "invoiced", "early", *D("0", "0.8")),
        (october(5), "invoiced", "late", *D("0", "1.2")),
    ]


def test_usage_that_no_bill_shows_is_drawn_and_the_rest_of_it_is_accrued(built: Places) -> None:
    # 5.5 bought, 0.4 + 0.5 + 1.2 + 0.3 + 1.6 drawn by the 28th, so 1.5 is left: 1.2 on the 29th, and 0.3 of the 4 of
    # the 30th.
    assert ledger(built, "source = 'metered' and vendor = 'openai'") == [
        (october(29), "invoiced", "late", *D("0", "1.2")),
        (october(30), "accrued", None, None, Decimal("3.7")),
        (october(30), "invoiced", "late", *D("0", "0.3")),
    ]
    owed = warehouse.query(
        built, "select month, accrued_usd, closing_usd from finance.accruals where vendor = 'openai' order by 1"
    )
    assert owed == [(september(1), *D("0", "0")), (october(1), *D("3.7", "3.7")), (date(2026, 11, 1), *D("0", "3.7"))]


def test_what_was_given_is_neither_billed_nor_borne_and_nothing_of_it_is_lost(built: Places) -> None:
    # Of the second day, 0.1 was given and 0.3 is drawn from what was bought.
    found = warehouse.query(
        built,
        "select charge_date, commitment_discount_id, billed_cost, effective_cost from core.fct_cost_lines"
        " where source = 'openai_costs' and charge_date between date '2026-10-20' and date '2026-10-21' order by 1",
    )
    assert found == [(october(20), "gift", *D("0", "0")), (october(21), "late", *D("0", "0.3"))]


def test_what_is_unused_at_its_expiry_is_a_charge_of_that_day_that_no_call_bears(built: Places) -> None:
    found = warehouse.query(
        built,
        "select charge_date, commitment_discount_id, commitment_discount_status, list_cost, billed_cost, effective_cost"
        " from core.fct_cost_lines where source = 'commitments' and vendor = 'openai'",
    )
    # 3 bought, 1 used, 0.5 paid back on the 15th.
    assert found == [(september(20), "early", "Unused", None, *D("0", "1.5"))]
    parts = warehouse.query(
        built,
        "select team, effective_cost from core.fct_allocated_costs"
        " where part = 'unused_commitment' and cost_status = 'invoiced'",
    )
    assert parts == [("(unallocated)", Decimal("1.5"))]


def test_over_its_life_what_is_borne_is_what_was_bought_less_what_was_paid_back(built: Places) -> None:
    found = warehouse.query(
        built,
        "select commitment_id, sum(purchased_amount), sum(drawn_amount), sum(expired_amount), sum(refunded_amount),"
        " bool_or(is_billed) from finance.commitment_balance where vendor = 'openai' group by 1 order by 1",
    )
    assert found == [
        ("early", *D("3", "1", "1.5", "0.5"), True),
        ("gift", *D("0.5", "0.5", "0", "0"), False),
        ("late", *D("5.5", "5.5", "0", "0"), True),
    ]
    [(borne,)] = warehouse.query(
        built,
        "select sum(effective_cost) from core.fct_cost_lines"
        " where vendor = 'openai' and cost_status = 'invoiced' and charge_category <> 'Tax'",
    )
    assert borne == Decimal("5.5") + Decimal("2.5")
    [(billed,)] = warehouse.query(built, "select sum(billed_cost) from core.fct_cost_lines where source <> 'invoices'")
    assert billed == 0


def test_of_a_balance_worth_more_than_was_paid_its_use_bears_what_was_paid(built: Places) -> None:
    # Usage of 6 dollars, of which two were given, and of 4.
    assert ledger(built, "vendor = 'mistral' and charge_category = 'Usage'") == [
        (october(6), "invoiced", "paid-part", *D("0", "4")),
        (october(7), "invoiced", "paid-part", *D("0", "4")),
    ]


def test_a_purchase_that_is_billed_in_the_month_after_is_no_cost_of_its_own(built: Places) -> None:
    assert ledger(built, "vendor = 'cohere'") == [
        (october(1), "invoiced", None, *D("9", "9")),
        (october(6), "invoiced", "billed-later", *D("0", "2.5")),
    ]


def test_a_purchase_that_no_commitment_is_for_is_found_beside_those_that_no_bill_shows(built: Places) -> None:
    found = "select subject, billed_cost from intermediate.int_purchases_without_commitment"
    assert warehouse.rows(built.warehouse, found) == [
        ("cohere: CO-2 Credit purchase; not billed yet: waiting", Decimal(9)),
    ]


def test_a_balance_that_is_used_up_has_no_loss_to_come_and_one_that_is_over_says_so(built: Places) -> None:
    found = warehouse.query(
        built,
        "select commitment_id, closing_amount, projected_loss_amount, no_projection_reason"
        " from finance.commitment_balance where month = date '2026-11-01' and vendor = 'openai' order by 1",
    )
    assert found == [
        ("early", 0, None, "it is over"),
        ("gift", 0, None, "it is over"),
        ("late", 0, 0, None),
    ]


def test_the_reconciliation_proves_what_is_bought_and_what_is_drawn(built: Places) -> None:
    found = warehouse.query(
        built,
        "select source, cause, certainty, sum(amount_usd) from finance.invoice_reconciliation"
        " where cause <> 'none' and vendor = 'openai' group by all order by all",
    )
    assert found == [
        ("invoices", "prepaid_or_commitment", "proved", Decimal("8")),
        ("invoices", "tax", "proved", Decimal("0.3")),
        ("metered", "not_in_invoice_yet", "proved", Decimal("-3.7")),
        ("metered", "prepaid_or_commitment", "proved", Decimal("-1.5")),
        ("openai_costs", "non_token_meter", "proved", Decimal("0.2")),
        ("openai_costs", "prepaid_or_commitment", "proved", Decimal("-5.5")),
        ("openai_costs", "unexplained", "inferred", Decimal("0.1")),
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


def test_what_a_minimum_lacks_is_accrued_on_its_last_day_until_a_bill_shows_it(built: Places) -> None:
    found = warehouse.query(
        built,
        "select vendor, source, charge_date, cost_status, billed_cost, effective_cost from core.fct_cost_lines"
        " where source = 'commitments' and vendor = 'acme' or charge_description ilike '%shortfall%' order by 1, 2",
    )
    assert found == [
        ("acme", "commitments", october(31), "accrued", None, Decimal(25)),
        ("globex", "invoices", september(1), "invoiced", Decimal(30), Decimal(30)),
    ]
    owed = "select vendor, closing_usd from finance.accruals where vendor = 'acme' and month = date '2026-11-01'"
    assert warehouse.query(built, owed) == [("acme", Decimal(25))]
    named = warehouse.query(
        built,
        "select vendor, certainty, sum(amount_usd) from finance.invoice_reconciliation"
        " where cause = 'minimum_or_shortfall' group by all",
    )
    assert named == [("globex", "proved", Decimal(30))]


def test_the_balance_of_a_minimum_is_what_is_still_to_be_spent(built: Places) -> None:
    found = warehouse.query(
        built,
        "select commitment_id, month, purchased_amount, drawn_amount, expired_amount, closing_amount,"
        " projected_loss_amount, no_projection_reason, is_billed"
        " from finance.commitment_balance where kind = 'spend_minimum' order by 1, 2",
    )
    over, now = "the month is over", date(2026, 11, 1)
    assert found == [
        # 95 euros are 104.50 dollars.
        ("abroad", october(1), *D("100", "100", "0", "0"), None, over, False),
        ("abroad", now, *D("0", "0", "0", "0"), None, "it is over", False),
        ("billed", september(1), *D("100", "70", "0", "30"), None, over, True),
        ("billed", october(1), *D("0", "0", "30", "0"), None, over, True),
        ("billed", now, *D("0", "0", "0", "0"), None, "it is over", True),
        # What crowns are worth is not known, so that nothing is said to be lacking.
        ("nowhere", october(1), *D("100", "0", "0", "100"), None, over, False),
        ("nowhere", now, *D("0", "0", "0", "100"), None, "it is over", False),
        ("reached", october(1), *D("50", "50", "0", "0"), None, over, False),
        ("reached", now, *D("0", "0", "0", "0"), None, "it is over", False),
        # 60 in the last 30 days, so 30 more in the 15 days that are left.
        ("running", october(1), *D("100", "60", "0", "40"), None, over, False),
        ("running", now, *D("0", "0", "0", "40", "10"), None, False),
        ("short", september(1), *D("100", "60", "0", "40"), None, over, False),
        ("short", october(1), *D("0", "15", "0", "25"), None, over, False),
        ("short", now, *D("0", "0", "25", "0"), None, "it is over", False),
    ]


def test_a_refund_of_more_than_was_left_says_that_less_was_drawn(built: Places) -> None:
    found = warehouse.query(
        built,
        "select month, purchased_amount, drawn_amount, refunded_amount, closing_amount from finance.commitment_balance"
        " where commitment_id = 'tiny' order by 1",
    )
    assert found == [(october(1), *D("5", "3.5", "1.5", "0")), (date(2026, 11, 1), *D("0", "0", "0", "0"))]


def test_a_fee_in_instalments_is_accrued_beyond_the_last(built: Places) -> None:
    assert ledger(built, "vendor = 'stark'") == [
        (october(30), "invoiced", "by-month", *D("0", "10")),
        (october(31), "accrued", "by-month", None, Decimal(10)),
        (date(2026, 11, 1), "accrued", "by-month", None, Decimal(10)),
    ]


def test_a_reservation_that_only_an_invoice_names_is_borne_by_the_days_of_its_term(built: Places) -> None:
    found = warehouse.query(
        built,
        "select vendor, source, charge_date, cost_status, billed_cost, effective_cost from core.fct_cost_lines"
        " where vendor in ('hooli', 'umbrella') order by 1, 3",
    )
    share = Decimal("1.428571428571428608")
    first = 10 - 6 * share
    assert found == [
        ("hooli", "invoices", october(1), "invoiced", *D("10", "0")),
        ("hooli", "commitments", october(30), "invoiced", Decimal(0), first),
        ("hooli", "commitments", october(31), "invoiced", Decimal(0), share),
        ("hooli", "commitments", date(2026, 11, 1), "invoiced", Decimal(0), share),
        # No bill shows it yet.
        ("umbrella", "commitments", october(31), "accrued", None, Decimal(10)),
        ("umbrella", "commitments", date(2026, 11, 1), "accrued", None, Decimal(10)),
    ]
    assert abs(share - Decimal(10) / 7) < Decimal("1e-15")
    [(drawn, left)] = warehouse.query(
        built,
        "select sum(drawn_amount), min(closing_amount) from finance.commitment_balance"
        " where commitment_id = 'seat-of-gpus'",
    )
    assert (drawn, left) == (first + 2 * share, 4 * share)


def test_what_buys_a_commitment_or_pays_one_back_is_told_and_whether_its_use_has_list_costs(built: Places) -> None:
    assert warehouse.query(
        built,
        "select l.vendor, l.charge_category, p.is_commitment_purchase, p.is_listed_in_use"
        " from core.fct_allocated_costs as p inner join core.fct_cost_lines as l using (cost_line_id)"
        " where l.vendor in ('anthropic', 'hooli') and l.source <> 'metered' group by all order by all",
    ) == [
        ("anthropic", "Adjustment", True, True),
        ("anthropic", "Purchase", True, True),
        # The shares of its days have no list price.
        ("hooli", "Purchase", True, False),
        ("hooli", "Usage", False, False),
    ]


def balance_of(places: Places, vendor: str) -> list[tuple]:
    return warehouse.query(
        places,
        "select month(month), opening_usd, accrued_usd, reversed_usd, closing_usd, true_up_usd from finance.accruals"
        f" where vendor = '{vendor}' order by month",
    )


def test_a_later_day_changes_no_earlier_one_and_only_days_that_are_drawn_otherwise_are_rebuilt(built: Places) -> None:
    """Continues on the same warehouse."""
    before = warehouse.fingerprints(built, "fct_cost_lines")
    shown = ledger(built, "charge_date < date '2026-10-29'")
    extra = built.landing / "llm_calls" / "more.jsonl"
    extra.write_text(json.dumps(call(12, october(29), "0.5")) + "\n")
    warehouse.build(built, "fct_cost_lines")
    after = warehouse.fingerprints(built, "fct_cost_lines")
    assert {day for day in after if after[day] != before.get(day)} == {october(29), october(30)}
    assert ledger(built, "charge_date < date '2026-10-29'") == shown
    assert ledger(built, "source = 'metered' and vendor = 'openai'") == [
        (october(29), "invoiced", "late", *D("0", "1.4")),
        (october(30), "accrued", None, None, Decimal("3.9")),
        (october(30), "invoiced", "late", *D("0", "0.1")),
    ]
    # A row of config moves money from the day on from which it holds.
    rows = (built.config / "commitments.csv").read_text()
    (built.config / "commitments.csv").write_text(
        rows + "new,prepaid,openai,,,7,USD,2026-10-30,,2026-11-05,,me,me,agreed\n"
    )
    warehouse.build(built, "fct_cost_lines")
    last = warehouse.fingerprints(built, "fct_cost_lines")
    assert {day for day in last if last[day] != after.get(day)} == {october(30)}
    assert ledger(built, "source = 'metered' and cost_status = 'accrued'") == []
    # 4 used of 7; the rest is lost on a day that has not come.
    assert ledger(built, LOST) == []


@pytest.fixture(scope="module")
def december(built: Places) -> Places:
    """The same company a month later, when bills came for what was accrued."""
    bills = (
        "Figma,F-1,1,2026-09,Figma AI,33,USD,subscription",
        "Umbrella,U-1,1,2026-11,Fee of promised,30,USD,commitment",
        "Acme,A-3,1,2026-11,Shortfall of the minimum,25,USD,vector database",
        "Dunder,D-1,1,2026-11,Fee of overseas,30,GBP,commitment",
        "Linear,L-1,1,2026-10,Linear,40,GBP,subscription,2026-11-20",
    )
    rows = [bill if bill.count(",") > INVOICE.count(",") else f"{bill}," for bill in bills]
    (built.landing / "invoices" / "december.csv").write_text("\n".join([f"{INVOICE},invoice_date", *rows]) + "\n")
    later = replace(built, now=datetime(2026, 12, 2))
    warehouse.build(later, "accruals", "fct_cost_lines")
    return later


def test_what_is_lost_is_a_charge_of_a_day_on_which_nothing_else_happens_once_it_has_come(december: Places) -> None:
    assert ledger(december, LOST) == [(date(2026, 11, 5), "invoiced", "new", *D("0", "3"))]


def test_a_bill_of_seats_a_term_or_a_minimum_reverses_what_was_accrued_and_changes_no_month_before(
    december: Places,
) -> None:
    assert balance_of(december, "figma") == [
        (9, *D("0", "30", "0", "30", "0")),
        (10, *D("30", "40", "0", "70", "0")),
        (11, *D("70", "0", "0", "70", "0")),
        # What the bill says of the seats alone is not known.
        (12, *D("70", "0", "-30", "40", None)),
    ]
    assert balance_of(december, "umbrella") == [
        (10, *D("0", "10", "0", "10", "0")),
        (11, *D("10", "20", "0", "30", "0")),
        (12, *D("30", "0", "-30", "0", "0")),
    ]
    assert balance_of(december, "acme") == [
        (10, *D("0", "25", "0", "25", "0")),
        (11, *D("25", "0", "0", "25", "0")),
        (12, *D("25", "0", "-25", "0", None)),
    ]


def test_what_another_rate_makes_of_an_accrual_that_a_bill_reverses_is_fx(december: Places) -> None:
    def moved(vendor: str) -> list[tuple]:
        columns = "month(month), accrued_usd, reversed_usd, true_up_usd, fx_usd"
        return warehouse.query(december, f"select {columns} from finance.accruals where vendor = '{vendor}' order by 1")

    # Seats of 40 pounds at 1.3 at the month's end, and at 1.5 on the day of the invoice.
    assert moved("linear") == [
        (10, *D("52", "0", "0", "0")), (11, *D("0", "0", "0", "0")), (12, *D("0", "-52", None, "8")),
    ]  # fmt: skip
    # A fee of 10 pounds a day: the bill takes the rate of each day, and changes nothing of what was accrued before it.
    assert moved("dunder") == [
        (10, *D("13", "0", "0", "0")), (11, *D("30", "0", "0", "0")), (12, *D("0", "-43", "-2", "-2")),
    ]  # fmt: skip
    assert moved("figma")[-1] == (12, *D("0", "-30", None, "0"))
    assert moved("acme")[-1] == (12, *D("0", "-25", None, "0"))


@pytest.fixture(scope="module")
def draw(built: Places):
    """The models that say what balances pay for, over tables of pools and balances of a test's own."""
    models = ("int_balance_offers", "int_balance_draws")
    folder = built.home.parent / "target" / "compiled" / "costgrain" / "models" / "intermediate" / "committed"
    own = {name: re.sub(r'[\w".]*"int_(\w+)"', r"int_\1", (folder / f"{name}.sql").read_text()) for name in models}
    connection = duckdb.connect()
    connection.execute(
        "create table int_balance_demand (pool_key varchar, charge_date date, vendor varchar,"
        " billing_account_id varchar, model varchar, billing_currency varchar, drawn_by varchar,"
        " commitment_discount_id varchar, pool_cost decimal(38, 18));"
        "create table int_balances (commitment_id varchar, vendor varchar, account varchar, models varchar,"
        " billing_currency varchar, is_given boolean, valid_from date, used_until date, amount decimal(38, 18),"
        " turn bigint);"
        "create table int_balance_refunds (commitment_id varchar, refunded_on date, refunded_cost decimal(38, 18));"
        f"create view int_balance_offers as {own['int_balance_offers']}"
    )

    def run(pools: list[tuple], balances: list[tuple], refunds: list[tuple]) -> list[tuple]:
        for table, rows in (
            ("int_balance_demand", pools),
            ("int_balances", balances),
            ("int_balance_refunds", refunds),
        ):
            connection.execute(f"delete from {table}")
            if rows:
                connection.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
        return connection.execute(
            f"select charge_date, model, commitment_id, drawn_cost from ({own['int_balance_draws']})"
        ).fetchall()

    return run


MODELS = ("a", "b", "c")
MONEY = st.decimals(min_value=Decimal("1e-18"), max_value=Decimal("1000000"), places=18)
DEMAND = st.dictionaries(st.tuples(st.integers(1, 9), st.sampled_from(MODELS)), MONEY, max_size=15)
BALANCES = st.lists(
    st.tuples(
        MONEY, st.integers(1, 8), st.integers(1, 9), st.sets(st.sampled_from(MODELS)), st.none() | st.integers(1, 9)
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(DEMAND, BALANCES)
def test_whatever_is_bought_and_used_each_day_draws_what_is_left_in_turn_and_no_digit_is_lost(draw, demand, bought):
    pools = [
        (f"{day}{model}", october(day), "v", "", model, "USD", "balance", None, cost)
        for (day, model), cost in demand.items()
    ]
    balances = [
        (
            f"{n}",
            "v",
            None,
            ";".join(sorted(models)) or None,
            "USD",
            False,
            october(first),
            october(first + days),
            amount,
            n,
        )
        for n, (amount, first, days, models, _) in enumerate(bought, start=1)
    ]
    refunds = [
        (f"{n}", october(day), amount / 3)
        for n, (amount, _, _, _, day) in enumerate(bought, start=1)
        if day is not None
    ]
    found = draw(pools, balances, refunds)
    drawn: dict[tuple, Decimal] = defaultdict(Decimal)
    paid: dict[tuple, Decimal] = defaultdict(Decimal)
    with localcontext(prec=60):
        for day, model, commitment, cost in found:
            drawn[day.day, commitment] += cost
            paid[day.day, model] += cost
        # The same, one day and one balance after another.
        left = {f"{n}": amount for n, (amount, *_) in enumerate(bought, start=1)}
        for day in range(1, 18):
            for commitment, refunded_on, amount in refunds:
                if refunded_on.day == day:
                    left[commitment] -= min(left[commitment], Decimal(amount).quantize(Decimal("1e-18")))
            open_cost = {model: demand.get((day, model), Decimal(0)) for model in MODELS}
            for n, (_, first, days, models, _) in enumerate(bought, start=1):
                fits = [model for model in MODELS if not models or model in models]
                asked = sum(open_cost[model] for model in fits)
                taken = min(left[f"{n}"], asked) if first <= day < first + days else Decimal(0)
                assert drawn[day, f"{n}"] == taken
                left[f"{n}"] -= taken
                for model in fits:  # which of a day's models bear it is a share; how much in all is exact
                    open_cost[model] -= sum(c for d, m, k, c in found if (d.day, m, k) == (day, model, f"{n}"))
        assert all(cost - demand[at] <= Decimal("1e-17") for at, cost in paid.items())


OPENAI = "a,prepaid,openai,,"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([f"{OPENAI},5,USD,2026-09-01,,", "A,prepaid,openai,,,5,USD,2027-09-01,,"], "rows 2 and 3: both are A"),
        ([f"{OPENAI},-5,USD,2026-09-01,,"], "row 2, column amount: '-5' is not positive"),
        ([f"{OPENAI},5,USD,2026-09-01,,2026-09-01"], "row 2, column expires: 2026-09-01 is not after valid_from"),
        ([f"{OPENAI},5,USD,2026-09-02,2026-09-01,"], "row 2, column valid_to: 2026-09-01 is not after valid_from"),
        ([f"{OPENAI},5,USD,,,"], "row 2, column valid_from: is empty"),
        (["a,spend_minimum,openai,,,5,USD,2026-09-01,,"], "row 2, column valid_to: is empty"),
        (["a,spend_minimum,openai,,x,5,USD,2026-09-01,2026-10-01,"], "row 2, column models: a spend minimum has none"),
        (
            ["a,spend_minimum,x,,,5,USD,2026-09-01,2026-10-02,", "b,spend_minimum,X,,,5,USD,2026-10-01,2026-11-01,"],
            "rows 2 and 3: both hold for x, every account, USD from 2026-10-01 on",
        ),
        (["a,handshake,openai,,,5,USD,2026-09-01,,"], "'handshake' is not known"),
    ],
)
def test_rows_that_cannot_be_are_refused_by_their_numbers(places: Places, rows: list[str], said: str) -> None:
    configure(places, *rows)
    with pytest.raises(config.ConfigError) as refused:
        config.check(places)
    assert said in str(refused.value)
