"""`costgrain receipt OUTCOME`: what one outcome cost, line by line, adding up. Reads the published marts alone."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration import publish
from orchestration.errors import MendableError
from orchestration.places import ROOT, Places
from orchestration.progress import wide_console

OUTCOME = "select * from unit_economics.outcome_costs where outcome_id = $outcome"
# A trace id may come again, days after the outcome; and several outcomes may have come of one run, which share it
# evenly.
RUNS = """
    with linked as (
        select outcome_id, run_date, occurred_at, unnest(string_split(trace_ids, ', ')) as trace_id
        from unit_economics.outcome_costs
    ),
    runs as (
        select runs.trace_id, runs.started_at, runs.ended_at, count(*) as sharers
        from core.fct_traces as runs
        inner join linked on runs.trace_id = linked.trace_id
            and (
                runs.trace_date = linked.run_date
                or (runs.trace_date > linked.run_date and runs.started_at <= linked.occurred_at)
            )
        where runs.trace_id in (select unnest(string_split($traces, ', ')))
        group by all
        having bool_or(linked.outcome_id = $outcome)
    )
"""
# The bills that a call is on are those of its vendor and day, of its model where they name one; their lines, where they
# are few, by their rows in the file.
CALLS = f"""
    {RUNS}
    select
        calls.called_at, calls.call_id, calls.model, calls.status, calls.retry_of,
        calls.pricing_status, calls.unpriced_reason, calls.price_provider || ' ' || calls.price_model,
        calls.contracted_cost_usd, calls.billed_cost_usd, calls.effective_cost_usd,
        (
            select case
                when count(*) <= 4
                    then string_agg(lines.bill || coalesce(' row ' || lines.source_row, ''), ', '
                        order by lines.bill, lines.source_row)
                else string_agg(distinct lines.bill, ', ' order by lines.bill) || ' (' || count(*) || ' lines)'
            end
            from (select *, coalesce(invoice_id, source) as bill from core.fct_cost_lines) as lines
            where lines.vendor = calls.provider and lines.cost_status = 'invoiced'
                and calls.call_date >= lines.charge_date
                and calls.called_at < greatest(lines.charge_period_end, lines.charge_date + interval 1 day)
                and lines.charge_category = 'Usage'
                and (lines.model is null or lines.model in (calls.model, calls.price_model))
        ),
        runs.sharers, calls.trace_id
    from core.fct_llm_calls as calls
    inner join runs on calls.trace_id = runs.trace_id and calls.called_at between runs.started_at and runs.ended_at
    order by calls.called_at, calls.call_id
"""
# A run is from its first call of a model to its last: a tool may be called before, and as long after as
# fct_traces counts.
TOOLS = f"""
    {RUNS}
    select tools.called_at, coalesce(tools.tool, '(unnamed)'), tools.duration_seconds, tools.trace_id
    from core.fct_tool_calls as tools
    inner join runs on tools.trace_id = runs.trace_id
        and tools.called_at >= runs.started_at - interval 1 day
        and tools.call_date <= cast(runs.started_at as date) + 7
    order by all
"""
# All that successes may cost, as the month's unit costs have it: by the metric of the outcome's type, where the
# workflow has outcomes of no other. Runs that led to nothing are borne by successes of all types.
AVERAGE = """
    select metric, value_low_usd, value_usd, value_high_usd from unit_economics.unit_costs
    where metric in ('business_outcome', $metric) and target_type = 'workflow' and target = $workflow
        and period_grain = 'month' and period_start = date_trunc('month', cast($day as date))
        and cost_basis = 'fully_loaded'
    qualify value_high_usd is not distinct from max(value_high_usd) filter (metric = 'business_outcome') over ()
    order by metric = 'business_outcome'
"""
# Whose bills the shares are of: what is allocated to the workflow for the days of the runs, whenever the charge began,
# and is no usage of a vendor's models, as in the macro cost_kind.
BILLS = f"""
    {RUNS}
    select
        case when lines.source in ('licences', 'copilot') then 'licences_cost_usd' else 'infrastructure_cost_usd' end,
        string_agg(distinct bill, ', ' order by bill)
    from core.fct_allocated_costs as parts
    inner join (
        select *, vendor || ' ' || coalesce(invoice_id, source) as bill from core.fct_cost_lines
    ) as lines using (cost_line_id)
    where parts.workflow = $workflow
        and exists (
            select 1 from runs
            where parts.part_from <= cast(runs.ended_at as date) and parts.part_to >= cast(runs.started_at as date)
        )
        and parts.effective_cost_usd <> 0 and lines.model is null
        and not regexp_matches(parts.rule_path, '^(own-usage|usage-of-|unlogged-usage|unreconciled)')
    group by 1
