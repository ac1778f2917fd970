"""`costgrain preview FILE`: what each target would bear with another file of rules, beside what it bears now.

The models between that file and the allocated costs are built in a copy of the warehouse, which is then thrown away.
"""

from __future__ import annotations

import filecmp
import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from rich import box
from rich.markup import escape
from rich.table import Table

from orchestration import closed_months, config, dbt_project, lock, publish
from orchestration.allocation_rules import TARGETS
from orchestration.errors import MendableError
from orchestration.ledger.statements import closes
from orchestration.places import ROOT, Places
from orchestration.progress import wide_console

RULES = "allocation_rules"
LAST_FULL_MONTH = """
    select max(usage_month) from core.fct_allocated_costs
    where usage_month < date_trunc('month', (select as_of_at from governance.run_info))
"""
# Teams first: they are all shown, of the others only those whose cost moves.
SHOWN = sorted(TARGETS, key=lambda target: target != "team")
BY_TARGET = " union all ".join(
    f"select '{target}', {'customer_id' if target == 'customer' else target}, sum(effective_cost_usd)"
    " from core.fct_allocated_costs where usage_month = $month group by 2"
    for target in SHOWN
)

Costs = dict[tuple[str, str], Decimal | None]  # effective cost in USD, by target and its value: ("team", "search")


@dataclass(frozen=True)
class Preview:
    """What each target bears of a month before and after: of each target, the two sums are the same.

    `is_closed`: whether the month is. `refused`: what a run would say of closed months.
    """

    month: date
    is_closed: bool
    before: Costs
    after: Costs
    refused: list[str]

    def moved(self, target: tuple[str, str]) -> Decimal:
        return (self.after.get(target) or Decimal(0)) - (self.before.get(target) or Decimal(0))


def preview(places: Places, file: Path) -> None:
    """Print each target's cost before and after, of the last closed month, else of the last full one."""
    found = compare(places, file)
    console = wide_console()
    which = "the last closed month" if found.is_closed else "the last full month, as none is closed"
    console.print(
        f"\n[bold]{found.month:%Y-%m}, {which}: effective cost in USD, now and with {escape(str(file))}[/bold]",
        highlight=False,
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("target", "", "now", "then", "difference"):
        table.add_column(name, justify="left" if name in ("target", "") else "right")
    for of in SHOWN:
        targets = [target for target in found.before.keys() | found.after.keys() if target[0] == of]
        for target in sorted(targets, key=lambda target: (-abs(found.moved(target)), target)):
            if of == "team" or found.moved(target):
                cells = (found.before.get(target), found.after.get(target), found.moved(target))
                table.add_row(of, escape(target[1]), *map(_usd, cells))
    totals = [_of_all_teams(costs) for costs in (found.before, found.after)]
    table.add_row("all", "", *map(_usd, (*totals, totals[1] - totals[0])), style="bold")
    console.print(table)
    if found.refused:
        console.print("A run with it would be refused, as it concerns closed months:", highlight=False)
        console.print(escape("\n".join(found.refused)), highlight=False, soft_wrap=True)
    console.print("Nothing was published, and no file was changed.")


def compare(places: Places, file: Path) -> Preview:
    """The month, and what each target bears of it before and after.

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
            raise MendableError(f"The last build was not published. Run costgrain run{places.option}, then preview.")
        other = _copy(places, Path(folder), file, name)
        config.check(other)
        _build(other, name)
        with duckdb.connect(str(other.built_marts), read_only=True) as marts:
            return Preview(month, bool(closed), before, _costs(marts, month), closed_months.findings(other))


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
    return {(target, value): cost for target, value, cost in marts.execute(BY_TARGET, {"month": month}).fetchall()}


def _of_all_teams(costs: Costs) -> Decimal:
    return sum((cost or Decimal(0) for (target, _), cost in costs.items() if target == "team"), Decimal(0))


def _usd(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{round(amount, 6) + 0:,.6f}"
