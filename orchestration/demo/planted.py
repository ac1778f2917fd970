"""The hard things in the demo's files, each one class. To plant another, write its class and add it to PLANTED."""

from __future__ import annotations

import gzip
import shutil
import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from orchestration.demo import bill
from orchestration.demo.bill import BillMonth
from orchestration.demo.calls import DAY_US, ERRORS, NO_CUSTOMER, Calls, concat, day_number, random_ids
from orchestration.demo.company import MODEL_NO, MODELS, ORPHAN_KEY, UNPRICED_MODEL, WORKFLOWS
from orchestration.demo.gateway_log import PRIVATE_MARKER, GatewayLog
from orchestration.demo.prices import plain, usd
from orchestration.demo.truth import figures_of

MOST_IDS = 50


@dataclass
class Scene:
    """What a planter needs to know: the run's seed and days, and the log to land more files in."""

    seed: int
    days: list[date]
    gateway_log: GatewayLog

    def relative(self, path: Path) -> str:
        return path.relative_to(self.gateway_log.landing).as_posix()


class Plant:
    """One hard thing. Its hooks are called in this order, for each day in turn: `happen`, `see`, `log`; then, once,
    `bill` for each delivery, `land` and `answer`."""

    id = ""
    what = ""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.ids: list[str] = []
        self.files: list[str] = []
        self.amounts: dict[str, object] = {}
        self._noted: list[dict] = []

    def rng(self, day: date) -> np.random.Generator:
        """Its own draws, so that no planter changes another's."""
        return np.random.default_rng([self.scene.seed, day.toordinal(), zlib.crc32(self.id.encode())])

    def happen(self, day: date, calls: Calls) -> Calls:
        """Change what truly happened in the traces that start on `day`; costs are computed afterwards."""
        return calls

    def see(self, day: date, calls: Calls) -> None:
        """Look at what happened in the end, to write it into the answer."""

    def log(self, day: date, lines: Calls) -> Calls:
        """Change which lines the log file of `day` holds, not what happened."""
        return lines

    def bill(self, month: BillMonth) -> None:
        """Add lines to a delivery of the bill."""

    def land(self) -> None:
        """Add files when all others stand."""

    def count(self, more: dict[str, int]) -> None:
        """Add to the whole numbers of the answer."""
        for name, value in more.items():
            self.amounts[name] = int(self.amounts.get(name, 0)) + int(value)

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


def _of_customers(calls: Calls) -> np.ndarray:
    """Calls of workflows that serve customers, in production."""
    is_internal = np.array([w.is_internal for w in WORKFLOWS])
    return ~is_internal[calls.workflow] & (calls.environment == 0)


class MissingTags(Plant):
    id = "missing_tags"
    what = "traces without tags, team and customer: only the API key tells the team, product and environment"

    def happen(self, day: date, calls: Calls) -> Calls:
        is_chosen = self.rng(day).integers(0, 1000, int(calls.trace.max()) + 1) < 30
        rows = is_chosen[calls.trace] & _of_customers(calls)
        calls.is_tagged[rows] = False
        calls.customer[rows] = NO_CUSTOMER
        return calls

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(~calls.is_tagged & (calls.key != ORPHAN_KEY)))


class OrphanKey(Plant):
    id = "orphan_key"
    what = "untagged traces of an API key that no config names: nothing tells whose they are"

    def happen(self, day: date, calls: Calls) -> Calls:
        is_chosen = self.rng(day).integers(0, 1000, int(calls.trace.max()) + 1) < 12
        rows = is_chosen[calls.trace] & _of_customers(calls)
        calls.is_tagged[rows] = False
        calls.customer[rows] = NO_CUSTOMER
        calls.key[rows] = ORPHAN_KEY
        return calls

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(calls.key == ORPHAN_KEY))


class LongContext(Plant):
    id = "long_context"
    what = "calls of more than 200,000 input tokens, which cost the higher tier for every token"
    models = tuple(n for n, m in enumerate(MODELS) if m.name in ("gemini-2.5-pro", "claude-sonnet-4-5-20250929"))

    def happen(self, day: date, calls: Calls) -> Calls:
        rng = self.rng(day)
        wanted = ("document_generator", "code_review")
        number = [n for n, w in enumerate(WORKFLOWS) if w.name in wanted]
        rows = np.isin(calls.model, self.models) & np.isin(calls.workflow, number)
        rows &= rng.integers(0, 1000, len(calls)) < 4
        calls.input_uncached[rows] += 200_000 + rng.integers(0, 60_000, len(calls))[rows]
        return calls

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(np.isin(calls.model, self.models) & (calls.prompt > 200_000)))


