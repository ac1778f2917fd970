"""`python -m bench`: time and memory of the warehouse at several sizes, beside a hand-written floor (floor.sql).

For each size, 90 days of the demo company's calls are generated (not measured). Measured are: ingest, the full build,
publishing; the floor on the same raw files; then one more day, landed on top: ingest, build, publishing; and the floor
of that day alone. The day is the same files at every size, so that only history differs. Floor and warehouse must agree
on calls, tokens, list cost, daily rows and traces to the last decimal, or the bench fails.

Before that, ingest alone: one file of a million rows in each of several forms, beside DuckDB's bare COPY of it;
pricing alone, beside SQL by hand and the Python libraries that price calls; allocation alone, and the roll-up of calls
to traces alone, beside SQL by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from bench import agree, allocation, alone, ingest, pricing, traces
from bench.measure import CommandFailedError, Measured, run
from bench.report import Size, table
from orchestration.demo import DEFAULT_END, write_demo
from orchestration.places import ROOT, Places

DAYS = 90
NEXT_DAY = DEFAULT_END + timedelta(days=1)
SOURCES = ("litellm", "focus", "customers", "revenue", "outcomes")  # of the demo: the floor knows no other calls


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 measured; 1 a step failed, or floor and warehouse disagree; 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    default = Places.from_env().home / "bench"
    parser.add_argument("--calls", type=int, nargs="+", default=[1_000_000, 10_000_000], help="sizes, in calls")
    parser.add_argument("--ingest-rows", type=int, default=1_000_000, help="rows of ingest alone; 0: leave it out")
    parser.add_argument("--pricing-calls", type=int, default=1_000_000, help="calls of pricing alone; 0: leave it out")
    parser.add_argument(
        "--allocation-charges", type=int, default=1_000_000, help="direct charges of allocation alone; 0: leave it out"
    )
    parser.add_argument(
        "--trace-calls", type=int, default=10_000_000, help="calls of the roll-up to traces alone; 0: leave it out"
    )
    parser.add_argument("--ingest-only", action="store_true", help="ingest alone, and no build")
    parser.add_argument("--dir", type=Path, default=default, help="scratch; about 11 GB at 10 million calls")
    parser.add_argument("--out", type=Path, help="also write the figures there, as JSON")
    parser.add_argument("--keep", action="store_true", help="leave the scratch, for the next bench to reuse its calls")
    chosen = parser.parse_args(arguments)
    if min(chosen.calls) < DAYS:
        parser.error(f"--calls needs at least {DAYS}: one a day")
    folder, per_day = chosen.dir.absolute(), max(chosen.calls) // DAYS
    folders = {calls: folder / f"calls_{calls}" for calls in sorted(chosen.calls)}
    sizes: list[Size] = []
    ingested: list[ingest.Ingested] = []
    priced: list[pricing.Priced] = []
    allocated: list[alone.BothWays] = []
    traced: list[alone.BothWays] = []
    try:
        if chosen.ingest_rows:
            ingested = ingest.measure(folder / "ingest", chosen.ingest_rows)
            print("\n" + ingest.table(ingested) + "\n")
        if chosen.ingest_only:
            return 0
        if chosen.pricing_calls:
            priced = [pricing.measure(folder / "pricing", chosen.pricing_calls)]
            print("\n" + pricing.table(priced[0]) + "\n")
        if chosen.allocation_charges:
            allocated = [allocation.measure(folder / "allocation", chosen.allocation_charges)]
            print("\n" + allocation.table(allocated[0]) + "\n")
        if chosen.trace_calls:
            traced = [traces.measure(folder / "traces", chosen.trace_calls)]
            print("\n" + traces.table(traced[0]) + "\n")
        day = generate(folder / "day", per_day, NEXT_DAY, days=1)
        for calls, own in folders.items():
            sizes.append(measure(own, calls, day))
            if not chosen.keep:
                shutil.rmtree(own)
    except (CommandFailedError, agree.DisagreementError) as error:
        print(f"\nbench: {error}", file=sys.stderr)
        return 1
    finally:
        if not chosen.keep:
            for made in (folder / "day", *folders.values()):
                shutil.rmtree(made, ignore_errors=True)
    print("\n" + table(sizes, per_day))
    if chosen.out:
        found = {
            "ingest": ingested, "pricing": priced, "allocation": allocated, "traces": traced, "sizes": sizes
        }  # fmt: skip
        figures = {name: [one.figures() for one in measured] for name, measured in found.items()}
        chosen.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def generate(folder: Path, calls_per_day: int, end: date, days: int) -> Path:
    """The demo's files in `folder`, unless the same ones are there already; returns `folder`."""
    wanted = {"days": days, "calls_per_day": calls_per_day, "end": f"{end}", "format": "parquet"}
    key = folder / "answer_key.json"
    if not key.exists() or not wanted.items() <= json.loads(key.read_text()).get("arguments", {}).items():
        print(f"generating {days * calls_per_day:,} calls", flush=True)
        out, config = folder / "landing", folder / "config"
        write_demo(out, days=days, calls_per_day=calls_per_day, end=end, format="parquet", config=config)
    return folder


