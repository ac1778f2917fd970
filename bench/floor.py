"""Runs floor.sql on the raw calls of one home: `python -m bench.floor HOME CONFIG OUT [DAY]`.

OUT becomes a DuckDB file with the tables calls, usage_daily and traces; DAY (ISO) limits the work to that day's calls.
It has the memory limit and settings of the project's own profile.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("floor.sql")


def run(home: Path, config: Path, out: Path, day: str | None = None) -> dict[str, float]:
    """Build the floor's tables in `out`; returns the seconds of each statement, by its first words."""
    folders = sorted((home / "raw" / "litellm").glob(f"day={day or '*'}"))
    calls = [str(path) for folder in folders for path in sorted(folder.glob("*.parquet"))]
    out.unlink(missing_ok=True)
    seconds: dict[str, float] = {}
    with duckdb.connect(
        config={
            "memory_limit": os.environ.get("COSTGRAIN_MEMORY_LIMIT", "3GB"),
            "temp_directory": str(out.parent / "floor_spill"),
            "preserve_insertion_order": "false",
        }
    ) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        con.execute(f"attach '{_escaped(out)}' as floor (storage_version 'v1.2.0')")
        for name, value in {
            "calls": calls,
            "price_book": str(home / "raw" / "price_book.parquet"),
            "model_matches": str(home / "raw" / "model_matches.parquet"),
            "config": str(config),
        }.items():
            con.execute(f"set variable {name} = $1", [value])
        for statement in con.extract_statements(SQL.read_text(encoding="utf-8")):
            began = time.perf_counter()
            con.execute(statement)
            lines = [line for line in statement.query.splitlines() if line and not line.startswith("--")]
            seconds[lines[0]] = time.perf_counter() - began
        began = time.perf_counter()
        con.execute("checkpoint floor")
        seconds["checkpoint"] = time.perf_counter() - began
    return seconds


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")


if __name__ == "__main__":
    home, config, out = map(Path, sys.argv[1:4])
    for statement, seconds in run(home, config, out, *sys.argv[4:5]).items():
        print(f"{seconds:8.2f} s  {statement}")
