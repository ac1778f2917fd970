"""Text made by DuckDB from arrays, written without a Python object per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_BATCH_ROWS = 8192


def query(connection: duckdb.DuckDBPyConnection, table: pa.Table, sql: str) -> pa.Table:
    """The rows of `sql`, which reads `table` as `rows`, in the table's order."""
    # DuckDB reads an Arrow table a batch at a time: small batches keep all cores busy.
    connection.register("rows", pa.Table.from_batches(table.to_batches(_BATCH_ROWS), table.schema))
    result = connection.sql(sql).to_arrow_table()
    connection.unregister("rows")
    return result


def buffers(lines: pa.ChunkedArray) -> Iterator[memoryview]:
    """The bytes of a text column as they lie in memory: one text after the other, nothing between."""
    for chunk in lines.cast(pa.large_string()).chunks:
        _, offsets, data = chunk.buffers()
        bounds = np.frombuffer(offsets, dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
        if data is not None:
            yield memoryview(data)[int(bounds[0]) : int(bounds[-1])]


def ids(values: np.ndarray) -> pa.Array:
    """Fixed-width hex ids as text; the empty id is null."""
    width = values.dtype.itemsize
    values = np.ascontiguousarray(values)
    is_set = values != b""
    offsets = np.arange(len(values) + 1, dtype=np.int32) * width
    text = pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(values))
    return text if is_set.all() else pc.if_else(pa.array(is_set), text, pa.scalar(None, pa.string()))


def named(codes: np.ndarray, names: Iterable[str | None]) -> pa.DictionaryArray:
    """Names by position; a negative position, and the name None, is null."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(list(names), type=pa.string())
    )
