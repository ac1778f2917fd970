"""The front door on the demo company: what it publishes is what the answer key says, to the last decimal."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from itertools import pairwise

import duckdb
import pytest
import warehouse

from orchestration import receipt, reconciliation

CENT = Decimal("0.01") / 2
TOKENS = (
    "input_uncached cache_read cache_write_5m cache_write_1h output reasoning"
    " audio_input image_input audio_output image_output"
).split()


@pytest.fixture(scope="module")
def key(demo) -> dict:
    return json.loads((demo.landing.parent / "answer_key.json").read_text())


@pytest.fixture(scope="module")
def marts(demo):
    with duckdb.connect(str(demo.published_marts), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def planted(key) -> dict[str, dict]:
    """The amounts of each planted thing."""
    return {thing["id"]: thing["amounts"] for thing in key["planted"]}


def test_the_publication_says_that_it_is_the_demo(marts):
    assert marts("select is_demo, built_from from governance.run_info") == [(True, "demo")]


def test_every_call_counts_once_with_its_tokens_and_its_exact_list_price(marts, key):
    sums = ", ".join(f"sum({name}_tokens)" for name in TOKENS)
    [(calls, failed, unpriced, cost, *tokens)] = marts(
        "select count(*), count(*) filter (status = 'failure'), count(*) filter (pricing_status = 'unpriced'),"
        f" sum(list_cost_usd), {sums} from core.fct_llm_calls"
    )
    truth = key["calls"]
    assert (calls, failed, unpriced) == (truth["calls"], truth["failed_calls"], truth["unpriced_calls"])
    assert cost == Decimal(truth["list_cost_usd"])
    assert dict(zip(TOKENS, tokens, strict=True)) == {name: truth["tokens"].get(name, 0) for name in TOKENS}


@pytest.mark.parametrize(
    "dimension, column",
    [
        ("by_provider", "provider"),
        ("by_model", "model"),
        ("by_workflow", "workflow"),
        ("by_feature", "feature"),
        ("by_customer", "customer_id"),
        ("by_team", "team"),
        ("by_product", "product"),
        ("by_environment", "environment"),
    ],
)
def test_daily_usage_adds_up_to_the_truth_by(dimension, column, marts, key):
    found = {
        name: (calls, cost or Decimal(0))
        for name, calls, cost in marts(
            f"select {column}, sum(call_count), sum(list_cost_usd) from core.fct_usage_daily"
            " where grain_source = 'call_log' group by 1"
        )
    }
    truth = {name: (sums["calls"], Decimal(sums["list_cost_usd"])) for name, sums in key["calls"][dimension].items()}
    assert found == truth


def test_repeated_lines_and_files_are_found_and_every_landed_row_is_accounted_for(marts, key):
    quality = {
        source: rows
        for source, *rows in marts(
            "select source, sum(rows_landed), sum(rows_staged), sum(rows_quarantined), sum(rows_duplicate)"
            " from governance.data_quality group by 1"
        )
    }
    assert quality.keys() == key["rows_landed"].keys()
    for source, landed in key["rows_landed"].items():
        left_out = key["rows_left_out"][source]
        assert quality[source] == [landed, landed - left_out, 0, left_out], source
    assert quality["litellm"][3] == sum(
        key["rows_landed_by_file"][path] for path in key["rows_landed_by_file"] if path.startswith("litellm/")
    ) - sum(calls for logs, calls in key["calls"]["seen_by"].items() if "litellm" in logs)


def test_a_call_that_a_span_repeats_counts_once_and_so_does_what_wraps_calls(marts, key):
    assert dict(marts("select seen_by, count(*) from core.fct_llm_calls group by 1")) == key["calls"]["seen_by"]
    assert key["calls"]["seen_by"].keys() == {"litellm", "litellm, otel", "otel", "langfuse", "llm_calls"}


def test_what_a_sampled_log_left_out_is_estimated_and_not_counted(marts, planted):
    amounts = planted["sampled_log"]
    assert marts(
        "select sum(call_count), sum(all_tokens), sum(estimated_call_count), sum(estimated_all_tokens)"
        " from core.fct_usage_daily where workflow = 'autocomplete'"
    ) == [tuple(amounts[name] for name in ("kept_calls", "kept_tokens", "estimated_calls", "estimated_tokens"))]
    assert marts(
        "select count(*) from core.fct_usage_daily"
        " where workflow <> 'autocomplete' and estimated_call_count <> call_count"
    ) == [(0,)]


def test_a_batch_costs_what_the_library_says_of_its_tier(marts, key):
    found = dict(
        marts("select workflow, sum(list_cost_usd) from core.fct_llm_calls where service_tier = 'batch' group by 1")
    )
    assert found == {"catalogue_tagging": Decimal(key["calls"]["by_workflow"]["catalogue_tagging"]["list_cost_usd"])}


COSTS = ("list_cost", "contracted_cost", "billed_cost", "effective_cost")


def amounts_of(line: dict) -> tuple[Decimal | None, ...]:
    return tuple(None if line[cost] is None else Decimal(line[cost]) for cost in COSTS)


def test_the_ledger_holds_every_vendors_month_once_with_all_four_costs_and_so_do_its_parts(marts, key):
    names = ("source", "vendor", "month", "currency", "cost_status")
    truth = {tuple(line[name] for name in names): line for line in key["ledger"]["lines"]}
    sums = ", ".join(f"sum({cost})" for cost in COSTS)
    found = {
        tuple(row[:5]): row[5:]
        for row in marts(
            "select source, vendor, strftime(usage_month, '%Y-%m'), billing_currency, cost_status, count(*),"
            f" {sums} from core.fct_cost_lines group by 1, 2, 3, 4, 5"
        )
    }
    assert {at: row[1:] for at, row in found.items()} == {at: amounts_of(line) for at, line in truth.items()}
    counted = {at: line["lines"] for at, line in truth.items() if at[0] != "metered"}
    assert {at: found[at][0] for at in counted} == counted
    parts = {
        tuple(row[:5]): row[5:]
        for row in marts(
            "select source, vendor, strftime(lines.usage_month, '%Y-%m'), lines.billing_currency, lines.cost_status,"
            f" {', '.join(f'sum(parts.{cost})' for cost in COSTS)} from core.fct_allocated_costs as parts"
            " inner join core.fct_cost_lines as lines using (cost_line_id) group by 1, 2, 3, 4, 5"
        )
    }
    assert parts == {at: row[1:] for at, row in found.items()}
    statuses = {(source, vendor): status for source, vendor, _, _, status in truth}
    assert statuses["openai_costs", "openai"] == statuses["anthropic_cost", "anthropic"] == "invoiced"
    assert {vendor for source, vendor, *_ in truth if source == "metered"} == {
        "openai", "anthropic", "bedrock", "vertex_ai"
    }, "what came last is on no bill yet"  # fmt: skip


def test_money_that_another_book_shows_adds_nothing_and_is_named(marts, key, planted):
    found = {
        tuple(row[:5]): row[5]
        for row in marts(
            "select source, subject, strftime(finding_date, '%Y-%m'), billing_currency, counted_source,"
            " sum(billed_cost) from governance.data_findings where finding = 'shown_by_another_bill'"
            " group by 1, 2, 3, 4, 5"
        )
    }
    names = ("source", "vendor", "month", "currency", "counted_source")
    assert found == {
        tuple(line[name] for name in names): Decimal(line["billed_cost"] or line["effective_cost"])
        for line in key["ledger"]["explained"]
    }
    month = planted["invoice_beside_cost_report"]["month"]
    twice = found["anthropic_cost", "anthropic", month, "USD", "invoices"]
    assert abs(twice - Decimal(planted["invoice_beside_cost_report"]["usage"])) <= Decimal("0.005")
    seats = [cost for (source, vendor, *_), cost in found.items() if (source, vendor) == ("licences", "draftwise")]
    assert seats == [Decimal(planted["seats_and_invoice"]["amount_each"])] * planted["seats_and_invoice"]["invoices"]


def test_an_account_with_a_bill_of_its_own_costs_what_its_report_says_by_category(marts, key):
    report = key["cost_and_usage"]
    found = {
        (month, category): tuple(costs)
        for month, category, *costs in marts(
            "select strftime(usage_month, '%Y-%m'), charge_category, count(*),"
            f" {', '.join(f'sum({cost})' for cost in COSTS)} from core.fct_cost_lines"
            f" where source = 'aws_cur' and billing_account_id = '{report['account']}' group by 1, 2"
        )
    }
    assert found == {
        (month, category): (sums["lines"], *amounts_of(sums))
        for month, of in report["by_month"].items()
        for category, sums in of.items()
    }
    assert {category for _, category in found} == {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
    # The company's other AWS bill is of the same vendors and months: both are money.
    both = dict(
        marts(
            "select vendor, count(distinct billing_account_id) from core.fct_cost_lines"
            " where source in ('focus', 'aws_cur') and vendor in ('aws', 'bedrock') group by 1"
        )
    )
    assert both == {"aws": 2, "bedrock": 2}
    # Whose the account is bears all of it, also where no tag says so.
    assert marts(
        "select distinct parts.team, parts.product, parts.environment from core.fct_allocated_costs as parts"
        " inner join core.fct_cost_lines as lines using (cost_line_id) where lines.source = 'aws_cur'"
    ) == [("ml_platform", "internal_tools", "development")]


def test_thousands_of_tokens_are_tokens_of_a_model_that_no_log_sees(marts, planted):
    truth = planted["thousands_of_tokens"]
    found = {
        token_class: (tokens, cost)
        for token_class, tokens, cost in marts(
            "select token_class, sum(consumed_quantity), sum(billed_cost) from core.fct_cost_lines"
            " where source = 'aws_cur' and consumed_unit = 'tokens' group by 1"
        )
    }
    assert {name: tokens for name, (tokens, _) in found.items()} == {
        name: Decimal(truth[f"{name}_tokens"]) for name in ("input_uncached", "output")
    }
    assert sum(cost for _, cost in found.values()) == Decimal(truth["billed_cost"]) > 0
    assert marts(
        "select sum(amount_usd) from finance.invoice_reconciliation where source = 'aws_cur' and cause = 'missing_log'"
    ) == [(Decimal(truth["billed_cost"]),)]


def test_a_savings_plan_is_paid_once_and_what_nobody_used_of_it_is_unused(marts, planted):
    truth = {name: Decimal(amount) for name, amount in planted["savings_plan"].items()}
    found = {
        what: tuple(costs)
        for what, *costs in marts(
            "select coalesce(commitment_discount_status, charge_category), sum(billed_cost), sum(effective_cost)"
            " from core.fct_cost_lines where source = 'aws_cur' and commitment_discount_id is not null group by 1"
        )
    }
    assert found == {
        "Used": (0, truth["used"]), "Unused": (0, truth["unused"]), "Purchase": (truth["bought"], 0)
    }  # fmt: skip
    assert truth["bought"] == truth["used"] + truth["unused"]
    assert truth["at_public_price"] == -truth["taken_off"] > truth["used"]
    assert marts(
        "select sum(list_cost_usd), sum(covered_effective_cost_usd), sum(unused_cost_usd)"
        " from finance.commitment_savings where commitment_id like 'arn:aws:savingsplans:%'"
    ) == [(truth["at_public_price"], truth["used"], truth["unused"])]


def test_the_catalogues_of_prices_disagree_where_they_do_and_the_first_one_counts(marts, key, planted):
    truth = planted["catalogues_disagree"]
    columns = "provider, model, meter, strftime(month, '%Y-%m'), quantity, genai_prices_cost_usd, litellm_cost_usd"
    assert marts(f"select {columns} from governance.price_drift order by month") == [
        (truth["provider"], truth["model"], truth["meter"], month, *(Decimal(amount) for amount in sums.values()))
        for month, sums in truth["by_month"].items()
    ]
    model = key["calls"]["by_model"][truth["model"]]
    assert marts(f"select sum(list_cost_usd) from core.fct_llm_calls where model = '{truth['model']}'") == [
        (Decimal(model["list_cost_usd"]),)
    ]


def test_records_that_disagree_and_days_that_a_report_lacks_are_named(marts, key, planted):
    found = dict(
        marts(
            "select finding || ' ' || source, count(*) from governance.data_findings"
            " where finding <> 'shown_by_another_bill' group by 1"
        )
    )
    assert found == {
        "records_disagree otel": planted["disagreeing_records"]["calls"],
        "conflicting_repeat llm_calls": planted["conflicting_rows"]["rows"],
        "missing_bucket openai_usage": 1,
        "missing_bucket anthropic_cost": 1,
        "no_exchange_rate invoices": sum(path.startswith("invoices/nordtolk") for path in key["files"]),
        "rule_without_driver allocation_rules": 4,
    }
    # The first month's bills are of days before the first call, too: what follows calls finds none there.
    assert marts(
        "select string_agg(split_part(subject, ':', 1), ' ' order by subject), min(finding_date), max(finding_date)"
        " from governance.data_findings where finding = 'rule_without_driver'"
    ) == [("credits_by_use observability support_by_use tax_by_use", date(2026, 8, 1), date(2026, 8, 1))]
    missing = planted["missing_bucket"]["day"]
    assert marts(
        "select distinct strftime(finding_date, '%Y-%m-%d') from governance.data_findings"
        " where finding = 'missing_bucket'"
    ) == [(missing,)]
    # No book shows what was used on that day, nor on the one of which the vendor has nothing yet.
    # Of the first, a report of usage tells what no log has.
    empty = [(vendor, planted["empty_day"]["day"], 1) for vendor in ("openai", "anthropic")]
    for vendor, day, is_logged_alone in (("anthropic", missing, 0), *empty):
        truth = key["vendors"][vendor][day]
        assert marts(
            f"select sum(effective_cost) from core.fct_cost_lines where vendor = '{vendor}' and charge_date = '{day}'"
        ) == [(Decimal(truth["cost_usd"]) - is_logged_alone * Decimal(truth["unlogged_cost_usd"]),)]


def test_money_in_other_currencies_is_in_usd_at_its_rate_or_named_as_money_without_one(marts, planted):
    columns = "billing_currency, count(*), sum(billed_cost), sum(billed_cost_usd)"
    found = marts(f"select {columns} from core.fct_cost_lines where billing_currency <> 'USD' group by 1")
    truth = planted["other_currencies"]
    assert {currency: sums for currency, *sums in found} == {
        currency: [
            sums["lines"],
            Decimal(sums["billed_cost"]),
            sums["billed_cost_usd"] and Decimal(sums["billed_cost_usd"]),
        ]
        for currency, sums in truth.items()
    }
    assert truth["EUR"]["billed_cost_usd"] and not truth["SEK"]["billed_cost_usd"]
    assert marts(
        "select distinct billing_currency, sum(record_count) over (), sum(billed_cost) over ()"
        " from governance.data_findings where finding = 'no_exchange_rate'"
    ) == [("SEK", truth["SEK"]["lines"], Decimal(truth["SEK"]["billed_cost"]))]


def test_a_vendors_report_of_a_day_is_in_the_ledger_as_it_was_fetched_last(marts, planted):
    grown = {tuple(at.split()): sizes for at, sizes in planted["grown_bucket"].items()}
    days = [(day, Decimal(sizes["last"])) for (source, _, day), sizes in grown.items() if source == "openai_costs"]
    assert days
    for day, cost in days:
        assert marts(
            "select sum(effective_cost) from core.fct_cost_lines"
            f" where source = 'openai_costs' and charge_date = '{day}'"
        ) == [(cost,)]


def test_what_is_paid_ahead_is_billed_once_and_what_is_left_of_it_at_its_expiry_is_lost(marts, planted):
    found = {
        commitment: (bought, drawn + lost, lost, is_billed)
        for commitment, bought, drawn, lost, is_billed in marts(
            "select commitment_id, sum(purchased_amount), sum(drawn_amount), sum(expired_amount), bool_and(is_billed)"
            " from finance.commitment_balance where kind = 'prepaid' group by 1"
        )
    }
    expected = {
        name: (Decimal(one["bought"]), Decimal(one["bought"]), Decimal(one["lost"]), True)
        for name, one in planted["prepaid_credits"].items()
    }
    assert found == expected and expected["openai-credits"][2] == 0 < expected["openai-top-up"][2]
    [(billed, borne)] = marts(
        "select sum(billed_cost), sum(effective_cost) from core.fct_cost_lines"
        " where commitment_discount_id like 'openai-%' and (charge_category = 'Purchase' or source = 'commitments')"
    )
    assert (billed, borne) == (sum(one[0] for one in expected.values()), expected["openai-top-up"][2])


def test_capacity_is_borne_by_the_calls_that_ran_on_it_and_what_found_no_room_costs_its_tokens(marts, planted):
    truth = planted["provisioned_throughput"]
    [(bought, used, unused)] = marts(
        "select sum(purchased_amount), sum(drawn_amount), sum(unused_amount) from finance.commitment_balance"
        " where kind = 'provisioned_throughput'"
    )
    assert (bought, used + unused) == (Decimal(truth["bought"]), bought)
    assert abs(used - Decimal(truth["used"])) < Decimal("1e-12") and min(used, unused) > 0
    # Nothing of these days is billed yet: what found no room, and nothing else, is expected to cost what was agreed.
    calls = marts(
        "select effective_cost_usd = contracted_cost_usd, count(*), sum(effective_cost_usd) from core.fct_llm_calls"
        " where model = 'gemini-2.5-flash' and service_tier = 'standard' and list_cost_usd > 0 and call_date >="
        " (select min(charge_date) from core.fct_cost_lines where commitment_discount_id = 'flash-units') group by 1"
    )
    found = {is_spilt: (count, cost) for is_spilt, count, cost in calls}
    assert found[False] == (truth["calls"], used)
    assert found[True][0] == truth["spilt_calls"] > 0


def test_a_dispute_tells_what_is_charged_also_where_a_balance_paid_it(demo, marts, tmp_path):
    [(month, paid)] = marts(
        "select strftime(billing_month, '%Y-%m'), count(distinct line) from finance.invoice_reconciliation"
        " where vendor = 'openai' and cause = 'prepaid_or_commitment' group by 1 order by 2 desc limit 1"
    )
    reconciliation.show(demo, "openai", month, tmp_path / "dispute.csv")
    lines = list(csv.DictReader((tmp_path / "dispute.csv").open()))
    drawn = {
        line: amount
        for line, amount in marts(
            "select line, -sum(amount_usd) from finance.invoice_reconciliation"
            " where cause = 'prepaid_or_commitment' group by 1 having sum(amount_usd) < 0"
        )
    }
    found = [line for line in lines if line["line"] in drawn]
    assert paid and found
    for line in found:
        assert Decimal(line["amount_charged_usd"]) == drawn[line["line"]] > 0
        price = Decimal(line["unit_price_charged_usd"])
        assert abs(price * Decimal(line["quantity_charged"]) - drawn[line["line"]]) < CENT


def test_what_only_the_vendor_knows_is_billed_and_no_call(marts, key, planted):
    assert marts("select count(*) from core.fct_llm_calls where workflow = 'notebook'") == [(0,)]
    days = {day: one for day, one in key["vendors"]["openai"].items() if Decimal(one["unlogged_cost_usd"])}
    found = dict(
        marts(
            "select strftime(charge_date, '%Y-%m-%d'), sum(effective_cost) from core.fct_cost_lines"
            " where source = 'openai_costs' group by 1"
        )
    )
    rebilled = {
        day: Decimal(amount)
        for thing in key["planted"]
        if any(at.startswith("openai ") for at in thing["billed_beyond_logs_usd"])
        for day, amount in thing["amounts"].get("days", {}).items()
    }
    compared = {day: Decimal(one["cost_usd"]) + rebilled.get(day, 0) for day, one in days.items() if day in found}
    assert len(compared) > 30
    assert {day: found[day] for day in compared} == compared


CAUSES = (
    "missing_log aborted_call duplicate_log non_token_meter model_mapping cache_semantics tier_or_batch region"
    " contract_discount price_drift unit_error report_scope day_boundary minimum_or_shortfall tax promotional_credit"
    " refund marketplace_fee fx prepaid_or_commitment rounding not_in_invoice_yet"
).split()


def test_every_cause_that_bills_and_logs_disagree_for_is_found_with_its_amount_and_nothing_is_left(marts, key):
    truth = {
        (line["vendor"], line["month"], line["cause"]): Decimal(line["amount_usd"]) for line in key["ledger"]["causes"]
    }
    found = {
        tuple(row[:3]): row[3]
        for row in marts(
            "select vendor, strftime(usage_month, '%Y-%m'), cause, sum(amount_usd) from finance.invoice_reconciliation"
            " where cause <> 'none' and amount_usd is not null group by all"
        )
    }
    off = {
        at: (truth.get(at), found.get(at)) for at in truth | found if abs(truth.get(at, 0) - found.get(at, 0)) > CENT
    }
    assert off == {}
    assert {cause for _, _, cause in truth} == set(CAUSES)
    # Each is there to be missed, rounding apart, which is less than a cent by its nature.
    largest = {cause: max(abs(amount) for at, amount in truth.items() if at[2] == cause) for cause in CAUSES}
    assert {cause for cause, amount in largest.items() if amount < CENT} == {"rounding"}
    assert marts("select * from finance.invoice_reconciliation where cause = 'unexplained'") == []


def test_what_two_records_show_is_proved(marts):
    proved = dict(
        marts(
            "select cause, bool_and(certainty = 'proved') from finance.invoice_reconciliation"
            " where cause <> 'none' and (cause <> 'missing_log' or billed_tokens is not null) group by cause"
        )
    )
    # Of a call that was cut off, a vendor that reports no requests shows no second record; nor, of one that no log has,
    # a day that its report lacks.
    assert {cause for cause, is_proved in proved.items() if not is_proved} == {"aborted_call"}


def test_ai_costs_what_is_true_by_category_and_purpose_and_what_no_rule_decides_stands_beside_it(marts, key):
    def known(row: tuple) -> tuple[Decimal, Decimal]:
        return tuple(amount or Decimal(0) for amount in row)

    truth = {
        (line["month"], line["category"], line["purpose"]): (
            Decimal(line["billed_cost_usd"]), Decimal(line["effective_cost_usd"]),
        )
        for line in key["total_cost_of_ai"]
    }  # fmt: skip
    found = {
        tuple(row[:3]): row[3:]
        for row in marts(
            "select strftime(month, '%Y-%m'), category, purpose, billed_cost_usd, effective_cost_usd,"
            " undecided_billed_cost_usd, undecided_effective_cost_usd, not_ai_billed_cost_usd,"
            " not_ai_effective_cost_usd from finance.total_cost_of_ai where not is_imputed"
        )
    }
    place = {"(undecided)": 2, "(not AI)": 4}
    assert truth == {at: known(row[place.get(at[1], 0) :][:2]) for at, row in found.items()}
    for at, row in found.items():
        own = place.get(at[1], 0)
        assert {amount for number, amount in enumerate(row) if number not in (own, own + 1)} == {None}, at
    assert {purpose for _, _, purpose in truth} == {"training", "inference", None}
    worked = dict(
        marts("select strftime(month, '%Y-%m'), imputed_cost_usd from finance.total_cost_of_ai where is_imputed")
    )
    assert worked == {month: Decimal(cost) for month, cost in key["human_effort"]["imputed_cost_usd"].items()}


def test_what_commitments_batch_and_caches_save_is_what_is_true(marts, key):
    names = ("effective_cost_usd", "unused_cost_usd", "list_cost_usd", "list_effective_cost_usd")
    found = {
        tuple(row[:2]): tuple(amount or Decimal(0) for amount in row[2:])
        for row in marts(
            f"select vendor, strftime(month, '%Y-%m'), {', '.join(names)}, usage_choice_savings_usd"
            " from finance.commitment_savings where commitment_id = '(all)'"
        )
    }
    truth = {
        (line["vendor"], line["month"]): tuple(Decimal(line[name]) for name in (*names, "usage_choice_savings_usd"))
        for line in key["savings"]
    }
    # A day's share of what is rented for a term is no finite decimal.
    off = [at for at in truth if any(abs(a - b) > Decimal("1e-9") for a, b in zip(found[at], truth[at], strict=True))]
    assert off == []
    assert [at for at in found.keys() - truth.keys() if any(found[at])] == []
    assert sum(1 for *_, chosen in truth.values() if chosen) > 8
    for vendor, month, ratio in marts(
        "select vendor, strftime(month, '%Y-%m'), effective_savings_ratio from finance.commitment_savings"
        " where commitment_id = '(all)' and effective_savings_ratio is not null"
    ):
        _, _, listed, effective, _ = truth[vendor, month]
        assert abs(ratio - (1 - effective / listed)) < Decimal("1e-9")


def test_budgets_are_compared_in_usd_at_their_own_rate(marts, key):
    found = {
        tuple(row[:3]): row[3:]
        for row in marts(
            "select scope_type, scope, strftime(month, '%Y-%m'), budget_amount, budget_usd, actual_usd"
            " from finance.budget_variance"
        )
    }
    for month, teams in key["budgets"].items():
        for team, amount in teams.items():
            assert found["team", team, month][:2] == (Decimal(amount), Decimal(amount))
        spent = sum(
            Decimal(line["effective_cost_usd"])
            for line in key["total_cost_of_ai"]
            if line["month"] == month and not line["category"].startswith("(")
        )
        assert found["ai", "(all)", month][2] == spent
        amount, in_usd, _ = found["vendor", "gradewell", month]
        assert in_usd == amount * (Decimal("1.085") if month < "2026-09" else Decimal("1.1025"))


def test_cost_per_success_holds_every_attempt(marts, key):
    metrics = dict(marts("select distinct metric, 1 from unit_economics.unit_costs"))
    types = {
        "support_case": "resolved_support_case",
        "document": "generated_document",
        "interaction": "customer_interaction",
        "task": "successful_task",
    }
    assert set(types.values()) | {"inference", "thousand_tokens", "workflow_completion", "business_outcome"} <= set(
        metrics
    )
    for month, by_type in key["outcomes"]["by_month"].items():
        for outcome_type, metric in types.items():
            truth = by_type[outcome_type]["by_status"]
            [(successes, cost, value, coverage)] = marts(
                "select denominator_count, numerator_usd, value_usd, coverage_ratio from unit_economics.unit_costs"
                f" where metric = '{metric}' and target_type = 'company' and period_grain = 'month'"
                f" and period_start = '{month}-01' and cost_basis = 'metered_list'"
            )
            known = [s for status, s in truth.items() if status not in ("unknown", "pending")]
            assert successes == truth["success"]["outcomes"]
            # Runs without an outcome have cost too, and so the numerator is at least that of all outcomes.
            assert cost >= Decimal(by_type[outcome_type]["list_cost_usd"])
            expected = sum(Decimal(s["list_cost_usd"]) for s in known) / successes
            assert abs(value - expected) < Decimal("1e-9")
            assert 0 < coverage <= 1


@pytest.fixture(scope="module")
def runs(demo) -> str:
    """What is true of each run: a Parquet file, as a table of SQL."""
    return f"'{demo.landing.parent / 'answer_key_runs.parquet'}'"


def test_every_run_took_cost_and_led_to_what_is_true(marts, runs, planted):
    compared = f"from core.fct_traces as found full outer join {runs} as truth using (trace_id)"
    for found, true in (
        ("found.call_count", "truth.call_count"),
        ("found.retry_count", "truth.retry_count"),
        ("coalesce(found.list_cost_usd, 0) * 1000000000000", "truth.list_cost_picodollars"),
        # What an outcome does not name is inferred.
        ("case when truth.is_named then found.outcome_id end", "case when truth.is_named then truth.outcome_id end"),
    ):
        assert marts(f"select trace_id {compared} where {found} is distinct from {true}") == [], true
    # A call that was logged twice under two ids is two turns: no record tells that it is not.
    turns = f"select sum(found.loop_count - truth.loop_count), min(found.loop_count - truth.loop_count) {compared}"
    assert marts(turns) == [(planted["logged_twice"]["calls"] // 2, 0)]
    assert marts("select distinct loops_found_by from core.fct_traces order by 1") == [("call_order",), ("spans",)]


def test_every_outcome_costs_what_its_runs_cost(marts, key, runs):
    truth = (
        "(select outcome_id, count(*) as attempts, sum(list_cost_picodollars) as cost, list(trace_id) as traces,"
        f" bool_and(is_named) as is_named from {runs} where outcome_id is not null group by 1) as truth"
    )
    [(outcomes, several, unnamed)] = marts(
        f"select count(*), count(*) filter (attempts > 1), count(*) filter (not is_named) from {truth}"
    )
    assert (outcomes, several > 0, unnamed) == (key["outcomes"]["outcomes"], True, key["outcomes"]["unnamed"])
    found = f"from unit_economics.outcome_costs as found inner join {truth} using (outcome_id)"
    # A run that an outcome names is that one's alone, whatever outcomes name none.
    named = f"{found} where truth.is_named"
    assert marts(f"select count(*) > 100 {named}") == [(True,)]
    assert (
        marts(
            f"select outcome_id {named} and (found.link_confidence <> 1 or found.attempt_count <> truth.attempts"
            " or coalesce(found.list_cost_usd, 0) * 1000000000000 <> truth.cost)"
        )
        == []
    )
    # Where the link is inferred, it is right at least as often as is said.
    [(right, said)] = marts(
        "select count(*) filter (list_has_all(traces, string_split(found.trace_ids, ', '))), sum(found.link_confidence)"
        f" {found} where not truth.is_named"
    )
    assert right >= said > 0


METRICS = (
    "inference thousand_tokens thousand_input_uncached_tokens thousand_cache_read_tokens thousand_output_tokens"
    " thousand_reasoning_tokens thousand_cache_write_5m_tokens thousand_cache_write_1h_tokens"
    " thousand_audio_input_tokens thousand_audio_output_tokens thousand_image_input_tokens thousand_image_output_tokens"
    " successful_task customer_interaction resolved_support_case generated_document"
    " workflow_completion agent_loop transaction decision business_outcome active_customer active_user seat"
).split()


def test_calls_of_which_no_cost_is_known_have_none(marts):
    unknown = marts(
        "select cost_basis, value_usd, value_missing_reason, coverage_ratio from unit_economics.unit_costs"
        " where target_type = 'model' and target = 'inhouse-ranker-v2' and metric = 'inference'"
        " and period_grain = 'month' and period_start = '2026-09-01' and cost_basis in ('billed', 'effective')"
        " order by 1"
    )
    assert unknown == [(basis, None, "no cost is known on this basis", 0) for basis in ("billed", "effective")]


@pytest.mark.parametrize(
    ("metric", "named"), [("active_user", "user_id"), ("active_customer", "nullif(customer_id, '(unallocated)')")]
)
def test_the_cost_of_a_user_or_customer_says_what_share_of_the_calls_names_one(marts, metric, named):
    counted = marts(f"""
        select month, named / calls from (
            select date_trunc('month', usage_date)::date as month, sum(call_count) as calls
            from core.fct_usage_daily group by 1
        ) join (
            select date_trunc('month', called_at)::date as month, count({named}) as named
            from core.fct_llm_calls group by 1
        ) using (month) order by 1
    """)
    assert all(0 < share < 1 for _, share in counted)
    shown = marts(
        "select distinct period_start, cost_basis, coverage_ratio from unit_economics.unit_costs"
        f" where metric = '{metric}' and target_type = 'company' and period_grain = 'month' order by all"
    )
    bases = ("billed", "effective", "fully_loaded", "metered_contracted", "metered_list")
    assert [(month, basis) for month, basis, _ in shown] == [(month, basis) for month, _ in counted for basis in bases]
    assert [float(ratio) for *_, ratio in shown] == pytest.approx([share for _, share in counted for _ in bases])
    # Whose users are not counted, has no share of them, and says so.
    assert marts(
        "select distinct coverage_ratio, value_missing_reason from unit_economics.unit_costs"
        f" where metric = '{metric}' and target_type in ('model', 'workflow_model', 'api_key', 'prompt_version')"
        " order by 2"
    ) == [(None, f"who uses a {what} is not counted") for what in ("key", "model", "prompt version")]


def test_every_metric_has_a_value_for_every_kind_of_target_that_it_knows(marts):
    found = dict(marts("select metric, count(value_usd) from unit_economics.unit_costs group by 1"))
    assert [metric for metric in METRICS if not found.get(metric)] == []
    kinds = "company team product feature workflow customer segment plan model prompt_version environment".split()
    pairs = ["customer_workflow", "customer_feature", "workflow_model"]
    for basis in ("metered_list", "metered_contracted", "billed", "effective", "fully_loaded"):
        by_kind = dict(
            marts(
                "select target_type, count(value_usd) from unit_economics.unit_costs"
                f" where metric = 'inference' and period_grain = 'month' and cost_basis = '{basis}' group by 1"
            )
        )
        assert [kind for kind in [*kinds, *pairs] if not by_kind.get(kind)] == [], basis


def test_cost_per_success_is_the_same_from_runs_and_from_what_is_allocated(marts):
    runs = dict(
        marts("""
            select workflow, sum(fully_loaded_cost_usd - coalesce(human_work_cost_usd, 0)) from core.fct_traces
            where workflow <> '(unallocated)' group by 1
        """)
    )
    completed = marts("""
        select target, sum(numerator_usd), sum(denominator_count) from unit_economics.unit_costs
        where metric = 'workflow_completion' and target_type = 'workflow' and period_grain = 'month'
            and cost_basis = 'fully_loaded' group by 1
    """)
    work = dict(marts("select workflow, sum(human_work_cost_usd) from core.fct_traces group by 1"))
    assert len(completed) > 5
    # Bottom-up: a workflow's cost of completion is what its runs cost, human work included.
    for workflow, cost, _ in completed:
        assert cost == runs[workflow] + (work[workflow] or 0), workflow
    # Top-down: what is allocated to the workflow, where every call of it names its run.
    allocated = dict(
        marts(
            "select workflow, sum(effective_cost_usd) from core.fct_allocated_costs"
            " where workflow not in ('(unallocated)', '(unlogged usage)') group by 1"
        )
    )
    assert [w for w, cost in runs.items() if cost == allocated[w]] != []


def test_a_receipt_adds_up_to_what_the_outcome_costs(demo, marts):
    with duckdb.connect(str(demo.published_marts), read_only=True) as published:
        several = published.sql("""
            select outcome_id from unit_economics.outcome_costs
            where human_minutes > 0 or status in ('failure', 'success')
            order by md5(outcome_id) limit 40
        """).fetchall()
        for (outcome_id,) in several:
            outcome = receipt.outcome_of(published, outcome_id)
            calls = receipt.calls_of(published, outcome)
            assert len(calls) == outcome["call_count"]
            assert sum(amount for *_, amount in receipt.lines(outcome, calls)) == outcome["total_cost_usd"]


def test_a_receipt_says_which_unit_cost_its_total_averages_to(demo, marts):
    averages = marts("""
        with receipts as (
            select date_trunc('month', run_date) as month, workflow, avg(total_cost_usd::double) as total_usd,
                sum(unknown_attempts_cost_usd) as unknown_usd
            from unit_economics.outcome_costs
            where status = 'success' and attempt_count > 0 and workflow <> '(unallocated)' group by all
        )
        select total_usd, value_high_usd, unknown_usd
        from receipts inner join unit_economics.unit_costs as costs on receipts.workflow = target
            and period_start = receipts.month
        where metric = 'business_outcome' and target_type = 'workflow' and period_grain = 'month'
            and cost_basis = 'fully_loaded'
    """)
    assert averages and any(unknown for *_, unknown in averages)
    for total, high, _ in averages:
        assert total == pytest.approx(float(high), rel=1e-9)
    # What successes bear of runs that may yet succeed is what these cost.
    assert marts("""
        select sum(unknown_attempts_cost_usd) between 0 and sum(failed_attempts_cost_usd)
        from unit_economics.outcome_costs
    """) == [(True,)]


def test_a_receipt_tells_runs_apart_and_says_what_those_without_a_success_are(demo, marts, capsys):
    [(outcome_id, traces)] = marts("""
        select outcome_id, trace_ids from unit_economics.outcome_costs
        where attempt_count = 2 and status = 'success' and unknown_attempts_cost_usd > 0
            and failed_attempts_cost_usd > unknown_attempts_cost_usd
        order by md5(outcome_id) limit 1
    """)
    receipt.receipt(demo, outcome_id)
    printed = capsys.readouterr().out
    for trace in traces.split(", "):
        assert f": trace {trace}" in printed
    of_calls = [line.split()[:2] for line in printed.splitlines() if " chatcmpl-" in line]
    assert {run for run, _ in of_calls} == {"1", "2"}
    assert "runs of the workflow that failed" in printed
    assert "runs of the workflow whose outcome is pending or unknown" in printed
    assert "average to value_high_usd" in " ".join(printed.split())


def test_a_verdict_follows_from_its_figures(marts):
    found = marts("""
        select scope, verdict, verdict_rule, correction_ratio, return_ratio, is_value_signed
        from governance.value_verdicts where scope_type = 'workflow'
    """)
    assert {verdict for _, verdict, *_ in found} >= {"fix", "keep", "stop", "scale"}
    for scope, verdict, rule, correction, worth, signed in found:
        if correction is not None and correction > Decimal("0.25"):
            assert verdict in ("fix", "stop", "unknown"), scope
        if verdict == "scale":
            assert signed and worth >= 3
        if verdict == "stop":
            assert rule == "not_worth_half" and worth < Decimal("0.5")
    experiments = marts("""
        select count(*), count(projected_cost_usd) from governance.value_verdicts
        where scope_type = 'experiment'
            and projected_cost_usd between projected_cost_low_usd and projected_cost_high_usd
    """)
    assert experiments[0][0] > 10 and experiments[0][0] == experiments[0][1]


def test_the_costliest_runs_are_those_whose_models_cost_most(marts):
    """Human work on a case, which is most of a run's fully loaded cost, says nothing of its loops."""
    ranked = """
        select workflow, date_trunc('week', trace_date)::date as week_start, trace_id, row_number() over (
            partition by workflow, date_trunc('week', trace_date) order by {} desc nulls last, trace_id
        ) as place from core.fct_traces where loop_count > 0
    """
    differs = """
        select count(*) filter (top.trace_ids <> loops.costliest_trace_ids), count(*)
        from unit_economics.agent_loops as loops inner join (
            select workflow, week_start, string_agg(trace_id, ',' order by place) as trace_ids
            from ({}) where place <= 3 group by all
        ) as top using (workflow, week_start)
    """
    [(other, weeks)] = marts(differs.format(ranked.format("effective_cost_usd + coalesce(infrastructure_cost_usd, 0)")))
    assert other == 0 and weeks > 10
    assert marts(differs.format(ranked.format("fully_loaded_cost_usd"))) != [(0, weeks)]


