"""Google Cloud's billing export: what is billed is the cost with all its credits, nested or flat, to the last digit."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import warehouse

from orchestration.ingest import ingest_source
from orchestration.places import Places

USUAL = {
    "billing_account_id": "",
    "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
    "sku": {"id": "2E27-4F75-95CD", "description": "N1 Predefined Instance Core running in Americas"},
    "usage_start_time": "2026-10-05 10:00:00 UTC",
    "usage_end_time": "2026-10-05 11:00:00 UTC",
    "project": {"id": "web", "name": "web", "labels": [{"key": "team", "value": "web"}]},
    "labels": [{"key": "feature", "value": "answers"}],
    "location": {"location": "us", "region": "us-central1"},
    "resource": {"name": "vm-1", "global_name": "//compute.googleapis.com/vm-1"},
    "cost": 10.0,
    "cost_at_list": 12.5,
    "cost_at_effective_price_default": 11.0,
    "currency": "USD",
    "currency_conversion_rate": 1.0,
    "usage": {"amount": 7200.0, "unit": "seconds"},
    "credits": [],
    "invoice": {"month": "202610"},
    "cost_type": "regular",
    "price": {"effective_price": "0.0013"},
    "adjustment_info": {"id": None, "mode": None, "type": None},
}
KINDS_OF_CREDIT = (
    "COMMITTED_USAGE_DISCOUNT COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE SUSTAINED_USAGE_DISCOUNT PROMOTION DISCOUNT "
    "FREE_TIER RESELLER_MARGIN SUBSCRIPTION_BENEFIT"
).split()


def credit(kind: str, amount: float) -> dict:
    return {"id": "c-1", "name": "a credit", "full_name": "a credit", "type": kind, "amount": amount}


def line(cost: float, **more: object) -> dict:
    return USUAL | {"cost": cost} | more


def sku(description: str, service: str = "Vertex AI", unit: str = "count") -> dict:
    named = {
        "service": {"id": "C7E2-9256-1C43", "description": service},
        "sku": {"id": "s", "description": description},
    }
    return named | {"usage": {"amount": 1065040.0, "unit": unit}}


OF_INVOICE = {"cost_at_list": None, "cost_at_effective_price_default": None, "labels": [], "usage": {}, "resource": {}}
LINES = [
    line(0.1 + 0.2),
    line(1.2345678901234567e-07, cost_at_effective_price_default=None),
    *(line(8.0, credits=[credit(kind, -0.7 / 3), credit("PROMOTION", -1e-9)]) for kind in KINDS_OF_CREDIT),
    line(40.0, sku={"id": "f", "description": "Commitment v1: Cpu in Americas for 1 Year"}),
    line(9.0, sku={"id": "g", "description": "Flexible plan"}, credits=[credit("FEE_UTILIZATION_OFFSET", -9.0)]),
    line(3.8, cost_type="tax", sku={"id": "t", "description": "Tax"}, **OF_INVOICE),
    line(
        -5.0, cost_type="adjustment", adjustment_info={"id": "a-1", "mode": "MANUAL", "type": "GOODWILL"}, **OF_INVOICE
    ),
    line(-0.004, cost_type="rounding_error", **OF_INVOICE),
]
NEXT_MONTH = {"invoice": {"month": "202611"}}

# SKU, service, unit; then the class of its tokens and the model. Where it counts none: None, its unit.
SKUS = [
    ("Gemini 2.5 Pro Input Token Count - short input text", "Gemini API", "count", "input_uncached", "gemini-2.5-pro"),
    ("Gemini 2.5 Flash GA Text Input - Predictions", "Vertex AI", "requests", "input_uncached", "gemini-2.5-flash"),
    ("Gemini 2.5 Flash GA Thinking Text Output - Predictions", "Vertex AI", "count", "reasoning", "gemini-2.5-flash"),
    ("Gemini 2.5 Pro Text Output (Thinking On) - Predictions", "Vertex AI", "count", "output", "gemini-2.5-pro"),
    ("Gemini 2.5 Pro Input Text Caching (Long)", "Vertex AI", "count", "cache_read", "gemini-2.5-pro"),
    ("Gemini 3.1 Flash Lite Global Audio Input - Predictions", "Vertex AI", "count", "audio_input",
     "gemini-3.1-flash-lite"),
    ("Gemini 3.1 Flash Image Text Output - Predictions", "Vertex AI", "count", "output", "gemini-3.1-flash-image"),
    ("Generate content output token count gemini 3.1 flash lite preview text", "Gemini API", "count", "output",
     "gemini-3.1-flash-lite-preview"),
    ("Generate content cached input token count gemini 3.6 flash text", "Gemini API", "count", "cache_read",
     "gemini-3.6-flash"),
    ("Generate_content image output token count for Gemini 3 Pro Image", "Gemini API", "count", "image_output",
     "gemini-3-pro-image"),
    ("Claude Opus 4.5 Output Tokens", "Claude Opus 4.5", "count", "output", "claude-opus-4.5"),
    ("Gemini 3 Flash Text Input Caching Storage", "Vertex AI", "hour", None, "hour"),
    ("Grounding with Google Search tool - Predictions", "Vertex AI", "count", None, "count"),
    ("Class A Operations Output", "Cloud Storage", "count", None, "count"),
]  # fmt: skip


def as_read(amount: float) -> Decimal:
    """A float with the digits that a file has of it, rounded to eighteen decimals."""
    return Decimal(json.dumps(amount)).quantize(Decimal("1e-18"))


def cost_of(lines: Iterable[dict]) -> Decimal:
    return sum((as_read(one["cost"]) for one in lines), Decimal(0))


def net_of(lines: list[dict]) -> Decimal:
    credits = (as_read(one["amount"]) for each in lines for one in each["credits"])
    return cost_of(lines) + sum(credits, Decimal(0))


def land(places: Places, account: str, lines: list[dict], name: str = "1.jsonl") -> Path:
    file = places.landing / "gcp_billing" / account / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(one | {"billing_account_id": account}) + "\n" for one in lines))
    return file


def land_flat(places: Places, account: str, lines: list[dict], between: str) -> None:
    file = places.landing / "gcp_billing" / account / "1.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [flat(one | {"billing_account_id": account}, between) for one in lines]
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)


def flat(record: dict, between: str) -> dict[str, object]:
    """The values of nested records in columns of their own, lists as JSON."""
    found: dict[str, object] = {}
    for name, value in record.items():
        inner = value if isinstance(value, dict) else {"": value}
        for key, one in inner.items():
            found[name + (between + key if key else "")] = json.dumps(one) if isinstance(one, list) else one
    return found


def lines_of(places: Places, account: str) -> list[tuple]:
    """All that the ledger says of an account's lines, but under which id."""
    return warehouse.query(
        places,
        "select * exclude (cost_line_id, billing_account_id, source_file_hash, source_row) from core.fct_cost_lines"
        f" where billing_account_id = '{account}' order by all",
    )


