"""The floor of ingest: DuckDB's bare COPY of one landed file into Parquet, nothing checked, nothing left out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb


def main(file: str) -> None:
    out = Path(os.environ["COSTGRAIN_HOME"]) / "floor.parquet"
    out.parent.mkdir(parents=True, exist_ok=True)
    reader = (
        f"read_parquet('{file}')"
        if file.endswith(".parquet")
        else f"read_json('{file}', maximum_object_size = 33554432)"
    )
    duckdb.sql(f"copy (select * from {reader}) to '{out}'")
    out.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
