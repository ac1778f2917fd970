"""`costgrain close MONTH`: what is still open of a month, and the issue of its statement into the ledger.

All figures, and the lines that are issued, are those of the published marts.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration import lock, publish
from orchestration.closed_months import next_month
from orchestration.errors import MendableError
from orchestration.ledger.for_dbt import write_raw
from orchestration.ledger.statements import LINE_SCHEMA, Close, Line, closes, issue
from orchestration.places import Places
from orchestration.progress import wide_console

MATERIALITY = Decimal(100)  # USD
MOST = 5  # subjects of an item that a refusal names


@dataclass(frozen=True)
class Check:
    """What may be open of a month: `query` gives subject, number and USD (null: not known) of each thing that is."""

    name: str
    query: str
    mend: str


CHECKS = (
    Check(
        "missing invoices",
        """
        with bills as (
            select distinct vendor, usage_month from core.fct_cost_lines
            where source_file_hash is not null and cost_status = 'invoiced'
        ),
        expected as (
            select vendor from core.fct_cost_lines where usage_month = $month and cost_status = 'accrued'
            union
            select vendor from bills where usage_month in ($month - interval 1 month, $month - interval 2 month)
            group by vendor having count(*) = 2
        )
        select vendor, count(lines.cost_line_id), sum(lines.effective_cost_usd)
        from expected
        left join (select * from core.fct_cost_lines where usage_month = $month) as lines using (vendor)
        where vendor not in (select vendor from bills where usage_month = $month)
        group by vendor
        """,
        "Land the vendor's bill of the month.",
    ),
    Check(
        "accruals",
        """
        select vendor, count(*), sum(effective_cost_usd) from core.fct_cost_lines
        where usage_month = $month and cost_status = 'accrued' group by vendor
        """,
        "Land the bills that show this usage; the accrual is then gone by itself.",
    ),
    Check(
        "unexplained",
        """
        select vendor, count(distinct line), sum(amount_usd) from finance.invoice_reconciliation
        where usage_month = $month and cause = 'unexplained' group by vendor
        qualify sum(sum(abs(amount_usd))) over () > $materiality
        """,
        "Ask the vendor: costgrain invoice show VENDOR MONTH --dispute FILE.",
    ),
    Check(
        "unmapped spend",
        """
        select unallocated_reason, count(distinct cost_line_id), sum(effective_cost_usd) from core.fct_allocated_costs
        where usage_month = $month and team = '(unallocated)' group by all having sum(abs(effective_cost_usd)) <> 0
        union all
        select 'no cost centre of team ' || team, count(*), sum(amount_usd) from finance.chargeback_statement
        where statement_month = $month and cost_centre = '(unassigned)' and team <> '(unallocated)'
            and exists (select 1 from core.dim_team_places)
        group by all having sum(abs(amount_usd)) <> 0
        """,
        "Name its team: in tags, config/api_keys.csv or config/allocation_rules.csv; and a team's cost centre in "
        "config/org_hierarchy.csv.",
    ),
    Check(
        "unknown cost",
        """
        select vendor, count(*), sum(billed_cost_usd) from core.fct_cost_lines
        where usage_month = $month and effective_cost is null group by vendor
        """,
        "The bill tells no effective cost, so the statement leaves these charges out: land what tells it, such as an "
        "amortised export.",
    ),
    Check(
        "disputes",
        """
        select strftime(statement_month, '%Y-%m') || ' ' || cost_centre, count(*), sum(amount_usd)
        from finance.chargeback_statement where status = 'disputed' group by all
        """,
        "Settle them, and end the row in config/closed_periods.csv with a valid_to.",
    ),
    Check(
        "provisional data",
        """
        select finding || ' ' || source, count(*), cast(null as decimal(38, 18)) from governance.data_findings
        where date_trunc('month', finding_date) = $month and finding in ('missing_bucket', 'no_exchange_rate')
        group by all
        """,
        "See governance.data_findings: fetch the days again that a report lacks, and add the rates.",
    ),
)


@dataclass(frozen=True)
class Item:
    """A check, and what it found open: (subject, number, USD)."""

    check: Check
    found: list[tuple[str, int, Decimal | None]]

    def named(self, most: int | None = None) -> str:
        """The check with its subjects and their USD, the largest first."""
        subjects = [f"{subject} {_usd(amount)}" for subject, _, amount in self.found]
        rest = [f"{len(subjects) - most} more"] if most and len(subjects) > most else []
        return f"{self.check.name}: {'; '.join([*subjects[:most], *rest])}"


def close(
    places: Places, month: str, *, accept: str | None = None, materiality: Decimal = MATERIALITY, by: str | None = None
) -> None:
    """Print the checklist and issue the statement; raises MendableError where the month cannot be closed, or not yet.

    `accept`: why it is closed although something is open. Said of a closed month, it changes nothing.
    """
    first = _first_day(month)
    with lock.writer(places, "costgrain close"), publish.opened(places) as marts:
        closed = {found.month: found for found in closes(places)}
        console = wide_console()
        if month in closed:
            _print_closed(console, closed[month])
            return
        _refuse(places, marts, first, list(closed))
        values = {"month": first, "materiality": materiality}
        items = [Item(check, sorted(_rows(marts, check.query, values), key=_largest_first)) for check in CHECKS]
        _print_checklist(console, month, items)
        open_items = [item for item in items if item.found]
        if open_items and not accept:
            told = "\n".join(f"  {item.named(MOST)}\n    {item.check.mend}" for item in open_items)
            raise MendableError(
                f"{month} is not closed, as this is open:\n{told}\n"
                f'  To close it all the same: costgrain close {month}{places.option} --accept "why".'
            )
        made = Close(
            month=month,
            closed_at=places.now.isoformat(sep=" ", timespec="seconds"),
            closed_by=by or getpass.getuser(),
            accepted_items=[item.named() for item in open_items],
            accepted_reason=accept if open_items else None,
            rule_version=_rows(marts, "select rule_version from governance.run_info")[0][0],
            config_state=_rows(marts, "select max(state_number) from governance.rule_changes")[0][0],
            lines=_lines(marts, first),
        )
        issue(places, made)
        write_raw(places)
    _print_closed(console, made)
    console.print(f"costgrain run{places.option} shows it as issued.")


def _first_day(month: str) -> date:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise MendableError(f"{month} is not a month. Write it as 2026-09.") from None
    return first


def _refuse(places: Places, marts: duckdb.DuckDBPyConnection, first: date, closed: list[str]) -> None:
    """Raise MendableError where the month cannot be closed whatever is accepted."""
    month = f"{first:%Y-%m}"
    end = date.fromisoformat(f"{next_month(month)}-01")
    if places.now.date() < end:
        raise MendableError(f"{month} has not ended. It can be closed from {end} on.")
    [(as_of,)] = _rows(marts, "select as_of_at from governance.run_info")
    if as_of.date() < end:
        raise MendableError(
            f"The published marts are of {as_of}, before {month} ended. Run costgrain run{places.option}, then close."
        )
    if closed and month < closed[-1]:
        raise MendableError(
            f"{closed[-1]} is closed, so {month} cannot be any more: "
            f"its costs stand on the statement of {next_month(closed[-1])}."
        )
    known = _rows(
        marts,
        "select strftime(statement_month, '%Y-%m'), bool_or(status <> 'draft')"
        " from finance.chargeback_statement group by 1",
    )
    if set(closed) != {name for name, is_issued in known if is_issued}:
        raise MendableError(
            f"The published marts do not show {closed[-1] if closed else 'the ledger'} as it is in the ledger. "
            f"Run costgrain run{places.option}, then close."
        )
    if earlier := sorted(name for name, is_issued in known if name < month and not is_issued):
        raise MendableError(
            f"{earlier[0]} is open and has costs. Months close in order: costgrain close {earlier[0]}{places.option}."
        )
    if month not in {name for name, _ in known}:
        raise MendableError(f"{month} has no costs, so there is no statement to issue.")


def _lines(marts: duckdb.DuckDBPyConnection, first: date) -> list[Line]:
    """The month's lines as texts, with all their decimals."""
    names = LINE_SCHEMA.names
    texts = ", ".join(f"cast({name} as varchar)" for name in names)
    query = f"select {texts} from finance.chargeback_statement where statement_month = $month order by statement_id"
    return [dict(zip(names, row, strict=True)) for row in _rows(marts, query, {"month": first})]


