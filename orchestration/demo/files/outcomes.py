"""What came of the traces: outcomes as the business systems write them, with their true counts and costs.

The answers of each run go to a file of their own: what it took, what it cost and what it led to. And the minutes that
people spent on some of the outcomes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.demo import text_lines
from orchestration.demo.calls import DAY_US, Calls, day_number, random_ids
from orchestration.demo.company import CUSTOMERS, LABOUR_RATES, WORKFLOWS
from orchestration.demo.prices import plain, usd
from orchestration.demo.scene import Delivery, Files, Scene
from orchestration.demo.truth import exact_sums, month_text, months

STATUSES = ("success", "failure", "abandoned", "unknown", "pending", "reversed")
_WEIGHTS = {  # success, failure, abandoned, unknown; per 100
    "support_case": (76, 11, 10, 3),
    "document": (84, 9, 5, 2),
    "interaction": (80, 8, 10, 2),
    "task": (88, 8, 2, 2),
    "decision": (96, 3, 0, 1),
    "transaction": (93, 5, 1, 1),
}
_DELAY_HOURS = {"support_case": 60, "document": 20}
_TYPES = tuple(_WEIGHTS)
# Of a thousand outcomes of a kind: those that took a run before, and those that name no run.
_TWICE = {"support_case": 60}
_UNNAMED = {"transaction": 40}
RUN = pa.schema(
    [
        ("trace_id", pa.string()),
        ("outcome_id", pa.string()),
        ("is_named", pa.bool_()),  # whether the outcome names the run
        ("call_count", pa.int64()),
        ("retry_count", pa.int64()),
        ("loop_count", pa.int64()),
        ("list_cost_picodollars", pa.int64()),
    ]
)


def _per_mille(of_kind: dict[str, int]) -> np.ndarray:
    return np.array([of_kind.get(name, 0) for name in _TYPES])


_LINES = """
    select concat(
        '{"outcome_id":"out-', outcome, '","trace_id":', coalesce('"' || trace || '"', 'null'),
        ',"outcome_type":"', type, '","workflow":"', workflow, '","feature":"', feature,
        '","customer_id":', coalesce('"' || customer || '"', 'null'),
        ',"occurred_at":"', strftime(make_timestamp(occurred_us), '%Y-%m-%dT%H:%M:%SZ'), '","status":"', status,
        '","value":', coalesce((cents::decimal(18, 2) / 100)::decimal(18, 2)::varchar, 'null'),
        ',"currency":', if(cents is null, 'null', '"USD"'), '}\n'
    ) from rows
