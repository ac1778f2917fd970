"""`costgrain explain STATEMENT_ID`: from a line of a statement down to rules, charges, and rows of landed files.

Reads the published marts; the names of files are those of the manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration import publish
from orchestration.errors import MendableError
from orchestration.ingest import manifest
from orchestration.places import Places
from orchestration.progress import wide_console

MOST = 20  # charges that are named, the largest first
LINE = """
    select * from finance.chargeback_statement
    where starts_with(statement_id, $line) and length($line) >= 6
    limit 2
"""
# Of lines about the same usage of the same bearer these are the same: of all that was issued and drafted for it.
BEARER = ("usage_month", "legal_entity", "cost_centre", "statement_kind", "team", "cost_status")
SAME = " and ".join(f"{name} = ${name}" for name in BEARER)
LINES = f"""
    select statement_month, part, reason, status, rule_version, amount_usd, statement_id
    from finance.chargeback_statement where {SAME} order by statement_month, part, reason
"""
# A draft is about its own part; what was issued, and what adjusts it, is held against all that is known now.
PARTS = f"""
    with parts as (
        select
            allocated.* exclude (team), allocated.team,
            coalesce(places.legal_entity, '(unassigned)') as legal_entity,
            coalesce(places.cost_centre, '(unassigned)') as cost_centre,
            coalesce(places.statement_kind, 'showback') as statement_kind
        from core.fct_allocated_costs as allocated
        left join core.dim_team_places as places
            on allocated.team = places.team
            and allocated.part_from >= coalesce(places.valid_from, allocated.part_from)
            and (places.valid_to is null or allocated.part_from < places.valid_to)
    ),
    wanted as (select * from parts where {SAME} and coalesce($part, part) = part)
"""
BY_RULE = f"""
    {PARTS}
    select rule_path, method, driver, part, count(distinct cost_line_id), sum(effective_cost_usd)
    from wanted group by all order by abs(sum(effective_cost_usd)) desc nulls last, rule_path, part
"""
CHARGES = f"""
    {PARTS}
    select wanted.cost_line_id, wanted.charge_date, lines.vendor,
        coalesce(lines.charge_description, lines.service, lines.model), lines.invoice_id, lines.source,
        lines.source_file_hash, lines.source_row, wanted.rule_path, sum(wanted.allocation_ratio),
        lines.effective_cost_usd, sum(wanted.effective_cost_usd)
    from wanted
    inner join core.fct_cost_lines as lines
        on wanted.cost_line_id = lines.cost_line_id and wanted.charge_date = lines.charge_date
    group by all
    order by abs(sum(wanted.effective_cost_usd)) desc nulls last, wanted.charge_date, wanted.cost_line_id, rule_path
