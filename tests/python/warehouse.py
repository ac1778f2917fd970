"""Builds small warehouses for tests, and says what is in them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb
from filelock import FileLock

from orchestration import dbt_project
from orchestration import publish as publishing
from orchestration.ingest import SOURCES, ingest_source
from orchestration.ingest.prices import write_prices
from orchestration.ledger import config_states
from orchestration.ledger.for_dbt import write_raw
from orchestration.places import ROOT, Places

NOW, LATER = datetime(2026, 11, 1), datetime(2026, 11, 2)
EMPTY = Path()  # where the first build of a run of pytest puts what the others begin with; see conftest.py
# What a single column holds is asked of the demo, which has every source.
SINGLE_COLUMNS = ("test_name:not_null", "test_name:accepted_values")
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


def real_folder() -> Path:
    """Where the real files are that nobody here wrote, if they are there."""
    return Path(os.environ.get("COSTGRAIN_REAL_DATA") or ROOT.parent / "shared" / "data")


def costgrain(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The command line as a user runs it, with its folders below `home`'s parent."""
    base = home.parent
    places = {
        "COSTGRAIN_LANDING": str(base / "landing"),
        "COSTGRAIN_CONFIG": str(base / "config"),
        "COSTGRAIN_LEDGER": str(base / "ledger"),
        "COSTGRAIN_HOME": str(home),
        "COSTGRAIN_NOW": "2026-11-02T06:00:00Z",
        **environment,
    }
    return subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments],
        env={**os.environ, **places}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def take_in(places: Places) -> None:
    """Bring raw in line with what has landed and with the ledger, and write the prices."""
    for source in SOURCES:
        ingest_source(places, source)
    write_prices(places)
    config_states.record(places)
    write_raw(places)
    places.built_marts.parent.mkdir(parents=True, exist_ok=True)


@cache
def started_dbt() -> subprocess.Popen:
    """One for all commands of this process; it ends with it. The project is parsed once for all processes."""
    dbt_project.fresh_manifest(nobody())
    environment = {**os.environ, **dbt_project.QUIET, "DBT_PROFILES_DIR": str(ROOT), "DBT_PROJECT_DIR": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, Path(__file__).with_name("started_dbt.py")],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def dbt(places: Places, *arguments: str, check: bool = True, built: Sequence[str] = ()) -> subprocess.CompletedProcess:
    """One dbt command on these places; the nodes that are `built` already have the tag of this name."""
    output = places.home.parent / "dbt.txt"
    environment = {
        **dbt_project.environment(places),
        "DBT_TARGET_PATH": str(places.home.parent / "target"),
        "DBT_WRITE_JSON": "false",
    }
    asked = {"arguments": arguments, "environment": environment, "output": str(output), "built": built}
    started = started_dbt()
    print(json.dumps(asked), file=started.stdin, flush=True)
    code = int(started.stdout.readline())
    done = subprocess.CompletedProcess(arguments, code, output.read_text())
    if check and done.returncode:
        raise AssertionError(f"dbt {' '.join(arguments)} failed:\n{done.stdout[-6000:]}")
    return done


def build(places: Places, *nodes: str, tests: bool = False, options: Sequence[str] = ()) -> None:
    """Ingest, and build these models with all that they are made from (every model if none is named).

    The first build begins with the warehouse of a company without anything, whose views are those of any: they take a
    third of the time. With `tests`, the data tests of what was built run after it, but for those of single columns.
    """
    take_in(places)
    if not (places.home / "warehouse.duckdb").exists():
        begin_empty(places)
    selected = ("--select", *(f"+{node}" for node in nodes)) if nodes else ()
    dbt(places, "build", *NO_TESTS, *selected, *options, "--exclude", "tag:built", built=same_everywhere())
    if tests:
        dbt(
            places, "test", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable",
            *selected, *options, "--exclude", *SINGLE_COLUMNS,
        )  # fmt: skip


def begin_empty(places: Places) -> None:
    """A copy of the warehouse of a company without anything; the first that asks for it, in any process, makes it."""
    empty = nobody()
    with FileLock(EMPTY.with_suffix(".lock")):
        made = EMPTY / "made"
        if not made.exists():
            empty.landing.mkdir(parents=True, exist_ok=True)
            take_in(empty)
            dbt(empty, "build", *NO_TESTS)
            made.touch()
    shutil.copytree(EMPTY / "target", places.home.parent / "target", dirs_exist_ok=True)
    shutil.copy(empty.home / "warehouse.duckdb", places.home)
    shutil.copy(empty.built_marts, places.built_marts)


def nobody() -> Places:
    """The company without anything."""
    return Places(*(EMPTY / name for name in ("landing", "config", "ledger", "home")), NOW)


@cache
def same_everywhere() -> list[str]:
    """The views (their ids) whose SQL neither folders, config nor now can change: no macro they call reads these."""
    manifest = json.loads(dbt_project.fresh_manifest(nobody()).read_text())
    reads = {
        name for name, macro in manifest["macros"].items()
        if macro["package_name"] == "costgrain" and re.search(r"\b(env_var|run_query)\(", macro["macro_sql"])
    }  # fmt: skip

    def reached(names: Iterable[str]) -> bool:
        return any(name in reads or reached(manifest["macros"][name]["depends_on"]["macros"]) for name in names)

    return [
        name for name, node in manifest["nodes"].items()
        if node["config"]["materialized"] == "view" and "var(" not in node["raw_code"]
        and not reached(node["depends_on"]["macros"])
    ]  # fmt: skip


def publish(places: Places, *nodes: str, tests: bool = False, options: Sequence[str] = ()) -> None:
    """The same, published."""
    publishing.begin(places)
    build(places, *nodes, tests=tests, options=options)
    publishing.seal(places)
    publishing.publish(places)


def rows(file: Path, sql: str) -> list[tuple]:
    """What a file of marts answers."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def query(places: Places, sql: str) -> list[tuple]:
    """Rows of the marts as built."""
    return rows(places.built_marts, sql)


def published(places: Places, sql: str) -> list[tuple]:
    """Rows of the marts as published."""
    return rows(places.published_marts, sql)


def contents_of(file: Path, where: str = "table_schema <> 'fingerprints'") -> dict[str, tuple]:
    """For each mart (or table that `where` says), the number of its rows and the sum of their hashes over all columns:
    equal for equal ones.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute(
            f"select table_schema || '.' || table_name from information_schema.tables where {where} order by 1"
        ).fetchall()
        return {
            name: connection.execute(
                f"select count(*), sum(hash(row_of_table)::hugeint) from {name} as row_of_table"
            ).fetchone()
            for (name,) in names
        }


def contents(places: Places) -> dict[str, tuple]:
    """The contents of the marts as built."""
    return contents_of(places.built_marts)


def days_tables(places: Places) -> dict[str, tuple]:
    """The contents of the tables that are rebuilt day by day, before the marts."""
    return contents_of(
        places.home / "warehouse.duckdb",
        "table_schema = 'intermediate'"
        " and table_name in (select table_name from information_schema.tables where table_schema = 'fingerprints')",
    )


def fingerprints(places: Places, model: str) -> dict:
    return dict(query(places, f"select day, fingerprint from fingerprints.{model}"))


def put(folder: Path, files: Sequence[Path], root: Path) -> None:
    """Land `files` (which lie below `root`) below `folder`, at the same places."""
    for file in files:
        place = folder / file.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            os.link(file, place)
