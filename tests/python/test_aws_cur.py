"""AWS cost and usage reports: what each type of line becomes, in every form in which AWS delivers it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import warehouse

from orchestration.ingest import ingest_source
from orchestration.places import Places

# The columns that the lines below use: CUR 2.0's name, the legacy one and the type in Parquet.
COLUMNS = {
    "bill_payer_account_id": ("bill/PayerAccountId", "varchar"),
    "bill_billing_period_start_date": ("bill/BillingPeriodStartDate", "timestamp"),
    "bill_invoice_id": ("bill/InvoiceId", "varchar"),
    "bill_invoicing_entity": ("bill/InvoicingEntity", "varchar"),
    "line_item_usage_account_id": ("lineItem/UsageAccountId", "varchar"),
    "line_item_line_item_type": ("lineItem/LineItemType", "varchar"),
    "line_item_usage_start_date": ("lineItem/UsageStartDate", "timestamp"),
    "line_item_usage_end_date": ("lineItem/UsageEndDate", "timestamp"),
    "line_item_product_code": ("lineItem/ProductCode", "varchar"),
    "line_item_usage_type": ("lineItem/UsageType", "varchar"),
    "line_item_resource_id": ("lineItem/ResourceId", "varchar"),
    "line_item_usage_amount": ("lineItem/UsageAmount", "double"),
    "line_item_currency_code": ("lineItem/CurrencyCode", "varchar"),
    "line_item_unblended_cost": ("lineItem/UnblendedCost", "double"),
    "line_item_net_unblended_cost": ("lineItem/NetUnblendedCost", "double"),
    "line_item_line_item_description": ("lineItem/LineItemDescription", "varchar"),
    "line_item_legal_entity": ("lineItem/LegalEntity", "varchar"),
    "product_sku": ("product/sku", "varchar"),
    "pricing_unit": ("pricing/unit", "varchar"),
    "pricing_public_on_demand_rate": ("pricing/publicOnDemandRate", "varchar"),
    "pricing_public_on_demand_cost": ("pricing/publicOnDemandCost", "double"),
    "reservation_reservation_a_r_n": ("reservation/ReservationARN", "varchar"),
    "reservation_effective_cost": ("reservation/EffectiveCost", "double"),
    "reservation_unused_amortized_upfront_fee_for_billing_period": (
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
        "double",
    ),
    "reservation_unused_recurring_fee": ("reservation/UnusedRecurringFee", "double"),
    "savings_plan_savings_plan_a_r_n": ("savingsPlan/SavingsPlanARN", "varchar"),
    "savings_plan_savings_plan_effective_cost": ("savingsPlan/SavingsPlanEffectiveCost", "double"),
    "savings_plan_total_commitment_to_date": ("savingsPlan/TotalCommitmentToDate", "double"),
    "savings_plan_used_commitment": ("savingsPlan/UsedCommitment", "double"),
}
# The maps of CUR 2.0: what they hold, a legacy report has in columns of their own, named as these functions say.
MAPS: dict[str, Callable[[str], str]] = {
    "product": lambda key: {"product_name": "product/ProductName"}.get(key, f"product/{key}"),
    "resource_tags": lambda key: "resourceTags/" + key.replace("user_", "user:", 1),
    "cost_category": lambda key: f"costCategory/{key}",
    "discount": lambda key: f"discount/{key}",
}
COSTS = ("list", "contracted", "billed", "effective")
PLAN, RESERVATION = "arn:aws:savingsplans::1:savingsplan/p", "arn:aws:ec2:us-east-1:1:reserved-instances/r"

MARTS = ("fct_cost_lines", "fct_allocated_costs", "data_findings", "data_quality")


def line(name: str, kind: str, cost: str, public: str = "", **more: object) -> dict:
    """A line in the shape of CUR 2.0. Its name is its description, `public` its cost at the public rate."""
    return {
        "bill_billing_period_start_date": "2026-10-01 00:00:00",
        "bill_invoice_id": "inv-1",
        "bill_invoicing_entity": "Amazon Web Services, Inc.",
        "line_item_usage_account_id": "222222222222",
        "line_item_line_item_type": kind,
        "line_item_usage_start_date": "2026-10-05 10:00:00",
        "line_item_usage_end_date": "2026-10-05 11:00:00",
        "line_item_product_code": "AmazonEC2",
        "line_item_usage_type": "BoxUsage:p5.48xlarge",
        "line_item_usage_amount": "1.5",
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": cost,
        "line_item_line_item_description": name,
        "line_item_legal_entity": "Amazon Web Services, Inc.",
        "pricing_unit": "Hrs",
        "pricing_public_on_demand_rate": "1" if public else "",
        "pricing_public_on_demand_cost": public,
        "product": {"product_name": "Amazon Elastic Compute Cloud", "region": "us-east-1"},
        **more,
    }


def bedrock(usage_type: str, unit: str = "1K tokens", amount: str = "2.5", service: str = "", **more: object) -> dict:
    more = {"product": {"product_name": service or "Amazon Bedrock", "region": "us-east-1"}} | more
    named = {"line_item_product_code": "AmazonBedrock", "line_item_usage_type": usage_type, "pricing_unit": unit}
    return line(f"tokens {usage_type}", "Usage", "0.0012345678", "0.0012345678", **named) | {
        "line_item_usage_amount": amount,
        **more,
    }


BEDROCK = " (Amazon Bedrock Edition)"
MODEL_ARN = "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0"
MARKETPLACE = {"line_item_product_code": "4a524th30q", "line_item_legal_entity": "Anthropic, PBC"}
PLANNED = {"savings_plan_savings_plan_a_r_n": PLAN}
RESERVED = {"reservation_reservation_a_r_n": RESERVATION}
ALL_OF_BEDROCK = {"product": {"product_name": "Amazon Bedrock"}, "line_item_usage_end_date": "2026-11-01 00:00:00"}

LINES = [
    line("on demand", "Usage", "2.0000000001", "2.5", resource_tags={"user_team": "search", "aws_createdBy": "x"}),
    line("reserved", "DiscountedUsage", "0", "3", reservation_effective_cost="1.25", **RESERVED),
    line("reserved, effective unknown", "DiscountedUsage", "0", "1", **RESERVED),
    line("planned", "SavingsPlanCoveredUsage", "4", "4", savings_plan_savings_plan_effective_cost="2.5", **PLANNED),
    line("negation", "SavingsPlanNegation", "-4", **PLANNED),
    line(
        "plan's fee",
        "SavingsPlanRecurringFee",
        "3",
        savings_plan_total_commitment_to_date="3.5",
        savings_plan_used_commitment="2.75",
        **PLANNED,
    ),
    line("plan's upfront", "SavingsPlanUpfrontFee", "100", **PLANNED),
    line(
        "reservation's fee",
        "RIFee",
        "2",
        reservation_unused_amortized_upfront_fee_for_billing_period="0.5",
        reservation_unused_recurring_fee="0.75",
        **RESERVED,
    ),
    line("fee of what is all used", "RIFee", "2", reservation_unused_recurring_fee="0", **RESERVED),
    line("fee that does not tell", "RIFee", "1", **RESERVED),
    line("reservation's upfront", "Fee", "50", **RESERVED),
    line("support", "Fee", "29"),
    line("subscription", "FlatRateSubscription", "20"),
    line("tax", "Tax", "1.1", "0.0", pricing_public_on_demand_rate=""),
    line("credit", "Credit", "-7"),
    line("refund", "Refund", "-0.5"),
    line("refund of a plan", "Refund", "-10", **PLANNED),
    line("bundled", "BundledDiscount", "-0.25", line_item_net_unblended_cost="0"),
    line("enterprise", "EdpDiscount", "-0.0001", discount={"edp_discount": "0.0001"}, **ALL_OF_BEDROCK),
    line("private rate", "PrivateRateDiscount", "-0.2"),
    line("partner", "SppDiscount", "-0.1"),
    line("not known yet", "Something", "0.05"),
    line(
        "marketplace",
        "Usage",
        "6",
        "0.0",
        pricing_public_on_demand_rate="",
        line_item_legal_entity="Pinecone Systems, Inc.",
        product={"product_name": "Pinecone"},
    ),
    bedrock("USE1-Claude3Sonnet-input-tokens"),
    bedrock("USE1-NovaPro-output-tokens-cross-region-global"),
    bedrock("EUW1-NovaPro-cache-read-input-token-count"),
    bedrock("USE1-Claude4Sonnet-cache-write-input-token-count-1-hour"),
    bedrock("USE1-Claude4.6Opus-cache-write-input-token-count-batch"),
    bedrock("USE1-openai.gpt-oss-120b-mantle-input-tokens-standard"),
    bedrock("USE1-NovaSonic-speech-output-tokens"),
    bedrock("USE1-Nova2.0Omni-input-video-token-count"),
    bedrock("USE1-Claude3Haiku-ProvisionedThroughput-NoCommit-ModelUnits", "Hours"),
    bedrock("USE1-MP:USE1_CacheReadInputTokenCount_Global-Units", "1M tokens", "0.5", f"Claude Sonnet 4.6{BEDROCK}"),
    bedrock(
        "USW2-MP:USW2_InputTokenCount-Units",
        "Units",
        "0.02645",
        f"Claude 3.5 Sonnet{BEDROCK}",
        line_item_resource_id=MODEL_ARN,
        line_item_line_item_description="AWS Marketplace software usage|us-west-2|Million Input Tokens",
        **MARKETPLACE,
    ),
    bedrock("USE1-MP:USE1_OutputTokenCount-Units", "Units", "7", f"Claude Opus 5{BEDROCK}", **MARKETPLACE),
]


# --- the four forms of a report


def flat(row: dict, name: Callable[[str], str]) -> dict:
    """A line with the maps' entries as columns of their own, and each other column under what `name` calls it."""
    flat_row = {name(column): value for column, value in row.items() if column not in MAPS}
    for column, own_name in MAPS.items():
        flat_row |= {own_name(key): value for key, value in (row.get(column) or {}).items()}
    return flat_row


