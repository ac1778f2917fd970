"""Money in other currencies: in USD at the rate of its day, exact in both, named where no rate is known."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from decimal import Decimal as D

import pytest
import warehouse

from orchestration.places import Places

MARTS = (
    "fct_cost_lines",
    "fct_allocated_costs",
    "fct_llm_calls",
    "chargeback_statement",
    "invoice_reconciliation",
    "data_findings",
    "int_revenue",
    "int_outcome_values",
    "int_budgets",
)
RATES = ["EUR,1.08,2026-10-01,,", "eur,1.1,2026-10-15,,", "GBP,1.3,2026-10-01,2026-11-01,"]
USED = D("0.56")  # USD of one call at list price
TEAMS = ("documents", "search", "support")
# Day, currency, billed, and what the bill itself says that this is in USD.
BILLED = (
    (14, "EUR", "1.5003", None),
    (15, "EUR", "1.5003", None),
    (16, "EUR", "0.7003", None),
    (16, "GBP", "0.7003", None),
    (17, "EUR", "1.4", "1.68"),
    (18, "JPY", "250", None),
)


def set_rates(places: Places, *rates: str) -> None:
    places.config.mkdir(exist_ok=True)
    rows = [
        "currency,usd_per_unit,valid_from,valid_to,owner,approved_by,reason",
        *(f"{rate},me,bank" for rate in rates),
    ]
    (places.config / "fx_rates.csv").write_text("\n".join(rows) + "\n")


def land(places: Places, path: str, rows: list[dict]) -> None:
    file = places.landing / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def land_all(places: Places) -> None:
    calls = [
        {
            "call_id": f"{team}-{day}", "called_at": f"2026-10-{day}T10:00:00Z", "provider": "openai",
            "model": "gpt-4.1-mini-2025-04-14", "input_uncached_tokens": 1_000_000, "output_tokens": 100_000,
            "team": team, "status": "success",
        }
        for day in range(14, 19)
        for team in TEAMS
    ]  # fmt: skip
    land(places, "llm_calls/calls.csv", calls)
    bill = [
        {
            "BilledCost": billed, "EffectiveCost": billed, "ListCost": billed, "ContractedCost": billed,
            "BillingAccountId": "acme", "BillingCurrency": currency, "BillingPeriodStart": "2026-10-01T00:00:00Z",
            "ChargeCategory": "Usage", "ChargeDescription": "models", "ServiceName": "OpenAI API",
            "ChargePeriodStart": f"2026-10-{day}T00:00:00Z", "ChargePeriodEnd": f"2026-10-{day + 1}T00:00:00Z",
            "ProviderName": "OpenAI", "PricingCurrency": "USD", "PricingCurrencyEffectiveCost": stated,
        }
        for day, currency, billed, stated in BILLED
    ]  # fmt: skip
    land(places, "focus/bill.csv", bill)
    # What one unit is in USD by the bills themselves: 1.25 at Google, 1.2 and 1.05 at Microsoft.
    google = {
        "billing_account_id": "g", "service_description": "Cloud Storage", "sku_description": "Standard",
        "usage_start_time": "2026-10-20 00:00:00 UTC", "cost": 8, "currency": "EUR", "currency_conversion_rate": 0.8,
        "invoice_month": "202610",
    }  # fmt: skip
    # Of kroner the company has no rate, but the bill has.
    norwegian = {"cost": 30, "currency": "NOK", "currency_conversion_rate": 10, "billing_account_id": "n"}
    land(places, "gcp_billing/bill.csv", [google, google | norwegian])
    microsoft = {
        "date": "10/20/2026", "costInBillingCurrency": "6", "billingCurrency": "EUR", "pricingCurrency": "USD",
        "costInUsd": "0", "exchangeRatePricingToBilling": "0.83333333", "chargeType": "Usage",
        "meterCategory": "Azure AI Search", "billingAccountId": "m",
    }  # fmt: skip
    stated = {"costInBillingCurrency": "10", "costInUsd": "10.5"}
    land(places, "azure_cost/actual.csv", [microsoft, microsoft | stated])
    # An invoice of AWS, for its own and for what others sell on it.
    amazon = {
        "bill_payer_account_id": "a", "bill_billing_period_start_date": "2026-10-01", "bill_invoice_id": "A-1",
        "bill_invoicing_entity": "Amazon Web Services, Inc.", "line_item_line_item_type": "Usage",
        "line_item_usage_start_date": "2026-10-20 00:00:00", "line_item_currency_code": "USD",
    }  # fmt: skip
    sold = [
        {"line_item_product_code": code, "line_item_legal_entity": seller, "line_item_unblended_cost": cost}
        for code, seller, cost in (
            ("AmazonEC2", "Amazon Web Services, Inc.", "7.1"), ("AmazonBedrock", "Amazon Web Services, Inc.", "3.2"),
            ("4a52", "Pinecone Systems, Inc.", "6.4"),
        )
    ]  # fmt: skip
    land(places, "aws_cur/report.csv", [amazon | one for one in sold])
    shared = [
        {"vendor": "Lumen", "invoice_id": f"L-{period}", "period": period, "amount": amount, "currency": currency}
        for period, amount, currency in (
            ("2026-10", "100.01", "EUR"), ("2026-09", "10.00", "EUR"), ("2026-09", "7.00", "USD")
        )
    ]  # fmt: skip
    land(places, "invoices/lumen.csv", shared)
    wire = {"vendor": "Wire", "invoice_id": "W", "period": "2026-10", "amount": "200", "currency": "EUR"}
    land(places, "invoices/wire.csv", [wire | {"invoice_date": "2026-11-03"}])
    seats = {"vendor": "Draft", "seats": 3, "unit_price": "12.50", "currency": "GBP", "period_start": "2026-10-01"}
    land(places, "licences/seats.csv", [seats | {"team": "documents"}])
    revenue = {"customer_id": "c", "month": "2026-10", "currency": "EUR", "revenue_kind": "recognised"}
    land(places, "revenue/revenue.csv", [revenue | {"amount": "100.50"}])
    land(places, "budgets/budgets.csv", [{"budget_id": "b", "month": "2026-10", "amount": "20", "currency": "CHF"}])
    outcome = {"outcome_id": "o", "outcome_type": "task", "occurred_at": "2026-10-20T00:00:00Z", "status": "success"}
    land(places, "outcomes/outcomes.csv", [outcome | {"value": "2.5", "currency": "gbp"}])
    rule = "lumen,10,Lumen,,,usage,calls,,,me,me,everyone uses it"
    header = (
        "rule_id,priority,provider,service,charge_category,method,driver,valid_from,valid_to,owner,approved_by,reason"
    )
    (places.config / "allocation_rules.csv").write_text(f"{header}\n{rule}\n")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Places:
    base = tmp_path_factory.mktemp("fx")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    set_rates(places, *RATES)
    land_all(places)
    warehouse.build(places, *MARTS, tests=True)
    return places


def lines(places: Places, where: str, columns: str = "billed_cost_usd") -> list[tuple]:
    return warehouse.query(places, f"select {columns} from core.fct_cost_lines where {where} order by all")


def test_a_charge_is_converted_at_the_rate_of_its_day_and_its_own_currency_stays_beside(built: Places) -> None:
    found = lines(
        built, "source = 'focus' and billing_currency <> 'JPY'", "day(charge_date), billed_cost, billed_cost_usd"
    )
    expected = [
        (14, "1.5003", "1.08"),
        (15, "1.5003", "1.1"),
        (16, "0.7003", "1.1"),
        (16, "0.7003", "1.3"),
        (17, "1.4", "1.1"),
    ]
    assert found == [(day, D(amount), D(amount) * D(rate)) for day, amount, rate in expected]
    # What is billed for a month has the rate of its first day, where the invoice does not say when it was written.
    assert lines(built, "vendor = 'lumen' and usage_month = date '2026-10-01'") == [(D("100.01") * D("1.08"),)]
    assert lines(built, "source = 'licences'", "billed_cost_usd, effective_cost_usd") == [(None, D("37.5") * D("1.3"))]


def test_a_charge_says_its_rate_its_date_and_its_source(built: Places) -> None:
    columns = "billed_cost_usd, round(usd_per_unit, 6), rate_date, rate_source"
    assert lines(built, "source = 'gcp_billing'", columns) == [
        (3, D("0.1"), None, "bill"), (D("8.8"), D("1.1"), date(2026, 10, 20), "fx_rates"),
    ]  # fmt: skip
    unknown = lines(built, "billing_currency in ('JPY', 'USD')", "distinct usd_per_unit, rate_date, rate_source")
    assert unknown == [(None, None, None)]
    # An invoice that says when it was written has the rate of that day.
    assert lines(built, "vendor = 'wire'", columns) == [(220, D("1.1"), date(2026, 11, 3), "fx_rates")]


def test_parts_and_calls_and_the_statement_add_up_in_usd_to_the_last_decimal(built: Places) -> None:
    parts = (
        "select cost_line_id, count(*), sum(billed_cost), sum(billed_cost_usd) from core.fct_allocated_costs group by 1"
    )
    found = warehouse.query(
        built,
        f"select lines.billed_cost_usd, parts.* from core.fct_cost_lines as lines join ({parts}) as parts"
        " using (cost_line_id) where source in ('focus', 'invoices') and billing_currency = 'EUR'"
        " and lines.billed_cost_usd is not null",
    )
    assert len(found) == 6 and all(count == len(TEAMS) or whole > 100 for whole, _, count, _, _ in found)
    assert [whole for whole, *_ in found] == [usd for *_, usd in found]
    calls = "select day(call_date), sum(billed_cost_usd) from core.fct_llm_calls group by 1"
    assert dict(warehouse.query(built, calls)) == {
        14: D("1.620324"), 15: D("1.65033"), 16: D("1.68072"), 17: D("1.54"), 18: None,
    }  # fmt: skip
    assert warehouse.query(built, "select sum(amount_usd) from finance.chargeback_statement") == warehouse.query(
        built, "select sum(effective_cost_usd) from core.fct_cost_lines"
    )


def test_only_what_the_vendors_own_rate_makes_of_a_charge_is_fx(built: Places) -> None:
    found = warehouse.query(
        built,
        "select day(charge_date), cause, certainty, sum(amount_usd) from finance.invoice_reconciliation"
        " where source = 'focus' and billing_currency = 'EUR' group by all order by all",
    )
    causes = {day: (cause, certainty) for day, cause, certainty, _ in found}
    assert causes[17] == ("fx", "proved")
    assert {cause for day, (cause, _) in causes.items() if day != 17} == {"unexplained"}
    amounts = {day: amount for day, _, _, amount in found}
    assert (amounts[17], amounts[14]) == (D("1.54") - 3 * USED, D("1.620324") - 3 * USED)


def test_clouds_state_their_own_rates(built: Places) -> None:
    found = warehouse.query(
        built,
        "select source, billed_usd, cause, certainty, round(amount_usd, 6) from finance.invoice_reconciliation"
        " where source in ('azure_cost', 'gcp_billing') order by all",
    )
    assert found == [
        ("azure_cost", D("6.6"), "fx", "proved", D("-0.6")),
        ("azure_cost", D("6.6"), "non_token_meter", "proved", D("7.2")),
        ("azure_cost", 11, "fx", "proved", D("0.5")),
        ("azure_cost", 11, "non_token_meter", "proved", D("10.5")),
        ("gcp_billing", 3, "non_token_meter", "proved", 3),
        ("gcp_billing", D("8.8"), "fx", "proved", D("-1.2")),
        ("gcp_billing", D("8.8"), "non_token_meter", "proved", 10),
    ]


def test_what_no_rate_is_known_of_is_kept_in_its_currency_and_named_with_its_amount(built: Places) -> None:
    assert lines(built, "billing_currency = 'JPY'", "billed_cost, billed_cost_usd, effective_cost_usd") == [
        (250, None, None)
    ]
    shown = warehouse.query(
        built,
        "select cause, billed_usd, amount_usd, evidence from finance.invoice_reconciliation"
        " where billing_currency = 'JPY'",
    )
    assert shown == [("fx", None, None, "no rate is known for the currency")]
    found = warehouse.query(
        built,
        "select source, billing_currency, finding_date, record_count, billed_cost from governance.data_findings"
        " where finding = 'no_exchange_rate' and meaning like '%config/fx_rates.csv%' order by 1",
    )
    assert found == [
        ("budgets", "CHF", date(2026, 10, 1), 1, 20),
        ("focus", "JPY", date(2026, 10, 18), 1, 250),
        ("invoices", "EUR", date(2026, 9, 1), 1, 10),
    ]


def test_an_invoice_shows_what_of_it_has_no_rate(built: Places) -> None:
    built.published_marts.parent.mkdir(exist_ok=True)
    shutil.copy(built.built_marts, built.published_marts)
    shown = warehouse.costgrain(built.home, "invoice", "show", "lumen", "2026-09").stdout
    assert "Without a rate: 1 line of 10.00 EUR, in no sum below. Add a row to config/fx_rates.csv." in shown
    assert "2026-09-01 to 2026-09-30" in shown and "USD" in shown and "7.00" in shown


def test_an_invoice_of_a_cloud_shows_all_that_it_bills_and_of_whom(built: Places) -> None:
    built.published_marts.parent.mkdir(exist_ok=True)
    shutil.copy(built.built_marts, built.published_marts)
    shown = warehouse.costgrain(built.home, "invoice", "show", "aws", "A-1").stdout
    assert "3 lines" in shown and "16.70" in shown
    assert "Of it: aws 7.10 (1 line), pinecone 6.40 (1 line), bedrock 3.20 (1 line)" in shown
    shown = warehouse.costgrain(built.home, "invoice", "show", "bedrock", "A-1").stdout
    assert "1 line," in shown and "Of it" not in shown


def test_revenue_and_values_have_usd_beside_their_own_amount(built: Places) -> None:
    def of(model: str, columns: str) -> list[tuple]:
        return warehouse.rows(built.warehouse, f"select {columns} from intermediate.{model}")

    assert of("int_revenue", "currency, amount, amount_usd") == [("EUR", D("100.5"), D("100.5") * D("1.08"))]
    assert of("int_outcome_values", "currency, value, value_usd") == [("GBP", D("2.5"), D("3.25"))]
    assert of("int_budgets", "currency, amount, amount_usd") == [("CHF", 20, None)]


def test_a_changed_rate_rebuilds_the_days_that_it_touches_and_no_other(built: Places) -> None:
    # The invoice of the month is shared by the use of each of its days, and so is looked at with any of them.
    rebuilt = {"fct_cost_lines": {16, 17}, "fct_llm_calls": {16, 17}, "fct_allocated_costs": {1, 16, 17}}
    before = {model: warehouse.fingerprints(built, model) for model in rebuilt}
    # Who says so changes nothing, and neither does a day without charges in the currency.
    set_rates(built, *RATES, "EUR,1.12,2026-10-16,2026-10-20,", "EUR,1.1,2026-10-20,,", "GBP,1.4,2026-11-01,,")
    warehouse.build(built, *rebuilt)
    for model, days in rebuilt.items():
        after = warehouse.fingerprints(built, model)
        assert {day.day for day in before[model] if before[model][day] != after[day]} == days, model
    assert lines(built, "charge_date = date '2026-10-17'") == [(D("1.4") * D("1.12"),)]
    assert lines(built, "charge_date = date '2026-10-15'") == [(D("1.65033"),)]
