"""Adds up what truly happened, in exact integers, for the answer key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

import numpy as np

from orchestration.demo.calls import DAY_US, ERRORS, Calls
from orchestration.demo.company import (
    API_KEYS,
    CUSTOMERS,
    INTERNAL,
    MODELS,
    UNALLOCATED,
    WORKFLOWS,
)
from orchestration.demo.prices import CLASSES, usd

TOKEN_CLASSES = (*CLASSES, "reasoning")
_MEASURES = ("calls", "failed_calls", "retries", "unpriced_calls", "unpriced_tokens", *TOKEN_CLASSES, "list_cost")
# A cell of the cube: month (months since 1970), model, workflow or -1 if nothing says so, customer, key.
Cell = tuple[int, int, int, int, int]


def month_text(months: int) -> str:
    """2026-08 for the months since 1970-01."""
    return f"{1970 + months // 12}-{months % 12 + 1:02d}"


@cache
def month_of_day(day: int) -> int:
    """Months since 1970-01 of a day since 1970-01-01."""
    at = date.fromordinal(719_163 + day)
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
    is_unpriced = calls.cost < 0
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
    "team": lambda cell: API_KEYS[cell[4]].team or UNALLOCATED,
    "product": lambda cell: API_KEYS[cell[4]].product or UNALLOCATED,
    "environment": lambda cell: API_KEYS[cell[4]].environment or UNALLOCATED,
    "key": lambda cell: API_KEYS[cell[4]].alias,
}


def _customer(cell: Cell) -> str:
    if cell[3] >= 0:
        return CUSTOMERS[cell[3]].id
    return INTERNAL if cell[2] >= 0 and WORKFLOWS[cell[2]].is_internal else UNALLOCATED


class CallTotals:
    """Sums of calls by month, model, workflow, customer and key, as the log lets one know them."""

    def __init__(self) -> None:
        self._cells: defaultdict[Cell, list[int]] = defaultdict(lambda: [0] * len(_MEASURES))
        self._usage: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * len(CLASSES))
        self._days: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * len(_MEASURES))
        self.errors: defaultdict[str, int] = defaultdict(int)

    def add(self, calls: Calls) -> None:
        """Add one day's distinct calls."""
        workflow = np.where(calls.is_tagged, calls.workflow, -1)
        parts = (months(calls.start_us), calls.model, workflow + 1, calls.customer + 1, calls.key)
        code = np.zeros(len(calls), dtype=np.int64)
        for part, size in zip(parts, (1 << 12, 256, 256, 1 << 16, 256), strict=True):
            code = code * size + part
        for cell, sums in self._grouped(calls, code):
            month, model, flow, customer, key = (
                cell >> 40,
                cell >> 32 & 255,
                cell >> 24 & 255,
                cell >> 8 & 65535,
                cell & 255,
            )
            _add(self._cells[month, model, flow - 1, customer - 1, key], sums)
        for cell, sums in self._grouped(calls, calls.event_day << 8 | calls.model):
            day, model = cell >> 8, cell & 255
            named = dict(zip(_MEASURES, sums, strict=True))
            named["output"] += named["reasoning"]
            _add(self._usage[day, model], [named[token_class] for token_class in CLASSES])
            _add(self._days[day, MODELS[model].provider], sums)
        for number, count in enumerate(np.bincount(calls.error[calls.is_failure], minlength=len(ERRORS))):
            self.errors[ERRORS[number][0]] += int(count)

    @staticmethod
    def _grouped(calls: Calls, code: np.ndarray) -> Iterable[tuple[int, list[int]]]:
        cells, group = np.unique(code, return_inverse=True)
        return zip(cells.tolist(), measures(calls, group, len(cells)), strict=True)

    def usage(self, provider: str) -> dict[tuple[int, int], list[int]]:
        """Tokens by class for each (day, model) of `provider`, as its vendor counts them."""
        return {at: tokens for at, tokens in sorted(self._usage.items()) if MODELS[at[1]].provider == provider}

    def by_day(self, provider: str, after: int) -> dict[str, dict]:
        """The measures of each day after day number `after` for one provider."""
        found = sorted((day, sums) for (day, name), sums in self._days.items() if name == provider and day > after)
        return {date.fromordinal(719_163 + day).isoformat(): figures(sums) for day, sums in found}

    def after(self, last_billed_day: dict[str, int]) -> dict:
        """The measures by provider of the days after each provider's last billed day; all days where it has no bill."""
        sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(_MEASURES))
        for (day, provider), values in self._days.items():
            if day > last_billed_day.get(provider, -1):
                _add(sums[provider], values)
        return {provider: figures(values) for provider, values in sorted(sums.items())}

    def summary(self) -> dict:
        """All measures; by each dimension; by month, and by month and each dimension."""
        total, by = self._by(lambda cell: True)
        result = {**total, "errors": dict(sorted(self.errors.items())), **by}
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


def _add(sums: list[int], more: Iterable[int]) -> None:
    for position, value in enumerate(more):
        sums[position] += value