class PriceChange(Plant):
    id = "price_change"
    what = "a model whose list price changes within the period: gpt-5.6-sol on 2026-08-21"
    model = MODEL_NO["openai", "gpt-5.6-sol"]

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.costs = {"before": 0, "from_then_on": 0}

    def see(self, day: date, calls: Calls) -> None:
        for name, is_then in (("before", False), ("from_then_on", True)):
            rows = (calls.model == self.model) & ((calls.event_day >= day_number(date(2026, 8, 21))) == is_then)
            self.count({f"calls_{name}": int(rows.sum())})
            self.costs[name] += int(calls.cost[rows].sum())
        self.amounts |= {f"list_cost_usd_{name}": usd(cost) for name, cost in self.costs.items()}


class FailedCalls(Plant):
    id = "failed_calls"
    what = (
        "calls that failed: no tokens, or (aborted by the vendor, which bills the input) prompt tokens only, "
        "while the log's spend is 0 for all of them"
    )

    def happen(self, day: date, calls: Calls) -> Calls:
        """Some calls fail first and are tried again; some traces end with a failed call."""
        rng = self.rng(day)
        draw = rng.integers(0, 10_000, len(calls))
        error = rng.integers(0, 3, len(calls))
        is_billed = rng.integers(0, 4, len(calls)) == 0
        before = (calls.first_token_ms + rng.integers(200, 2000, len(calls))) * 1000

        first_today = day_number(day) * DAY_US
        retried = np.flatnonzero((draw < 120) & (calls.start_us - before >= first_today))
        failed = calls.take(retried)
        failed = replace(
            failed,
            id=random_ids(rng, len(failed)),
            start_us=failed.start_us - before[retried],
            duration_ms=failed.first_token_ms.copy(),
            error=error[retried],
        )
        self._fail(failed, np.arange(len(failed)), is_billed[retried])
        calls.retry_of[retried] = failed.id

        last = np.zeros(int(calls.trace.max()) + 1, dtype=np.int64)
        last[calls.trace] = np.arange(len(calls))
        final = last[(draw[last] >= 120) & (draw[last] < 220)]
        calls.error[final] = error[final] + 2
        self._fail(calls, final, is_billed[final])
        return concat([calls, failed])

    @staticmethod
    def _fail(calls: Calls, rows: np.ndarray, is_billed: np.ndarray) -> None:
        calls.input_uncached[rows] = np.where(is_billed, calls.prompt[rows], 0)
        for tokens in (calls.cache_read, calls.cache_write_5m, calls.cache_write_1h, calls.completion, calls.reasoning):
            tokens[rows] = 0

    def see(self, day: date, calls: Calls) -> None:
        failed = calls.take(calls.is_failure)
        self.note(failed)
        self.count({"with_prompt_tokens": (failed.prompt > 0).sum(), "without_tokens": (failed.prompt == 0).sum()})
        self.count({f"error_{name}": (failed.error == number).sum() for number, (name, _) in enumerate(ERRORS)})


class Retries(Plant):
    id = "retries"
    what = "calls that repeat a failed one of the same trace and name it in spend_logs_metadata.retry_of"

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(calls.retry_of != b""))


class ModelWithoutPrice(Plant):
    id = "model_without_price"
    what = "an in-house model that no price list knows; the log's spend is 0, which does not mean free"

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(calls.model == UNPRICED_MODEL))
        self.amounts["model"] = MODELS[UNPRICED_MODEL].name


