"""The semantic layer gives the figures of the marts: sums to the last digit, ratios to 1e-12."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest
from warehouse import costgrain, published

from orchestration import dbt_project
from orchestration.places import ROOT

MONTHS = {
    "core.fct_allocated_costs": "usage_month",
    "core.fct_usage_daily": "date_trunc('month', usage_date)",
    "core.fct_traces": "date_trunc('month', trace_date)",
    "unit_economics.outcome_costs": "date_trunc('month', run_date)",
    "finance.invoice_reconciliation": "usage_month",
}
USAGE, TRACES, OUTCOMES = "core.fct_usage_daily", "core.fct_traces", "unit_economics.outcome_costs"
MARGIN, EFFICIENCY, FLOOR = "unit_economics.customer_margin", "finance.cloud_efficiency", "unit_economics.price_floor"
SUMS = {
    **{f"{b}_cost": ("core.fct_allocated_costs", f"sum({b}_cost_usd)") for b in ("billed", "effective")},
    # What a commitment's purchase pays for is there itself.
    **{
        f"{b}_cost": ("core.fct_allocated_costs", f"sum({b}_cost_usd) filter (where not is_listed_in_use)")
        for b in ("list", "contracted")
    },
    "calls": (USAGE, "sum(call_count)"),
    "tokens": (USAGE, "sum(all_tokens)"),
    "failed_calls": (USAGE, "sum(call_count) filter (where status = 'failure')"),
    "failed_calls_cost": (USAGE, "sum(contracted_cost_usd) filter (where status = 'failure')"),
    "metered_list_cost": (USAGE, "sum(list_cost_usd)"),
    "metered_contracted_cost": (USAGE, "sum(contracted_cost_usd)"),
    "priced_tokens": (USAGE, "sum(all_tokens) filter (where pricing_status = 'priced')"),
    "runs": (TRACES, "count(*)"),
    "loops": (TRACES, "sum(loop_count)"),
    "tool_calls": (TRACES, "sum(tool_call_count)"),
    "retries": (TRACES, "sum(retry_count)"),
    "fully_loaded_cost_of_runs": (TRACES, "sum(fully_loaded_cost_usd)"),
    "human_work_cost": (TRACES, "sum(human_work_cost_usd)"),
    "outcomes": (OUTCOMES, "count(*)"),
    "successes": (OUTCOMES, "count(*) filter (where status = 'success')"),
    "cost_of_outcomes": (OUTCOMES, "sum(fully_loaded_cost_usd)"),
    "cost_of_failures": (
        OUTCOMES,
        "sum(fully_loaded_cost_usd) filter (where status in ('failure', 'abandoned', 'reversed'))",
    ),
    "revenue": (MARGIN, "sum(revenue_usd)"),
    "cogs": (MARGIN, "sum(cogs_usd)"),
    "fully_loaded_cost": (MARGIN, "sum(fully_loaded_cost_usd)"),
    "gross_margin": (MARGIN, "sum(revenue_usd) - sum(cogs_usd)"),
    "contribution": (MARGIN, "sum(revenue_usd) - sum(fully_loaded_cost_usd)"),
    "billed_cost_of_ai": ("finance.total_cost_of_ai", "sum(billed_cost_usd)"),
    "effective_cost_of_ai": ("finance.total_cost_of_ai", "sum(effective_cost_usd)"),
    "undecided_cost_of_ai": ("finance.total_cost_of_ai", "sum(undecided_effective_cost_usd)"),
    "accrued_cost": ("finance.accruals", "sum(accrued_usd)"),
    "reversed_accruals": ("finance.accruals", "sum(reversed_usd)"),
    "true_up": ("finance.accruals", "sum(true_up_usd)"),
    "reconciled_difference": ("finance.invoice_reconciliation", "sum(amount_usd)"),
    "commitment_drawn": ("finance.commitment_balance", "sum(drawn_amount)"),
    "commitment_unused": ("finance.commitment_balance", "sum(unused_amount)"),
    "projected_commitment_loss": ("finance.commitment_balance", "max(projected_loss_amount)"),
    "company_revenue": (EFFICIENCY, "sum(revenue_usd)"),
    "company_effective_cost": (EFFICIENCY, "sum(effective_cost_usd)"),
    "production_cost": (EFFICIENCY, "sum(production_cost_usd)"),
    "price_floor_of_the_middle_customer": (FLOOR, "max(price_floor_p50_usd)"),
    "price_floor_of_a_heavy_customer": (FLOOR, "max(price_floor_p90_usd)"),
    "lost_to_heavy_customers": (FLOOR, "sum(heavy_loss_usd) filter (where product <> '(all)')"),
    "verdicts": ("governance.value_verdicts", "count(*)"),
    "judged_cost_of_scopes": ("governance.value_verdicts", "sum(fully_loaded_cost_usd)"),
    "judged_scope_types": ("governance.value_verdicts", "count(distinct scope_type)"),
    "projected_cost": ("governance.value_verdicts", "sum(projected_cost_usd)"),
    **{
        f"spend_{word}_to_{of}": ("governance.cost_visibility", f"sum({column}) filter (where dimension = '{of}')")
        for of in ("customer", "transaction", "feature", "workflow")
        for word, column in (("traceable", "spend_usd"), ("traced", "traced_usd"))
    },
}
RATIOS = {
    "contracted_price_per_thousand_tokens": (
        USAGE,
        "sum(contracted_cost_usd) * 1000 / sum(all_tokens) filter (where pricing_status = 'priced')",
    ),
    "loops_per_run": (TRACES, "sum(loop_count) / count(*)"),
    "success_rate": (OUTCOMES, "count(*) filter (where status = 'success') / count(*)"),
    "gross_margin_ratio": (MARGIN, "(sum(revenue_usd) - sum(cogs_usd)) / nullif(sum(revenue_usd), 0)"),
    # Of one row a month: the mart's own ratio.
    "revenue_efficiency": (EFFICIENCY, "max(revenue_efficiency_ratio)"),
    "production_share": (EFFICIENCY, "max(production_share_ratio)"),
    **{
        f"visibility_of_{of}": (
            "governance.cost_visibility",
            f"max(visibility_ratio) filter (where dimension = '{of}')",
        )
        for of in ("customer", "transaction", "feature", "workflow")
    },
}
OF_ONE_KIND = {"judged_cost"}
PARTS_OF_UNIT_COSTS = {"unit_cost", "unit_cost_numerator", "unit_cost_denominator", "unit_cost_kinds"}


@pytest.fixture(scope="module")
def ask(demo):
    """What MetricFlow's SQL for a query answers, from the published demo."""
    dbt_project.fresh_manifest(demo)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dbt_project.environment(demo).items():
            patch.setenv(name, value)
        patch.setenv("COSTGRAIN_DBT_TARGET", "published")
        configuration = CLIConfiguration()
        configuration.setup(ROOT, ROOT, configure_file_logging=False)
        engine = configuration.mf
        # MetricFlow only writes the SQL here; its own connection would keep others from the file.
        DuckDBConnectionManager.close_all_connections()

        def answer(**query):
            sql = engine.explain(MetricFlowQueryRequest.create(**query)).sql_statement.sql
            columns = [*query.get("group_by_names", ()), *query.get("metric_names", ())]
            return published(demo, f"select {', '.join(columns) or '*'} from ({sql})")

        yield answer


