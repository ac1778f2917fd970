"""What came of the traces: outcomes as the business systems write them, with their true counts and costs.

The answers of each run go to a file of their own: what it took, what it cost and what it led to. And the minutes that
people spent on some of the outcomes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.demo import text_lines
from orchestration.demo.calls import DAY_US, Calls, day_number
from orchestration.demo.company import CUSTOMERS, LABOUR_RATES, WORKFLOWS
from orchestration.demo.prices import plain, usd
from orchestration.demo.runs import PENDING, STATUSES, SUCCESS, TYPES, Runs, make_runs
from orchestration.demo.scene import Delivery, Files, Scene
from orchestration.demo.truth import exact_sums, month_text, months

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
            runs = make_runs(self.scene.seed, day, calls, self._end_us)
            self._tell(runs)
            self.today = [
                (f"out-{runs.ids[row]}", str(runs.traces[row]), TYPES[runs.kind[row]], STATUSES[runs.final[row]],
                 int(runs.at[row]), runs.customer[row])
                for row in runs.ended.tolist()
            ]  # fmt: skip
            self.rows_left_out += len(runs.again) + len(runs.before)
            table = _lines_of(runs)
            lines = text_lines.query(self.scene.connection, table, _LINES).column(0)
            place = self.place("outcomes/outcomes.jsonl", text_lines.buffers(lines), append=True)
            self.note(place, len(table))

    def _tell(self, runs: Runs) -> None:
        """What of the day's runs the answer key holds."""
        self._count_traces(runs.calls, runs.first)
        self._add(runs)
        self._tell_runs(runs)
        self.amounts["runs_before"] += len(runs.before)
        self.amounts["unnamed"] += int((~runs.is_named[runs.ended]).sum())

    def _tell_runs(self, runs: Runs) -> None:
        """The answers of the day's runs. A call that repeats another has its step."""
        calls, count = runs.calls, len(runs.traces)
        has_outcome = runs.has_outcome[runs.leads_to]
        steps = np.unique(calls.trace << 32 | calls.step) >> 32
        columns = (
            pa.array(runs.traces),
            pa.array(np.char.add("out-", runs.ids[runs.leads_to]), mask=~has_outcome),
            pa.array(runs.is_named, mask=~has_outcome),
            np.bincount(calls.trace, minlength=count),
            np.bincount(calls.trace[calls.retry_of != b""], minlength=count),
            np.bincount(steps, minlength=count),
            runs.cost,
        )
        self._runs.write_table(pa.table(list(columns), schema=RUN))

    def land(self) -> None:
        self._runs.close()

    def _count_traces(self, calls: Calls, first: np.ndarray) -> None:
        tagged = np.where(calls.is_tagged[first], calls.workflow[first], len(WORKFLOWS))
        names = [*(w.name for w in WORKFLOWS), "(unallocated)"]
        for name, count in zip(names, np.bincount(tagged, minlength=len(names)).tolist(), strict=True):
            self._traces[name] += count

    def _add(self, runs: Runs) -> None:
        """Each outcome has the cost of all runs that led to it, and is of the month in which its own one began."""
        rows, final = runs.ended, runs.final
        cost, unpriced = (
            np.array(exact_sums(runs.leads_to, of_run, len(runs.traces))) for of_run in (runs.cost, runs.unpriced)
        )
        month = months(runs.calls.start_us[runs.first])
        cells, group = np.unique(month[rows] << 16 | runs.kind[rows] << 8 | final[rows], return_inverse=True)
        values = np.where(final == SUCCESS, runs.cents, 0)
        sums = [
            np.bincount(group, minlength=len(cells)).tolist(),
            exact_sums(group, cost[rows], len(cells)),
            exact_sums(group, unpriced[rows], len(cells)),
            exact_sums(group, values[rows], len(cells)),
        ]
        for position, cell in enumerate(cells.tolist()):
            found = self._sums[cell >> 16, TYPES[cell >> 8 & 255], STATUSES[cell & 255]]
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


def _lines_of(runs: Runs) -> pa.Table:
    """What the lines are made from: of each run that another one repeated, of the others, of each that is reversed."""
    before, ended, again = runs.before, runs.ended, runs.again
    of_run = np.concatenate([before, ended, again])
    of_outcome = runs.leads_to[of_run]
    none, is_worth = np.zeros_like, (runs.cents[ended] > 0) & (runs.status[ended] == SUCCESS)
    has_value = np.concatenate([none(before, bool), is_worth, none(again, bool)])
    status = [np.full(len(before), PENDING), runs.status[ended], runs.final[again]]
    occurred = [
        np.minimum(runs.finished[before], runs.at[runs.leads_to[before]]) - 1_000_000,
        runs.at[ended],
        runs.reversed_at[again],
    ]
    workflow, customer = runs.workflow[of_run], runs.customer[of_run]
    return pa.table(
        {
            "outcome": runs.ids[of_outcome],
            "trace": pa.array(runs.traces[of_run], mask=~runs.is_named[of_run]),
            "type": np.array(TYPES)[runs.kind[of_run]],
            "workflow": np.array([w.name for w in WORKFLOWS])[workflow],
            "feature": np.array([w.feature for w in WORKFLOWS])[workflow],
            "customer": pa.array(np.array([*(c.id for c in CUSTOMERS), ""])[customer], mask=customer < 0),
            "occurred_us": np.concatenate(occurred),
            "status": np.array(STATUSES)[np.concatenate(status)],
            "cents": pa.array(runs.cents[of_run], mask=~has_value),
        }
    )


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
