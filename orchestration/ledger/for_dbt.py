"""What dbt reads of the ledger: the lines of issued statements, and the rows of every state of config."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.ledger import config_states, statements
from orchestration.places import Places


def write_raw(places: Places) -> None:
    """Bring raw in line with the ledger."""
    _write(places, "issued_lines", statements.table(statements.closes(places)))
    _write(places, "config_rows", config_states.table(config_states.states(places)))


def _write(places: Places, name: str, table: pa.Table) -> None:
    path = places.raw / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    pq.write_table(table, unfinished, compression="zstd")
    unfinished.replace(path)