def test_what_is_not_known_is_in_money_and_ranked(marts):
    """Each gap's figures from the marts that it is made of, summed another way."""
    gaps = "from governance.visibility_gaps where gap = '{}'"
    for dimension in ("customer", "feature"):
        assert marts(
            f"select month, sum(swing_usd) {gaps.format('untagged_key')} and moved_type = '{dimension}'"
            " group by month order by month"
        ) == marts(
            "select month, spend_usd - traced_usd from governance.cost_visibility"
            f" where dimension = '{dimension}' and spend_usd > traced_usd order by 1"
        )
    assert marts(f"select subject, sum(call_count) {gaps.format('unknown_model')} group by 1 order by 1") == marts(
        "select provider || ' / ' || model, sum(call_count) from governance.unpriced_usage group by 1 order by 1"
    )
    # Tokens without a price cost between the cheapest and the dearest of their month.
    assert marts(
        "select count(*), count(*) filter (0 < cost_low_usd and cost_low_usd < cost_high_usd)"
        f" {gaps.format('unknown_model')}"
    ) == [(len(marts(f"select 1 {gaps.format('unknown_model')}")),) * 2]
    now = "(select max(month) from finance.accruals)"
    assert {vendor for (vendor,) in marts(f"select subject {gaps.format('missing_bill')} and month = {now}")} == {
        vendor for (vendor,) in marts(f"select vendor from finance.accruals where month = {now} and accrued_usd > 0")
    }
    margins = dict(marts("select customer_id || ' ' || month, contribution_usd from unit_economics.customer_margin"))
    rows = marts(
        "select moved || ' ' || month, contribution_usd, contribution_low_usd, contribution_high_usd, cost_low_usd,"
        f" cost_high_usd {gaps.format('unknown_model')} and moved not like '(%'"
    )
    assert rows
    for whose, stands, low, high, least, most in rows:
        assert (stands, low, high) == (margins[whose], stands - most, stands - least)
    ranks = marts(
        "select month, gap_rank, coalesce(sum(margin_swing_usd), -1), coalesce(sum(swing_usd), -1)"
        " from governance.visibility_gaps group by month, gap_rank order by 1, 2"
    )
    for (month, rank, *swing), (next_month, next_rank, *less) in pairwise(ranks):
        assert next_rank == 1 if next_month != month else next_rank == rank + 1 and less <= swing


