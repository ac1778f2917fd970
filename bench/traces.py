"""Traces alone: the build's own SQL rolls calls up to runs, beside SQL by hand that does the same.

Five calls a run on 90 days, some of them failed and repeated, some runs past midnight. Both ways must give the same
rows, to the last column that both have.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb

from bench import alone
from bench.agree import DisagreementError

AIM_FLOOR, AIM_MEMORY = 2, 8e9
CALLS_A_TRACE, DAYS, FIRST_DAY = 5, 90, date(2026, 8, 3)
TRACES_A_STEP = 2_000_000
FLOOR = Path(__file__).with_suffix(".sql")
# In the order in which the build makes them.
MODELS = ("int_trace_days", "int_trace_overlaps", "int_traces")
SETTINGS = {"memory_limit": "6GB", "preserve_insertion_order": "false"}
FILLED = """
    insert into intermediate.int_calls_priced by name
    with calls as (
        select
            t, step, t * {calls} + step as i, t % 50 = 7 and step = 2 as is_failed, t % 50 = 7 and step = 3 as is_retry,
            date '{first_day}' + {day} + to_seconds((t * 7919) % 86390 + step * 4) as called_at
        from range({day}, {traces}, {days}) as traces(t), range({calls}) as steps(step)
    )
    select
        'call ' || i as call_id, called_at::date as call_date, 'litellm' as source, 'litellm' as seen_by,
        called_at, called_at + interval 3 second as ended_at, 'openai' as provider, 'model ' || i % 4 as model,
        'trace ' || t as trace_id, case when is_retry then 'call ' || i - 1 end as retry_of,
        case when is_failed then 'failure' else 'success' end as status, 'priced' as pricing_status,
        'production' as environment, 'team ' || t % 7 as team, 'product ' || t % 3 as product,
        'feature ' || t % 11 as feature, 'workflow ' || t % 13 as workflow, 'customer ' || t % 997 as customer_id,
        1000 + step * 300 + t % 500 as input_uncached_tokens, step * 200 as cache_read_tokens,
        0 as cache_write_5m_tokens, 0 as cache_write_1h_tokens,
        50 + i % 100 as output_tokens, i % 30 as reasoning_tokens,
        0 as audio_input_tokens, 0 as audio_output_tokens, 0 as image_input_tokens, 0 as image_output_tokens,
        (1 + i % 1000)::decimal(38, 18) / 997 as list_cost_usd,
        (1 + i % 1000)::decimal(38, 18) / 1009 as contracted_cost_usd
    from calls
"""


def measure(folder: Path, calls: int) -> alone.BothWays:
    """Make the calls (not measured), then roll them up in both ways. Leaves nothing behind.

    Raises DisagreementError where the two do not agree.
    """
    shutil.rmtree(folder, ignore_errors=True)
    traces = calls // CALLS_A_TRACE
    print(f"traces: {traces:,} traces of {traces * CALLS_A_TRACE:,} calls", flush=True)
    sql = alone.prepare(folder, MODELS[-1], ())
    for model in MODELS:
        (folder / f"{model}.sql").write_text(sql[model])
    with duckdb.connect(str(folder / "warehouse.duckdb"), config=SETTINGS) as con:
        for day in range(DAYS):
            con.execute(FILLED.format(first_day=FIRST_DAY, day=day, days=DAYS, traces=traces, calls=CALLS_A_TRACE))
    taken = alone.run_both("bench.traces", f"{traces:,} traces", folder, traces)
    with duckdb.connect(str(folder / "warehouse.duckdb"), config=SETTINGS) as con:
        _agree(con, traces)
    shutil.rmtree(folder)
    return taken


def roll_up(way: str, folder: Path, traces: int) -> None:
    """One way, in this process: writes the table `by_hand`, or those of MODELS.

    Both a few days at a time, as the build does where there is much: else neither fits into memory.
    """
    sql = {model: (folder / f"{model}.sql").read_text() for model in MODELS}
    calls, days = '"intermediate"."int_calls_priced"', '"intermediate"."int_trace_days"'
    with duckdb.connect(str(folder / "warehouse.duckdb"), config=SETTINGS) as con:
        con.execute("set TimeZone = 'UTC'")
        for model in MODELS if way == "built" else ():
            con.execute(f"delete from intermediate.{model}")
        for number, (first, last) in enumerate(_spans(traces)):
            if way == "by_hand":
                verb = "insert into by_hand" if number else "create or replace table by_hand as"
                con.execute(f"{verb} {FLOOR.read_text().format(first=first, last=last)}")
            else:
                con.execute(f"insert into intermediate.int_trace_days {_limited(sql[MODELS[0]], calls, first, last)}")
        if way == "built":
            con.execute(f"insert into intermediate.int_trace_overlaps {sql[MODELS[1]]}")
            for first, last in _spans(traces):
                whole = _limited(sql[MODELS[2]], days, first, last + timedelta(days=7))
                con.execute(
                    f"insert into intermediate.int_traces select * from ({whole})"
                    f" where trace_date between date '{first}' and date '{last}'"
                )


def _spans(traces: int) -> Iterator[tuple[date, date]]:
    """The first and last days of each step."""
    steps = max(1, traces // TRACES_A_STEP)
    bounds = [FIRST_DAY + timedelta(days=(DAYS + 1) * step // steps) for step in range(steps + 1)]
    yield from ((first, after - timedelta(days=1)) for first, after in pairwise(bounds))


def _limited(sql: str, table: str, first: date, last: date) -> str:
    """The SQL of a model where it reads only these days of `table`."""
    name = re.compile(rf'"\w+"\.{re.escape(table)}')
    return name.sub(f"(from {table} where call_date between date '{first}' and date '{last}')", sql)


def _agree(con: duckdb.DuckDBPyConnection, traces: int) -> None:
    columns = ", ".join(name for name, *_ in con.execute("describe by_hand").fetchall())
    ways = [
        con.execute(f"select count(*), sum(hash(({columns}))::hugeint) from {table}").fetchone()
        for table in ("by_hand", "intermediate.int_traces")
    ]
    if ways[0] != ways[1] or ways[0][0] != traces:
        raise DisagreementError(f"traces: build and floor do not give the same rows, of {traces}: {ways}")


def table(taken: alone.BothWays) -> str:
    return taken.table(AIM_FLOOR, AIM_MEMORY)


if __name__ == "__main__":
    roll_up(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
