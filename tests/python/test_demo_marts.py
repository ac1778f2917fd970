"""The front door on the demo company: what it publishes is what the answer key says, to the last decimal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal

import duckdb
import pytest
import warehouse

TOKENS = "input_uncached cache_read cache_write_5m cache_write_1h output reasoning".split()


@pytest.fixture(scope="module")
def key(demo) -> dict:
    return json.loads((demo.landing.parent / "answer_key.json").read_text())


@pytest.fixture(scope="module")
def marts(demo):
    with duckdb.connect(str(demo.published_marts), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


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
            f"select {column}, sum(call_count), sum(list_cost_usd) from core.fct_usage_daily group by 1"
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
    for source, landed in key["rows_landed"].items():
        assert quality[source][0] == landed, source
        assert quality[source][0] == sum(quality[source][1:]), source
    assert quality["litellm"][3] == key["rows_landed"]["litellm"] - key["calls"]["calls"]
    assert quality["focus"][3] == sum(bill["lines"] for bill in key["bills"]["replaced"])


@pytest.mark.parametrize("basis", ["list", "contracted", "billed", "effective"])
def test_invoiced_lines_add_up_to_the_newest_bills_and_so_do_their_parts(basis, marts, key):
    truth = {
        date.fromisoformat(f"{month}-01"): Decimal(bill[f"{basis}_cost"])
        for month, bill in key["bills"]["by_month"].items()
    }
    for mart in ("fct_cost_lines", "fct_allocated_costs"):
        found = dict(
            marts(f"select usage_month, sum({basis}_cost) from core.{mart} where cost_status = 'invoiced' group by 1")
        )
        assert found == truth, mart


def test_usage_that_no_bill_shows_is_accrued_and_nothing_else_is(marts, key):
    found = dict(
        marts("select provider, sum(list_cost) from core.fct_cost_lines where cost_status = 'accrued' group by 1")
    )
    truth = {
        provider: Decimal(sums["list_cost_usd"])
        for provider, sums in key["unbilled"]["by_provider"].items()
        if Decimal(sums["list_cost_usd"])
    }
    assert found == truth


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


def test_traces_are_whole_even_over_midnight(marts, key):
    [(traces, fragments)] = marts("select count(*), count(*) filter (is_fragment) from core.fct_traces")
    assert (traces, fragments) == (key["traces"], 0)


def test_unpriced_usage_is_shown_and_not_free(marts, key):
    [(calls, tokens)] = marts("select sum(call_count), sum(all_tokens) from governance.unpriced_usage")
    assert (calls, tokens) == (key["calls"]["unpriced_calls"], key["calls"]["unpriced_tokens"])
    assert marts("select count(*) from core.fct_llm_calls where pricing_status = 'unpriced' and list_cost_usd = 0") == [
        (0,)
    ]


def test_every_data_test_holds_over_all_days_and_every_unit_test(demo):
    warehouse.dbt(demo, "test", "--vars", "{full_test: true}")


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
