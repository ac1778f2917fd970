"""Real files, and `costgrain run` on one log alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
import warehouse
from warehouse import costgrain, published

from orchestration.demo import write_demo
from orchestration.places import Places


def company(base: Path) -> Places:
    return Places(
        base / "landing", base / "config", base / "ledger", base / "home",
        now=Places.from_env({"COSTGRAIN_NOW": "2026-11-02T06:00:00Z"}, base).now,
    )  # fmt: skip


def test_a_real_bill_and_real_calls_are_published_to_the_last_decimal(tmp_path, real_data):
    places = company(tmp_path)
    (places.landing / "focus").mkdir(parents=True)
    (places.landing / "llm_calls").mkdir()
    sample = real_data / "focus" / "focus_1.0_sample_1000.csv"
    shutil.copy(sample, places.landing / "focus")
    trace = real_data / "azure_llm_trace" / "AzureLLMInferenceTrace_conv_2023.csv"
    duckdb.sql(
        "copy (select row_number() over () as call_id, TIMESTAMP as called_at, ContextTokens as input_uncached_tokens,"
        f" GeneratedTokens as output_tokens from read_csv('{trace}', all_varchar = true))"
        f" to '{places.landing}/llm_calls/azure.csv'"
    )
    warehouse.publish(places, "fct_cost_lines", "fct_allocated_costs", "fct_llm_calls", "unpriced_usage")

    [(billed, lines)] = published(
        places, "select sum(billed_cost), count(*) from core.fct_cost_lines where cost_status = 'invoiced'"
    )
    [(own_billed, own_lines)] = duckdb.sql(
        f"select sum(BilledCost::decimal(38, 18)), count(*) from read_csv('{sample}', all_varchar = true)"
    ).fetchall()
    assert (billed, lines) == (own_billed, own_lines)
    assert published(places, "select sum(billed_cost) from core.fct_allocated_costs") == [(own_billed,)]
    assert published(
        places,
        "select count(*), sum(input_uncached_tokens), sum(output_tokens), count(list_cost_usd), min(pricing_status),"
        " max(pricing_status) from core.fct_llm_calls",
    ) == [
        duckdb.sql(
            "select count(*), sum(ContextTokens), sum(GeneratedTokens), 0, 'unpriced', 'unpriced'"
            f" from read_csv('{trace}')"
        ).fetchone()
    ]
    assert published(places, "select sum(call_count) from governance.unpriced_usage") == [(19_366,)]


# --- One log of a gateway, and a file that must be quarantined


@pytest.fixture(scope="module")
def one_log(tmp_path_factory) -> Places:
    base = tmp_path_factory.mktemp("one_log")
    places = company(base)
    write_demo(base / "files", days=3, calls_per_day=40, config=None)
    log = sorted((base / "files" / "litellm").glob("*2026-10-31*"))[0]
    for source in ("litellm", "llm_calls"):
        (places.landing / source).mkdir(parents=True)
    os.link(log, places.landing / "litellm" / log.name)
    (places.landing / "llm_calls" / "bad.csv").write_text("call_id,called_at,output\na,2026-10-31,-1\n")
    return places


@pytest.fixture(scope="module")
def first_run(one_log) -> subprocess.CompletedProcess:
    done = costgrain(one_log.home, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_run_publishes_and_names_what_it_quarantined(first_run, one_log):
    assert "llm_calls/bad.csv" in first_run.stdout
    assert "DEMO" not in first_run.stdout
    assert published(one_log, "select is_demo from governance.run_info") == [(False,)]


def test_a_run_of_the_command_line_is_recorded_for_the_ui(first_run, one_log, monkeypatch):
    import dagster as dg

    monkeypatch.setenv("DAGSTER_HOME", str(one_log.home / "dagster"))
    with dg.DagsterInstance.get() as instance:
        recorded = instance.get_run_records(limit=1)[0].dagster_run
        assert (recorded.job_name, recorded.is_success) == ("build", True)
        events = instance.all_logs(recorded.run_id)
        assert instance.telemetry_enabled is False
    happened = [event.dagster_event for event in events if event.dagster_event]
    made = {event.asset_key.to_user_string() for event in happened if event.is_step_materialization}
    assert {"raw/litellm", "raw/price_book", "published/marts"} <= made
    checks = [event.event_specific_data for event in happened if event.event_type_value == "ASSET_CHECK_EVALUATION"]
    refused = [check for check in checks if not check.passed]
    assert [check.asset_key.to_user_string() for check in refused] == ["raw/llm_calls"]


def test_a_failed_build_exits_1_says_why_and_leaves_the_last_good_marts(first_run, one_log):
    before = one_log.published_marts.read_bytes()
    done = costgrain(one_log.home, "run", COSTGRAIN_MEMORY_LIMIT="1MB")
    assert done.returncode == 1
    assert "dbt build did not pass" in done.stderr
    assert str(one_log.published_marts) in done.stderr
    assert "Traceback" not in done.stderr
    assert one_log.published_marts.read_bytes() == before


def test_status_prints_the_same_page(first_run, one_log):
    done = costgrain(one_log.home, "status")
    assert done.returncode == 0, done.stderr
    for title in ("Files", "Rows by layer", "Cost by basis", "Unit costs", "Coverage", "Open next"):
        assert title in done.stdout


def test_one_gateway_log_alone_answers_what_it_can_and_says_what_to_land_next(first_run, one_log):
    assert "landing/focus/" in first_run.stdout and "landing/outcomes/" in first_run.stdout
    for target_type in ("model", "api_key", "company"):
        found = published(
            one_log,
            "select metric, count(value_usd) from unit_economics.unit_costs where period_grain = 'day'"
            f" and target_type = '{target_type}' and metric in ('inference', 'thousand_tokens') group by 1",
        )
        assert {metric for metric, values in found if values} == {"inference", "thousand_tokens"}, target_type
    answers = dict(published(one_log, "select question_id, status from governance.answerable"))
    assert answers[1] == "not" and answers[5] in ("now", "partly")

    done = costgrain(one_log.home, "init")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "%" in done.stdout
    assert (one_log.config / "api_keys.csv").read_text().count("\n") > 1