"""
METRICS = ROOT / "seeds" / "reference" / "unit_metrics.csv"
ROUNDING = Decimal("1e-12")
LED_NOWHERE = "fully loaded, with human work; evenly over the month's successes"
SHARES = (
    (
        "infrastructure_cost_usd",
        "Share of infrastructure, tools and other shared costs",
        "what is allocated to the workflow on the day, with tax that is not given back",
    ),
    ("licences_cost_usd", "Share of licences", "what is allocated to the workflow on the day"),
    ("human_work_cost_usd", "Human work", "imputed at the labour rate, billed by nobody"),
)


def receipt(places: Places, outcome_id: str) -> None:
    """Print each call, tool, share and human minute of one outcome, with what its amount rests on.

    Raises MendableError where there is no such outcome. Amounts are USD, effective cost; the lines add up to the total.
    """
    with publish.opened(places) as marts:
        outcome = outcome_of(marts, outcome_id)
        calls = calls_of(marts, outcome)
        tools = tools_of(marts, outcome)
        average = average_of(marts, outcome)
        bills = bills_of(marts, outcome)
    console = wide_console()
    what = f"{outcome_id}: {outcome['outcome_type']}, {outcome['status']}, {outcome['run_date']}"
    link = linked(outcome)
    whose = escape(f"{outcome['workflow']}, customer {outcome['customer_id']}")
    console.print(f"\n[bold]{escape(what)}[/bold]   {whose}, {link}", highlight=False)
    _print_calls(console, calls)
    _print_tools(console, tools)
    _print_sum(console, outcome, calls, bills)
    if average:
        _print_average(console, outcome, *average)


def linked(outcome: dict) -> str:
    """How its runs are known, in words."""
    runs = outcome["attempt_count"]
    if not runs:
        return "no run of it is known"
    sure = outcome["link_confidence"] * 100
    return f"{runs} run{'s' * (runs != 1)} linked by {outcome['link_method']}, {sure:.0f} % sure"


def lines(
    outcome: dict, calls: Sequence[tuple], bills: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[str, str, Decimal]]:
    """What the total is made of: what, what it rests on, USD. They add up to `total_cost_usd` exactly."""
    on_calls = sum((_share(call[10], call[12]) or Decimal(0) for call in calls if call[5] != "self_hosted"), Decimal(0))
    rest = (outcome["ai_cost_usd"] or Decimal(0)) - on_calls
    # What dividing costs among runs rounds, a digit far below what is shown, is of the calls.
    own = on_calls + (rest if abs(rest) < ROUNDING else 0)
    shared = ", shared evenly with the other outcomes of their runs" if any(call[12] > 1 for call in calls) else ""
    rows = [("Calls", f"bills and accruals, call by call{shared}", own)]
    if own == on_calls and rest:
        rows.append(("Usage of models that stands on no single call", "shared with who else ran or succeeded", rest))
    for column, what, basis in SHARES:
        if amount := outcome[column]:
            minutes = f" ({outcome['human_minutes']:.2f} minutes)" if column.startswith("human") else ""
            of_bills = f"; bills of its days: {bills[column]}" if column in bills else ""
            rows.append((what + minutes, basis + of_bills, amount))
    unknown = outcome["unknown_attempts_cost_usd"] or Decimal(0)
    failed = (outcome["failed_attempts_cost_usd"] or Decimal(0)) - unknown
    for what, amount in (("that failed", failed), ("whose outcome is pending or unknown", unknown)):
        if amount:
            rows.append((f"Share of runs of the workflow {what}", LED_NOWHERE, amount))
    return rows


def calls_of(marts: duckdb.DuckDBPyConnection, outcome: dict) -> list[tuple]:
    """The calls of all attempts at it, in their order, each with how many outcomes share it."""
    return marts.execute(CALLS, _asked(outcome)).fetchall()


def tools_of(marts: duckdb.DuckDBPyConnection, outcome: dict) -> list[tuple]:
    """The calls of tools that spans tell of, of all attempts at it: when, what, seconds, trace."""
    return marts.execute(TOOLS, _asked(outcome)).fetchall()


def _asked(outcome: dict) -> dict[str, str]:
    return {"traces": outcome["trace_ids"] or "", "outcome": outcome["outcome_id"]}


def bills_of(marts: duckdb.DuckDBPyConnection, outcome: dict) -> dict[str, str]:
    """Whose bills its shares are of, by column of the share."""
    if not outcome["attempt_count"] or outcome["workflow"] == "(unallocated)":
        return {}
    return dict(marts.execute(BILLS, {"workflow": outcome["workflow"], **_asked(outcome)}).fetchall())


def average_of(marts: duckdb.DuckDBPyConnection, outcome: dict) -> tuple | None:
    """The metric, and its low, middle and high unit cost by workflow and month; None of what bears no other runs."""
    if outcome["status"] != "success" or not outcome["attempt_count"] or outcome["workflow"] == "(unallocated)":
        return None
    with METRICS.open(encoding="utf-8", newline="") as file:
        metrics = {row["outcome_type"]: row["metric"] for row in csv.DictReader(file)}
    asked = {"workflow": outcome["workflow"], "day": outcome["run_date"], "metric": metrics[outcome["outcome_type"]]}
    return marts.execute(AVERAGE, asked).fetchone()


def outcome_of(marts: duckdb.DuckDBPyConnection, outcome_id: str) -> dict[str, object]:
    """Its row of `outcome_costs`, by column."""
    found = marts.execute(OUTCOME, {"outcome": outcome_id})
    names = [column[0] for column in found.description]
    row = found.fetchone()
    if row is None:
        raise MendableError(f"No outcome is {outcome_id}. unit_economics.outcome_costs lists them.")
    return dict(zip(names, row, strict=True))


def _print_calls(console: Console, calls: Sequence[tuple]) -> None:
    # Runs by their number, in the order in which they began.
    runs = {run: str(number) for number, run in enumerate(dict.fromkeys(call[-1] for call in calls), start=1)}
    several = ("run",) if len(runs) > 1 else ()
    if several:
        for run, number in runs.items():
            console.print(f"  run {number}: trace {escape(run)}", highlight=False)
    names = ("time (UTC)", "call", "model", "status", "retry of", "price from", "on", "certainty", "USD")
    table = _table(*several, *names)
    for call in calls:
        at, call_id, model, status, retry_of, pricing, why, price, contracted, billed, effective, bills, by, run = call
        # Of what the company runs itself the cost is in its infrastructure, with the bill of the nodes.
        own = pricing == "self_hosted"
        certainty = "infrastructure" if own else "billed" if billed is not None else "accrued" if contracted else why
        number = (runs[run],) if several else ()
        cells = (*number, f"{at:%Y-%m-%d %H:%M:%S}", call_id, model, status, retry_of, price, bills, certainty)
        table.add_row(*(escape(str(cell or "")) for cell in cells), "-" if own else _usd(_share(effective, by)))
    console.print(table)


def _print_tools(console: Console, tools: Sequence[tuple]) -> None:
    if not tools:
        return
    table = _table("time (UTC)", "tool", "seconds", "USD")
    for at, tool, seconds, _run in tools:
        table.add_row(f"{at:%Y-%m-%d %H:%M:%S}", escape(tool), "" if seconds is None else f"{seconds:.3f}", "-")
    console.print(table)
    console.print(
        "What a call of a tool costs, no source says: what tools are billed for is in the share of infrastructure,"
        " tools and other shared costs.",
        highlight=False,
    )


def _print_sum(console: Console, outcome: dict, calls: Sequence[tuple], bills: Mapping[str, str]) -> None:
    table = _table("what", "rests on", "USD")
    for what, basis, amount in lines(outcome, calls, bills):
        table.add_row(what, escape(basis), _usd(amount))
    table.add_row("total", "", _usd(outcome["total_cost_usd"]), style="bold")
    console.print(table)
    if outcome["cost_missing_reason"]:
        console.print(f"Not whole: {escape(outcome['cost_missing_reason'])}.", highlight=False)


def _print_average(
    console: Console, outcome: dict, metric: str, low: Decimal | None, value: Decimal | None, high: Decimal | None
) -> None:
    month = f"{outcome['run_date']:%B %Y}"
    console.print(
        f"Over all successes of {escape(str(outcome['workflow']))} in {month}, totals average to value_high_usd of"
        f" unit_economics.unit_costs ({metric}, fully_loaded): {_usd(high)}. It takes runs whose"
        f" outcome is pending or unknown for failures; value_usd, {_usd(value)}, leaves them out; by value_low_usd,"
        f" {_usd(low)}, they succeed as often as the others.",
        highlight=False,
    )


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name == "USD" else "left", overflow="fold")
    return table


def _share(amount: Decimal | None, sharers: int) -> Decimal | None:
    return amount if amount is None or sharers == 1 else round(amount / sharers, 18)


def _usd(amount: Decimal | None) -> str:
    """With nine decimals: a call costs less than a cent."""
    return "-" if amount is None else f"{round(amount, 9) + 0:,.9f}"
