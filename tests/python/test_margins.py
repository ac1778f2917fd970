"""Margins on a few files: odd revenue is a row with its reason, and each figure is what one adds up by hand."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal as D

import pytest
import warehouse

from orchestration import config
from orchestration.places import Places

CUSTOMERS = (
    "customer_id,customer_name,segment,plan,valid_from",
    "acme,Acme,smb,starter,2026-01-01",
    "acme,Acme,mid,pro,2026-10-20",
    "globex,Globex,mid,pro,",
    "umbrella,Umbrella,smb,starter,",
    "hooli,Hooli,smb,starter,",
)
REVENUE = (
    "customer_id,product,feature,month,amount,currency,revenue_kind",
    "acme,assist,chat,2026-10,50,USD,recognised",
    "acme,assist,search,2026-10,50,USD,recognised",
    "acme,assist,chat,2026-10,999,USD,billed",
    "acme,assist,chat,2026-10,5,USD,MRR",
    "acme,assist,chat,2026-06,70,USD,recognised",
    "globex,assist,labs,2026-10,10000,SEK,recognised",
    "globex,assist,labs,2026-10,1,USD,recognised",
    "initech,assist,chat,2026-10,1,USD,recognised",
    "umbrella,assist,chat,2026-10,-20,USD,recognised",
    "hooli,assist,chat,2026-10,5,USD,recognised",
    "hooli,assist,chat,2026-09,3,USD,recognised",
    "stark,dark,dim,2026-10,10,USD,recognised",
)


def call(name: str, day: str, customer: str | None, tokens: int = 1_000_000, **more: str) -> str:
    said = {
        "call_id": name, "called_at": f"{day}T10:00:00Z", "provider": "openai", "model": "gpt-4.1-2025-04-14",
        "input_uncached_tokens": tokens, "output_tokens": 0, "status": "success", "environment": "production",
        "product": "assist", "feature": "chat", "workflow": "answer", "customer_id": customer, "trace_id": f"t-{name}",
    }  # fmt: skip
    return json.dumps(said | more)


CALLS = (  # 2 USD for a million tokens at list, 1.50 as negotiated
    call("a", "2026-10-05", "acme", 3_000_000), call("g", "2026-10-06", "globex"),
    call("i", "2026-10-07", "initech", 2_000_000, environment="Production"), call("n", "2026-10-08", None),
    call("s", "2026-09-30", "acme"),
    call("p", "2026-10-10", "paid ahead", 6_000_000, provider="anthropic", model="claude-haiku-4-5", product="other"),
    # Nobody knows what the model costs.
    call("n1", "2026-10-11", "stark", provider="acmeai", model="secret", product="dark", feature="dim", trace_id=None),
    call("n2", "2026-10-11", "paid ahead", provider="acmeai", model="secret", product="other", trace_id=None),
    # 1.50 for what it was asked, as negotiated, and as much for its answer; billed a little more.
    call("b", "2026-04-05", "wayne", output_tokens=250_000),
)  # fmt: skip
LARGE, SMALL = "gpt-4.1-2025-04-14", "gpt-4.1-mini-2025-04-14"  # 2 USD and 0.40 for a million tokens at list


def step(run: str, name: str, at: str, model: str, version: str, **more: str) -> str:
    """A call of a run of the workflow `case`."""
    said = {"called_at": f"{at}:00Z", "model": model, "prompt_version": version, "trace_id": run, "workflow": "case"}
    return call(f"{run} {name}", at[:10], "wayne", **said, **more)


CASES = (
    step("r1", "1", "2026-07-10T10:00", LARGE, "v1"), step("r1", "2", "2026-07-10T10:01", SMALL, "v1"),
    step("r2", "1", "2026-07-11T10:00", LARGE, "v2", status="failure"),
    step("r2", "2", "2026-07-11T10:01", SMALL, "v2", retry_of="r2 1"),
    step("r3", "1", "2026-07-31T23:50", SMALL, "v1"), step("r4", "1", "2026-08-01T00:10", LARGE, "v1"),
    step("r5", "1", "2026-07-12T10:00", SMALL, "v2"), step("r6", "1", "2026-07-13T10:00", LARGE, "v2"),
    step("x1", "1", "2026-07-14T10:00", SMALL, "v3", tags={"experiment": "short prompt"}),
    step("r7", "1", "2026-05-05T10:00", LARGE, "v0"), step("r7", "2", "2026-05-16T10:00", SMALL, "v0"),
)  # fmt: skip
OUTCOMES = (
    "outcome_id,trace_id,outcome_type,workflow,customer_id,occurred_at,status",
    "o1,r1,support_case,case,wayne,2026-07-10T11:00:00Z,success",
    "o2,r2,support_case,case,wayne,2026-07-11T11:00:00Z,failure",
    "o3,r3,support_case,case,wayne,2026-08-01T00:00:00Z,pending",
    "o3,r4,support_case,case,wayne,2026-08-01T00:30:00Z,success",
    "o6,r6,support_case,case,wayne,2026-07-13T11:00:00Z,success",
    "o7,r6,document,case,wayne,2026-07-13T11:00:00Z,success",
    "o8,r7,support_case,case,wayne,2026-05-16T11:00:00Z,success",
)
INVOICES = (
    "vendor,invoice_id,line,period,service,amount,currency,category",
    "Pinecone,P-1,1,2026-10,Vector store,100,USD,vector database",
    "Pinecone,P-1,2,2026-10,VAT,19,USD,tax",
    "Mistral,M-1,1,2026-10,API,10,USD,model API",
    "Mistral,M-1,2,2026-10,VAT,1.9,USD,tax",
    "OpenAI,O-1,1,2026-04,API,3.06,USD,model API",
)
CONSERVED = (
    "margins_add_up_to_all_cost_of_the_month",
    "invoiced_lines_add_up_to_the_bills",
    "what_is_drawn_is_in_the_ledger",
    "what_models_bear_of_runs_adds_up_to_them",
)
GOVERNED = "owner,approved_by,reason"
CONFIG = {
    "maturity_windows": ("outcome_type,days,owner,approved_by,reason", "support_case,120,me,cfo,they come back"),
    "contract_prices": (
        f"provider,model,meter,commitment_tier,discount_ratio,price_usd,price_unit,valid_from,valid_to,{GOVERNED}",
        "openai,,,,0.25,,,2026-01-01,2027-01-01,me,cfo,x",
    ),
    "commitments": (
        f"commitment_id,kind,vendor,account,models,amount,currency,valid_from,valid_to,expires,capacity,{GOVERNED}",
        "gift,promotional_credit,openai,,,1,USD,2026-10-01,,2026-12-01,,me,cfo,x",
        "paid,prepaid,anthropic,,,10,USD,2026-08-01,,2027-08-01,,me,cfo,x",
    ),
    "recoverable_taxes": (
        f"vendor,account,recoverable_share,valid_from,valid_to,{GOVERNED}",
        ",,1,,,me,cfo,input tax",
        "Mistral AI,,0.5,2026-10-01,,me,cfo,half of it is for exempt sales",
    ),
    "attribution_keys": (
        *(config.SEEDS / "attribution_keys.csv").read_text().splitlines(),
        "llm_calls,tag,experiment,environment,5,,,me,cfo,a tag marks them",
    ),
    "labour_rates": (f"role,usd_per_hour,valid_from,valid_to,{GOVERNED}", ",36,,,me,cfo,x"),
    "intended_losses": (
        f"customer_id,segment,plan,feature,valid_from,valid_to,{GOVERNED}",
        ",,starter,,,2027-01-01,me,cfo,the launch price",
        "umbrella,,,,,2026-12-01,me,cfo,a goodwill refund",
        ",smb,,,2026-11-01,2027-01-01,me,cfo,not yet",
        ",,,chat,,2027-01-01,me,cfo,it sells search",
    ),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Places:
    base = tmp_path_factory.mktemp("margins")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", datetime(2026, 11, 1))
    landed = {
        "llm_calls/c.jsonl": CALLS,
        "llm_calls/cases.jsonl": CASES,
        "outcomes/o.csv": OUTCOMES,
        "customers/c.csv": CUSTOMERS,
        "revenue/r.csv": REVENUE,
        "invoices/i.csv": INVOICES,
        "human_effort/e.csv": (
            "effort_id,trace_id,outcome_id,minutes,occurred_at",
            "e,t-a,,60,2026-10-06T00:00:00Z",
            "o,,o1,30,2026-07-10T12:00:00Z",
        ),
    }
    files = [(places.landing / name, lines) for name, lines in landed.items()]
    files += [(places.config / f"{name}.csv", lines) for name, lines in CONFIG.items()]
    for file, lines in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n")
    config.check(places)
    margins = ("customer_margin", "feature_margin", "price_floor")
    units = ("unit_costs", "outcome_costs", "value_verdicts")
    warehouse.build(places, *margins, *units, "fct_allocated_costs", "fct_cost_lines", "int_cost_pools")
    folders = [f"path:models/intermediate/{folder}" for folder in ("earned", "loaded")]
    tested = (*folders, *margins, *units, "int_attempts_over_days", *CONSERVED)
    warehouse.dbt(places, "test", "--select", *tested, "--exclude", "test_type:unit")
    return places


def margin(places: Places, customer: str, columns: str, month: str = "2026-10-01") -> tuple:
    [row] = warehouse.query(
        places,
        f"select {columns} from unit_economics.customer_margin where customer_id = '{customer}' and month = '{month}'",
    )
    return row


def test_a_margin_is_before_credits_and_a_contribution_after_them_and_after_human_work(built: Places) -> None:
    amounts = margin(
        built, "acme",
        "revenue_usd, cogs_usd, gross_margin_usd, gross_margin_ratio, promotional_credit_usd, ai_cost_usd,"
        " human_work_cost_usd, fully_loaded_cost_usd, contribution_usd, loss_status, segment, plan",
    )  # fmt: skip
    expected = (100, D("4.5"), D("95.5"), D("0.955"), 1, D("3.5"), 36, D("39.5"), D("60.5"))
    assert amounts == (*expected, "none", "mid", "pro")


def test_what_a_margin_would_be_once_credits_and_discounts_end_has_its_date(built: Places) -> None:
    assert margin(
        built, "acme",
        "credits_end_date, contribution_without_credits_usd, discounts_end_date, gross_margin_without_discounts_usd,"
        " contribution_without_discounts_usd, next_change_date, contribution_after_next_change_usd",
    ) == (
        date(2026, 10, 6), D("59.5"), date(2027, 1, 1), 94, 59, date(2026, 10, 6), D("59.5"),
    )  # fmt: skip
    assert margin(built, "initech", "credits_end_date, next_change_date, contribution_after_next_change_usd") == (
        None, date(2027, 1, 1), -3,
    )  # fmt: skip


def test_a_balance_ends_when_it_is_used_up_at_the_rate_of_the_last_30_days_if_it_does_not_expire_before(built) -> None:
    # Of 10 USD, 6 were drawn in 30 days, and 4 are left: 20 days from November 1.
    assert margin(built, "paid ahead", "prepaid_end_date, next_change_date") == (date(2026, 11, 21), date(2026, 11, 21))


def test_tax_that_is_given_back_is_billed_and_in_no_cost(built: Places) -> None:
    lines = "from core.fct_cost_lines where source = 'invoices' and charge_category = 'Tax' order by vendor"
    assert warehouse.query(built, f"select vendor, billed_cost, effective_cost, effective_cost_usd {lines}") == [
        ("mistral", D("1.9"), D("0.95"), D("0.95")), ("pinecone", 19, 0, 0)
    ]  # fmt: skip
    # What unit costs are made of. Usage that no log has is the models' cost, though the invoice names no model.
    pools = (
        "select cost_kind, sum(cost_usd) from intermediate.int_cost_pools"
        " where cost_usd > 0 and call_date >= '2026-09-01' group by 1 order by 1"
    )
    assert warehouse.rows(built.warehouse, pools) == [
        ("ai", 10),
        ("billed_other", 10),
        ("calls", 17),
        ("infrastructure", D("100.95")),
    ]
    assert margin(built, "(unallocated)", "fully_loaded_cost_usd") == (D("112.45"),)  # with 1.50 of a call


def test_odd_revenue_is_a_row_with_its_reason(built: Places) -> None:
    columns = "loss_status, revenue_missing_reason, cost_missing_reason, revenue_usd, contribution_usd"
    no_revenue = "no recognised revenue in this month"
    nothing = "nothing is allocated to it in this month"
    unknown_rate = "some of its revenue has no exchange rate"
    assert margin(built, "globex", columns) == ("no_revenue", unknown_rate, None, None, None)
    assert margin(built, "umbrella", columns) == (
        "intended", "its revenue is negative: more was taken back than earned", nothing, -20, -20
    )  # fmt: skip
    assert margin(built, "umbrella", "intended_reason, intended_until_date, gross_margin_ratio") == (
        "a goodwill refund", date(2026, 12, 1), None
    )  # fmt: skip
    assert margin(built, "hooli", columns) == ("none", None, nothing, 5, 5)
    assert margin(built, "(unallocated)", columns)[:2] == ("no_revenue", no_revenue)
    assert margin(built, "acme", columns, "2026-09-01")[:2] == ("no_revenue", no_revenue)
    assert margin(built, "acme", columns, "2026-06-01") == (None, None, "no cost in the ledger in this month", 70, None)


def test_a_customer_that_the_list_does_not_know_has_its_margin_and_says_so(built: Places) -> None:
    assert margin(built, "initech", "is_listed, segment, revenue_usd, contribution_usd, loss_status") == (
        False, None, 1, -2, "unintended"
    )  # fmt: skip


def test_what_calls_without_a_price_cost_is_not_known_and_not_zero(built: Places) -> None:
    columns = "unpriced_call_count, fully_loaded_cost_usd, cogs_usd, contribution_usd, loss_status, cost_missing_reason"
    assert margin(built, "stark", columns) == (1, None, None, None, None, "none of its calls has a price")
    # Beside others that have a price.
    known, reason = D(6), "some of its calls have no price"
    assert margin(built, "paid ahead", columns) == (1, known, known, None, "no_revenue", reason)
    floor = "unpriced_call_count, cogs_p50_usd, price_missing_reason from unit_economics.price_floor"
    assert warehouse.query(built, f"select {floor} where product = 'dark'") == [
        (1, None, "none of its cogs is known in USD")
    ]
    features = "unpriced_call_count, ai_cost_usd from unit_economics.feature_margin"
    assert warehouse.query(built, f"select {features} where product = 'dark'") == [(1, None)]


def test_the_share_of_the_worst_twentieth_in_all_losses_is_told(built: Places) -> None:
    ranked = warehouse.query(
        built,
        "select customer_id, contribution_rank, loss_concentration_ratio from unit_economics.customer_margin"
        " where month = '2026-10-01' and contribution_rank is not null order by 2",
    )
    assert [row[:2] for row in ranked] == [("umbrella", 1), ("initech", 2), ("hooli", 3), ("acme", 4)]
    assert {round(share, 9) for *_, share in ranked} == {D("0.909090909")}


def test_a_run_rate_is_refused_with_what_to_land_instead(built: Places) -> None:
    [file] = (built.quarantine / "revenue").iterdir()
    [refused] = [json.loads(line) for line in file.read_text().splitlines()]
    assert refused["row"] == 4
    assert "MRR is a run rate, not revenue" in refused["mend"]


def test_a_features_margin_holds_the_cost_of_all_its_users(built: Places) -> None:
    assert warehouse.query(
        built,
        "select product, feature, revenue_usd, cogs_usd, human_work_cost_usd, contribution_usd, loss_status,"
        " intended_reason from unit_economics.feature_margin where month = '2026-10-01' and product = 'assist'"
        " order by all",
    ) == [
        ("assist", "chat", 36, D("10.5"), 36, D("-9.5"), "intended", "it sells search"),
        ("assist", "labs", None, 0, 0, None, "no_revenue", None),
        ("assist", "search", 50, 0, 0, 50, "none", None),
    ]


def test_a_trend_is_told_only_beside_a_month_before(built: Places) -> None:
    assert margin(built, "hooli", "gross_margin_change_usd, contribution_change_usd") == (2, 2)
    assert margin(built, "hooli", "contribution_change_usd", "2026-09-01") == (None,)
    assert margin(built, "acme", "contribution_change_usd") == (None,)


def test_a_price_floor_is_cogs_over_what_the_target_leaves(built: Places) -> None:
    assert warehouse.query(
        built,
        "select plan, customer_count, paying_customer_count, cogs_p50_usd, cogs_p90_usd, round(price_floor_p90_usd, 9),"
        " price_floor_p50_usd, present_price_usd, price_missing_reason from unit_economics.price_floor"
        " where month = '2026-10-01' and product = '(all)' and plan = 'pro'",
    ) == [
        ("pro", 2, 1, D("1.5"), D("4.5"), 15, 5, 100, "some customers have no recognised revenue in USD in this month"),
    ]


def unit_costs(places: Places, metric: str, columns: str, basis: str = "metered_list") -> dict[str, tuple]:
    """Of July 2026, by target."""
    found = warehouse.query(
        places,
        f"select target, {columns} from unit_economics.unit_costs where metric = '{metric}' and cost_basis = '{basis}'"
        " and target_type in ('company', 'model', 'workflow_model', 'prompt_version')"
        " and period_grain = 'month' and period_start = '2026-07-01'",
    )
    return {target: tuple(round(value, 9) if value is not None else None for value in row) for target, *row in found}


# r1 and r2 used both models, for 2.40 each; the case of r3 and r4 began in July, for 2.40; r6 led to a case and to a
# document, for 2; r5 and an experiment led to nothing that is known, for 0.40 each.
def test_all_attempts_at_a_case_are_of_the_month_of_the_first_and_a_run_of_two_models_counts_with_each(built) -> None:
    found = unit_costs(
        built, "resolved_support_case", "numerator_usd, denominator_count, value_usd, value_low_usd, value_high_usd"
    )
    assert found["(all)"] == (10, 3, D("3.066666667"), D("2.222222222"), D("3.333333333"))
    # Where the outcome of every run is known, there is no range.
    assert found[LARGE] == found[f"case / {LARGE}"] == (8, 3, *[D("2.666666667")] * 3)
    assert found[SMALL] == found[f"case / {SMALL}"] == (2, 2, D("0.6"), D("0.6"), 1)
    assert found["v1"] == (D("4.8"), 2, *[D("2.4")] * 3)
    assert found["v2"] == (D("4.8"), 1, D("4.4"), D("3.2"), D("4.8"))
    assert found["v3"] == (D("0.4"), 0, None, None, None)
    # What led to a case and to a document is shared by the two, and costs each metric of one type all of it.
    any_outcome = unit_costs(built, "business_outcome", "numerator_usd, denominator_count")
    assert (any_outcome["(all)"], any_outcome[LARGE], any_outcome[SMALL]) == ((10, 4), (8, 4), (2, 2))
    assert unit_costs(built, "generated_document", "value_usd")[LARGE] == (2,)
    # Half an hour of work on a case is in its cost, and in that of no model.
    loaded = unit_costs(built, "resolved_support_case", "numerator_usd", "fully_loaded")
    assert [loaded[target] for target in ("(all)", LARGE, SMALL)] == [(D("25.5"),), (6,), (D("1.5"),)]


def test_runs_of_one_trace_id_on_days_far_apart_are_both_attempts_at_the_outcome_that_came_next(built: Places) -> None:
    found = "select attempt_count, list_cost_usd from unit_economics.outcome_costs where outcome_id = 'o8'"
    assert warehouse.query(built, found) == [(2, D("2.4"))]


def test_classes_of_tokens_share_what_a_bill_says_of_their_calls_for_every_kind_of_target(built: Places) -> None:
    found = warehouse.query(
        built,
        "select cost_basis, numerator_usd, denominator_count, coverage_ratio, list(target_type order by target_type)"
        " from unit_economics.unit_costs where metric in"
        " ('thousand_input_uncached_tokens', 'thousand_output_tokens')"
        " and period_grain = 'month' and period_start = '2026-04-01' group by all order by 1, 3",
    )
    kinds = sorted(
        "company team product feature workflow customer segment plan model environment"
        " customer_workflow customer_feature workflow_model".split()
    )
    costs = {
        "billed": D("1.53"),
        "effective": D("1.53"),
        "fully_loaded": D("1.53"),
        "metered_contracted": D("1.5"),
        "metered_list": 2,
    }
    assert found == [(basis, cost, units, 1, kinds) for basis, cost in costs.items() for units in (250, 1000)]


def test_loops_and_completed_runs_are_those_of_the_runs_that_used_a_model(built: Places) -> None:
    loops = unit_costs(built, "agent_loop", "numerator_usd, denominator_count")
    assert [loops[target] for target in ("(all)", LARGE, SMALL, "v2")] == [(8, 7), (6, 4), (2, 6), (D("4.8"), 3)]
    runs = unit_costs(built, "workflow_completion", "numerator_usd, denominator_count, value_low_usd")
    assert [runs[target] for target in (LARGE, SMALL)] == [(6, 3, 2), (2, 5, D("0.4"))]


def test_a_month_is_provisional_for_as_long_as_its_type_of_outcome_takes(built: Places) -> None:
    found = warehouse.query(
        built,
        "select metric, is_provisional from unit_economics.unit_costs where period_start = '2026-07-01'"
        " and period_grain = 'month' and target_type = 'company' and cost_basis = 'effective' and metric in"
        " ('resolved_support_case', 'generated_document', 'business_outcome', 'workflow_completion') order by 1",
    )
    assert found == [
        ("business_outcome", True),
        ("generated_document", False),
        ("resolved_support_case", True),
        ("workflow_completion", False),
    ]
    verdicts = "select distinct is_provisional from governance.value_verdicts where month = '2026-07-01'"
    assert warehouse.query(built, verdicts) == [(True,)]


def test_a_workflow_without_outcomes_is_a_row_that_says_so(built: Places) -> None:
    found = warehouse.query(
        built,
        "select scope, verdict, verdict_rule, run_count, fully_loaded_cost_usd > 0 from governance.value_verdicts"
        " where scope_type <> 'experiment' and month = '2026-10-01' order by 1",
    )
    assert found == [("answer", "unknown", "few_outcomes", 5, True), ("chat", "unknown", "few_outcomes", 5, True)]


def test_what_a_tag_marks_is_an_experiment_projected_at_the_volume_of_production(built: Places) -> None:
    found = warehouse.query(
        built,
        "select scope, verdict, run_count, production_run_count, run_cost_usd, projected_cost_usd"
        " from governance.value_verdicts where scope_type = 'experiment'",
    )
    assert found == [("short prompt / case", "unknown", 1, 5, D("0.3"), D("1.5"))]