def sums_of(places: Places, account: str) -> list[tuple]:
    """Of each currency its lines, billed and effective cost."""
    return warehouse.query(
        places,
        "select billing_currency, count(*), sum(billed_cost), sum(effective_cost) from core.fct_cost_lines"
        f" where billing_account_id = '{account}' group by 1 order by 1",
    )


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Bills of many accounts, each with a difficulty of its own, landed in two runs."""
    base = tmp_path_factory.mktemp("gcp")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    yen = {"currency": "JPY", "currency_conversion_rate": 150.25}
    land(places, "nested", [*LINES, *(one | yen for one in LINES)])
    land(places, "plain", LINES)
    land_flat(places, "dotted", LINES, ".")
    land_flat(places, "underscored", LINES, "_")
    file = land(places, "parquet", LINES)
    duckdb.sql(
        f"copy (select * replace (usage_start_time::varchar::timestamptz as usage_start_time) from read_json('{file}'))"
        f" to '{file.with_suffix('.parquet')}'"
    )
    file.unlink()
    land(places, "twins", [line(7.0), line(7.0)])
    land(places, "grown", LINES[:2])
    land(places, "two months", [line(1.0), line(2.0, **NEXT_MONTH)])
    land(places, "skus", [line(1.0, **sku(*named)) for *named, _, _ in SKUS])
    ingest_source(places, "gcp_billing")

    later = replace(places, now=warehouse.LATER)
    land(later, "grown", LINES, "2.jsonl")
    land(later, "two months", [line(5.0, **NEXT_MONTH)], "2.jsonl")
    warehouse.build(later, "data_quality", "fct_cost_lines")
    return later


def test_billed_is_cost_with_all_credits_to_the_last_digit_in_each_currency(bills: Places) -> None:
    net = net_of(LINES)
    assert net != cost_of(LINES)
    assert sums_of(bills, "nested") == [("JPY", len(LINES), net, net), ("USD", len(LINES), net, net)]


def test_contracted_is_the_negotiated_price_before_credits_and_list_the_public_one(bills: Places) -> None:
    found = warehouse.query(
        bills,
        "select charge_description, charge_category, list_cost, contracted_cost, billed_cost from core.fct_cost_lines"
        " where billing_account_id = 'plain' and (billed_cost < 1e-6 or billed_cost > 8) order by billed_cost",
    )
    core, tiny = USUAL["sku"]["description"], Decimal("0.000000123456789012")
    listed, default = Decimal("12.5"), 11
    assert [one for one in found if one[1] != "Adjustment"] == [
        # A commitment's fee, offset where it was used.
        ("Flexible plan", "Purchase", listed, default, 0),
        (core, "Usage", listed, tiny, tiny),
        ("Commitment v1: Cpu in Americas for 1 Year", "Purchase", listed, default, 40),
    ]


def test_what_the_invoice_adds_has_the_category_of_its_cost_type(bills: Places) -> None:
    found = warehouse.query(
        bills,
        "select charge_category, charge_class, list_cost, contracted_cost, billed_cost from core.fct_cost_lines"
        " where billing_account_id = 'plain' and charge_category in ('Tax', 'Adjustment') order by billed_cost",
    )
    goodwill, rounding, tax = Decimal(-5), Decimal("-0.004"), Decimal("3.8")
    assert found == [
        ("Adjustment", "Correction", None, goodwill, goodwill),
        ("Adjustment", None, None, rounding, rounding),
        ("Tax", None, None, tax, tax),
    ]


@pytest.mark.parametrize("account", ["dotted", "underscored", "parquet"])
def test_nested_records_and_flat_columns_read_alike(bills: Places, account: str) -> None:
    assert lines_of(bills, account) == lines_of(bills, "plain")
    assert len(lines_of(bills, "plain")) == len(LINES)


def test_labels_name_the_targets_first_the_lines_own_and_then_the_projects(bills: Places) -> None:
    found = warehouse.query(
        bills,
        "select distinct team, team_attributed_by, feature, feature_attributed_by, sub_account_id, resource_id"
        " from core.fct_cost_lines where billing_account_id = 'twins'",
    )
    assert found == [("web", "metadata:team", "answers", "tag:feature", "web", "//compute.googleapis.com/vm-1")]


def test_equal_lines_of_one_export_are_separate_charges(bills: Places) -> None:
    assert sums_of(bills, "twins") == [("USD", 2, 14, 14)]


def test_a_month_that_comes_again_as_a_grown_snapshot_gives_the_last_and_other_months_stay(bills: Places) -> None:
    assert lines_of(bills, "grown") == lines_of(bills, "plain")
    found = warehouse.query(
        bills,
        "select month(billing_period_start), billed_cost from core.fct_cost_lines"
        " where billing_account_id = 'two months' order by 1",
    )
    assert found == [(10, 1), (11, 5)]


def test_every_landed_line_is_staged_quarantined_or_left_out(bills: Places) -> None:
    [(landed, counted, left_out)] = warehouse.query(
        bills,
        "select sum(rows_landed), sum(rows_staged + rows_duplicate), sum(rows_duplicate) from governance.data_quality"
        " where source = 'gcp_billing'",
    )
    assert landed == counted
    assert left_out == 3


def test_skus_that_count_tokens_say_so_and_of_which_model(bills: Places) -> None:
    found = warehouse.query(
        bills,
        "select charge_description, service, consumed_unit, token_class, model, consumed_quantity"
        " from core.fct_cost_lines where billing_account_id = 'skus'",
    )
    told = [
        (name, service, "tokens" if kind else model, kind, model if kind else None, 1065040)
        for name, service, _, kind, model in SKUS
    ]
    assert sorted(found, key=str) == sorted(told, key=str)


def test_credits_that_are_no_list_of_amounts_are_quarantined_without_telling_them(places: Places) -> None:
    secret = "planted-content"
    land(places, "a", [line(1.0, credits=secret), line(1.0, credits=[{"amount": secret}]), line(1.0)])
    report = ingest_source(places, "gcp_billing")
    assert (report.rows_accepted, report.rows_quarantined) == (1, 2)
    [file] = (places.quarantine / "gcp_billing").iterdir()
    assert secret not in file.read_text()


def test_an_export_without_the_month_of_its_invoices_is_refused_with_the_mend(places: Places) -> None:
    land(places, "a", [{name: value for name, value in line(1.0).items() if name != "invoice"}])
    report = ingest_source(places, "gcp_billing")
    assert (report.files_quarantined, report.rows_quarantined) == (1, 1)
    assert "Add the column 'invoice.month'." in report.messages[0]
