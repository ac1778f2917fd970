"""Allocation alone: the build's own SQL allocates charges, beside SQL by hand that does the same.

A million charges say themselves whose they are; a thousand more are shared over a thousand targets each, on all four
bases in two currencies. Both ways must give parts that add up to each charge exactly, and the same sums by team.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

from bench import alone
from bench.agree import DisagreementError
from orchestration.places import ROOT

AIM_FLOOR, AIM_MEMORY = 3, 4e9
SHARED, TARGETS, DAYS = 1_000, 1_000, 30
# In the order in which the build makes them.
MODELS = ("int_driver_days", "int_chained_parts", "int_allocated_parts")
MART = "fct_allocated_costs"
COSTS = tuple(f"{basis}_cost{usd}" for usd in ("", "_usd") for basis in ("list", "contracted", "billed", "effective"))
FLOOR = Path(__file__).with_suffix(".sql")
MEMORY = {"memory_limit": "3GB"}


def measure(folder: Path, direct: int) -> alone.BothWays:
    """Make the charges (not measured), then allocate them in both ways. Leaves nothing behind.

    Raises DisagreementError where the two do not agree.
    """
    shutil.rmtree(folder, ignore_errors=True)
    print(f"allocation: {direct:,} direct charges, {SHARED:,} over {TARGETS:,} targets each", flush=True)
    _prepare(folder, direct)
    taken = alone.run_both("bench.allocation", "allocation", folder)
    with duckdb.connect(str(folder / "warehouse.duckdb"), config=MEMORY) as con:
        _agree(con)
    shutil.rmtree(folder)
    return taken


def allocate(way: str, folder: Path) -> None:
    """One way, in this process: writes the table `by_hand`, or those of MODELS and `built`."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), config=MEMORY) as con:
        if way == "built":
            for model in MODELS:
                sql = (folder / f"{model}.sql").read_text()
                con.execute(f"create or replace table intermediate.{model} as {sql}")
            con.execute(f"create or replace table built as {(folder / f'{MART}.sql').read_text()}")
        else:
            con.execute(
                FLOOR.read_text().format(
                    rounded=", ".join(f"(lines.{c}::double * drivers.share)::decimal(38, 18) as {c}" for c in COSTS),
                    whole=", ".join(f"lines.{c} as whole_{c}" for c in COSTS),
                    exact=", ".join(
                        f"{c} + case when place = 1"
                        f" then whole_{c} - sum({c}) over (partition by cost_line_id) else 0 end as {c}"
                        for c in COSTS
                    ),
                )
            )


def _prepare(folder: Path, direct: int) -> None:
    allocated = {path.stem for path in (ROOT / "models" / "intermediate" / "allocated").glob("*.sql")}
    sql = alone.prepare(folder, MART, allocated - {"int_allocation_rules"})
    for model in (*MODELS, MART):
        (folder / f"{model}.sql").write_text(sql[model])
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        _fill(con, direct)


def _fill(con: duckdb.DuckDBPyConnection, direct: int) -> None:
    cost = "(1 + (i * 7919) % 100000)::decimal(38, 18) / 997"
    for name, count, team, service in (
        ("direct", direct, f"'team ' || i % {TARGETS}", "Direct"),
        ("shared", SHARED, "null", "Shared"),
    ):
        con.execute(f"""
            insert into intermediate.int_cost_lines by name
            select
                '{name} ' || i as cost_line_id, day as charge_date, 'focus' as source, 'Vendor' as provider,
                'vendor' as vendor, '{service}' as service, 'Usage' as charge_category,
                day::timestamp as charge_period_start, day::timestamp + interval 1 day as charge_period_end,
                'invoiced' as cost_status, 'USD' as billing_currency, date '2026-10-01' as usage_month,
                {team} as team, {", ".join(f"({cost})::decimal(38, 18) as {c}" for c in COSTS)}
            from (select i, date '2026-10-01' + (i % {DAYS})::int as day from range({count}) as r(i))
        """)
    con.execute(f"""
        insert into intermediate.int_allocation_drivers by name
        select
            date '2026-10-01' + d::int as call_date, '(all)' as vendor, 'production' as environment,
            'team ' || t as team, 'product' as product, 'feature' as feature, 'workflow ' || t % 7 as workflow,
            'customer' as customer_id,
            1 + (t * 31 + d) % 97 as calls, 100 as tokens, (1 + (t * 31 + d) % 997)::decimal(38, 18) / 100 as calls_cost
        from range({DAYS}) as days(d), range({TARGETS}) as targets(t)
    """)
    con.execute("""
        insert into intermediate.int_allocation_rules by name
        select
            'shared' as rule_id, 'shared|' as rule_key, 1 as priority, 'Shared' as service, 'usage' as method,
            'calls_cost' as driver, false as is_listed, true as gives_all, false as takes_nobody
    """)


def _agree(con: duckdb.DuckDBPyConnection) -> None:
    by_team = (
        "select rule_id, team, count(*), round(sum(billed_cost), 9), round(sum(list_cost_usd), 9) from {} group by all"
    )
    differ = con.execute(
        f"({by_team.format('built')} except {by_team.format('by_hand')}) union all"
        f" ({by_team.format('by_hand')} except {by_team.format('built')})"
    ).fetchall()
    if differ:
        raise DisagreementError(f"allocation: build and floor do not give the same by team: {differ[:2]}")
    rules = con.execute("select count(distinct rule_id) from by_hand").fetchone()[0]
    if rules != 2:
        raise DisagreementError(f"allocation: parts of {rules} rules were compared, not those of 2")
    sums = ", ".join(f"sum(parts.{cost}) <> any_value(lines.{cost})" for cost in COSTS)
    for way in ("built", "by_hand"):
        wrong = con.execute(
            f"select count(*) from (select greatest({sums}) as differs, sum(allocation_ratio) as ratio"
            f" from intermediate.int_cost_lines as lines left join {way} as parts using (cost_line_id)"
            " group by lines.cost_line_id) where differs or ratio is distinct from 1"
        ).fetchone()[0]
        if wrong:
            raise DisagreementError(f"allocation: the parts of {wrong} charges do not add up to them ({way})")


def table(taken: alone.BothWays) -> str:
    return taken.table(AIM_FLOOR, AIM_MEMORY)


if __name__ == "__main__":
    allocate(sys.argv[1], Path(sys.argv[2]))