def _rows(marts: duckdb.DuckDBPyConnection, query: str, values: dict | None = None) -> list[tuple]:
    used = {name: value for name, value in (values or {}).items() if f"${name}" in query}
    return marts.execute(query, used).fetchall()


def _print_checklist(console: Console, month: str, items: list[Item]) -> None:
    console.print(f"\n[bold]{month}, before it is closed[/bold]", highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("", "", "what", "number", "USD"):
        table.add_column(name, justify="right" if name in ("number", "USD") else "left")
    for item in items:
        if not item.found:
            table.add_row("ok", item.check.name)
        for number, (subject, count, amount) in enumerate(item.found):
            name = item.check.name if number == 0 else ""
            table.add_row("[yellow]open[/yellow]" if name else "", name, escape(subject), f"{count:,}", _usd(amount))
    console.print(table)


def _print_closed(console: Console, made: Close) -> None:
    total = sum((Decimal(line["amount_usd"] or 0) for line in made.lines), Decimal(0))
    console.print(
        f"\n[bold]{made.month} is closed[/bold]: since {made.closed_at}, by {escape(made.closed_by)}; "
        f"{len(made.lines):,} lines of {_usd(total)} USD are issued. "
        f"What changes now stands on the statement of {next_month(made.month)} or later.",
        highlight=False,
    )
    for item in made.accepted_items:
        console.print(f"  accepted: {escape(item)} ({escape(made.accepted_reason or '')})", highlight=False)


def _largest_first(found: tuple[str, int, Decimal | None]) -> tuple:
    subject, _, amount = found
    return -abs(amount or 0), subject


def _usd(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{round(amount, 2) + 0:,.2f}"  # no -0.00