def test_what_the_company_ran_itself_without_saying_so_costs_what_its_pods_did(marts):
    """Without what was idle beside them at the least, with it at the most; no vendor's price has to do with it."""
    bounds = marts("""
        select month, sum(cost_low_usd)::double, sum(cost_high_usd)::double from governance.visibility_gaps
        where gap = 'unknown_model' and subject = 'hosted_vllm / inhouse-ranker-v2' group by month order by month
    """)
    pods = marts("""
        select month, sum(effective_cost_usd) filter (not is_idle)::double, sum(effective_cost_usd)::double
        from efficiency.gpu_utilisation where cluster = 'inference' group by month
    """)
    costs = {month: cost for month, *cost in pods}
    assert bounds
    for month, *bound in bounds:
        assert bound == pytest.approx(costs[month], rel=1e-9)
        assert 0 < bound[0] < bound[1]


def test_keys_outside_production_move_no_margin_and_come_after_those_that_do(marts):
    keys = marts("""
        select month, subject, margin_swing_usd, swing_usd, gap_rank from governance.visibility_gaps
        where gap = 'untagged_key' and moved_type = 'customer' order by month, gap_rank
    """)
    moving = marts("""
        select date_trunc('month', usage_date), coalesce(api_key_alias, api_key, '(no key)'),
            coalesce(sum(contracted_cost_usd) filter (environment in ('production', '(unallocated)')), 0)
        from core.fct_usage_daily where customer_id = '(unallocated)' and contracted_cost_usd > 0 group by all
    """)
    assert {(month, key): swing for month, key, swing, *_ in keys} == {
        (month.date() if hasattr(month, "date") else month, key): swing for month, key, swing in moving
    }
    idle = [key for key in keys if key[2] == 0]
    assert idle and any(swing > 0 for _, _, swing, _, _ in keys)
    assert all(rank > other for month, _, _, _, rank in idle for m, _, swing, _, other in keys if m == month and swing)


