"""Ingest alone: one large file of a source, beside DuckDB's bare COPY of it into Parquet; and many small files."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from bench.agree import DisagreementError
from bench.measure import Measured, run
from orchestration.demo import DEFAULT_END, write_demo
from orchestration.places import ROOT

AIM_RATIO, AIM_MEMORY = 2.5, 2e9
DAYS = 30
SMALL_FILES, SMALL_ROWS = 1_000, 20
SPANS_A_LINE = 50

# One line an export request, as a collector's file exporter writes them; spans of several traces in each.
OTLP = """
copy (
    with spans as (
        select
            row_number() over () as number,
            '{"traceId":"' || lpad(session_id, 32, '0') || '","spanId":"' || left(md5(request_id), 16)
            || '","name":"chat","kind":3,"startTimeUnixNano":"' || epoch_ns("startTime"::timestamp)
            || '","endTimeUnixNano":"' || epoch_ns("endTime"::timestamp) || '","attributes":['
            || '{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},'
            || '{"key":"gen_ai.provider.name","value":{"stringValue":"' || custom_llm_provider || '"}},'
            || '{"key":"gen_ai.response.model","value":{"stringValue":"' || model || '"}},'
            || '{"key":"gen_ai.response.id","value":{"stringValue":"' || request_id || '"}},'
            || '{"key":"gen_ai.usage.input_tokens","value":{"intValue":"' || prompt_tokens || '"}},'
            || '{"key":"gen_ai.usage.output_tokens","value":{"intValue":"' || completion_tokens || '"}}'
            || '],"status":{"code":1}}' as span
        from read_json($rows)
    )
    select
        '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"assist"}}]},'
        || '"scopeSpans":[{"scope":{"name":"bench"},"spans":[' || string_agg(span, ',' order by number)
        || ']}]}]}' as line
    from spans
    group by number // $spans
) to '{file}' (format csv, header false, quote '', escape '', delimiter '')
"""


@dataclass(frozen=True)
class Ingested:
    """`rows` landed in `size` bytes; `floor`: the bare COPY of the same file, None for many small files."""

    name: str
    rows: int
    size: int
    ingest: Measured
    floor: Measured | None

    def figures(self) -> dict:
        return asdict(self)


def measure(folder: Path, rows: int) -> list[Ingested]:
    """Write the files (not measured), then take in each alone. Leaves nothing behind.

    Raises DisagreementError where not every row of a file was taken in.
    """
    shutil.rmtree(folder, ignore_errors=True)
    files = _write(folder / "files", rows)
    found = []
    for name, (source, file, written) in files.items():
        landing = folder / name / "landing" / source
        if file.is_dir():
            shutil.copytree(file, landing, copy_function=os.link)
        else:
            landing.mkdir(parents=True)
            os.link(file, landing / file.name)
        floor = None if file.is_dir() else _measured(folder / name, name, "bench.floor_copy", str(file))
        ingest = _measured(folder / name, name, "bench.steps", "ingest", source)
        landed = _landed(folder / name / "home", source)
        if landed != written or not landed:
            raise DisagreementError(f"ingest: {landed:,} rows of {written:,} were taken in ({name})")
        found.append(Ingested(name, landed, sum(f.stat().st_size for f in landing.iterdir()), ingest, floor))
    shutil.rmtree(folder)
    return found


def _write(folder: Path, rows: int) -> dict[str, tuple[str, Path, int]]:
    """Name of a case -> its source, its file or its folder of files, and the rows in it."""
    print(f"generating {rows:,} log lines and as many spans", flush=True)
    write_demo(folder / "demo", days=DAYS, calls_per_day=rows // DAYS, end=DEFAULT_END, answer_key=folder / "key.json")
    lines = folder / "spend_logs.jsonl"
    with lines.open("wb") as out:
        for log in sorted((folder / "demo" / "litellm").glob("*.jsonl")):
            with log.open("rb") as part:
                shutil.copyfileobj(part, out, 1 << 20)
    table, spans, small = folder / "spend_logs.parquet", folder / "spans.jsonl", folder / "small"
    small.mkdir()
    with duckdb.connect() as con:
        con.execute(f"copy (from read_json('{lines}')) to '{table}'")
        count = con.execute(f"select count(*) from '{table}'").fetchone()[0]
        con.execute(
            OTLP.replace("{file}", str(spans)).replace("$rows", f"'{lines}'").replace("$spans", str(SPANS_A_LINE))
        )
    with lines.open("rb") as log:
        for number in range(SMALL_FILES):
            (small / f"{number:04}.jsonl").write_bytes(b"".join(log.readline() for _ in range(SMALL_ROWS)))
    return {
        "litellm, JSON Lines": ("litellm", lines, count),
        "litellm, Parquet": ("litellm", table, count),
        "otel, JSON Lines": ("otel", spans, count),
        f"litellm, {SMALL_FILES:,} files": ("litellm", small, min(count, SMALL_FILES * SMALL_ROWS)),
    }


def _measured(folder: Path, name: str, module: str, *arguments: str) -> Measured:
    print(f"{name:<24} {module.removeprefix('bench.'):<12}", end="", flush=True)
    environment = os.environ | {
        "COSTGRAIN_LANDING": str(folder / "landing"),
        "COSTGRAIN_CONFIG": str(folder / "config"),
        "COSTGRAIN_LEDGER": str(folder / "ledger"),
        "COSTGRAIN_HOME": str(folder / "home"),
        "COSTGRAIN_NOW": "2026-11-02 06:00:00",
    }
    found = run([sys.executable, "-m", module, *arguments], environment, ROOT, folder / "bench.log")
    print(f"{found.seconds:8,.1f} s {found.peak / 1e9:6.2f} GB", flush=True)
    return found


def _landed(home: Path, source: str) -> int:
    manifest = home / "raw" / "manifest" / f"{source}.parquet"
    accepted, refused = duckdb.sql(f"select sum(rows_accepted), sum(rows_quarantined) from '{manifest}'").fetchone()
    if refused:
        raise SystemExit(f"bench: {refused:,} rows of {source} were quarantined.")
    return accepted


def table(found: list[Ingested]) -> str:
    """One row a case, with rows a second and the ratio to the bare COPY."""
    lines = [f"{'ingest':<24} {'rows':>10} {'GB':>6} {'seconds':>8} {'rows/s':>9} {'peak GB':>8} {'to COPY':>8}"]
    for one in found:
        ratio = f"{one.ingest.seconds / one.floor.seconds:.2f} x" if one.floor else ""
        lines.append(
            f"{one.name:<24} {one.rows:>10,} {one.size / 1e9:>6.2f} {one.ingest.seconds:>8,.1f} "
            f"{one.rows / one.ingest.seconds:>9,.0f} {one.ingest.peak / 1e9:>8.2f} {ratio:>8}".rstrip()
        )
    worst = max(one.ingest.seconds / one.floor.seconds for one in found if one.floor)
    most = max(one.ingest.peak for one in found)
    lines.append(
        f"ingest: at most {worst:.2f} x the bare COPY (aim {AIM_RATIO}), "
        f"at most {most / 1e9:.2f} GB (aim {AIM_MEMORY / 1e9:.0f})"
    )
    return "\n".join(lines)
