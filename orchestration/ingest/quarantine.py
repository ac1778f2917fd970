"""Quarantine: what did not get in, one JSON object a row or file: file, row, column, value, reason, mend."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.ingest.check import FAULT, words
from orchestration.ingest.content import Content
from orchestration.ingest.lookup import literal
from orchestration.ingest.read import FAULT_MENDS, Unreadable
from orchestration.ingest.spec import Source


def path(folder: Path, file_hash: str) -> Path:
    return folder / f"{file_hash}.jsonl"


def write_rows(
    con: duckdb.DuckDBPyConnection, source: Source, now: datetime, contents: Mapping[int, Content], folder: Path
) -> None:
    """Write the problems of each file's rows, and tell each content its first one."""
    folder.mkdir(parents=True, exist_ok=True)
    con.execute("create or replace temp table words (_problem integer, col varchar, reason varchar, mend varchar)")
    con.executemany("insert into words values (?, ?, ?, ?)", [list(row) for row in words(source, now)])
    faults = " ".join(
        f"when starts_with(_value, {literal(begin)}) then {literal(mend)}" for begin, mend in FAULT_MENDS.items()
    )
    mends = f"case when _problem <> {FAULT} then words.mend {faults} end"
    for index, content in contents.items():
        rows = (
            f'select {literal(content.paths[0])} as file, _row - _first + 1 as row, words.col as "column", '
            f"case when _problem <> {FAULT} then _value end as value, "
            f"replace(words.reason, '{{}}', coalesce(_value, 'no value')) as reason, {mends} as mend "
            f"from checked join files using (_file) join words using (_problem) where _file = {index} order by row"
        )
        con.execute(f"copy ({rows}) to {literal(str(path(folder, content.file_hash)))} (format json)")
        row, reason, mend = con.execute(f"select row, reason, mend from ({rows}) limit 1").fetchone()
        content.first_problem = f"row {row:,}: {reason} {mend}"


def write_file(folder: Path, file_hash: str, shown: str, refused: Unreadable) -> None:
    """Write that a whole file was refused, in place of what its rows' problems may have been."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "file": shown,
        "row": None,
        "column": refused.column,
        "value": None,
        "reason": refused.reason,
        "mend": refused.mend,
    }
    path(folder, file_hash).write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")


def move_in(aside: Path, folder: Path) -> None:
    if aside.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(aside.iterdir()):
            file.replace(folder / file.name)


def remove_others(folder: Path, kept: Collection[str]) -> None:
    """Remove what is quarantined no more."""
    if folder.is_dir():
        for file in sorted(folder.iterdir()):
            if file.stem not in kept:
                file.unlink()
        if not any(folder.iterdir()):
            shutil.rmtree(folder)