"""


class Outcomes(Files):
    """One file; staging and untagged traces have no outcome, and a few were forgotten."""

    source: ClassVar[str] = "outcomes"
    own: ClassVar[str] = r"outcomes\.jsonl"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._end_us = (day_number(scene.end) + 1) * DAY_US
        self._sums: defaultdict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self._traces: defaultdict[str, int] = defaultdict(int)
        self.amounts = {"runs_before": 0, "unnamed": 0}
        self._runs = pq.ParquetWriter(scene.runs, RUN)
        self.today: list[tuple[str, str, str, str, int, int]] = []  # outcome, trace, type, final status, when, customer

    def see(self, day: date, happened: Calls, known: Calls) -> None:
        """The outcomes of the traces that start on `day`; the flat form names no traces."""
        calls = known.take(~known.logged_in("llm_calls"))
        calls = replace(calls, trace=np.unique(calls.trace, return_inverse=True)[1])
        if len(calls):
            table = self._of_day(day, calls)
            lines = text_lines.query(self.scene.connection, table, _LINES).column(0)
            place = self.place("outcomes/outcomes.jsonl", text_lines.buffers(lines), append=True)
            self.note(place, len(table))

    def _of_day(self, day: date, calls: Calls) -> pa.Table:
        """What the lines are made from; `calls` are all calls of the day's traces, these numbered without gaps."""
        rng = np.random.default_rng([self.scene.seed, day.toordinal(), 1])
        trace_count = int(calls.trace.max()) + 1
        last = np.zeros(trace_count, dtype=np.int64)
        last[calls.trace] = np.arange(len(calls))  # calls are in order: the last one wins
        first = np.zeros(trace_count, dtype=np.int64)
        first[calls.trace[::-1]] = np.arange(len(calls))[::-1]
        cost = np.array(exact_sums(calls.trace, np.maximum(calls.cost, 0), trace_count))
        unpriced = np.bincount(calls.trace, calls.cost < 0, trace_count).astype(np.int64)
        self._count_traces(calls, first)
        run_cost = cost

        workflow = calls.workflow[last]
        kind = np.array([_TYPES.index(w.outcome_type) if w.outcome_type else -1 for w in WORKFLOWS])[workflow]
        is_internal = np.array([w.is_internal for w in WORKFLOWS])[workflow]
        is_counted = (kind >= 0) & calls.is_tagged[last] & (is_internal | (calls.environment[last] == 0))
        is_counted &= rng.integers(0, 100, trace_count) >= 2
        status = self._statuses(rng, kind, calls.is_failure[last])
        finished = calls.start_us[last] + 1000 * calls.duration_ms[last]
        delay = np.array([_DELAY_HOURS.get(name, 0) for name in _TYPES])[kind] * 3_600_000_000
        at = finished + 1_000_000 + (delay * rng.integers(0, 1024, trace_count) >> 10)
        status = np.where(at >= self._end_us, STATUSES.index("pending"), status)
        at = np.where(at >= self._end_us, finished, at)
        cents = np.array([w.value_cents for w in WORKFLOWS])[workflow] * rng.integers(512, 1537, trace_count) >> 10
        reversed_at = at + rng.integers(1, 9 * 24, trace_count) * 3_600_000_000
        is_reversed = (status == 0) & (kind == 0) & (rng.integers(0, 100, trace_count) < 2)
        is_reversed &= reversed_at < self._end_us

        draw = rng.integers(0, 1000, trace_count)
        customer = calls.customer[last]
        leads_to = self._leads_to(is_counted & (draw < _per_mille(_TWICE)[kind]), is_counted, workflow, customer, first)
        before = np.flatnonzero(leads_to != np.arange(trace_count))
        is_counted[before] = False
        is_named = draw >= _per_mille(_UNNAMED)[kind]
        cost, unpriced = (np.array(exact_sums(leads_to, of_run, trace_count)) for of_run in (cost, unpriced))

        rows = np.flatnonzero(is_counted)
        final = np.where(is_reversed, STATUSES.index("reversed"), status)
        self._add(months(calls.start_us[first]), kind, final, cost, unpriced, cents, rows)
        again = rows[is_reversed[rows]]
        ids = random_ids(rng, trace_count).astype("U20")
        traces = calls.session[last].astype("U32")
        self.today = [
            (f"out-{ids[row]}", str(traces[row]), _TYPES[kind[row]], STATUSES[final[row]], int(at[row]), customer[row])
            for row in rows.tolist()
        ]
        self._tell_runs(calls, traces, run_cost, np.where(is_counted[leads_to], ids[leads_to], ""), is_named)
        self.amounts["runs_before"] += len(before)
        self.amounts["unnamed"] += int((~is_named[rows]).sum())
        self.rows_left_out += len(again) + len(before)

        # Rows of an outcome: of each run before the last, of the last, and where it is reversed.
        of_run = np.concatenate([before, rows, again])
        of_outcome = leads_to[of_run]
        none = np.zeros(len(before) + len(again), dtype=bool)
        has_value = np.insert(none, len(before), (cents[rows] > 0) & (status[rows] == 0))
        pending = np.full(len(before), STATUSES.index("pending"))
        return pa.table(
            {
                "outcome": ids[of_outcome],
                "trace": pa.array(traces[of_run], mask=~is_named[of_run]),
                "type": np.array(_TYPES)[kind[of_run]],
                "workflow": np.array([w.name for w in WORKFLOWS])[workflow[of_run]],
                "feature": np.array([w.feature for w in WORKFLOWS])[workflow[of_run]],
                "customer": pa.array(
                    np.array([*(c.id for c in CUSTOMERS), ""])[customer[of_run]], mask=customer[of_run] < 0
                ),
                "occurred_us": np.concatenate(
                    [np.minimum(finished[before], at[leads_to[before]]) - 1_000_000, at[rows], reversed_at[again]]
                ),
                "status": np.array(STATUSES)[np.concatenate([pending, status[rows], final[again]])],
                "cents": pa.array(cents[of_run], mask=~has_value),
            }
        )

    @staticmethod
    def _leads_to(
        is_repeated: np.ndarray, is_counted: np.ndarray, workflow: np.ndarray, customer: np.ndarray, first: np.ndarray
    ) -> np.ndarray:
        """For each run the one whose outcome it leads to: itself, or the next of its customer where that repeats it."""
        result = np.arange(len(first))
        rows = np.flatnonzero(is_counted)
        rows = rows[np.lexsort((first[rows], customer[rows], workflow[rows]))][::-1].tolist()
        for later, earlier in pairwise(rows):
            is_same = (workflow[later], customer[later]) == (workflow[earlier], customer[earlier])
            if is_repeated[later] and is_same:
                result[earlier] = result[later]
        return result

    def _tell_runs(
        self, calls: Calls, traces: np.ndarray, cost: np.ndarray, outcomes: np.ndarray, is_named: np.ndarray
    ) -> None:
        """The answers of the day's runs. A call that repeats another has its step."""
        has_outcome, count = outcomes != "", len(traces)
        steps = np.unique(calls.trace << 32 | calls.step) >> 32
        columns = (
            pa.array(traces),
            pa.array(np.char.add("out-", outcomes), mask=~has_outcome),
            pa.array(is_named, mask=~has_outcome),
            np.bincount(calls.trace, minlength=count),
            np.bincount(calls.trace[calls.retry_of != b""], minlength=count),
            np.bincount(steps, minlength=count),
            cost,
        )
        self._runs.write_table(pa.table(list(columns), schema=RUN))

    def land(self) -> None:
        self._runs.close()

    @staticmethod
    def _statuses(rng: np.random.Generator, kind: np.ndarray, ends_failed: np.ndarray) -> np.ndarray:
        bounds = np.cumsum(np.array(list(_WEIGHTS.values())), axis=1)[kind]
        status = (rng.integers(0, 100, len(kind))[:, None] >= bounds).sum(axis=1)
        return np.where(ends_failed, STATUSES.index("failure"), status)

    def _count_traces(self, calls: Calls, first: np.ndarray) -> None:
        tagged = np.where(calls.is_tagged[first], calls.workflow[first], len(WORKFLOWS))
        names = [*(w.name for w in WORKFLOWS), "(unallocated)"]
        for name, count in zip(names, np.bincount(tagged, minlength=len(names)).tolist(), strict=True):
            self._traces[name] += count

    def _add(
        self,
        month: np.ndarray,
        kind: np.ndarray,
        status: np.ndarray,
        cost: np.ndarray,
        unpriced: np.ndarray,
        cents: np.ndarray,
        rows: np.ndarray,
    ) -> None:
        cells, group = np.unique(month[rows] << 16 | kind[rows] << 8 | status[rows], return_inverse=True)
        values = np.where(status == 0, cents, 0)
        sums = [
            np.bincount(group, minlength=len(cells)).tolist(),
            exact_sums(group, cost[rows], len(cells)),
            exact_sums(group, unpriced[rows], len(cells)),
            exact_sums(group, values[rows], len(cells)),
        ]
        for position, cell in enumerate(cells.tolist()):
            found = self._sums[cell >> 16, _TYPES[cell >> 8 & 255], STATUSES[cell & 255]]
            for number in range(4):
                found[number] += sums[number][position]

    def answer(self) -> dict:
        """Traces by workflow; outcomes by type and final status; and by month of the trace's start with their costs."""
        by_type: defaultdict[str, dict[str, int]] = defaultdict(dict)
        by_month: dict[str, dict] = {}
        for (month, kind, status), (count, cost, unpriced, cents) in sorted(self._sums.items()):
            by_type[kind][status] = by_type[kind].get(status, 0) + count
            months_of = by_month.setdefault(month_text(month), {}).setdefault(kind, {"outcomes": 0, "by_status": {}})
            months_of["outcomes"] += count
            months_of["by_status"][status] = {
                "outcomes": count,
                "list_cost_usd": usd(cost),
                "unpriced_calls": unpriced,
                "value_usd": f"{cents // 100}.{cents % 100:02d}",
            }
        for month, kind in {(month, kind) for month, kind, _ in self._sums}:
            cost = sum(v[1] for (m, k, _), v in self._sums.items() if (m, k) == (month, kind))
            by_month[month_text(month)][kind]["list_cost_usd"] = usd(cost)
        return {
            "traces": sum(self._traces.values()),
            "traces_by_workflow": dict(sorted(self._traces.items())),
            "outcomes": {
                "outcomes": sum(found[0] for found in self._sums.values()),
                "by_type": dict(by_type),
                "by_month": by_month,
                **self.amounts,
            },
        }


