"""Every source, from the smallest file that its system writes: it lands, is counted, and leaves its content outside.
And what `costgrain run` says and records of them.

`sources/<source>/` holds one such file or more, with PLANTED in every field that may hold content.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import warehouse

from orchestration.ingest import SOURCES, ingest_source
from orchestration.places import Places

SAMPLES = Path(__file__).parent / "sources"
PLANTED = "planted-content-7c1e"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The folders of a company that lands a file of every source, and one that must be quarantined."""
    base = tmp_path_factory.mktemp("everything")
    shutil.copytree(SAMPLES, base / "landing")
    (base / "landing" / "llm_calls" / "bad.csv").write_text("call_id,called_at,output\na,2026-10-31,-1\n")
    return Places(base / "landing", base / "config", base / "ledger", base / "home", datetime(2026, 11, 2, 6))


@pytest.fixture(scope="module")
def first_run(everything: Places) -> subprocess.CompletedProcess:
    """It is built and published by the command line."""
    return warehouse.costgrain(everything.home, "run", "--strict")


def texts_below(folder: Path) -> Iterator[tuple[Path, str]]:
    """All that lies below a folder as text: tables are decoded, since their files are compressed."""
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        yield file, file.name
        if file.suffix == ".parquet":
            for row in duckdb.sql(f"select * from '{file}'").fetchall():
                yield file, str(row)
        elif file.suffix == ".duckdb":
            with duckdb.connect(str(file), read_only=True) as connection:
                tables = connection.execute(
                    "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
                ).fetchall()
                for schema, table in tables:
                    for row in connection.execute(f'from "{schema}"."{table}"').fetchall():
                        yield file, str(row)
        else:
            yield file, file.read_bytes().decode("utf-8", "ignore")


def leaks(folder: Path) -> set[Path]:
    return {file for file, text in texts_below(folder) if PLANTED in text.lower()}


def test_every_source_has_a_sample_with_content_planted_in_it() -> None:
    assert {folder.name for folder in SAMPLES.iterdir()} == set(SOURCES)
    for source in SOURCES:
        assert PLANTED in "".join(text for _, text in texts_below(SAMPLES / source)).lower(), source


def test_a_file_of_every_source_lands_is_accepted_in_full_and_every_row_is_accounted_for(
    first_run: subprocess.CompletedProcess, everything: Places
) -> None:
    rows = warehouse.published(
        everything,
        "select source, file_status = 'accepted', sum(rows_landed), sum(rows_quarantined),"
        " sum(rows_staged + rows_quarantined + rows_duplicate), count(*) filter (rows_landed is null)"
        " from governance.data_quality group by all",
    )
    assert {source for source, accepted, *_ in rows if accepted} == set(SOURCES)
    assert [source for source, accepted, *_ in rows if not accepted] == ["llm_calls"]  # bad.csv
    for source, accepted, landed, quarantined, counted, uncounted in rows:
        assert (quarantined == 0, uncounted) == (accepted, 0), source
        assert landed == counted > 0, source


def test_a_run_publishes_and_names_what_it_quarantined(
    first_run: subprocess.CompletedProcess, everything: Places
) -> None:
    assert "llm_calls/bad.csv" in first_run.stdout
    assert "DEMO" not in first_run.stdout
    assert warehouse.published(everything, "select is_demo from governance.run_info") == [(False,)]
    # No warning beside it.
    assert "Published, but --strict: 1 files quarantined in whole or in part." in first_run.stderr
    assert first_run.returncode == 1


def test_a_run_of_the_command_line_is_recorded_for_the_ui(first_run, everything, monkeypatch):
    import dagster as dg

    monkeypatch.setenv("DAGSTER_HOME", str(everything.home / "dagster"))
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


def test_a_failed_build_exits_1_says_why_and_leaves_the_last_good_marts(first_run, everything):
    before = everything.published_marts.read_bytes()
    done = warehouse.costgrain(everything.home, "run", COSTGRAIN_MEMORY_LIMIT="1MB")
    assert done.returncode == 1
    assert "dbt build did not pass" in done.stderr
    assert str(everything.published_marts) in done.stderr
    assert "Traceback" not in done.stderr
    assert everything.published_marts.read_bytes() == before


def test_content_is_nowhere_below_home(first_run: subprocess.CompletedProcess, everything: Places) -> None:
    assert leaks(everything.landing)
    assert not leaks(everything.home)
    assert not leaks(everything.ledger)


def test_a_quarantined_row_is_kept_without_its_content(places: Places) -> None:
    # A year before the samples were written, all their events lie in the future.
    early = replace(places, now=datetime(2025, 10, 1))
    shutil.copytree(SAMPLES, early.landing, dirs_exist_ok=True)
    quarantined = 0
    for source in SOURCES:
        quarantined += ingest_source(early, source).rows_quarantined
    dated = [source for source in SOURCES.values() if source.event]
    assert quarantined >= len(dated)
    assert not leaks(early.home)
