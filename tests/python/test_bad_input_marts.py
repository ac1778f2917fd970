"""Values that are odd, and that only the sum of many shows to be wrong: none stops a run, and the marts stay right."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import pytest
import warehouse

from orchestration.places import Places

BILL = "BilledCost,BillingAccountId,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ProviderName"
HUGE = "9" * 20


def span(name: str, parent: str) -> dict:
    attributes = {"gen_ai.provider.name": "anthropic", "gen_ai.response.model": "m", "gen_ai.usage.input_tokens": "10"}
    return {
        "traceId": "t",
        "spanId": name,
        "parentSpanId": parent,
        "startTimeUnixNano": "1791194400123456789",
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()],
    }


def call(name: str, day: int, **more: object) -> dict:
    known = {"call_id": name, "called_at": f"2026-10-0{day}", "provider": "openai", "model": "gpt-4.1"}
    return known | {"input_uncached": 1_000_000, "ended_at": "9999-12-31"} | more


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Places:
    base = tmp_path_factory.mktemp("odd")
    spans = [span("a", "b"), span("b", "a"), span("self", "self"), span("whole", "never seen")]
    calls = [call("seen", 7, sample_rate=0.25), call("rare", 7, sample_rate=1e-17), call("none", 7, sample_rate=0)]
    page = {"object": "organization.usage.completions.result", "model": "gpt-4.1", "input_tokens": int(HUGE)}
    files = {
        "focus/bill.csv": [
            BILL,
            "1.5,acct,EUR,Usage,2026-10-05,2026-10-06,OpenAI",
            "1.5,acct, eur ,Usage,2026-10-05,2026-10-06,OpenAI",
            "2,acct,,no such category,2026-10-05,2020-01-01,OpenAI",
            "4,acct,usd,Usage,2026-10-05,9999-12-31,OpenAI",
            *[f"{HUGE}0,acct,USD,Usage,2026-10-05,2026-10-06,OpenAI"] * 2,
            # The largest amounts that there may be: their absolute sum is larger.
            *(f"{sign}{HUGE}.{HUGE[:18]},acct,JPY,Usage,2026-10-05,2026-10-06,OpenAI" for sign in ("", "-")),
        ],
        "invoices/i.csv": [
            "vendor,invoice_id,line,period,amount,currency",
            "a|b,c,1,2026-10,5,USD",
            "a,b|c,1,2026-10,7,USD",
        ],
        "licences/l.csv": [
            "vendor,seats,unit_price,currency,period_start,period_end",
            "Figma,2,15,USD,2026-10-01,9999-12-31",
            "Figma,2,12345678901234,USD,2026-10-01,",
        ],
        "llm_calls/c.jsonl": map(json.dumps, calls),
        "otel/s.jsonl": [json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})],
        "openai_usage/u.json": [json.dumps({"data": [{"start_time": 1790985600, "results": [page]}]})],
    }
    for path, lines in files.items():
        file = base / "landing" / path
        file.parent.mkdir(parents=True)
        file.write_text("\n".join(lines) + "\n")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", datetime(2026, 11, 2, 6))
    warehouse.build(
        places, "fct_cost_lines", "fct_llm_calls", "fct_usage_daily", "chargeback_statement", "data_quality", tests=True
    )
    return places


def test_what_would_not_add_up_is_quarantined_and_named(built: Places) -> None:
    found = warehouse.query(
        built, "select source, rows_quarantined from governance.data_quality where rows_quarantined > 0 order by 1"
    )
    assert found == [("focus", 2), ("licences", 1), ("llm_calls", 1), ("openai_usage", 1)]


def test_a_currency_is_one_however_it_is_written_and_only_usd_is_in_usd(built: Places) -> None:
    found = warehouse.query(
        built,
        "select billing_currency, count(*), sum(billed_cost), sum(billed_cost_usd) from core.fct_cost_lines"
        " where source = 'focus' group by 1 order by 1 nulls last",
    )
    assert found == [
        ("EUR", 2, Decimal(3), None), ("JPY", 2, Decimal(0), None), ("USD", 1, Decimal(4), Decimal(4)),
        (None, 1, Decimal(2), None),
    ]  # fmt: skip
    statement = "select sum(billed_cost_usd) from finance.chargeback_statement"
    assert warehouse.query(built, statement) == [(Decimal(4 + 5 + 7),)]


def test_an_end_that_stands_for_none_bills_the_first_day_only(built: Places) -> None:
    found = warehouse.query(built, "select distinct charge_date from core.fct_cost_lines where source = 'metered'")
    assert found == [(date(2026, 10, 7),)]


def test_spans_that_are_each_others_parents_are_calls_of_their_own(built: Places) -> None:
    found = warehouse.query(built, "select call_id from core.fct_llm_calls where source = 'otel' order by 1")
    assert found == [("t-a",), ("t-b",), ("t-self",), ("t-whole",)]


def test_what_a_sample_stands_for_is_an_estimate_and_never_money(built: Places) -> None:
    found = warehouse.query(
        built,
        "select sum(call_count), sum(estimated_call_count), sum(list_cost_usd), sum(estimated_list_cost_usd)"
        " from core.fct_usage_daily where source = 'llm_calls'",
    )
    assert found == [(2, 5, Decimal(4), Decimal(10))]
    ledger = "select sum(effective_cost) from core.fct_cost_lines where source = 'metered'"
    assert warehouse.query(built, ledger) == [(Decimal(4),)]
