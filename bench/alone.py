"""A part of the warehouse alone: what it reads as tables that a bench fills, its own models as the build's SQL."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration import dbt_project
from orchestration.ingest import SOURCES, ingest_source
from orchestration.ingest.prices import write_prices
from orchestration.places import ROOT, Places


def prepare(folder: Path, model: str, own: Collection[str]) -> dict[str, str]:
    """Make `folder`/warehouse.duckdb, and return the SQL of every model, all days at once, by name.

    All that `model` is made from stands there as the build made it of nothing: models in `own` that are views as these,
    all else as tables, empty.
    """
    names = ("landing", "config", "ledger", "home")
    places = Places(*(folder / "built" / name for name in names), datetime(2026, 11, 2, 6))
    places.landing.mkdir(parents=True)
    for source in SOURCES:
        ingest_source(places, source)
    write_prices(places)
    places.built_marts.parent.mkdir(parents=True, exist_ok=True)
    target = dbt_project.target(places)
    environment = dbt_project.environment(places) | {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}
    without = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    command = [*dbt_project.DBT, "--quiet", "build", "--select", f"+{model}", *without]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    sql = {path.stem: path.read_text() for path in (target / "compiled").rglob("*.sql")}
    with (
        duckdb.connect(str(places.warehouse), read_only=True) as whole,
        duckdb.connect(str(folder / "warehouse.duckdb")) as con,
    ):
        con.execute("create schema intermediate; create schema staging")
        found = whole.execute(
            "select table_schema, table_name, table_type from information_schema.tables"
            " where table_catalog = 'warehouse' and table_schema in ('intermediate', 'staging') order by 1, 2"
        ).fetchall()
        views = [name for _, name, kind in found if kind == "VIEW" and name in own]
        for schema, name, _ in found:
            if name not in views:
                columns = whole.execute(f"describe {schema}.{name}").fetchall()
                typed = ", ".join(f'"{column}" {kind}' for column, kind, *_ in columns)
                con.execute(f"create table {schema}.{name} ({typed})")
        while views:
            left = []
            for name in views:
                try:
                    con.execute(f"create view intermediate.{name} as {sql[name]}")
                except duckdb.CatalogException:
                    left.append(name)
            if left == views:
                raise RuntimeError(f"views that need each other: {left}")
            views = left
    shutil.rmtree(folder / "built")
    return sql
