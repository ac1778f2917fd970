"""Whether the floor and the built marts hold the same, to the last decimal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

TOKENS = (
    "input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning",
    "audio_input", "audio_output", "image_input", "image_output",
)  # fmt: skip
# The floor's table, its day; the mart, its day.
PAIRS = (
    ("calls", "call_date", "fct_llm_calls", "call_date"),
    ("usage_daily", "call_date", "fct_usage_daily", "usage_date"),
    ("traces", "trace_date", "fct_traces", "trace_date"),
)


class DisagreementError(RuntimeError):
    """Floor and warehouse do not hold the same; the message holds the sums that differ."""


def check(floor: Path, marts: Path, day: date | None = None) -> None:
    """Compare rows, tokens by class and list cost of calls, daily usage and traces; of one day, or of all.

    Raises DisagreementError, also where there is nothing to compare.
    """
    with duckdb.connect() as con:
        for name, path in (("floor", floor), ("marts", marts)):
            escaped = str(path).replace("'", "''")
            con.execute(f"attach '{escaped}' as {name} (read_only)")
        for ours, own_day, mart, its_day in PAIRS:
            found = _sums(con, f"floor.{ours}", own_day, day)
            built = _sums(con, f"marts.core.{mart}", its_day, day)
            told = [
                f"  {name}: floor {found[name]}, {mart} {built[name]}" for name in found if found[name] != built[name]
            ]
            if told:
                raise DisagreementError("\n".join([f"floor and {mart} disagree:", *told]))
            if not found["rows"]:
                raise DisagreementError(f"floor and {mart} are empty: nothing was compared")


def _sums(con: duckdb.DuckDBPyConnection, table: str, day_column: str, day: date | None) -> dict:
    tokens = ", ".join(f"sum({name}_tokens)::hugeint as {name}_tokens" for name in TOKENS)
    result = con.execute(
        f"select count(*) as rows, {tokens}, sum(list_cost_usd) as list_cost_usd from {table} "
        + (f"where {day_column} = date '{day}'" if day else "")
    )
    return dict(zip([item[0] for item in result.description], result.fetchone(), strict=True))