"""


def explain(places: Places, statement_id: str, *, every: bool = False) -> None:
    """Print the path from a line to the rows that it comes from; raises MendableError where there is no such line.

    `every`: all charges, however many.
    """
    with publish.opened(places) as marts:
        line = _line(marts, statement_id)
        same = {name: line[name] for name in BEARER}
        is_restated = line["status"] != "draft" or line["part"] == "adjustment"
        own = same | {"part": None if is_restated else line["part"]}
        lines = marts.execute(LINES, same).fetchall()
        rules = marts.execute(BY_RULE, own).fetchall()
        charges = [row[1:] for row in marts.execute(CHARGES, own).fetchall()]
    console = wide_console()
    _print_line(console, line)
    if is_restated:
        _print_lines(console, line, lines)
    _print_rules(console, rules)
    _print_charges(console, places, charges if every else charges[:MOST], charges)


def _line(marts: duckdb.DuckDBPyConnection, statement_id: str) -> dict[str, object]:
    found = marts.execute(LINE, {"line": statement_id})
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    if len(rows) != 1:
        said = "More than one line begins with" if rows else "No line of a statement is or begins with"
        raise MendableError(
            f"{said} {statement_id}. finance.chargeback_statement lists them; give at least six letters of one."
        )
    return dict(zip(names, rows[0], strict=True))


def _print_line(console: Console, line: dict) -> None:
    console.print(
        f"\n[bold]{line['statement_month']:%Y-%m}, {escape(line['cost_centre'])}, {escape(line['team'])}: "
        f"{_usd(line['amount_usd'])} USD[/bold]   {line['part']}, {line['cost_status']}, of usage in "
        f"{line['usage_month']:%Y-%m}, {line['status']}, {line['statement_kind']}, rules {line['rule_version']}",
        highlight=False,
    )


def _print_lines(console: Console, line: dict, lines: Sequence[tuple]) -> None:
    table = _table("statement", "part", "why", "status", "rules", "USD")
    total = before = rates = Decimal(0)
    for month, part, reason, status, rules, amount, statement_id in lines:
        total += amount or 0
        before += (amount or 0) if month < line["statement_month"] else 0
        rates += (amount or 0) if month == line["statement_month"] and reason == "fx" else 0
        style = "bold" if statement_id == line["statement_id"] else None
        table.add_row(f"{month:%Y-%m}", part, reason or "", status, rules, _usd(amount), style=style)
    table.add_row("all, as it is known now", "", "", "", "", _usd(total))
    console.print("\nAll that was issued and is drafted for this usage")
    console.print(table)
    if line["reason"] == "fx":
        console.print(
            f"Of what the bills say, {_usd(line['amount_usd'])} is their exchange rates, against those at which the "
            "closed month was accrued.",
            highlight=False,
        )
    elif line["part"] == "adjustment":
        was, now = _usd(before), _usd(before + (line["amount_usd"] or 0) + rates)
        by = _usd(line["amount_usd"]) + (f", and by {_usd(rates)} of exchange rates" if rates else "")
        console.print(f"It was {was}, and became {now}: adjusted by {by}.", highlight=False)


def _print_rules(console: Console, rules: Sequence[tuple]) -> None:
    table = _table("rule", "method", "driver", "part", "charges", "USD")
    for path, method, driver, part, count, amount in rules:
        table.add_row(escape(path), method, driver or "", part, f"{count:,}", _usd(amount))
    total = sum((amount or Decimal(0) for *_, amount in rules), Decimal(0))
    table.add_row("all", "", "", "", "", _usd(total), style="bold")
    console.print("\nThe rules that put it there, as costs are known now")
    console.print(table)


def _print_charges(console: Console, places: Places, shown: Sequence[tuple], charges: Sequence[tuple]) -> None:
    table = _table("day", "vendor", "charge", "invoice", "file", "row", "rule", "of USD", "share", "USD")
    files = dict.fromkeys((source, file_hash) for _, _, _, _, source, file_hash, *_ in shown)
    numbers = {file: f"{number}" for number, file in enumerate(files, start=1)}
    for day, vendor, what, invoice, source, file_hash, row, path, ratio, whole, amount in shown:
        file = numbers[source, file_hash]
        cells = [f"{day}", vendor, what or "", invoice or "", file, "" if row is None else f"{row:,}", path]
        table.add_row(*map(escape, cells), _usd(whole), f"{ratio:.6f}", _usd(amount))
    if rest := charges[len(shown) :]:
        amount = sum((found[-1] or Decimal(0) for found in rest), Decimal(0))
        table.add_row("", "", f"{len(rest):,} more (--every)", *[""] * 6, _usd(amount))
    total = sum((found[-1] or Decimal(0) for found in charges), Decimal(0))
    table.add_row("all", *[""] * 8, _usd(total), style="bold")
    console.print("\nThe charges, and the rows of files that they are")
    console.print(table)
    for (source, file_hash), number in numbers.items():
        console.print(f"  file {number}: {escape(_file(places, source, file_hash))}", highlight=False, soft_wrap=True)


def _file(places: Places, source: str, file_hash: str | None) -> str:
    """Where a content lies below landing; of what no file shows, what it is instead."""
    if file_hash is None:
        return f"none: {source}"
    entry = manifest.load(places.raw / "manifest" / f"{source}.parquet").get(file_hash)
    return entry.paths[0] if entry and entry.paths else f"{source}, content {file_hash[:12]}"


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in names:
        is_number = name in ("USD", "of USD", "share", "charges", "file", "row")
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    return table


def _usd(amount: Decimal | None) -> str:
    """With six decimals, so that a reader can add it up."""
    return "-" if amount is None else f"{round(amount, 6) + 0:,.6f}"
