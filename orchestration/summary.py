"""What `run` and `status` print: what landed, what came of it, what it cost, and what is missing to answer more.

Read from the published marts and the file manifests alone, so it can be printed at any time.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration import lock, publish
from orchestration.dbt_project import Finding
from orchestration.errors import MendableError
from orchestration.places import Places
from orchestration.progress import wide_console

MOST = 10  # lines of a list before the rest is only counted
BASES = ("list", "contracted", "billed", "effective")


def show(places: Places, warnings: Sequence[Finding] = ()) -> list[str]:
    """Print the summary; returns what --strict minds: quarantine and warnings, in words.

    Raises MendableError where nothing has been published.
    """
    marts = publish.opened(places)
    console = wide_console()
    with marts:
        _title(console, marts)
        troubles = _files(console, places)
        _layers(console, marts, places)
        _costs(console, marts)
        _unit_costs(console, marts)
        _coverage(console, marts)
        _findings(console, marts)
        _answers(console, marts)
    troubles += _warnings(console, warnings)
    _next(console, places)
    return troubles


def _title(console: Console, marts: duckdb.DuckDBPyConnection) -> None:
    found = _rows(marts, "select is_demo, as_of_at, first_call_date, last_call_date from governance.run_info")
    if not found:
        return
    is_demo, as_of, first, last = found[0]
    calls = f"calls from {first} to {last}, " if first else ""
    console.print()
    if is_demo:
        console.print("[bold reverse] DEMO [/] An invented company: no number below is yours.")
    console.print(f"[bold]Published marts[/bold]: {calls}as of {as_of:%Y-%m-%d %H:%M} UTC")


def _files(console: Console, places: Places) -> list[str]:
    """What landed, by source, and the reasons of what was refused."""
    from orchestration.ingest import unknown_folders

    strangers = unknown_folders(places)
    for name in strangers[:MOST]:
        console.print(
            f"  [yellow]no source[/yellow] landing/{escape(name)}: not read; see the sources in README", highlight=False
        )
    troubles = [f"{len(strangers)} entries of landing belong to no source"] if strangers else []
    manifests = sorted((places.raw / "manifest").glob("*.parquet"))
    if not manifests:
        console.print("\nNo file has been taken in.")
        return troubles
    columns = ("landed", "accepted", "in part", "quarantined", "rows landed", "rows accepted", "rows quarantined")
    table = _table(console, "Files", "source", *columns)
    with duckdb.connect() as con:
        con.execute("create table files as select * from read_parquet(?)", [[str(path) for path in manifests]])
        for row in _rows(con, """
            select source, sum(len(paths)), sum(len(paths)) filter (status = 'accepted'),
                sum(len(paths)) filter (status = 'partly_quarantined'), sum(len(paths)) filter (status = 'quarantined'),
                sum(rows_landed), sum(rows_accepted), sum(rows_quarantined)
            from files group by source order by source"""):  # fmt: skip
            table.add_row(row[0], *(f"{value or 0:,}" for value in row[1:]))
        refused = _rows(con, """
            select paths[1] as path, status, rows_quarantined, reason from files
            where status <> 'accepted' order by status desc, path""")  # fmt: skip
    console.print(table)
    for path, status, rows, reason in refused[:MOST]:
        what = "quarantined" if status == "quarantined" else f"{rows:,} rows quarantined"
        console.print(f"  [yellow]{what}[/yellow] {escape(path)}: {escape(reason or '')}", highlight=False)
    if len(refused) > MOST:
        console.print(f"  … and {len(refused) - MOST} more")
    if refused:
        console.print(f"  Each row and its reason: {places.quarantine}", highlight=False)
    return troubles + ([f"{len(refused)} files quarantined in whole or in part"] if refused else [])


def _layers(console: Console, marts: duckdb.DuckDBPyConnection, places: Places) -> None:
    table = _table(console, "Rows by layer", "layer", "tables", "rows")
    staged = _rows(marts, "select count(distinct source), sum(rows_staged) from governance.data_quality")
    if staged and staged[0][1] is not None:
        table.add_row("staging (sources)", *(f"{int(value):,}" for value in staged[0]))
    try:
        with (
            lock.writer(places, "costgrain status"),
            duckdb.connect(str(places.warehouse), read_only=True) as warehouse,
        ):
            for schema, tables, rows in _table_sizes(warehouse):
                if "intermediate" in schema:
                    table.add_row("intermediate (kept)", f"{tables:,}", f"{rows:,}")
    except (MendableError, duckdb.Error):
        pass  # a run is writing there: the published marts tell enough
    for schema, tables, rows in _table_sizes(marts):
        table.add_row(f"marts: {schema}", f"{tables:,}", f"{rows:,}")
    console.print(table)


def _table_sizes(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int, int]]:
    return _rows(
        con,
        "select schema_name, count(*), sum(estimated_size)::bigint from duckdb_tables() "
        "where not internal and database_name = current_database() and schema_name <> 'fingerprints' "
        "group by 1 order by 1",
    )


def _costs(console: Console, marts: duckdb.DuckDBPyConnection) -> None:
    """Each basis by cost status; a line without an amount in USD is counted, not taken for zero.

    At list and contracted prices a commitment's purchase is left out: what it pays for is there at these prices itself.
    """
    ahead = "charge_category = 'Purchase' and commitment_discount_id is not null"
    amounts = [
        f"case when not ({ahead}) then {basis}_cost_usd else 0 end"
        if basis in ("list", "contracted")
        else f"{basis}_cost_usd"
        for basis in BASES
    ]
    sums = ", ".join(f"sum({amount}), count(*) filter (({amount}) is null)" for amount in amounts)
    found = _rows(marts, f"select cost_status, count(*), {sums} from core.fct_cost_lines group by 1 order by 1 desc")
    if not found:
        console.print("\nNo cost line yet: neither a bill nor a priced call.")
        return
    table = _table(console, "Cost by basis, USD", "basis", *(row[0] for row in found), "all", "lines without it")
    for number, basis in enumerate(BASES):
        amounts = [row[2 + 2 * number] for row in found]
        known = [amount for amount in amounts if amount is not None]
        missing = sum(row[3 + 2 * number] for row in found)
        table.add_row(basis, *map(_money, amounts), _money(sum(known) if known else None), f"{missing:,}")
    console.print(table)


def _unit_costs(console: Console, marts: duckdb.DuckDBPyConnection) -> None:
    """The last full month: the whole company by metric, and what each workflow's runs and outcomes cost."""
    found = _rows(marts, """
        with months as (
            select max(period_start) as month from unit_economics.unit_costs, governance.run_info
            where period_grain = 'month' and period_start + interval 1 month <= as_of_at
        )
        select month, target_type, metric, target, cost_basis, denominator_count, value_usd, value_low_usd,
            value_high_usd, coverage_ratio, is_provisional
        from unit_economics.unit_costs, months
        where period_grain = 'month' and period_start = month and value_usd is not null
            and metric not like 'thousand_%_tokens'
            and (target_type = 'company' and cost_basis in ('effective', 'fully_loaded')
                or target_type = 'workflow' and target <> '(unallocated)' and cost_basis = 'fully_loaded'
                and metric not in ('inference', 'thousand_tokens', 'business_outcome') and metric not like 'active%')
        order by target_type, metric, target, cost_basis""")  # fmt: skip
    if not found:
        console.print("\nNo unit cost for a full month yet.")
        return
    columns = ("basis", "units", "per unit", "low", "high", "covered")
    for kind, title in (("company", "Unit costs"), ("workflow", "Unit costs by workflow")):
        rows = [row for row in found if row[1] == kind]
        of = () if kind == "company" else ("workflow",)
        if rows:
            title = f"{title}, {rows[0][0]:%B %Y}, USD"
            table = _table(console, title, "metric", *of, *columns, left=2 + len(of))
            for _, _, metric, target, basis, units, value, low, high, covered, provisional in rows:
                cells = (_count(units), _unit(value), _unit(low), _unit(high), _ratio(covered))
                mark = " *" if provisional else ""
                table.add_row(metric + mark, *([escape(target)] if of else []), basis, *cells)
            console.print(table)
    if any(row[-1] for row in found):
        console.print("  * provisional: outcomes of that month may still come in", highlight=False)
        console.print(
            "  per unit: over runs whose outcome is known; low and high: over all runs, "
            "if the others succeed as often, or never",
            highlight=False,
        )


