"""Each bench at the smallest size: it still works, and build and floor give the same. No time is looked at.

What a bench runs as processes runs in this one, and dbt builds once for all of them.
"""

from __future__ import annotations

import os
import runpy
import sys
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
import warehouse

import bench.__main__ as whole
from bench import agree, allocation, alone, ingest, pricing, traces
from bench.measure import CommandFailedError, Measured, run
from orchestration.demo import DEFAULT_END
from orchestration.places import ROOT, Places

MARTS = ("fct_llm_calls", "fct_usage_daily", "fct_traces")


def in_process(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Measured:
    """`python -m MODULE …` as measure.run runs it, without another process."""
    python, flag, module, *arguments = command
    assert (python, flag) == (sys.executable, "-m")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", [module, *arguments])
        patch.chdir(folder)
        warnings.simplefilter("ignore", RuntimeWarning)  # the module is imported already
        runpy.run_module(module, run_name="__main__")
    return Measured(1, 1, 1)


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (whole, alone, ingest):
        monkeypatch.setattr(module, "run", in_process)


class Built(NamedTuple):
    """A bench of the whole, its places, and the SQL of each model as dbt compiled it."""

    bench: whole.Bench
    places: Places
    sql: dict[str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Three days of the demo's calls as the bench of the whole lays them out, and all models that a bench looks at."""
    folder = tmp_path_factory.mktemp("bench")
    generated = whole.generate(folder / "generated", 40, DEFAULT_END, days=3)
    # With chains of rules, the SQL of allocation would be another one than that of a build of nothing.
    (generated / "config" / "allocation_rules.csv").unlink()
    for source in whole.SOURCES:
        place = folder / "landing" / source
        place.parent.mkdir(exist_ok=True)
        (generated / "landing" / source).rename(place)
    made = whole.Bench(folder, generated / "config", 120)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole, "run", in_process)
        made.step("ingest")
    at = (folder / "landing", made.config, folder / "ledger", made.home)
    places = Places(*at, datetime.combine(DEFAULT_END + timedelta(days=1), time(6)))
    names = [f"+{name}" for name in (*MARTS, pricing.MODEL, traces.MODELS[-1], allocation.MART)]
    places.built_marts.parent.mkdir(parents=True, exist_ok=True)
    warehouse.dbt(places, "build", *warehouse.NO_TESTS, "--select", *names)
    sql = {path.stem: path.read_text() for path in (folder / "target" / "compiled").rglob("*.sql")}
    return Built(made, places, sql)


@pytest.fixture
def prepared(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part alone finds the models as they are built already, and empty."""

    def prepare(folder: Path, model: str, own: Sequence[str]) -> dict[str, str]:
        folder.mkdir()
        alone.copy_empty(built.places.warehouse, folder, own, built.sql)
        return built.sql

    monkeypatch.setattr(alone, "prepare", prepare)


def test_the_floor_holds_what_the_marts_hold(built: Built):
    built.bench.floor()
    floor, marts = built.bench.folder / "floor.duckdb", built.places.built_marts
    with duckdb.connect(str(floor)) as connection:
        assert connection.execute("select count(*) > 50 from calls").fetchall() == [(True,)]
        one = "select min(call_id) from calls where list_cost_usd > 0"
        connection.execute(f"update calls set list_cost_usd = list_cost_usd + 1e-9 where call_id in ({one})")
    with pytest.raises(agree.DisagreementError, match="list_cost_usd"):
        agree.check(floor, marts)
    with pytest.raises(agree.DisagreementError, match="nothing was compared"):
        agree.check(floor, marts, DEFAULT_END + timedelta(days=9))


def test_ingest_takes_in_every_row_of_each_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, size in {"DAYS": 1, "SMALL_FILES": 2, "SMALL_ROWS": 3, "SPANS_A_LINE": 5}.items():
        monkeypatch.setattr(ingest, name, size)
    found = ingest.measure(tmp_path / "ingest", 30)
    rows = {one.name: one.rows for one in found}
    assert rows.pop("litellm, 2 files") == 6
    assert len(rows) == 3 and len(set(rows.values())) == 1 and min(rows.values()) > 10
    assert ingest.table(found)


def test_pricing_by_the_build_by_hand_and_by_the_library_is_the_same(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def prepare(folder: Path, calls: int) -> tuple[Places, str]:
        folder.mkdir()
        return built.places, built.sql[pricing.MODEL]

    monkeypatch.setattr(pricing, "_prepare", prepare)
    monkeypatch.setattr(pricing, "IN_LOOP", 30)
    found = pricing.measure(tmp_path / "pricing", 120)
    assert found.calls > 50 and min(found.build, found.floor, found.library, found.litellm) > 0
    assert pricing.table(found)
    part = tmp_path / "part.sql"
    part.write_text(f"select * from (\n{pricing.FLOOR.read_text()}\n) where output_tokens > 9")
    monkeypatch.setattr(pricing, "FLOOR", part)
    with pytest.raises(agree.DisagreementError, match="do not add up"):
        pricing.measure(tmp_path / "pricing", 120)


def test_allocation_by_the_build_and_by_hand_is_the_same(
    prepared: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, size in {"SHARED": 4, "TARGETS": 7, "DAYS": 2}.items():
        monkeypatch.setattr(allocation, name, size)
    assert allocation.table(allocation.measure(tmp_path / "allocation", 20))


def test_traces_by_the_build_and_by_hand_are_the_same(prepared: None, tmp_path: Path):
    assert traces.table(traces.measure(tmp_path / "traces", 5 * 200))


def test_a_command_is_measured_with_its_memory_and_one_that_fails_says_why(tmp_path: Path):
    command = [sys.executable, "-c", "import sys, time; time.sleep(0.2); sys.exit(len(sys.argv) > 1)"]
    found = run(command, os.environ, ROOT, tmp_path / "log")
    assert found.seconds > 0 and found.peak > 1_000_000
    with pytest.raises(CommandFailedError, match="ended with 1"):
        run([*command, "fail"], os.environ, ROOT, tmp_path / "log")