def manifest() -> dict:
    return json.loads((ROOT / "target" / "semantic_manifest.json").read_text())


def by_month(demo, mart: str, of: str) -> dict:
    rows = published(demo, f"select cast({MONTHS.get(mart, 'month')} as date), {of} from {mart} group by 1")
    return {month: value for month, value in rows if value is not None}


@pytest.mark.parametrize("metric", SUMS)
def test_a_sum_is_that_of_its_mart_to_the_last_digit(ask, demo, metric):
    asked = {
        m.date(): value
        for m, value in ask(metric_names=[metric], group_by_names=["metric_time__month"])
        if value is not None
    }
    assert asked == by_month(demo, *SUMS[metric])
    assert asked, "the demo gives it a value"


@pytest.mark.parametrize("metric", RATIOS)
def test_a_ratio_is_that_of_its_mart(ask, demo, metric):
    asked = {
        m.date(): value
        for m, value in ask(metric_names=[metric], group_by_names=["metric_time__month"])
        if value is not None
    }
    expected = by_month(demo, *RATIOS[metric])
    assert asked.keys() == expected.keys() and asked
    for month, value in expected.items():
        assert float(asked[month]) == pytest.approx(float(value), rel=1e-12, abs=1e-12)


def unit_metrics(demo) -> list[str]:
    return [metric for (metric,) in published(demo, "select distinct metric from unit_economics.unit_costs order by 1")]