def measure(folder: Path, calls: int, day: Path) -> Size:
    """Everything at one size; `day` holds the demo's files of one more day."""
    generated = generate(folder / "generated", calls // DAYS, DEFAULT_END, DAYS)
    for old in ("landing", "ledger", "home"):
        shutil.rmtree(folder / old, ignore_errors=True)
    for source in SOURCES:
        shutil.copytree(generated / "landing" / source, folder / "landing" / source, copy_function=os.link)
    bench = Bench(folder, generated / "config", calls)
    size = Size(calls)
    size.ingest = bench.step("ingest")
    size.build = bench.step("build")
    size.nodes = bench.nodes()
    size.publish = bench.step("publish")
    size.floor = bench.floor()

    for source in ("litellm", "outcomes"):
        for path in (day / "landing" / source).glob("*.*"):
            os.link(path, folder / "landing" / source / f"more_{path.name}")
    bench.today = NEXT_DAY
    size.day_ingest = bench.step("ingest")
    size.day_build = bench.step("build")
    size.day_nodes = bench.nodes()
    size.day_publish = bench.step("publish")
    size.day_floor = bench.floor()
    return size


class Bench:
    """The steps at one size, in its own places; `today` is the newest day that has landed, now the morning after."""

    def __init__(self, folder: Path, config: Path, calls: int) -> None:
        self.folder, self.config, self.calls = folder, config, calls
        self.home = folder / "home"
        self.today = DEFAULT_END

    def step(self, name: str) -> Measured:
        return self._run(name, "bench.steps", name)

    def floor(self) -> Measured:
        """The floor, of everything or of the day added; what it made is compared with the built marts."""
        out = self.folder / "floor.duckdb"
        only = NEXT_DAY if self.today == NEXT_DAY else None
        arguments = (self.home, self.config, out, *([only] if only else []))
        measured = self._run("floor", "bench.floor", *map(str, arguments))
        agree.check(out, self.home / "build" / "marts.duckdb", only)
        return measured

    def nodes(self) -> dict[str, float]:
        """Seconds of each node of the last build, by dbt's id; two nodes run at a time."""
        results = json.loads((self.home / "dbt" / "run_results.json").read_text())["results"]
        return {result["unique_id"]: round(result["execution_time"], 3) for result in results}

    def _run(self, name: str, module: str, *arguments: str) -> Measured:
        label = f"one more day: {name}" if self.today == NEXT_DAY else name
        print(f"{self.calls:>12,} calls  {label:<22}", end="", flush=True)
        command = [sys.executable, "-m", module, *arguments]
        measured = run(command, self._environment(), ROOT, self.folder / "bench.log")
        print(f"{measured.seconds:8,.1f} s {measured.peak / 1e9:6.2f} GB", flush=True)
        return measured

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "COSTGRAIN_LANDING": str(self.folder / "landing"),
            "COSTGRAIN_CONFIG": str(self.config),
            "COSTGRAIN_LEDGER": str(self.folder / "ledger"),
            "COSTGRAIN_HOME": str(self.home),
            "COSTGRAIN_NOW": f"{self.today + timedelta(days=1)} 06:00:00",
            "COSTGRAIN_IS_DEMO": "1",
        }


if __name__ == "__main__":
    sys.exit(main())
