"""Adds up, in exact integers, what truly happened and what the logs tell of it, for the answer key."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from orchestration.demo.calls import DAY_US, ERRORS, Calls, day_number
from orchestration.demo.company import (
    API_KEYS,
    CUSTOMERS,
    ENVIRONMENTS,
    GATEWAY,
    HOSTED_SINCE,
    INTERNAL,
    MEDIA,
    MODELS,
    ORPHAN_KEY,
    TEAM_PRODUCT,
    TEAMS,
    UNALLOCATED,
    WORKFLOWS,
)
from orchestration.demo.prices import CLASSES, usd

TOKEN_CLASSES = (*CLASSES, "reasoning")
_MEASURES = ("calls", "failed_calls", "retries", "unpriced_calls", "unpriced_tokens", *TOKEN_CLASSES, "list_cost")
# A cell of the cube: month (months since 1970), model, workflow or -1 if nothing says so, customer, key, place (team
# and environment) or -1 if nothing says so.
Cell = tuple[int, int, int, int, int, int]
_BITS = (12, 8, 8, 16, 8, 8)
# What a vendor's report of a day lacks when it is fetched the next morning: the calls from this time of the day on.
LATE_US = 21 * 3_600_000_000
# Models whose vendor tells requests of more than 200,000 input tokens apart.
LARGE_CONTEXT = ("claude-sonnet-4-5-20250929",)
_USED = 1 + 2 * len(CLASSES)


def day_of(number: int) -> date:
    """The day of a number of days since 1970-01-01."""
    return date.fromordinal(719_163 + number)


def month_text(months: int) -> str:
    """2026-08 for the months since 1970-01."""
    return f"{1970 + months // 12}-{months % 12 + 1:02d}"


@cache
def month_of_day(day: int) -> int:
    """Months since 1970-01 of a day since 1970-01-01."""
    at = day_of(day)
    return (at.year - 1970) * 12 + at.month - 1


def months(start_us: np.ndarray) -> np.ndarray:
    """Months since 1970-01 of microseconds since 1970."""
    days = start_us // DAY_US
    if not len(days):
        return days
    first = int(days.min())
    return np.array([month_of_day(day) for day in range(first, int(days.max()) + 1)])[days - first]


def exact_sums(group: np.ndarray, values: np.ndarray, groups: int) -> list[int]:
    """Sums per group; in two halves, since numpy's bincount adds doubles."""
    high, low = np.divmod(values.astype(np.int64), 1 << 24)
    pairs = zip(np.bincount(group, high, groups), np.bincount(group, low, groups), strict=True)
    return [(int(h) << 24) + int(lo) for h, lo in pairs]


def measures(calls: Calls, group: np.ndarray, groups: int) -> list[list[int]]:
    """For each of `groups` the sums in the order of _MEASURES."""
    # What the company says that it runs itself has no price to know.
    is_unpriced = (calls.cost < 0) & (calls.event_day < day_number(HOSTED_SINCE))
    columns = (
        np.ones(len(calls), dtype=np.int64),
        calls.is_failure,
        calls.retry_of != b"",
        is_unpriced,
        np.where(is_unpriced, calls.prompt + calls.completion, 0),
        calls.input_uncached,
        calls.cache_read,
        calls.cache_write_5m,
        calls.cache_write_1h,
        calls.completion - calls.reasoning,
        *(getattr(calls, name) for name in MEDIA),
        calls.reasoning,
        np.maximum(calls.cost, 0),
    )
    sums = [exact_sums(group, np.asarray(column), groups) for column in columns]
    return [list(row) for row in zip(*sums, strict=True)]


def figures(sums: Iterable[int]) -> dict:
    """One set of measures as the answer key shows it."""
    named = dict(zip(_MEASURES, sums, strict=True))
    tokens = {token_class: named.pop(token_class) for token_class in TOKEN_CLASSES}
    cost = usd(named.pop("list_cost"))
    return {**named, "tokens": tokens, "list_cost_usd": cost}


def figures_of(calls: Calls) -> dict:
    """The measures of all `calls` together."""
    return figures(measures(calls, np.zeros(len(calls), dtype=np.int64), 1)[0])