def test_each_unit_cost_of_the_mart_is_a_metric_with_its_value(ask, demo):
    names = ("target_type", "target", "cost_basis", "period_grain")
    for metric in unit_metrics(demo):
        rows = ask(
            metric_names=[f"cost_per_{metric}"],
            group_by_names=["metric_time__day", *(f"unit_cost__{name}" for name in names)],
        )
        asked = {(day.date(), *key): value for day, *key, value in rows if value is not None}
        expected = published(
            demo,
            "select period_start, target_type, target, cost_basis, period_grain, value_usd"
            f" from unit_economics.unit_costs where metric = '{metric}' and value_usd is not null",
        )
        assert asked.keys() == {tuple(key) for *key, _ in expected}, metric
        for *key, value in expected:
            assert float(asked[tuple(key)]) == pytest.approx(float(value), rel=1e-12, abs=1e-12), (metric, key)


def test_what_workflows_and_features_cost_is_told_for_either_alone(ask, demo):
    month = {"metric_names": ["judged_cost"], "group_by_names": ["metric_time__month"]}
    assert all(value is None for _, value in ask(**month))
    of_one = ask(**month, where_constraints=["{{ Dimension('verdict_of_scope__scope_type') }} = 'feature'"])
    features = by_month(
        demo, "governance.value_verdicts", "sum(fully_loaded_cost_usd) filter (where scope_type = 'feature')"
    )
    assert {m.date(): value for m, value in of_one} == features and features


def test_who_is_active_on_several_days_or_in_several_teams_is_not_added_up(ask):
    pinned = {"cost_basis": "effective", "target_type": "company", "period_grain": "day"}

    def last_month(metric: str, **pins: str) -> float | None:
        where = [f"{{{{ Dimension('unit_cost__{name}') }}}} = '{value}'" for name, value in (pinned | pins).items()]
        asked = {"metric_names": [f"cost_per_{metric}"], "group_by_names": ["metric_time__month"]}
        return max(ask(**asked, where_constraints=where))[1]

    assert last_month("inference")
    for metric in ("active_customer", "active_user"):
        assert last_month(metric) is None and last_month(metric, period_grain="month", target_type="team") is None
        assert last_month(metric, period_grain="month")


def test_what_may_not_be_added_up_has_no_unit_cost(ask):
    month = {"metric_names": ["cost_per_inference"], "group_by_names": ["metric_time__month"]}
    assert all(value is None for _, value in ask(**month))
    pinned = {
        "unit_cost__cost_basis": "effective",
        "unit_cost__target_type": "company",
        "unit_cost__period_grain": "month",
    }
    where = [f"{{{{ Dimension('{name}') }}}} = '{value}'" for name, value in pinned.items()]
    assert all(isinstance(value, float | Decimal) for _, value in ask(**month, where_constraints=where))


def test_every_metric_is_held_against_its_mart(demo):
    # The demo's calls hold no audio or images.
    classes = {f"thousand_{kind}_{way}_tokens" for kind in ("audio", "image") for way in ("input", "output")}
    of_units = {f"cost_per_{metric}" for metric in {*unit_metrics(demo), *classes}}
    assert {
        metric["name"] for metric in manifest()["metrics"]
    } == SUMS.keys() | RATIOS.keys() | OF_ONE_KIND | PARTS_OF_UNIT_COSTS | of_units


def test_every_saved_query_has_an_answer_on_the_demo(ask):
    queries = [query["name"] for query in manifest()["saved_queries"]]
    assert len(queries) >= 10
    for query in queries:
        assert ask(saved_query_name=query), query


def test_saved_queries_are_sorted_and_tell_failed_calls_beside_failed_runs(ask, demo):
    queries = {query["name"]: query["query_params"] for query in manifest()["saved_queries"]}
    assert [name for name, asked in queries.items() if not asked["order_by"]] == []
    assert "cost_of_failures" in queries["what_failures_cost"]["metrics"]
    rows = [(month.date(), *row) for month, *row in ask(saved_query_name="what_failed_calls_cost")]
    failed = published(
        demo,
        "select cast(date_trunc('month', usage_date) as date), workflow, sum(call_count),"
        " sum(contracted_cost_usd) as cost from core.fct_usage_daily"
        " where status = 'failure' group by all order by 1 desc, cost desc nulls last, 2",
    )
    assert rows == failed and len(failed) > 2


def test_metricflows_command_line_reads_what_is_published(demo, tmp_path):
    home = demo.home.parent.parent
    done = costgrain(
        home,
        "mf",
        "query",
        "--demo",
        "--metrics",
        "effective_cost",
        "--group-by",
        "metric_time__month",
        "--csv",
        str(tmp_path / "out.csv"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = Path(tmp_path / "out.csv").read_text().splitlines()
    assert len(lines) > 2 and lines[0].startswith("metric_time__month,")
