"""What all writers of files and all planters share, and what they are made of."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from orchestration.demo.calls import Calls
from orchestration.demo.company import MODELS
from orchestration.demo.ledger import Ledger
from orchestration.demo.prices import PICO, plain
from orchestration.demo.truth import CallTotals, Usage, day_of, exact_sums, figures_of

if TYPE_CHECKING:
    import duckdb

MOST_IDS = 50


@dataclass
class Delivery:
    """One file before it is written: planters may change `records`, its rows, lines or buckets, and where it lands."""

    source: str
    path: str  # below landing
    records: list[dict]
    # What a charge is that neither its category nor its vendor tells, by its description.
    causes: dict[str, str] = field(default_factory=dict, kw_only=True)

    @property
    def rows(self) -> int:
        """Rows that a reader of the file counts."""
        return len(self.records)

    def content(self) -> str:
        """Its text, as JSON lines."""
        return "".join(json_text(record) + "\n" for record in self.records)


@dataclass
class Table(Delivery):
    """A CSV file; a record may leave columns of `header` out."""

    header: tuple[str, ...]

    def content(self) -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, self.header, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in record.items()} for record in self.records)
        return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return json_text(value) if value else ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def json_text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@dataclass
class Scene:
    """One demo: its arguments, its folder, and what is true in it: `usage` happened, `totals` is what logs tell."""

    seed: int
    days: list[date]
    calls_per_day: int
    landing: Path
    runs: Path  # where the answers of each run go
    file_format: str
    connection: duckdb.DuckDBPyConnection
    plants: list[Plant] = field(default_factory=list)
    files: dict[str, Files] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    totals: CallTotals = field(default_factory=CallTotals)
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def end(self) -> date:
        return self.days[-1]

    @property
    def scale(self) -> int:
        """How large the company is beside its calls; 1 for about 2,000 calls a day."""
        return max(1, round(self.calls_per_day / 2222))

    @property
    def months(self) -> list[date]:
        """First days of the months that the days touch."""
        return sorted({day.replace(day=1) for day in self.days})

    def closed_months(self, issued_after: int) -> list[date]:
        """The months whose invoices had come by the last day, `issued_after` days after the month's own last day."""
        return [month for month in self.months if (self.end - next_month(month)).days + 1 >= issued_after]

    def relative(self, path: Path) -> str:
        return path.relative_to(self.landing).as_posix()


class Files:
    """The landed files of one source. `see` is called for each day in turn, then `land` once.

    `own`: the pattern of its files' names below the source's folder; a killed demo's files are known by it.
    """

    source: ClassVar[str] = ""
    own: ClassVar[str] = ""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rows_landed: dict[str, int] = {}  # by path below landing
        self.rows_left_out = 0  # of them: repeated, replaced by a newer delivery or version

    def see(self, day: date, happened: Calls, known: Calls) -> None:
        """The calls of the traces that start on `day`: all of them, and what logs tell of them."""

    def land(self) -> None:
        """Write what needs all days."""

    def lines(self, day: date, calls: Calls) -> Calls:
        """What this log holds of `calls`, once the planters have had their hands on it."""
        for plant in self.scene.plants:
            calls = plant.log(day, self.source, calls)
        return calls

    def deliver(self, delivery: Delivery) -> None:
        """Write one file, once the planters have changed it."""
        for plant in self.scene.plants:
            plant.deliver(delivery)
        self.write(delivery)

    def write(self, delivery: Delivery) -> None:
        self.note(self.place(delivery.path, [delivery.content().encode()]), delivery.rows)

    def place(self, path: str, content: Iterable[bytes], append: bool = False) -> Path:
        place = self.scene.landing / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab" if append else "wb") as file:
            file.writelines(content)
        return place

    def note(self, path: Path, rows: int) -> None:
        name = self.scene.relative(path)
        self.rows_landed[name] = self.rows_landed.get(name, 0) + rows

    def answer(self) -> dict:
        """What the answer key holds of it, by name."""
        return {}