def test_what_is_unallocated_for_any_reason_is_a_gap(marts):
    for moved_type, column in (("customer", "customer_id"), ("feature", "feature")):
        gaps = marts(f"""
            select month, split_part(subject, ' (no exchange rate)', 1) as reason, sum(cost_low_usd + cost_high_usd),
                count(*) - count(cost_high_usd) from governance.visibility_gaps
            where gap = 'unallocated_cost' and moved_type = '{moved_type}' group by 1, 2 order by 1, 2
        """)
        # Of keys whose calls name nobody there is a row a key.
        assert gaps == marts(f"""
            select usage_month, unallocated_reason, sum(effective_cost_usd), bool_or(effective_cost_usd is null)::int
            from core.fct_allocated_costs
            where {column} = '(unallocated)' and not (
                unallocated_reason like 'not named%' and method = 'usage' and driver is null
                and (rule_path = 'own-usage' or rule_path like 'usage-of-%')
            )
            group by 1, 2 having sum(effective_cost_usd) is distinct from 0 order by 1, 2
        """)
        assert len(gaps) > 2


def test_traces_are_whole_even_over_midnight(marts, key):
    [(traces, fragments)] = marts("select count(*), count(*) filter (is_fragment) from core.fct_traces")
    assert (traces, fragments) == (key["traces"], 0)
    used = (
        "select trace_id, string_agg(distinct model, ', ' order by model) as models from core.fct_llm_calls group by 1"
    )
    assert marts(
        f"select count(*) filter (traces.models = used.models) from core.fct_traces as traces join ({used}) as used"
        " using (trace_id)"
    ) == [(traces,)]


