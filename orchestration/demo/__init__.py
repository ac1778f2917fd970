"""The demo company: the files of an invented company's AI spend, and the answers that a warehouse must find in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.demo.scene import Scene

DEFAULT_DAYS = 90
DEFAULT_CALLS_PER_DAY = 2222
DEFAULT_SEED = 7
DEFAULT_END = date(2026, 10, 31)
FORMATS = ("jsonl", "parquet")


class DemoError(ValueError):
    """The demo cannot be written as asked; the message says why and what to do."""


def write_demo(
    out: Path,
    *,
    days: int = DEFAULT_DAYS,
    calls_per_day: int = DEFAULT_CALLS_PER_DAY,
    seed: int = DEFAULT_SEED,
    end: date = DEFAULT_END,
    format: str = "jsonl",
    config: Path | None = None,
    answer_key: Path | None = None,
    echo: Callable[[str], object] = lambda text: None,
) -> dict:
    """Write the demo company's files into the landing folder `out`; returns the answer key.

    About `days` * `calls_per_day` calls, the last day being `end`; `format` is that of the gateway's log. The same
    arguments give the same bytes. The company's config goes to `config` (None: nowhere), the answers to `answer_key`
    (default: beside `out`), those of each run to a Parquet file beside it. Files of an earlier demo are replaced.
    Raises DemoError if `out` holds anything else, or for senseless arguments.
    """
    import duckdb

    from orchestration.demo.config import write_config
    from orchestration.demo.files import FILES
    from orchestration.demo.planted import PLANTED
    from orchestration.demo.scene import Scene

    if format not in FORMATS:
        raise DemoError(f"{format!r} is no format of the demo. Use one of: {', '.join(FORMATS)}.")
    if days < 1 or calls_per_day < 1 or seed < 0:
        raise DemoError("The demo needs at least one day, one call a day, and a seed that is not negative.")
    answer_key = out.parent / "answer_key.json" if answer_key is None else answer_key
    _clear(out, answer_key)

    every_day = [end - timedelta(days=days - 1 - number) for number in range(days)]
    with duckdb.connect() as connection:
        runs = answer_key.with_name(f"{answer_key.stem}_runs.parquet")
        scene = Scene(seed, every_day, calls_per_day, out, runs, format, connection)
        scene.files = {kind.source: kind(scene) for kind in FILES}
        scene.plants = [plant(scene) for plant in PLANTED]
        _write_days(scene, echo)
        for files in scene.files.values():
            files.land()
        for plant in scene.plants:
            plant.land()
    if config is not None:
        write_config(config, scene.ledger.balances, scene.ledger.capacities)
    answers = {
        "arguments": {"days": days, "calls_per_day": calls_per_day, "seed": seed, "end": f"{end}", "format": format},
        "first_day": f"{every_day[0]}",
        "last_day": f"{end}",
        **_answers(scene),
        "planted": [plant.answer() for plant in scene.plants],
        "files": sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()),
    }
    answer_key.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
    return answers


def _write_days(scene: Scene, echo: Callable[[str], object]) -> None:
    """Make the calls, a day at a time so that memory does not grow with the days, and let all files see them."""
    from orchestration.demo.calls import make_day

    for number, day in enumerate(scene.days, start=1):
        happened = make_day(scene.seed, day, scene.calls_per_day)
        for plant in scene.plants:
            happened = plant.happen(day, happened)
        happened = known = happened.in_order().priced()
        for plant in scene.plants:
            known = plant.know(day, known)
        for plant in scene.plants:
            plant.see(day, known)
        scene.usage.add(happened)
        scene.totals.add(known)
        for files in scene.files.values():
            files.see(day, happened, known)
        if number % 10 == 0 or number == len(scene.days):
            rows = sum(sum(files.rows_landed.values()) for files in scene.files.values())
            echo(f"demo: {number} of {len(scene.days)} days, {rows:,} rows")


def _owed(scene: Scene) -> dict[tuple[date, str], int]:
    """Picodollars by day and provider: what is logged, and what a report of usage has of the day beside."""
    owed = scene.totals.costs()
    for report in (scene.files["openai_usage"], scene.files["anthropic_usage"]):
        told = {day for (_, day), results in report.newest().items() if results}
        for day, (_, _, cost) in scene.usage.by_day(report.vendor).items():
            if day in told:
                owed[day, report.vendor] = max(owed.get((day, report.vendor), 0), cost)
    return owed


def _answers(scene: Scene) -> dict:
    """What is true of the files: rows by source, calls as the logs let one know them, money as it counts once."""
    from orchestration.demo import scope
    from orchestration.demo.prices import usd

    landed = {source: files.rows_landed for source, files in scene.files.items() if files.rows_landed}
    vendors: dict[str, dict] = {}
    for provider in ("openai", "anthropic"):
        known = scene.totals.by_day(provider)
        for day, (calls, tokens, cost) in scene.usage.by_day(provider).items():
            logged = known.get(day, [0, 0, 0])
            vendors.setdefault(provider, {})[f"{day}"] = {
                "requests": calls,
                "tokens": tokens,
                "cost_usd": usd(cost),
                "unlogged_tokens": tokens - logged[1],
                "unlogged_cost_usd": usd(cost - logged[2]),
            }
    owed = _owed(scene)
    accrued, saved = scene.ledger.accrued(owed), scene.totals.saved_by_choice()
    answers = {
        "rows_landed": {source: sum(rows.values()) for source, rows in landed.items()},
        "rows_left_out": {source: scene.files[source].rows_left_out for source in landed},
        "rows_landed_by_file": {
            path: rows for of_source in landed.values() for path, rows in sorted(of_source.items())
        },
        "calls": scene.totals.summary(),
        "vendors": vendors,
        "ledger": scene.ledger.answer(scene.totals.costs(), owed),
        "total_cost_of_ai": scope.total_cost(scene.ledger, accrued),
        "savings": scope.savings(scene.ledger, accrued, saved),
    }
    for files in scene.files.values():
        answers |= files.answer()
    return answers


def _clear(out: Path, answer_key: Path) -> None:
    """Remove what an earlier demo wrote into `out`; anything else there is somebody's, and an error."""
    from orchestration.demo.files import FILES

    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if not path.is_dir()}
    earlier = json.loads(answer_key.read_text(encoding="utf-8")) if answer_key.is_file() else {}
    written = set(earlier.get("files", ()))
    if earlier.get("unfinished"):
        own = re.compile("|".join(f"{kind.source}/({kind.own})" for kind in FILES))
        written |= {name for name in found if own.fullmatch(name)}
    if others := sorted(found.keys() - written):
        raise DemoError(
            f"{out} holds files that no demo wrote, such as {others[0]}. "
            "Give the demo an empty folder, or one of its own."
        )
    for path in found.values():
        path.unlink()
    # Until it is done, the demo says so: what a killed one leaves may be removed by the next.
    answer_key.parent.mkdir(parents=True, exist_ok=True)
    answer_key.write_text(json.dumps({"unfinished": True}) + "\n", encoding="utf-8")