DIMENSIONS: dict[str, Callable[[Cell], str]] = {
    "provider": lambda cell: MODELS[cell[1]].provider,
    "model": lambda cell: MODELS[cell[1]].name,
    "workflow": lambda cell: WORKFLOWS[cell[2]].name if cell[2] >= 0 else UNALLOCATED,
    "feature": lambda cell: WORKFLOWS[cell[2]].feature if cell[2] >= 0 else UNALLOCATED,
    "customer": lambda cell: _customer(cell),
    "team": lambda cell: TEAMS[cell[5] // len(ENVIRONMENTS)] if cell[5] >= 0 else UNALLOCATED,
    "product": lambda cell: TEAM_PRODUCT[TEAMS[cell[5] // len(ENVIRONMENTS)]] if cell[5] >= 0 else UNALLOCATED,
    "environment": lambda cell: ENVIRONMENTS[cell[5] % len(ENVIRONMENTS)] if cell[5] >= 0 else UNALLOCATED,
    "key": lambda cell: API_KEYS[cell[4]].alias if cell[4] >= 0 else "(none)",
}


def _customer(cell: Cell) -> str:
    if cell[3] >= 0:
        return CUSTOMERS[cell[3]].id
    return INTERNAL if cell[2] >= 0 and WORKFLOWS[cell[2]].is_internal else UNALLOCATED


class CallTotals:
    """Sums of calls by month, model, workflow, customer and key, as the logs let one know them."""

    def __init__(self) -> None:
        self._cells: defaultdict[Cell, list[int]] = defaultdict(lambda: [0] * len(_MEASURES))
        self._days: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * len(_MEASURES))
        self.errors: defaultdict[str, int] = defaultdict(int)
        self.seen_by: defaultdict[str, int] = defaultdict(int)
        self._saved: defaultdict[tuple[str, str], int] = defaultdict(int)

    def add(self, calls: Calls) -> None:
        """Add one day's distinct calls."""
        # A span tells the workflow, and so whose the call is, where the gateway's tags do not.
        is_told = calls.is_tagged | calls.is_traced
        team = np.array([TEAMS.index(w.team) for w in WORKFLOWS])[calls.workflow]
        is_owned = (calls.key >= 0) & (calls.key != ORPHAN_KEY)
        parts = (
            months(calls.start_us),
            calls.model,
            np.where(is_told, calls.workflow, -1) + 1,
            calls.customer + 1,
            calls.key + 1,
            np.where(is_told | is_owned, team * len(ENVIRONMENTS) + calls.environment, -1) + 1,
        )
        code = np.zeros(len(calls), dtype=np.int64)
        for part, bits in zip(parts, _BITS, strict=True):
            code = code << bits | part
        for packed, sums in _grouped(code, measures, calls):
            cell = []
            for bits in reversed(_BITS):
                cell.append(packed & (1 << bits) - 1)
                packed >>= bits
            month, model, *rest = reversed(cell)
            _add(self._cells[month, model, *(part - 1 for part in rest)], sums)
        for day_model, sums in _grouped(calls.event_day << 8 | calls.model, measures, calls):
            _add(self._days[day_model >> 8, MODELS[day_model & 255].provider], sums)
        months_models, group = np.unique(parts[0] << 8 | calls.model, return_inverse=True)
        saved = np.where(calls.cost < 0, 0, calls.plain_cost() - calls.cost)
        for month_model, sums in zip(months_models, exact_sums(group, saved, len(months_models)), strict=True):
            self._saved[MODELS[month_model & 255].provider, month_text(int(month_model >> 8))] += sums
        for number, count in enumerate(np.bincount(calls.error[calls.is_failure], minlength=len(ERRORS))):
            self.errors[ERRORS[number][0]] += int(count)
        for log in {w.log for w in WORKFLOWS if w.log}:
            is_logged = calls.logged_in(log)
            twice = int((is_logged & calls.is_traced).sum()) if log != "otel" else 0
            self.seen_by[log] += int(is_logged.sum()) - twice
            self.seen_by[f"{log}, otel"] += twice

    def calls_by_workflow(self, month: str) -> Counter[str]:
        """Calls of a month such as 2026-08."""
        found: Counter[str] = Counter()
        for cell, sums in self._cells.items():
            if month_text(cell[0]) == month:
                found[DIMENSIONS["workflow"](cell)] += sums[0]
        return found

    def tokens(self, model: int, token_class: str) -> dict[str, int]:
        """Tokens of one class that a model took, by month such as 2026-08."""
        found: Counter[str] = Counter()
        for cell, sums in sorted(self._cells.items()):
            if cell[1] == model:
                found[month_text(cell[0])] += sums[_MEASURES.index(token_class)]
        return found

    def costs(self) -> dict[tuple[date, str], int]:
        """Picodollars by day and provider."""
        cost = _MEASURES.index("list_cost")
        return {(day_of(day), provider): sums[cost] for (day, provider), sums in sorted(self._days.items())}

    def saved_by_choice(self) -> dict[tuple[str, str], int]:
        """Picodollars by provider and month that batch and caches saved."""
        return dict(sorted(self._saved.items()))

    def by_day(self, provider: str) -> dict[date, list[int]]:
        """Calls, tokens and picodollars of each day."""
        return {
            day_of(day): [sums[0], sum(sums[5:-1]), sums[-1]]
            for (day, name), sums in sorted(self._days.items())
            if name == provider
        }

    def summary(self) -> dict:
        """All measures; by each dimension; by month, and by month and each dimension."""
        total, by = self._by(lambda cell: True)
        counts = {"errors": self.errors, "seen_by": self.seen_by}
        result = {**total, **{name: {k: n for k, n in sorted(c.items()) if n} for name, c in counts.items()}, **by}
        result["by_month"] = {}
        for month in sorted({cell[0] for cell in self._cells}):
            total, by = self._by(lambda cell, month=month: cell[0] == month)
            result["by_month"][month_text(month)] = {**total, **by}
        return result

    def _by(self, wanted: Callable[[Cell], bool]) -> tuple[dict, dict]:
        total = [0] * len(_MEASURES)
        groups: dict[str, dict[str, list[int]]] = {name: {} for name in DIMENSIONS}
        for cell, sums in self._cells.items():
            if not wanted(cell):
                continue
            _add(total, sums)
            for name, label in DIMENSIONS.items():
                _add(groups[name].setdefault(label(cell), [0] * len(_MEASURES)), sums)
        by = {f"by_{name}": {k: figures(v) for k, v in sorted(found.items())} for name, found in groups.items()}
        return figures(total), by


class Usage:
    """What truly happened, as the vendors count it: by day, access, model, size of context and lateness."""

    def __init__(self) -> None:
        self._days: defaultdict[date, dict[tuple[str, int, bool, bool], list[int]]] = defaultdict(dict)

    def add(self, calls: Calls) -> None:
        """Add one day's calls."""
        has_large = np.array([model.name in LARGE_CONTEXT for model in MODELS])[calls.model]
        is_long = has_large & (calls.prompt > 200_000)
        is_late = calls.start_us % DAY_US >= LATE_US
        code = calls.event_day << 24 | calls.workflow << 16 | calls.model << 8 | is_long << 1 | is_late
        for cell, sums in _grouped(code, _used, calls):
            at = (access_of(cell >> 16 & 255), cell >> 8 & 255, bool(cell & 2), bool(cell & 1))
            _add(self._days[day_of(cell >> 24)].setdefault(at, [0] * _USED), sums)

    def of_day(self, day: date, provider: str, is_cut: bool = False) -> dict[tuple[str, int, bool], Used]:
        """A day's usage by access, model and whether its context is large; `is_cut`: without what came late."""
        found: dict[tuple[str, int, bool], list[int]] = {}
        for (access, model, is_long, is_late), sums in sorted(self._days[day].items()):
            if MODELS[model].provider == provider and not (is_cut and is_late):
                _add(found.setdefault((access, model, is_long), [0] * _USED), sums)
        return {at: Used(sums[0], *_halves(sums[1:])) for at, sums in found.items()}

    def by_day(self, provider: str) -> dict[date, list[int]]:
        """Calls, tokens and picodollars of each day."""
        return {
            day: [sum(column) for column in zip(*parts, strict=True)]
            for day in sorted(self._days)
            if (parts := [(u.calls, sum(u.tokens), sum(u.costs)) for u in self.of_day(day, provider).values()])
        }


@dataclass(frozen=True)
class Used:
    """Calls, and their tokens and picodollars by class (CLASSES)."""

    calls: int
    tokens: tuple[int, ...]
    costs: tuple[int, ...]


def access_of(workflow: int) -> str:
    """The project, or workspace, in which a vendor sees the calls: the gateway's, or the application's own."""
    return "gateway" if WORKFLOWS[workflow].log == GATEWAY else WORKFLOWS[workflow].name


def _used(calls: Calls, group: np.ndarray, groups: int) -> list[list[int]]:
    # A vendor counts the requests that it worked on, and not those that it turned away.
    columns = (calls.prompt + calls.completion > 0, *calls.classes().values(), *calls.class_costs().values())
    sums = [exact_sums(group, column, groups) for column in columns]
    return [list(row) for row in zip(*sums, strict=True)]


def _halves(sums: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(sums[: len(CLASSES)]), tuple(sums[len(CLASSES) :])


def _grouped(
    code: np.ndarray, sums_of: Callable[[Calls, np.ndarray, int], list[list[int]]], calls: Calls
) -> Iterable[tuple[int, list[int]]]:
    """Each distinct code with the sums of its calls."""
    cells, group = np.unique(code, return_inverse=True)
    return zip(cells.tolist(), sums_of(calls, group, len(cells)), strict=True)


def _add(sums: list[int], more: Iterable[int]) -> None:
    for position, value in enumerate(more):
        sums[position] += value