def test_every_page_counts_the_same_calls_without_a_price(marts):
    """What the company runs itself has no price and needs none: such calls are not among them."""
    assert marts("select count(*) > 0 from core.fct_llm_calls where pricing_status = 'self_hosted'") == [(True,)]
    [(unpriced, calls)] = marts(
        "select count(*) filter (pricing_status = 'unpriced'), count(*) from core.fct_llm_calls"
    )
    [(said,)] = marts("select what_would_change_that from governance.answerable where question_id = 8")
    assert f"({calls - unpriced} of {calls} calls have it.)" in said
    for found in (
        "select sum(call_count) from governance.unpriced_usage",
        "select sum(unpriced_call_count) from governance.cost_visibility where dimension = 'customer'",
    ):
        assert marts(found) == [(unpriced,)], found
    assert marts("select sum(unpriced_call_count) from core.fct_traces") == marts(
        "select count(*) from core.fct_llm_calls where pricing_status = 'unpriced' and trace_id is not null"
    )


def test_unpriced_usage_is_shown_and_not_free(marts, key):
    [(calls, tokens)] = marts("select sum(call_count), sum(all_tokens) from governance.unpriced_usage")
    assert (calls, tokens) == (key["calls"]["unpriced_calls"], key["calls"]["unpriced_tokens"])
    assert marts("select count(*) from core.fct_llm_calls where pricing_status = 'unpriced' and list_cost_usd = 0") == [
        (0,)
    ]


