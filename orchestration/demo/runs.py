"""What comes of a day's runs: which has an outcome, of which kind, how it ends, and what it was worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np

from orchestration.demo.calls import Calls, random_ids
from orchestration.demo.company import WORKFLOWS
from orchestration.demo.truth import exact_sums

STATUSES = ("success", "failure", "abandoned", "unknown", "pending", "reversed")
SUCCESS, FAILURE, _, _, PENDING, REVERSED = range(len(STATUSES))
_WEIGHTS = {  # success, failure, abandoned, unknown; per 100
    "support_case": (76, 11, 10, 3),
    "document": (84, 9, 5, 2),
    "interaction": (80, 8, 10, 2),
    "task": (88, 8, 2, 2),
    "decision": (96, 3, 0, 1),
    "transaction": (93, 5, 1, 1),
}
_DELAY_HOURS = {"support_case": 60, "document": 20}
TYPES = tuple(_WEIGHTS)
# Of a thousand outcomes of a kind: those that took a run before, and those that name no run.
_TWICE = {"support_case": 60}
_UNNAMED = {"transaction": 40}
_HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Runs:
    """A day's runs: an element a run in each array, rows of `calls` in `first` and `last`, times in microseconds.

    `kind` is a position in TYPES, or negative; `status` one in STATUSES, before an outcome is `is_reversed`; costs are
    picodollars. Of a run without `has_outcome`, what is said of an outcome means nothing.
    """

    calls: Calls
    first: np.ndarray
    last: np.ndarray
    kind: np.ndarray
    cost: np.ndarray
    unpriced: np.ndarray  # calls without a price
    has_outcome: np.ndarray
    leads_to: np.ndarray  # the run whose outcome it leads to
    is_named: np.ndarray  # whether the outcome names it
    status: np.ndarray
    is_reversed: np.ndarray
    finished: np.ndarray
    at: np.ndarray
    reversed_at: np.ndarray
    cents: np.ndarray
    ids: np.ndarray  # of the outcomes

    @property
    def workflow(self) -> np.ndarray:
        return self.calls.workflow[self.last]

    @property
    def customer(self) -> np.ndarray:
        return self.calls.customer[self.last]

    @cached_property
    def traces(self) -> np.ndarray:
        return self.calls.session[self.last].astype("U32")

    @property
    def final(self) -> np.ndarray:
        return np.where(self.is_reversed, REVERSED, self.status)

    @cached_property
    def before(self) -> np.ndarray:
        """The runs that another one repeated, whose outcome is theirs."""
        return np.flatnonzero(self.leads_to != np.arange(len(self.leads_to)))

    @cached_property
    def ended(self) -> np.ndarray:
        """The runs that have an outcome of their own."""
        return np.flatnonzero(self.has_outcome)

    @property
    def again(self) -> np.ndarray:
        """Those of them whose outcome is reversed later."""
        return self.ended[self.is_reversed[self.ended]]


def make_runs(seed: int, day: date, calls: Calls, end_us: int) -> Runs:
    """What comes of the runs that start on `day`; `calls` are all their calls, with traces numbered without gaps.

    What would end at `end_us` or later is pending.
    """
    rng = np.random.default_rng([seed, day.toordinal(), 1])
    count = int(calls.trace.max()) + 1
    last = np.zeros(count, dtype=np.int64)
    last[calls.trace] = np.arange(len(calls))  # calls are in order: the last one wins
    first = np.zeros(count, dtype=np.int64)
    first[calls.trace[::-1]] = np.arange(len(calls))[::-1]

    workflow = calls.workflow[last]
    kind = np.array([TYPES.index(w.outcome_type) if w.outcome_type else -1 for w in WORKFLOWS])[workflow]
    is_internal = np.array([w.is_internal for w in WORKFLOWS])[workflow]
    has_outcome = (kind >= 0) & calls.is_tagged[last] & (is_internal | (calls.environment[last] == 0))
    has_outcome &= rng.integers(0, 100, count) >= 2
    status = _statuses(rng, kind, calls.is_failure[last])
    finished = calls.start_us[last] + 1000 * calls.duration_ms[last]
    delay = np.array([_DELAY_HOURS.get(name, 0) for name in TYPES])[kind] * _HOUR_US
    at = finished + 1_000_000 + (delay * rng.integers(0, 1024, count) >> 10)
    status = np.where(at >= end_us, PENDING, status)
    at = np.where(at >= end_us, finished, at)
    cents = np.array([w.value_cents for w in WORKFLOWS])[workflow] * rng.integers(512, 1537, count) >> 10
    reversed_at = at + rng.integers(1, 9 * 24, count) * _HOUR_US
    is_reversed = (status == SUCCESS) & (kind == TYPES.index("support_case")) & (rng.integers(0, 100, count) < 2)
    is_reversed &= reversed_at < end_us
    draw = rng.integers(0, 1000, count)
    is_repeat = has_outcome & (draw < _per_mille(_TWICE)[kind])
    leads_to = _leads_to(is_repeat, has_outcome, workflow, calls.customer[last], first)
    return Runs(
        calls=calls,
        first=first,
        last=last,
        kind=kind,
        cost=np.array(exact_sums(calls.trace, np.maximum(calls.cost, 0), count)),
        unpriced=np.bincount(calls.trace, calls.cost < 0, count).astype(np.int64),
        has_outcome=has_outcome & (leads_to == np.arange(count)),
        leads_to=leads_to,
        is_named=draw >= _per_mille(_UNNAMED)[kind],
        status=status,
        is_reversed=is_reversed,
        finished=finished,
        at=at,
        reversed_at=reversed_at,
        cents=cents,
        ids=random_ids(rng, count).astype("U20"),
    )


def _per_mille(of_kind: dict[str, int]) -> np.ndarray:
    return np.array([of_kind.get(name, 0) for name in TYPES])


def _statuses(rng: np.random.Generator, kind: np.ndarray, ends_failed: np.ndarray) -> np.ndarray:
    bounds = np.cumsum(np.array(list(_WEIGHTS.values())), axis=1)[kind]
    status = (rng.integers(0, 100, len(kind))[:, None] >= bounds).sum(axis=1)
    return np.where(ends_failed, FAILURE, status)


def _leads_to(
    is_repeat: np.ndarray, has_outcome: np.ndarray, workflow: np.ndarray, customer: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """For each run the one whose outcome it leads to: itself, or the next of its customer where that repeats it."""
    result = np.arange(len(first))
    rows = np.flatnonzero(has_outcome)
    rows = rows[np.lexsort((first[rows], customer[rows], workflow[rows]))][::-1].tolist()
    for later, earlier in pairwise(rows):
        is_same = (workflow[later], customer[later]) == (workflow[earlier], customer[earlier])
        if is_repeat[later] and is_same:
            result[earlier] = result[later]
    return result