class HumanEffort(Files):
    """People took over the support cases that the agent did not resolve, and looked through some documents."""

    source: ClassVar[str] = "human_effort"
    own: ClassVar[str] = r"efforts\.jsonl"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.efforts: list[dict] = []
        self._customers: dict[str, str] = {}  # of each effort

    def see(self, day: date, happened: Calls, known: Calls) -> None:
        rng = np.random.default_rng([self.scene.seed, day.toordinal(), 2])
        today = self.scene.files["outcomes"].today
        draws = rng.integers(0, 600, len(today)).tolist()
        for (outcome, trace, kind, status, at, customer), draw in zip(today, draws, strict=True):
            if kind == "support_case" and status in ("failure", "abandoned"):
                role, minutes = "support engineer", round(6 + draw / 20, 2)
            elif kind == "document" and status == "success" and draw % 3 == 0:
                role, minutes = "editor", round(2 + draw / 50, 2)
            else:
                continue
            self._customers[f"eff-{outcome[4:]}"] = CUSTOMERS[customer].id
            occurred = datetime(1970, 1, 1) + timedelta(microseconds=at)
            self.efforts.append(
                {
                    "effort_id": f"eff-{outcome[4:]}",
                    "outcome_id": outcome,
                    "trace_id": trace,
                    "role": role,
                    "minutes": minutes,
                    "occurred_at": f"{occurred:%Y-%m-%dT%H:%M:%SZ}",
                }
            )

    def land(self) -> None:
        if self.efforts:
            self.deliver(Delivery(self.source, "human_effort/efforts.jsonl", list(self.efforts)))

    def worth(self) -> dict[tuple[str, str], Decimal]:
        """USD by month and customer."""
        found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for effort in self.efforts:
            rate = Decimal(LABOUR_RATES[effort["role"]]) / 60
            at = effort["occurred_at"][:7], self._customers[effort["effort_id"]]
            found[at] += Decimal(f"{effort['minutes']:.2f}") * rate
        return dict(sorted(found.items()))

    def answer(self) -> dict:
        minutes = sum(round(effort["minutes"] * 100) for effort in self.efforts)
        worth: defaultdict[str, Decimal] = defaultdict(Decimal)
        by_customer: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for (month, customer), cost in self.worth().items():
            worth[month] += cost
            by_customer[month][customer] = plain(cost)
        return {
            "human_effort": {
                "efforts": len(self.efforts),
                "minutes": f"{minutes / 100:.2f}",
                "imputed_cost_usd": {month: plain(amount) for month, amount in sorted(worth.items())},
                "by_customer": by_customer,
            }
        }
