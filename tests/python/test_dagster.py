"""The job as Dagster sees it."""

from __future__ import annotations

import json
import os
import subprocess
from collections import ChainMap
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from orchestration import dbt_project
from orchestration.places import ROOT


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


def test_what_a_step_makes_is_asked_once_and_is_another_steps_never(definitions):
    from dagster._core.execution.context.system import StepExecutionContext

    class Step:
        node_handle, job_def = "dbt", SimpleNamespace(asset_layer=Mock())

        def __init__(self, *outputs):
            self.step = SimpleNamespace(step_outputs=[SimpleNamespace(name=name) for name in outputs])
            self.job_def.asset_layer.get_asset_key_for_node_output = lambda _, name: name
            self.job_def.asset_layer.get_selected_entity_keys_for_node = lambda _: {"a", "b"}

    one, other = Step("a", "b"), Step("b", "unselected")
    asked = StepExecutionContext.get_output_asset_keys
    assert asked(one) == {"a", "b"} and asked(one) is asked(one)
    assert asked(other) == {"b"} and asked(one) == {"a", "b"}


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


def test_an_argument_of_a_test_is_rendered_without_a_look_at_every_macro(monkeypatch):
    from dbt.clients.jinja import get_rendered
    from dbt_common.clients.jinja import NativeSandboxTemplate

    from orchestration.dbt_process import look_up_only_what_is_asked

    asked = []

    class Macros(ChainMap):
        def __getitem__(self, name):
            asked.append(name)
            return super().__getitem__(name)

    monkeypatch.setattr(NativeSandboxTemplate, "new_context", NativeSandboxTemplate.new_context)  # as it is afterwards
    look_up_only_what_is_asked()
    assert get_rendered("{{ wanted }}", Macros({"wanted": 1, "other": 2}), native=True) == 1
    assert "wanted" in asked and "other" not in asked
