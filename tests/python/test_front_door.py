"""Real files, and one log alone."""

from __future__ import annotations

import os
import shutil
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
    warehouse.publish(places, tests=True)
    return places


@pytest.fixture(scope="module")
def page(one_log) -> str:
    done = costgrain(one_log.home, "status")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_status_prints_the_same_page(page):
    for title in ("Files", "Rows by layer", "Cost by basis", "Unit costs", "Coverage", "Open next"):
        assert title in page


def test_one_gateway_log_alone_answers_what_it_can_and_says_what_to_land_next(page, one_log):
    assert "llm_calls/bad.csv" in page
    assert "landing/focus/" in page and "landing/outcomes/" in page
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
