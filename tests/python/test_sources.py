"""Every source, from the smallest file that its system writes: it lands, is counted, and leaves its content outside.

`sources/<source>/` holds one such file or more, with PLANTED in every field that may hold content.
"""

from __future__ import annotations

import shutil
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
    """A company that lands a file of every source, built and published by the command line."""
    base = tmp_path_factory.mktemp("everything")
    shutil.copytree(SAMPLES, base / "landing")
    done = warehouse.costgrain(base / "home", "run", "--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    return Places(base / "landing", base / "config", base / "ledger", base / "home", datetime(2026, 11, 2, 6))


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


def test_a_file_of_every_source_lands_is_accepted_in_full_and_every_row_is_accounted_for(everything: Places) -> None:
    rows = warehouse.published(
        everything,
        "select source, sum(rows_landed), sum(rows_quarantined), sum(rows_staged + rows_quarantined + rows_duplicate),"
        " count(*) filter (rows_landed is null) from governance.data_quality group by 1",
    )
    assert {row[0] for row in rows} == set(SOURCES)
    for source, landed, quarantined, counted, uncounted in rows:
        assert (quarantined, uncounted) == (0, 0), source
        assert landed == counted > 0, source


def test_content_is_nowhere_below_home(everything: Places) -> None:
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
