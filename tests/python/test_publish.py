"""Publishing: readers see whole builds only, a failed build changes nothing, and old clients can read the file."""

from __future__ import annotations

import subprocess
import sys
import threading

import duckdb
import pytest

from orchestration import publish

BUILDS = 20
# A reader of its own process: opens the file anew each time, as a BI tool does, and compares two tables of it.
READER = """
import sys, duckdb
reads = 0
while True:
    con = duckdb.connect(sys.argv[1], read_only=True)
    one, other = con.execute("select (select max(build) from core.a), (select max(build) from finance.b)").fetchone()
    con.close()
    assert one == other, (one, other)
    reads += 1
    print(reads, one, flush=True)
    if one == int(sys.argv[2]):
        break
"""


def build(places, number: int) -> None:
    """Two tables in two schemas, as one build writes them, sealed."""
    publish.begin(places)
    with duckdb.connect(str(places.built_marts)) as con:
        for schema, table in (("core", "a"), ("finance", "b")):
            con.execute(f"create schema if not exists {schema}")
            con.execute(f"create or replace table {schema}.{table} as select {number} as build from range(50000)")
    publish.seal(places)


def published_build(places) -> int:
    with duckdb.connect(str(places.published_marts), read_only=True) as con:
        return con.execute("select max(build) from core.a").fetchone()[0]


def test_readers_see_only_whole_builds_while_they_are_published(places):
    build(places, 0)
    publish.publish(places)
    command = [sys.executable, "-c", READER, str(places.published_marts), str(BUILDS)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said: list[str] = []
    threads = [threading.Thread(target=lambda r=reader: said.extend(r.stdout), daemon=True) for reader in readers]
    for thread in threads:
        thread.start()
    for number in range(1, BUILDS + 1):
        build(places, number)
        assert publish.publish(places)
    for reader in readers:
        reader.wait(timeout=60)
        assert reader.returncode == 0, reader.stderr.read()
    for thread in threads:
        thread.join(timeout=10)
    assert len({line.split()[1] for line in said}) > 1, "the readers ran beside the publishes"


def test_a_reader_keeps_the_file_that_it_opened(places):
    build(places, 1)
    publish.publish(places)
    with duckdb.connect(str(places.published_marts), read_only=True) as con:
        build(places, 2)
        publish.publish(places)
        assert con.execute("select max(build) from core.a").fetchone() == (1,)
    assert published_build(places) == 2


def test_a_build_that_did_not_pass_leaves_the_last_good_marts(places):
    build(places, 1)
    publish.publish(places)
    publish.begin(places)  # a second build starts, and does not reach its seal
    with duckdb.connect(str(places.built_marts)) as con:
        con.execute("create or replace table core.a as select 99 as build")
    with pytest.raises(publish.NotPassedError, match="costgrain run"):
        publish.publish(places)
    assert published_build(places) == 1


def test_what_was_changed_after_its_seal_is_not_published(places):
    build(places, 1)
    with duckdb.connect(str(places.built_marts)) as con:
        con.execute("create table core.by_hand as select 1 as x")
    with pytest.raises(publish.NotPassedError):
        publish.publish(places)


def test_the_same_bytes_are_not_published_twice(places):
    build(places, 1)
    assert publish.publish(places)
    before = places.published_marts.stat().st_ino
    assert not publish.publish(places)
    assert places.published_marts.stat().st_ino == before


def test_publishing_leaves_one_file_that_nobody_can_write(places):
    build(places, 1)
    folder = places.published_marts.parent
    folder.mkdir(parents=True)
    (folder / ".marts-1.tmp").write_text("of a killed publish")
    (folder / "marts.duckdb.wal").write_text("of a reader that did not open it read-only")
    publish.publish(places)
    assert [path.name for path in folder.iterdir()] == ["marts.duckdb"]
    assert places.published_marts.stat().st_mode & 0o222 == 0
    assert published_build(places) == 1


def test_the_marts_file_is_born_in_the_storage_version_of_old_clients(places):
    build(places, 1)
    with duckdb.connect(str(places.built_marts)) as con:
        found = con.execute("select tags from duckdb_databases() where database_name = 'marts'").fetchone()
    assert "v1.2" in str(found)