def text_of(rows: list[dict]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def legacy_csv(file: Path, rows: list[dict]) -> None:
    text = text_of([flat(row, lambda column: COLUMNS[column][0]) for row in rows])
    file.write_bytes(gzip.compress(text.encode()))


def cur2_csv(file: Path, rows: list[dict]) -> None:
    text = text_of([row | {name: json.dumps(row.get(name) or {}) for name in MAPS} for row in rows])
    file.write_bytes(gzip.compress(text.encode()))


def parquet(file: Path, columns: dict[str, str], rows: list[dict]) -> None:
    listed = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    marks = ", ".join("?" for _ in columns)
    with duckdb.connect() as connection:
        connection.execute(f"create table report ({listed})")
        for row in rows:
            connection.execute(f"insert into report values ({marks})", [row.get(name) or None for name in columns])
        connection.execute(f"copy report to '{file}' (format parquet)")


def cur2_parquet(file: Path, rows: list[dict]) -> None:
    columns = {name: type_ for name, (_, type_) in COLUMNS.items()} | dict.fromkeys(MAPS, "map(varchar, varchar)")
    parquet(file, columns | {"discount": "map(varchar, double)"}, rows)


def legacy_parquet(file: Path, rows: list[dict]) -> None:
    """As AWS writes a legacy report for Athena: names in snake case, and still a column a tag."""
    columns = {name: type_ for name, (_, type_) in COLUMNS.items()}
    tags = {"user_team": "resource_tags_user_team", "aws_createdBy": "resource_tags_aws_created_by"}
    product = {"product_name": "product_product_name", "region": "product_region"}
    columns |= dict.fromkeys([*tags.values(), *product.values()], "varchar")
    for row in rows:
        row |= {tags[key]: value for key, value in row.get("resource_tags", {}).items()}
        row |= {product[key]: value for key, value in row["product"].items()}
    parquet(file, columns, rows)


FORMS = {
    "cur2.parquet": cur2_parquet,
    "cur2.csv.gz": cur2_csv,
    "legacy.csv.gz": legacy_csv,
    "legacy.parquet": legacy_parquet,
}


def land(places: Places, path: str, rows: list[dict], payer: str) -> None:
    file = places.landing / "aws_cur" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    FORMS[file.name.split("-")[-1]](file, [row | {"bill_payer_account_id": payer} for row in rows])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The same lines of four payers in four forms, reports of others that grow, and one's in two kinds."""
    base = tmp_path_factory.mktemp("aws")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    for form in FORMS:
        land(places, form, LINES, payer=form)
    # The first part of the report is the same in both deliveries, the second has grown.
    twice, less, more = [line("equal", "Usage", "0.1")] * 2, line("less", "Usage", "0.3"), line("more", "Usage", "0.7")
    for exported, rest in (("20261003T060000Z", [less]), ("20261020T060000Z", [less, more])):
        land(places, f"20261001-20261101/{exported}/1-legacy.csv.gz", twice, "grown")
        land(places, f"20261001-20261101/{exported}/2-cur2.csv.gz", rest, "grown")
    # Of others no path tells when they were exported: a part is written anew, or the report into a folder of its own.
    for payer, folder in (("written anew", "latest"), ("in folders", "4f0c")):
        land(places, f"{payer}/{folder}/1-cur2.csv.gz", twice, payer)
        land(places, f"{payer}/{folder}/2-cur2.csv.gz", [less], payer)
    ingest_source(places, "aws_cur")
    places = replace(places, now=warehouse.LATER)
    land(places, "written anew/latest/2-cur2.csv.gz", [less, more], "written anew")
    land(places, "in folders/91ab/1-cur2.csv.gz", twice, "in folders")
    land(places, "in folders/91ab/2-cur2.csv.gz", [less, more], "in folders")
    # A copy of what was replaced replaces nothing.
    land(places, "copies/2-cur2.csv.gz", [less], "in folders")
    caller = {"tags": '{"iamPrincipal/team": "research"}'}
    tagged = bedrock("USE1-NovaPro-output-tokens", resource_tags={"user_team": "search"})
    land(places, "callers-cur2.csv.gz", [bedrock("USE1-NovaPro-input-tokens") | caller, tagged | caller], "callers")
    # Another payer's bill has also come as a FOCUS export.
    land(places, "also_in_focus/cur2.parquet", [line("in both", "Usage", "8", "8")], "both")
    (places.landing / "focus").mkdir()
    (places.landing / "focus" / "bill.csv").write_text(
        "BilledCost,EffectiveCost,BillingAccountId,BillingCurrency,BillingPeriodStart,ChargeCategory,ChargePeriodStart,"
        "ProviderName,ServiceName\n8,8,both,USD,2026-10-01,Usage,2026-10-05,AWS,Amazon Elastic Compute Cloud\n"
    )
    call = {"provider": "bedrock", "model": "anthropic.claude-3-haiku-20240307-v1:0", "input_uncached_tokens": 1000}
    (places.landing / "llm_calls").mkdir()
    (places.landing / "llm_calls" / "calls.jsonl").write_text(
        "\n".join(json.dumps({"call_id": day, "called_at": f"2026-10-{day}T09:00:00Z", **call}) for day in ("05", "20"))
    )
    warehouse.build(places, *MARTS, tests=True)
    return places


def charges(places: Places, columns: str, payer: str = "cur2.parquet", where: str = "true") -> list[tuple]:
    return warehouse.query(
        places,
        f"select {columns} from core.fct_cost_lines where billing_account_id = '{payer}' and {where} order by all",
    )


# --- what a line becomes


def test_each_type_of_line_becomes_the_charge_that_focus_makes_of_it(built: Places) -> None:
    found = {
        (name, status == "Unused"): (category, kind, frequency, status, *costs)
        for name, category, kind, frequency, status, *costs in charges(
            built,
            "charge_description, charge_category, charge_class, charge_frequency, commitment_discount_status,"
            " billed_cost, effective_cost, list_cost, contracted_cost",
            where="charge_description not like '%okens%'",
        )
    }

    def usage(*costs: str | None, status: str | None = None) -> tuple:
        return ("Usage", None, "Usage-Based", status, *(cost and Decimal(cost) for cost in costs))

    def other(category: str, frequency: str, billed: str, effective: str, kind: str | None = None) -> tuple:
        return (category, kind, frequency, None, Decimal(billed), Decimal(effective), None, Decimal(billed))

    assert found == {
        ("on demand", False): usage("2.0000000001", "2.0000000001", "2.5", "2.0000000001"),
        ("reserved", False): usage("0", "1.25", "3", "3", status="Used"),
        ("reserved, effective unknown", False): usage("0", None, "1", "1", status="Used"),
        ("planned", False): usage("0", "2.5", "4", "4", status="Used"),
        ("negation", False): usage("0", "0", None, "0", status="Used"),
        ("plan's fee", False): other("Purchase", "Recurring", "3", "0"),
        ("plan's fee", True): usage("0", "0.75", "0", "0", status="Unused"),
        ("plan's upfront", False): other("Purchase", "One-Time", "100", "0"),
        ("reservation's fee", False): other("Purchase", "Recurring", "2", "0"),
        ("reservation's fee", True): usage("0", "1.25", "0", "0", status="Unused"),
        ("fee of what is all used", False): other("Purchase", "Recurring", "2", "0"),
        ("fee that does not tell", False): other("Purchase", "Recurring", "1", "0"),
        ("fee that does not tell", True): usage("0", None, "0", "0", status="Unused"),
        ("reservation's upfront", False): other("Purchase", "One-Time", "50", "0"),
        ("support", False): other("Purchase", "One-Time", "29", "29"),
        ("subscription", False): other("Purchase", "Recurring", "20", "20"),
        ("tax", False): other("Tax", "One-Time", "1.1", "1.1"),
        ("credit", False): other("Credit", "One-Time", "-7", "-7"),
        ("refund", False): other("Adjustment", "One-Time", "-0.5", "-0.5", "Correction"),
        ("refund of a plan", False): other("Adjustment", "One-Time", "-10", "0", "Correction"),
        ("bundled", False): usage("-0.25", "-0.25", None, "-0.25"),
        ("enterprise", False): usage("-0.0001", "-0.0001", None, "-0.0001"),
        ("private rate", False): usage("-0.2", "-0.2", None, "-0.2"),
        ("partner", False): usage("-0.1", "-0.1", None, "-0.1"),
        ("not known yet", False): other("Adjustment", "One-Time", "0.05", "0.05"),
        ("marketplace", False): usage("6", "6", None, "6"),
    }


def test_every_total_is_that_of_the_columns_that_the_model_names(built: Places) -> None:
    def total(column: str, *kinds: str) -> Decimal:
        rows = [row for row in LINES if not kinds or row["line_item_line_item_type"] in kinds]
        return sum((Decimal(str(row.get(column) or 0)) for row in rows), Decimal(0))

    cost, public = "line_item_unblended_cost", "pricing_public_on_demand_cost"
    for_commitments = sum(
        Decimal(row[cost])
        for row in LINES
        if row["line_item_line_item_type"] in ("RIFee", "SavingsPlanRecurringFee", "SavingsPlanUpfrontFee")
        or (row["line_item_line_item_type"] in ("Fee", "Refund") and (row.keys() & (PLANNED.keys() | RESERVED.keys())))
    )
    covered = ("DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation")
    effective = total(cost) - total(cost, *covered) - for_commitments
    effective += total("reservation_effective_cost") + total("savings_plan_savings_plan_effective_cost")
    effective += total("savings_plan_total_commitment_to_date") - total("savings_plan_used_commitment")
    effective += total("reservation_unused_amortized_upfront_fee_for_billing_period")
    effective += total("reservation_unused_recurring_fee")
    contracted = total(cost) - total(cost, "SavingsPlanNegation") + total(public, "DiscountedUsage")
    sums = ", ".join(f"sum({name}_cost)" for name in COSTS)
    expected = [(total(public), contracted, total(cost), effective)]
    for form in FORMS:
        assert charges(built, sums, form) == expected, form


def test_bedrock_lines_tell_model_token_class_and_tokens(built: Places) -> None:
    columns = "model, token_class, consumed_quantity, consumed_unit, vendor"
    found = charges(built, columns, where="charge_description like '%okens%'")
    assert Counter(found) == Counter(
        (model, token_class, Decimal(quantity), unit, "bedrock")
        for model, token_class, quantity, unit in (
            ("Claude3Sonnet", "input_uncached", "2500", "tokens"),
            ("NovaPro", "output", "2500", "tokens"),
            ("NovaPro", "cache_read", "2500", "tokens"),
            ("Claude4Sonnet", "cache_write_1h", "2500", "tokens"),
            ("Claude4.6Opus", "cache_write_5m", "2500", "tokens"),
            ("openai.gpt-oss-120b", "input_uncached", "2500", "tokens"),
            ("NovaSonic", "audio_output", "2500", "tokens"),
            ("Nova2.0Omni", None, "2500", "tokens"),
            (None, None, "2.5", "Hours"),
            ("Claude Sonnet 4.6", "cache_read", "500000", "tokens"),
            ("anthropic.claude-3-5-sonnet-20240620-v1:0", "input_uncached", "26450", "tokens"),
            # How many tokens a unit is, this line does not say.
            ("Claude Opus 5", "output", "7", "Units"),
        )
    )


def test_only_what_was_used_has_a_quantity(built: Places) -> None:
    used = charges(built, "distinct charge_description", where="consumed_unit = 'Hrs'")
    assert used == [("marketplace",), ("on demand",), ("planned",), ("reserved",), ("reserved, effective unknown",)]


def test_a_line_keeps_whose_it_is(built: Places) -> None:
    columns = "vendor, publisher, provider, team, region, sub_account_id, invoice_id, invoice_issuer"
    issuer = "Amazon Web Services, Inc."
    assert charges(built, columns, where="charge_description in ('on demand', 'marketplace')") == [
        ("aws", issuer, "AWS", "search", "us-east-1", "222222222222", "inv-1", issuer),
        ("pinecone", "Pinecone Systems, Inc.", "AWS", None, None, "222222222222", "inv-1", issuer),
    ]


def test_a_discount_on_a_month_does_not_say_that_all_its_days_are_billed(built: Places) -> None:
    found = "select distinct charge_date from core.fct_cost_lines where source = 'metered'"
    assert warehouse.query(built, found) == [(datetime(2026, 10, 20).date(),)]


# --- deliveries


def test_legacy_and_2_0_in_csv_and_parquet_give_the_same_charges(built: Places) -> None:
    own = "cost_line_id, billing_account_id, source_file_hash, source_row"
    named = "team_attributed_by, product_attributed_by, feature_attributed_by, workflow_attributed_by"
    columns = f"* exclude ({own}, {named}, customer_attributed_by, environment_attributed_by)"
    first, *others = (charges(built, columns, form) for form in FORMS)
    assert len(first) == len(LINES) + 3
    for form, found in zip(list(FORMS)[1:], others, strict=True):
        assert found == first, form
    by = {form: charges(built, "team_attributed_by", form, "team is not null") for form in FORMS}
    assert by == {form: [("tag:user_team",)] for form in FORMS} | {"legacy.csv.gz": [("tag:user:team",)]}


@pytest.mark.parametrize("payer", ["grown", "written anew", "in folders"])
def test_a_report_that_has_grown_replaces_the_older_one_and_its_other_parts_stay(built: Places, payer: str) -> None:
    columns = "charge_description, count(*), count(distinct cost_line_id), sum(billed_cost)"
    assert charges(built, columns, payer, "true group by 1") == [
        ("equal", 2, 2, Decimal("0.2")),
        ("less", 1, 1, Decimal("0.3")),
        ("more", 1, 1, Decimal("0.7")),
    ]


def test_every_landed_line_is_staged_or_was_replaced(built: Places) -> None:
    quality = "select sum(rows_landed), sum(rows_staged), sum(rows_duplicate), sum(rows_quarantined)"
    landed = len(FORMS) * len(LINES) + 6 + 4 + 5 + 2
    assert warehouse.query(built, f"{quality} from governance.data_quality where source = 'aws_cur'") == [
        (landed, landed - 2, 2, 0)
    ]


def test_a_bill_that_also_came_as_a_focus_export_counts_once(built: Places) -> None:
    assert charges(built, "source, billed_cost", "both") == [("focus", Decimal(8))]
    found = "select counted_source, billed_cost from governance.data_findings where source = 'aws_cur'"
    assert warehouse.query(built, found) == [("focus", Decimal(8))]


def test_who_called_a_model_names_its_team_where_no_resource_does(built: Places) -> None:
    assert charges(built, "token_class, team, team_attributed_by", "callers") == [
        ("input_uncached", "research", "metadata:iamPrincipal/team"),
        ("output", "search", "tag:user_team"),
    ]


# --- bad input


def test_unknown_columns_are_named_and_the_others_kept(places: Places) -> None:
    row = flat(line("a", "Usage", "1") | {"bill_payer_account_id": "1"}, lambda column: COLUMNS[column][0])
    row |= {"splitLineItem/SplitCost": "1", "product/vcpu": "192", "resourceTags/user:": "x"}
    (places.landing / "aws_cur").mkdir()
    (places.landing / "aws_cur" / "report.csv").write_text(text_of([row]))
    assert ingest_source(places, "aws_cur").rows_accepted == 1
    [(named,)] = duckdb.sql(f"select extra_columns from '{places.raw}/manifest/aws_cur.parquet'").fetchall()
    assert named == ["splitLineItem/SplitCost"]
    [(product,)] = duckdb.sql(f"select product from '{places.raw}/aws_cur/*/*.parquet'").fetchall()
    assert product == {"vcpu": "192"}


@pytest.mark.parametrize(
    ("form", "lacking", "mend"),
    [
        ("legacy.csv.gz", "bill_billing_period_start_date", "Add the column 'bill/BillingPeriodStartDate'."),
        ("cur2.csv.gz", "line_item_unblended_cost", "Add the column 'lineItem/UnblendedCost'."),
        ("legacy.parquet", "line_item_line_item_type", "Add the column 'lineItem/LineItemType'."),
    ],
)
def test_a_report_without_a_column_that_it_must_have_is_refused(
    places: Places, monkeypatch: pytest.MonkeyPatch, form: str, lacking: str, mend: str
) -> None:
    monkeypatch.delitem(COLUMNS, lacking)
    rows = [line("a", "Usage", "1", line_item_net_unblended_cost="1")]
    land(places, form, [{name: value for name, value in row.items() if name != lacking} for row in rows], "1")
    report = ingest_source(places, "aws_cur")
    assert (report.files_quarantined, report.rows_landed, report.rows_quarantined) == (1, 1, 1)
    assert mend in report.messages[0]


def test_bad_lines_are_quarantined_one_by_one(places: Places) -> None:
    good = line("good", "Usage", "6.71E-8")
    bad = [
        line("no cost", "Usage", ""),
        line("no number", "Usage", "1,500 USD"),
        line("no type", "", "1"),
        good | {"line_item_usage_start_date": "2027-03-01 00:00:00"},
        good | {"bill_billing_period_start_date": "October"},
    ]
    land(places, "cur2.csv.gz", [good, *bad], "1")
    report = ingest_source(places, "aws_cur")
    assert (report.rows_accepted, report.rows_quarantined) == (1, len(bad))
    (places.landing / "aws_cur" / "tags.csv").write_text(
        text_of([good | {"bill_payer_account_id": "1", "product": "{}", "resource_tags": "{user_team=search}"}])
    )
    assert "resource_tags is not a JSON object" in ingest_source(places, "aws_cur").messages[-1]
