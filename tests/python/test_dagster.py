"""The job as Dagster sees it, and a whole run of it: recorded, checked, published; and one that fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration import dbt_project
from orchestration.places import ROOT, Places

COSTGRAIN = Path(sys.executable).with_name("costgrain")


@pytest.fixture(scope="module")
def definitions():
    from orchestration.definitions import definitions

    return definitions()


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads((ROOT / "target" / "manifest.json").read_text())


def keys(definitions) -> dict:
    return {node.key.to_user_string(): node for node in definitions.resolve_asset_graph().asset_nodes}


def test_definitions_wire_and_nothing_else():
    assert len((ROOT / "orchestration" / "definitions.py").read_text().splitlines()) < 50


def test_every_source_of_dbt_is_an_asset_of_ours(definitions, manifest):
    nodes = keys(definitions)
    for source in manifest["sources"].values():
        node = nodes[f"raw/{source['name']}"]
        assert node.is_executable or node.parent_keys, f"nothing brings {source['name']} about"


def test_every_landing_folder_has_an_asset_with_its_check(definitions):
    from orchestration.ingest import SOURCES

    nodes = keys(definitions)
    assert all([key.name for key in nodes[f"raw/{source}"].check_keys] == ["files_fit"] for source in SOURCES)


def test_what_is_published_waits_for_every_model(definitions, manifest):
    published = keys(definitions)["published/marts"]
    models = [node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert {key.path[-1] for key in published.parent_keys} >= set(models)


def test_every_data_test_is_an_asset_check(definitions, manifest):
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    checks = {key.name for node in keys(definitions).values() for key in node.check_keys}
    on_sources = {n["name"] for n in manifest["nodes"].values() if (n.get("attached_node") or "").startswith("source.")}
    assert tests - on_sources <= checks


def test_the_schedule_runs_the_one_job_daily_in_one_process(definitions):
    from dagster import in_process_executor

    (schedule,) = definitions.schedules
    assert (schedule.job.name, schedule.cron_schedule, schedule.execution_timezone) == ("build", "0 5 * * *", "UTC")
    assert definitions.executor is in_process_executor


def test_a_build_leaves_unit_tests_to_make_test_and_takes_what_it_is_asked_for():
    from orchestration.dbt_invocation import arguments

    whole = arguments([], full_refresh=False)
    assert whole[-3:] == ["build", "--exclude-resource-type", "unit_test"]
    assert arguments(["--select", "x"], full_refresh=True) == [*whole, "--full-refresh", "--select", "x"]


def test_the_manifest_is_parsed_again_only_if_the_project_is_newer(places, tmp_path, monkeypatch):
    calls = []

    def parse(command, **_):
        calls.append(command)
        (tmp_path / "target").mkdir(exist_ok=True)
        (tmp_path / "target" / "manifest.json").write_text("{}")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(dbt_project.subprocess, "run", parse)
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("")
    for _ in range(2):
        dbt_project.fresh_manifest(places, tmp_path)
    assert len(calls) == 1
    model = tmp_path / "models" / "a.sql"
    model.write_text("select 1")
    later = (tmp_path / "target" / "manifest.json").stat().st_mtime + 10
    os.utime(model, (later, later))
    dbt_project.fresh_manifest(places, tmp_path)
    assert len(calls) == 2


# --- whole runs


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Places:
    """A company with two days of the demo's files, and one row that must be quarantined."""
    base = tmp_path_factory.mktemp("company")
    env = {f"COSTGRAIN_{name}": str(base / name.lower()) for name in ("LANDING", "CONFIG", "LEDGER", "HOME")}
    places = Places.from_env({**env, "COSTGRAIN_NOW": "2026-11-02"})
    made = subprocess.run(
        [COSTGRAIN, "demo", "--days", "2", "--calls-per-day", "40", "--out", places.landing, "--config", places.config],
        cwd=base, env=os.environ | places.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (places.landing / "llm_calls" / "bad.csv").write_text("call_id,called_at,output\na,2026-10-31,-1\nb,2026-10-31,1\n")
    return places


def run(places: Places, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **places.environment(), **variables}
    return subprocess.run([COSTGRAIN, "run", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def first_run(company) -> subprocess.CompletedProcess[str]:
    return run(company)


def test_a_run_publishes_and_names_what_it_quarantined(first_run, company):
    assert first_run.returncode == 0, first_run.stderr
    assert "llm_calls/bad.csv" in first_run.stdout
    assert "DEMO" not in first_run.stdout
    with duckdb.connect(str(company.published_marts), read_only=True) as con:
        assert con.execute("select is_demo from governance.run_info").fetchone() == (False,)


def test_a_run_of_the_command_line_is_recorded_for_the_ui(first_run, company, monkeypatch):
    import dagster as dg

    monkeypatch.setenv("DAGSTER_HOME", str(company.home / "dagster"))
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


def test_a_failed_build_exits_1_says_why_and_leaves_the_last_good_marts(first_run, company):
    before = company.published_marts.read_bytes()
    done = run(company, COSTGRAIN_MEMORY_LIMIT="1MB")
    assert done.returncode == 1
    assert "dbt build did not pass" in done.stderr
    assert str(company.published_marts) in done.stderr
    assert "Traceback" not in done.stderr
    assert company.published_marts.read_bytes() == before


def test_status_prints_the_same_page(first_run, company):
    done = subprocess.run(
        [COSTGRAIN, "status"], cwd=ROOT, env=os.environ | company.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for title in ("Files", "Rows by layer", "Cost by basis", "Unit costs", "Coverage", "Open next"):
        assert title in done.stdout