def _coverage(console: Console, marts: duckdb.DuckDBPyConnection) -> None:
    found = _rows(marts, """
        select dimension, sum(traced_usd), sum(spend_usd), sum(call_count), sum(unpriced_call_count)
        from governance.cost_visibility group by 1 order by 2 desc nulls last, 1""")  # fmt: skip
    if not found:
        return
    table = _table(
        console, "Coverage: metered spend on calls, traced to each", "dimension", "traced USD", "of USD", "share"
    )
    for dimension, traced, spend, _, _ in found:
        table.add_row(dimension, _money(traced), _money(spend), _ratio(traced / spend if spend else None))
    console.print(table)
    calls, unpriced = found[0][3:]
    if unpriced:
        console.print(f"  {unpriced:,} of {calls:,} calls have no price: governance.unpriced_usage", highlight=False)


def _findings(console: Console, marts: duckdb.DuckDBPyConnection) -> None:
    """Money without a rate, repeats that differ, and rules that somebody approved and that decide nothing."""
    [(amounts, currencies, repeats)] = _rows(marts, """
        select sum(record_count) filter (finding = 'no_exchange_rate'),
            string_agg(distinct billing_currency, ', ' order by billing_currency)
                filter (finding = 'no_exchange_rate'),
            count(*) filter (finding = 'conflicting_repeat')
        from governance.data_findings""") or [(None, None, 0)]  # fmt: skip
    for what in (
        f"Without an exchange rate, and so in no sum in USD: {amounts:,} ({currencies})" if amounts else None,
        f"Of an id that came before, but saying something else, and so left out: {repeats:,}" if repeats else None,
    ):
        if what:
            console.print(f"  {escape(what)}: governance.data_findings", highlight=False)
    found = _rows(marts, """
        select subject || ' (' || source || ')' from governance.data_findings
        where finding = 'rule_without_charge' order by source desc, subject""")  # fmt: skip
    if found:
        named = "; ".join(subject for (subject,) in found[:MOST]) + ("; …" if len(found) > MOST else "")
        rules = "1 rule decides" if len(found) == 1 else f"{len(found)} rules decide"
        console.print(f"  {rules} no charge: {escape(named)}: governance.data_findings", highlight=False)


