"""The demo company: the files of an invented company's AI spend, and the answers that a warehouse must find in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.demo.gateway_log import GatewayLog
    from orchestration.demo.outcomes import Outcomes
    from orchestration.demo.planted import Plant
    from orchestration.demo.truth import CallTotals

DEFAULT_DAYS = 90
DEFAULT_CALLS_PER_DAY = 2222
DEFAULT_SEED = 7
DEFAULT_END = date(2026, 10, 31)
FORMATS = ("jsonl", "parquet")
_OWN_FILE = re.compile(
    r"(litellm/(resent/)?spend_logs_[^/]*|focus/billing_period=[^/]*/exported_at=[^/]*/aws\.csv"
    r"|customers/customers\.csv|revenue/revenue\.csv|outcomes/outcomes\.jsonl)"
)


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
    (default: beside `out`). Files of an earlier demo are replaced. Raises DemoError if `out` holds anything else, or
    for senseless arguments.
    """
    import duckdb

    from orchestration.demo import bill, business
    from orchestration.demo.calls import day_number
    from orchestration.demo.company import CUSTOMERS
    from orchestration.demo.gateway_log import GatewayLog
    from orchestration.demo.outcomes import Outcomes
    from orchestration.demo.planted import PLANTED, Scene
    from orchestration.demo.truth import CallTotals

    if format not in FORMATS:
        raise DemoError(f"{format!r} is no format of the demo. Use one of: {', '.join(FORMATS)}.")
    if days < 1 or calls_per_day < 1 or seed < 0:
        raise DemoError("The demo needs at least one day, one call a day, and a seed that is not negative.")
    answer_key = out.parent / "answer_key.json" if answer_key is None else answer_key
    _clear(out, answer_key)

    every_day = [end - timedelta(days=days - 1 - number) for number in range(days)]
    with duckdb.connect() as connection:
        log = GatewayLog(connection, out, format)
        plants = [plant(Scene(seed, every_day, log)) for plant in PLANTED]
        totals, outcomes = CallTotals(), Outcomes(connection, seed, end)
        _write_days(every_day, calls_per_day, seed, log, plants, totals, outcomes, echo)
    business.write_customers(out, every_day)
    revenue = business.write_revenue(out, every_day, calls_per_day)
    bills = _write_bills(out, every_day, max(1, round(calls_per_day / 2222)), totals.usage("bedrock"), plants)
    for plant in plants:
        plant.land()
    if config is not None:
        business.write_config(config)

    last_billed = bill.last_billed_day(end)
    answers = {
        "arguments": {"days": days, "calls_per_day": calls_per_day, "seed": seed, "end": f"{end}", "format": format},
        "first_day": f"{every_day[0]}",
        "last_day": f"{end}",
        "rows_landed": {
            "litellm": sum(log.rows_landed.values()),
            "focus": sum(delivery["lines"] for delivery in [*bills["by_month"].values(), *bills["replaced"]]),
            "customers": len(CUSTOMERS),
            "revenue": revenue["rows"],
            "outcomes": outcomes.rows_landed,
        },
        "rows_landed_by_file": dict(sorted(log.rows_landed.items())),
        "calls": totals.summary(),
        **outcomes.summary(),
        "revenue": revenue["by_month"],
        "bills": bills,
        "unbilled": {
            "bedrock_last_billed_day": f"{last_billed}",
            "bedrock_by_day": totals.by_day("bedrock", day_number(last_billed)),
            "by_provider": totals.after({"bedrock": day_number(last_billed)}),
        },
        "planted": [plant.answer() for plant in plants],
        "files": sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()),
    }
    answer_key.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
    return answers


def _write_days(
    days: list[date],
    calls_per_day: int,
    seed: int,
    log: GatewayLog,
    plants: list[Plant],
    totals: CallTotals,
    outcomes: Outcomes,
    echo: Callable[[str], object],
) -> None:
    """Write the log and the outcomes, one day at a time, so that memory does not grow with the days."""
    from orchestration.demo.calls import concat, day_number, make_day

    carried = None  # calls after midnight of traces that started before it
    path = log.landing / "outcomes" / "outcomes.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as outcome_file:
        for number, day in enumerate(days, start=1):
            calls = make_day(seed, day, calls_per_day)
            for plant in plants:
                calls = plant.happen(day, calls)
            calls = calls.in_order().priced()
            for plant in plants:
                plant.see(day, calls)
            totals.add(calls)
            outcome_file.write(outcomes.of_day(day, calls))
            lines = calls if carried is None else concat([carried, calls])
            is_today = lines.event_day <= day_number(day)
            carried = lines.take(~is_today)
            lines = lines.take(is_today).in_order()
            for plant in plants:
                lines = plant.log(day, lines)
            log.write(day, lines)
            if number % 10 == 0 or number == len(days):
                echo(f"demo: {number} of {len(days)} days, {sum(log.rows_landed.values()):,} log lines")


def _clear(out: Path, answer_key: Path) -> None:
    """Remove what an earlier demo wrote into `out`; anything else there is somebody's, and an error."""
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if not path.is_dir()}
    earlier = json.loads(answer_key.read_text(encoding="utf-8")) if answer_key.is_file() else {}
    written = set(earlier.get("files", ()))
    if earlier.get("unfinished"):
        written |= {name for name in found if _OWN_FILE.fullmatch(name)}
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


def _write_bills(out: Path, days: list[date], scale: int, usage: dict, plants: list[Plant]) -> dict:
    """Write each month's bill, and an older delivery of the last but one; returns what the newest deliveries hold."""
    from orchestration.demo import bill

    newest = bill.deliveries(days, scale)
    older = [bill.earlier(month, days_less=4) for month in newest[-2:][:1]]
    months, replaced = {}, []
    for month in [*(month for month in older if month), *newest]:
        bill.fill(month, usage)
        for plant in plants:
            plant.bill(month)
        bill.add_tax(month)
        month.write(out)
        totals = month.totals()
        if month.is_newest:
            months[f"{month.start:%Y-%m}"] = {
                "path": month.path,
                "first_day": month.days[0].isoformat(),
                "last_day": month.days[-1].isoformat(),
                **totals,
            }
        else:
            replaced.append({"path": month.path, "billing_period": f"{month.start:%Y-%m}", **totals})
    return {"by_month": months, "replaced": replaced}
