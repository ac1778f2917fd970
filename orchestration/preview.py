"""`costgrain preview FILE`: what each team would bear with another file of rules, beside what it bears now.

The models between that file and the allocated costs are built in a copy of the warehouse, which is then thrown away.
"""

from __future__ import annotations

import filecmp
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from rich import box
from rich.markup import escape
from rich.table import Table

from orchestration import config, dbt_project, lock, publish
from orchestration.errors import MendableError
from orchestration.ledger.statements import closes
from orchestration.places import ROOT, Places
from orchestration.progress import wide_console

RULES = "allocation_rules"
LAST_FULL_MONTH = """
    select max(usage_month) from core.fct_allocated_costs
    where usage_month < date_trunc('month', (select as_of_at from governance.run_info))
"""
BY_TEAM = "select team, sum(effective_cost_usd) from core.fct_allocated_costs where usage_month = $month group by team"

Costs = dict[str, Decimal | None]  # effective cost in USD, by team


def preview(places: Places, file: Path) -> None:
    """Print each team's cost before and after, of the last closed month, else of the last full one."""
    month, before, after = compare(places, file)
    console = wide_console()
    console.print(
        f"\n[bold]{month:%Y-%m}: effective cost in USD, now and with {escape(str(file))}[/bold]", highlight=False
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("team", "now", "then", "difference"):
        table.add_column(name, justify="left" if name == "team" else "right")
    for team in sorted(before.keys() | after.keys(), key=lambda team: (-abs(_moved(before, after, team)), team)):
        cells = (before.get(team), after.get(team), _moved(before, after, team))
        table.add_row(escape(team), *map(_usd, cells))
    totals = [sum((amount or Decimal(0) for amount in costs.values()), Decimal(0)) for costs in (before, after)]
    table.add_row("all", *map(_usd, (*totals, totals[1] - totals[0])), style="bold")
    console.print(table)
    console.print("Nothing was published, and no file was changed.")


def compare(places: Places, file: Path) -> tuple[date, Costs, Costs]:
    """The month, and what each team bears of it before and after; the two sums are the same.

    `file` stands for the config file of its name, else for allocation_rules.csv. Raises MendableError where it cannot
    be used, and where the last build is not what is published.
    """
    if not file.is_file():
        raise MendableError(f"{file} is not there. Give a file with the columns of allocation_rules.csv.")
    name = file.stem if file.stem in config.contracts() else RULES
    with lock.writer(places, "costgrain preview"), TemporaryDirectory(dir=places.home, prefix="preview-") as folder:
        with publish.opened(places) as marts:
            closed = [date.fromisoformat(f"{close.month}-01") for close in closes(places)]
            month = closed[-1] if closed else marts.execute(LAST_FULL_MONTH).fetchone()[0]
            before = _costs(marts, month)
        if month is None:
            raise MendableError("No month with costs has ended yet, so there is nothing to compare.")
        if not filecmp.cmp(places.built_marts, places.published_marts, shallow=False):
            raise MendableError("The last build was not published. Run costgrain run, then preview.")
        other = _copy(places, Path(folder), file, name)
        config.check(other)
        _build(other, name)
        with duckdb.connect(str(other.built_marts), read_only=True) as marts:
            return month, before, _costs(marts, month)


def _copy(places: Places, folder: Path, file: Path, name: str) -> Places:
    """The same places, but for a home and a config of their own."""
    other = replace(places, home=folder / "home", config=folder / "config")
    other.built_marts.parent.mkdir(parents=True)
    shutil.copyfile(places.warehouse, other.warehouse)
    shutil.copyfile(places.published_marts, other.built_marts)
    other.raw.symlink_to(places.raw)
    if places.config.is_dir():
        shutil.copytree(places.config, other.config)
    other.config.mkdir(exist_ok=True)
    shutil.copyfile(file, other.config / f"{name}.csv")
    return other


def _build(places: Places, name: str) -> None:
    """All models that read the file and that the allocated costs are made from."""
    target = dbt_project.target(places)
    done = subprocess.run(
        [*dbt_project.DBT, "run", "--select", f"stg_company__{name}+,+fct_allocated_costs"],
        cwd=ROOT, capture_output=True, text=True,
        env={**dbt_project.environment(places), "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)},
    )  # fmt: skip
    if done.returncode:
        raise MendableError(f"The costs could not be allocated by it:\n{(done.stdout + done.stderr).strip()}")


def _costs(marts: duckdb.DuckDBPyConnection, month: date | None) -> Costs:
    return dict(marts.execute(BY_TEAM, {"month": month}).fetchall())


def _moved(before: Costs, after: Costs, team: str) -> Decimal:
    return (after.get(team) or Decimal(0)) - (before.get(team) or Decimal(0))


def _usd(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{round(amount, 6) + 0:,.6f}"