def _answers(console: Console, marts: duckdb.DuckDBPyConnection) -> None:
    found = _rows(marts, """
        select question, status, coalesce(what_would_change_that, '') from governance.answerable
        order by case status when 'now' then 0 when 'partly' then 1 else 2 end, question_id""")  # fmt: skip
    if not found:
        return
    table = _table(
        console, "What can be answered, and what is missing", "question", "status", "what would change that", left=3
    )
    for question, status, mend in found:
        color = {"now": "green", "partly": "yellow"}.get(status, "red")
        table.add_row(escape(question), f"[{color}]{status}[/{color}]", escape(mend))
    console.print(table)


def _warnings(console: Console, warnings: Sequence[Finding]) -> list[str]:
    if not warnings:
        return []
    console.print(f"\n[bold]Warnings[/bold] ({len(warnings)})")
    for finding in warnings[:MOST]:
        console.print(f"  [yellow]{escape(finding.name)}[/yellow]: {escape(finding.message)}", highlight=False)
    return [f"{len(warnings)} warnings"]


def _next(console: Console, places: Places) -> None:
    published = places.published_marts
    console.print("\n[bold]Open next[/bold]")
    for line in (
        f"the marts, read-only: {published}",
        f"  {_command('python')} -c \"import duckdb; duckdb.connect('{published}', read_only=True)"
        ".sql('select metric, target, period_start, cost_basis, value_usd from unit_economics.unit_costs limit 20')"
        '.show()"',
        "runs, checks, schedule and docs in the browser: make serve",
        f"this page again: {_command('costgrain')} status{places.option}",
        f"your own files: into landing/ (see README); then {_command('costgrain')} init proposes what to set up, ranked"
        if places.is_demo
        else f"what to set up, ranked by what it explains: {_command('costgrain')} init",
    ):
        console.print(f"  {line}", highlight=False, soft_wrap=True, markup=False)


def _command(name: str) -> str:
    """How one types a command of this installation, from where one stands."""
    own = Path(sys.executable).parent / name
    if shutil.which(name) == str(own):
        return name
    return str(own.relative_to(Path.cwd())) if own.is_relative_to(Path.cwd()) else str(own)


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    """The rows; none where a table or column of the query is not there (an older file, or an empty one)."""
    try:
        return con.execute(query).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []


def _table(console: Console, title: str, *columns: str, left: int = 1) -> Table:
    """A table under its title; the first `left` columns are words, the others numbers."""
    console.print(f"\n[bold]{title}[/bold]", highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < left else "right", overflow="fold")
    return table


def _money(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _unit(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,.6f}"


def _count(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _ratio(value: Decimal | None) -> str:
    return "-" if value is None else f"{value * 100:.1f} %"
