"""A part of the warehouse alone: what it reads as tables that a bench fills, its own models as the build's SQL."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from bench.measure import Measured, run
from orchestration import dbt_project
from orchestration.ingest import SOURCES, ingest_source
from orchestration.ingest.prices import write_prices
from orchestration.places import ROOT, Places


@dataclass(frozen=True)
class BothWays:
    """What the build's SQL and SQL by hand took for the same."""

    what: str
    build: Measured
    floor: Measured

    def figures(self) -> dict:
        return asdict(self)

    def table(self, aim_floor: float, aim_memory: float) -> str:
        """One row a way, and the ratio with its aim."""
        ratio = self.build.seconds / self.floor.seconds
        lines = [f"{self.what:<20} {'seconds':>9} {'cpu s':>9} {'peak GB':>8}"]
        for name, way in (("build", self.build), ("hand-written SQL", self.floor)):
            lines.append(f"{name:<20} {way.seconds:>9,.1f} {way.cpu_seconds:>9,.1f} {way.peak / 1e9:>8.2f}")
        lines.append(f"build: {ratio:.2f} x the floor (aim {aim_floor} x, {aim_memory / 1e9:.0f} GB)")
        return "\n".join(lines)


def run_both(module: str, what: str, folder: Path, *arguments: object) -> BothWays:
    """Run `python -m module WAY FOLDER ARGUMENTS`, the way being by_hand, then built. Raises CommandFailedError."""
    by_hand, built = (
        run(
            [sys.executable, "-m", module, way, str(folder), *map(str, arguments)],
            {"PYTHONPATH": str(ROOT)}, ROOT, folder / "bench.log",
        )
        for way in ("by_hand", "built")
    )  # fmt: skip
    return BothWays(what, built, by_hand)


def build(places: Places, model: str) -> dict[str, str]:
    """Build `model` and all that it is made from; returns the SQL of each model, all days at once, by name."""
    places.built_marts.parent.mkdir(parents=True, exist_ok=True)
    target = dbt_project.target(places)
    environment = dbt_project.environment(places) | {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}
    without = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    command = [*dbt_project.DBT, "--quiet", "build", "--select", f"+{model}", *without]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    return {path.stem: path.read_text(encoding="utf-8") for path in (target / "compiled").rglob("*.sql")}


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
    sql = build(places, model)
    copy_empty(places.warehouse, folder, own, sql)
    shutil.rmtree(folder / "built")
    return sql


def copy_empty(warehouse: Path, folder: Path, own: Collection[str], sql: dict[str, str]) -> None:
    """Make `folder`/warehouse.duckdb: all that stands in `warehouse`, as `prepare` says."""
    with (
        duckdb.connect(str(warehouse), read_only=True) as whole,
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