def test_every_data_test_holds_over_all_days_and_every_unit_test(demo):
    # Nothing was published before the run, so that what it tested held over all days.
    results = json.loads((demo.home / "dbt" / "run_results.json").read_text())["results"]
    held = [
        result["unique_id"].split(".")[2]
        for result in results
        if result["unique_id"].startswith("test.") and result["status"] == "pass"
    ]
    assert len(held) > 400
    done = warehouse.dbt(demo, "test", "--vars", "{full_test: true}", "--exclude", *held)
    assert "ERROR=0" in done.stdout and "PASS=0" not in done.stdout


def test_the_planted_content_is_nowhere_in_what_was_derived(demo, key):
    [private] = [plant for plant in key["planted"] if plant["id"] == "private_content"]
    marker = private["amounts"]["marker"].encode()
    written = [path for path in demo.home.rglob("*") if path.is_file()]
    assert written
    assert [path for path in written if marker in path.read_bytes()] == []


def test_a_client_of_duckdb_1_2_reads_every_mart(demo, marts, tmp_path):
    client = tmp_path / "client"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(client), "duckdb==1.2.*"]
    if uv := shutil.which("uv"):
        install = [uv, "pip", "install", "--quiet", "--target", str(client), "duckdb==1.2.*"]
    done = subprocess.run(install, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"duckdb 1.2 could not be installed: {done.stderr.strip().splitlines()[-1:]}")
    assert done.returncode == 0, done.stderr
    read = (
        "import sys, duckdb; assert duckdb.__version__.startswith('1.2.'), duckdb.__version__\n"
        "con = duckdb.connect(sys.argv[1], read_only=True)\n"
        "for schema, name in con.execute('select schema_name, table_name from duckdb_tables()').fetchall():\n"
        "    print(schema, name, con.execute(f'select count(*), count(t) from {schema}.{name} as t').fetchone()[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", read, str(demo.published_marts)],
        env={**os.environ, "PYTHONPATH": str(client)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    tables = marts("select schema_name, table_name from duckdb_tables()")
    expected = {f"{s} {name} {marts(f'select count(*) from {s}.{name}')[0][0]}" for s, name in tables}
    assert set(done.stdout.splitlines()) == expected, done.stderr


def test_a_chain_of_three_rules_hands_on_what_observability_costs(marts, planted):
    for column, truth in (("customer_id", "by_customer"), ("team", "by_team")):
        found = dict(
            marts(
                f"select {column}, sum(effective_cost) from core.fct_allocated_costs"
                " where rule_path like 'observability%' group by 1"
            )
        )
        expected = {name: Decimal(cost) for name, cost in planted["chain_of_rules"][truth].items()}
        assert found.keys() == expected.keys()
        assert all(abs(found[name] - cost) < Decimal("1e-8") for name, cost in expected.items())
    assert marts("select max(rule_path) from core.fct_allocated_costs where rule_path like 'observability%'") == [
        ("observability > observability_of_workflows > observability_of_our_own",)
    ]


def test_a_team_that_moved_bears_each_charge_where_it_stood_at_the_time(marts, planted):
    truth = planted["moved_team"]
    found = dict(
        marts("select cost_centre, sum(amount_usd) from finance.chargeback_statement where team = 'records' group by 1")
    )
    assert found == {"CC-900": Decimal(truth["before"]), "CC-910": Decimal(truth["after"])}
    assert min(found.values()) > 0
    places = "select distinct cost_centre, usage_month from finance.chargeback_statement where team = 'records'"
    assert len(marts(f"select usage_month from ({places}) group by 1 having count(*) = 2")) == 1


def test_the_gpus_bill_goes_to_the_customers_of_the_own_model_and_what_is_idle_to_its_owner(marts, planted):
    parts = (
        "select {column}, sum(parts.billed_cost) from core.fct_allocated_costs as parts"
        " inner join core.fct_cost_lines as lines using (cost_line_id)"
        " where parts.rule_path like 'gpu_nodes%' and lines.source = 'focus' and {which} group by 1"
    )
    for column, which, truth in (
        ("parts.team", "parts.part = 'idle'", "idle"),
        ("parts.customer_id", "parts.part <> 'idle'", "by_customer"),
    ):
        found = dict(marts(parts.format(column=column, which=which)))
        expected = {name: Decimal(cost) for name, cost in planted["idle_gpus"][truth].items()}
        assert found.keys() == expected.keys()
        assert all(abs(found[name] - cost) < Decimal("1e-8") for name, cost in expected.items())
    assert marts(
        "select distinct utilisation_ratio::double, bill_difference_usd, models is null"
        " from efficiency.gpu_utilisation where month = date '2026-10-01' and namespace = 'ranker'"
    ) == [(pytest.approx(2 / 3), 0, False)]


def test_seats_that_nobody_uses_stay_with_their_team_as_idle(marts, planted):
    found = dict(
        marts(
            "select parts.team, sum(parts.effective_cost) from core.fct_allocated_costs as parts"
            " inner join core.fct_cost_lines as lines using (cost_line_id)"
            " where parts.part = 'idle' and lines.source = 'licences' group by 1"
        )
    )
    assert found == {team: Decimal(cost) for team, cost in planted["unused_seats"].items()}


def test_margins_are_what_customers_paid_and_cost(marts, key, planted):
    found = {
        tuple(row[:2]): row[2:]
        for row in marts(
            "select strftime(month, '%Y-%m'), customer_id, revenue_usd, human_work_cost_usd, fully_loaded_cost_usd,"
            " contribution_usd, loss_status from unit_economics.customer_margin"
        )
    }
    paid = {(month, name): Decimal(amount) for month, of in key["revenue"].items() for name, amount in of.items()}
    assert {at: row[0] for at, row in found.items() if row[0] is not None} == paid
    worked = {
        (month, name): Decimal(cost)
        for month, of in key["human_effort"]["by_customer"].items()
        for name, cost in of.items()
    }
    assert {at: row[1] for at, row in found.items() if row[1]} == worked

    # Customers, the company itself and what is nobody's are all that there is.
    for month in {month for month, _ in found}:
        truth = sum(
            (Decimal(line["effective_cost_usd"]) for line in key["total_cost_of_ai"] if line["month"] == month),
            Decimal(key["human_effort"]["imputed_cost_usd"].get(month, 0)),
        )
        total = sum(row[2] for (when, _), row in found.items() if when == month)
        # A day's share of what is rented for a term is no finite decimal.
        assert abs(total - truth) < Decimal("1e-9"), month

    for status, of in planted["losing_customers"].items():
        assert of["loss_before_bills"]
        for month, loss in of["loss_before_bills"].items():
            *_, contribution, found_status = found[month, of["customer"]]
            assert found_status == status
            assert contribution < -Decimal(loss)
    intended = {name for (_, name), row in found.items() if row[4] == "intended"}
    assert intended == {planted["losing_customers"]["intended"]["customer"]}


def test_credits_stand_apart_from_the_cost_that_they_lower(marts, planted):
    [(apart,)] = marts("select sum(promotional_credit_usd) from unit_economics.customer_margin")
    of_invoices = planted["invoice_credit"]
    truth = (
        sum(Decimal(month["billed_cost"]) for month in planted["credit_lines"].values())
        + of_invoices["lines"] * Decimal(of_invoices["amount_each"])
        + sum(Decimal(repr(line["credit"])) for line in planted["promotional_credit"].values())
        + Decimal(planted["credit_and_refund"]["credit"])
    )
    assert abs(apart + truth) < Decimal("1e-9")
    assert marts(
        "select count(*) from unit_economics.customer_margin"
        " where contribution_without_credits_usd <> contribution_usd - promotional_credit_usd"
    ) == [(0,)]


def test_a_flat_plan_loses_what_its_heavy_users_cost_beyond_it(marts):
    [(month, plan, segment, count, loss, price, floor, p90)] = marts(
        "select month, plan, segment, customer_count, heavy_loss_usd, present_price_usd, price_floor_p90_usd,"
        " cogs_p90_usd from unit_economics.price_floor where product = '(all)'"
        " order by customer_count desc, month limit 1"
    )
    customers = marts(
        "select cogs_usd, revenue_usd from unit_economics.customer_margin"
        f" where plan = '{plan}' and segment = '{segment}' and month = '{month}' order by cogs_usd desc, customer_id"
    )
    assert count == len(customers) > 10
    heavy = customers[: -(-count // 10)]
    assert loss == sum(max(cogs - paid, Decimal(0)) for cogs, paid in heavy)
    assert abs(price - sum(paid for _, paid in customers) / count) < Decimal("1e-9")
    assert p90 == sorted(cogs for cogs, _ in customers)[-(-9 * count // 10) - 1]
    assert abs(floor - p90 / Decimal("0.3")) < Decimal("1e-9")


def test_which_customers_lose_money_and_what_a_fair_price_is_can_be_answered(marts):
    assert dict(
        marts("select question_id, status from governance.answerable where question_id in (2, 6)")
    ) == {2: "partly", 6: "partly"}, "some calls name no customer"  # fmt: skip