class OverMidnight(Plant):
    id = "over_midnight"
    what = "traces that start before midnight UTC and end after it; their calls lie in two days' files"

    def happen(self, day: date, calls: Calls) -> Calls:
        if day == self.scene.days[-1]:
            return calls
        agent = next(n for n, w in enumerate(WORKFLOWS) if w.name == "support_agent")
        midnight = (day_number(day) + 1) * DAY_US
        for trace in np.unique(calls.trace[calls.workflow == agent])[: 1 + len(calls) // 20_000]:
            rows = np.flatnonzero(calls.trace == trace)
            start = np.sort(calls.start_us[rows])
            calls.start_us[rows] += midnight + 1000 - start[len(start) // 2]
        return calls

    def see(self, day: date, calls: Calls) -> None:
        after = calls.take(calls.event_day > day_number(day))
        self.note(after)
        self.count({"traces": len(np.unique(after.trace))})


class PrivateContent(Plant):
    id = "private_content"
    what = "prompts and answers stored in the log, users' e-mail addresses in `user`, IP addresses: none may enter raw"

    def happen(self, day: date, calls: Calls) -> Calls:
        calls.has_content |= self.rng(day).integers(0, 1000, len(calls)) < 5
        return calls

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(calls.has_content))
        self.amounts["marker"] = PRIVATE_MARKER


class LateFile(Plant):
    id = "late_file"
    what = "calls of an early day that land in a file dated a week later"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.day = scene.days[min(9, len(scene.days) // 3)]

    def log(self, day: date, lines: Calls) -> Calls:
        if day != self.day:
            return lines
        is_late = (np.arange(len(lines)) % 6 == 3) & (lines.event_day == day_number(day))
        late = lines.take(is_late)
        self.note(late)
        path = self.scene.gateway_log.write(f"spend_logs_{day + timedelta(days=7)}_backfill", late)
        self.files.append(self.scene.relative(path))
        self.amounts["event_day"] = day.isoformat()
        return lines.take(~is_late)


class DuplicatedLines(Plant):
    id = "duplicated_lines"
    what = "log lines written twice, with the same request_id and content: in the same file, or in the next day's file"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.carried: Calls | None = None

    def log(self, day: date, lines: Calls) -> Calls:
        draw = self.rng(day).integers(0, 1000, len(lines))
        here = lines.take(draw < 4)
        parts = [lines, here]
        self.count({"rows": len(here), "in_same_file": len(here)})
        self.note(here)
        if self.carried is not None:
            parts.append(self.carried)
            self.count({"rows": len(self.carried), "in_next_file": len(self.carried)})
            self.note(self.carried)
        is_next = (draw >= 4) & (draw < 6) & (lines.event_day == day_number(day))
        self.carried = lines.take(is_next) if is_next.any() else None
        return concat(parts).in_order()

    def answer(self) -> dict:
        return {**super().answer(), "note": "amounts hold what counting the repeated rows again would add"}


class RedeliveredFiles(Plant):
    id = "redelivered_files"
    what = "files that land again: byte for byte under another name, and (JSON lines) as gzip of the same content"

    def land(self) -> None:
        days = self.scene.days
        source = self.scene.gateway_log.path(days[len(days) // 2])
        copy = source.parent / "resent" / f"{source.stem} (1){source.suffix}"
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, copy)
        self.files += [self.scene.relative(copy)]
        if self.scene.gateway_log.file_format == "jsonl":
            source = self.scene.gateway_log.path(days[len(days) // 4])
            zipped = source.with_name(f"{source.stem}_resent{source.suffix}.gz")
            with source.open("rb") as plain, zipped.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as packed:
                shutil.copyfileobj(plain, packed)
            self.files += [self.scene.relative(zipped)]
        self.amounts["files"] = len(self.files)


class _BillPlant(Plant):
    """A hard thing that lies in the bill's newest deliveries; `amounts` by month."""

    def record(self, month: BillMonth, lines: list[dict[str, str]]) -> None:
        if month.is_newest:
            sums = {"lines": len(lines), "billed_cost": plain(sum(Decimal(line["BilledCost"]) for line in lines))}
            self.amounts[f"{month.start:%Y-%m}"] = sums
            self.files.append(month.path)


class CreditLines(_BillPlant):
    id = "credit_lines"
    what = "negative lines in the bill: a promotional credit on model usage and a service credit for an outage"

    def bill(self, month: BillMonth) -> None:
        before = len(month.lines)
        used = sum(Decimal(line["BilledCost"]) for line in month.lines if line["ServiceName"] == bill.BEDROCK)
        credit = dict(ChargeCategory="Credit", ChargeFrequency="One-Time")
        month.add(
            bill.BEDROCK,
            "AWS promotional credit",
            (used * Decimal("-0.1")).quantize(Decimal("0.01")),
            ServiceCategory="AI and Machine Learning",
            **credit,
        )
        month.add(
            bill.OPENSEARCH,
            "Service credit for unavailability",
            Decimal("-3.17") * month.scale,
            day=month.days[0],
            ServiceCategory="Databases",
            **credit,
        )
        self.record(month, month.lines[before:])


class IdenticalBillLines(_BillPlant):
    id = "identical_bill_lines"
    what = "two charges of one bill that are alike in every column: both are real, both count"

    def bill(self, month: BillMonth) -> None:
        before = len(month.lines)
        for _ in range(2):
            bill.add_metered(month, month.days[-1], bill.S3, "PUT requests", 14_500, "0.000005", "Requests", "Storage")
        self.record(month, month.lines[before:])


PLANTED: tuple[type[Plant], ...] = (
    MissingTags,
    OrphanKey,
    LongContext,
    PriceChange,
    OverMidnight,
    FailedCalls,
    Retries,
    ModelWithoutPrice,
    PrivateContent,
    LateFile,
    DuplicatedLines,
    RedeliveredFiles,
    CreditLines,
    IdenticalBillLines,
)