class Plant:
    """One hard thing. Its hooks are called in this order: for each day in turn `happen`, `know`, `see`, and `log` for
    each log; then, once, `deliver` for each other file, `land` and `answer`."""

    id = ""
    what = ""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.ids: list[str] = []
        self.files: list[str] = []
        self.amounts: dict[str, object] = {}
        self._noted: list[dict] = []
        self._differences: dict[str, Decimal] = {}

    def rng(self, day: date) -> np.random.Generator:
        """Its own draws, so that no planter changes another's."""
        return np.random.default_rng([self.scene.seed, day.toordinal(), zlib.crc32(self.id.encode())])

    def happen(self, day: date, calls: Calls) -> Calls:
        """Change what truly happened in the traces that start on `day`; costs are computed afterwards."""
        return calls

    def know(self, day: date, calls: Calls) -> Calls:
        """Change what all logs together tell of what happened; costs are computed afterwards."""
        return calls

    def see(self, day: date, calls: Calls) -> None:
        """Look at what the logs tell in the end, to write it into the answer."""

    def log(self, day: date, source: str, lines: Calls) -> Calls:
        """Change which lines one log holds of `day`, not what is known."""
        return lines

    def deliver(self, delivery: Delivery) -> None:
        """Change a file that is no call log's, before it is written."""

    def land(self) -> None:
        """Add files when all others stand."""

    def count(self, more: dict[str, int]) -> None:
        """Add to the whole numbers of the answer."""
        for name, value in more.items():
            self.amounts[name] = int(self.amounts.get(name, 0)) + int(value)

    def differ(self, cause: str, vendor: str, day: date, amount: Decimal, source: str | None = None) -> None:
        """Bills show `amount` USD more of a day than logs tell; `source`: only where this source's book counts."""
        at = f"{vendor} {day:%Y-%m} {cause}"
        self._differences[at] = self._differences.get(at, Decimal(0)) + amount
        self.scene.ledger.differ(vendor, day, cause, amount, source)

    def differ_by(self, cause: str, billed: Calls, logged: Calls | None = None, times: Decimal = Decimal(1)) -> None:
        """Bills show the cost of the `billed` calls where logs tell that of the `logged` ones."""
        found: Counter[tuple[str, date]] = Counter()
        for calls, sign in ((billed, 1), (logged, -1)):
            if calls is not None:
                cells, group = np.unique(calls.event_day << 8 | calls.model, return_inverse=True)
                costs = exact_sums(group, np.maximum(calls.cost, 0), len(cells))
                for cell, cost in zip(cells.tolist(), costs, strict=True):
                    found[MODELS[cell & 255].provider, day_of(cell >> 8)] += sign * cost
        for (vendor, day), cost in found.items():
            self.differ(cause, vendor, day, cost * PICO * times)

    def note(self, calls: Calls) -> None:
        """Keep the ids and the sums of these calls."""
        room = MOST_IDS - len(self.ids)
        self.ids += [f"chatcmpl-{i.decode()}" for i in calls.id[:room]] if room > 0 else []
        self._noted.append(figures_of(calls))

    def answer(self) -> dict:
        """What, where and how much."""
        return {
            "id": self.id,
            "what": self.what,
            "files": self.files,
            "request_ids": self.ids,
            "amounts": {**_added(self._noted), **self.amounts},
            "billed_beyond_logs_usd": {at: plain(amount) for at, amount in self._differences.items()},
        }


def _added(parts: list[dict]) -> dict:
    """Sums of several days' figures."""
    if not parts:
        return {}
    result: dict[str, object] = {}
    for name, value in parts[0].items():
        if isinstance(value, dict):
            result[name] = _added([part[name] for part in parts])
        elif isinstance(value, str):
            result[name] = plain(sum((Decimal(part[name]) for part in parts), Decimal(0)))
        else:
            result[name] = sum(part[name] for part in parts)
    return result


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def midnight(day: date) -> str:
    return f"{day:%Y-%m-%d}T00:00:00Z"


def exported_at(moment: datetime) -> str:
    """The folder of a delivery, by which readers know the newest."""
    return f"exported_at={moment:%Y%m%dT%H%M%SZ}"


def days_of(month: date, days: Iterable[date]) -> Iterator[date]:
    return (day for day in days if day.replace(day=1) == month)
