"""Hard things in what truly happened: every log and every bill shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from orchestration.demo.calls import DAY_US, ERRORS, Calls, concat, day_number, random_ids
from orchestration.demo.company import GATEWAY, MODEL_NO, MODELS, UNPRICED_MODEL, WORKFLOWS
from orchestration.demo.prices import usd
from orchestration.demo.scene import Plant, Scene


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

        # Where a trace tells of the calls, it tells nothing of those that failed: they are the gateway's.
        draw[~calls.logged_in(GATEWAY)] = 10_000
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
    what = "traces that start before midnight UTC and end after it; their calls and spans lie in two days' files"
    agents = ("support_agent", "document_generator", "meeting_notes")

    def happen(self, day: date, calls: Calls) -> Calls:
        if day == self.scene.days[-1]:
            return calls
        midnight = (day_number(day) + 1) * DAY_US
        for agent in (n for n, w in enumerate(WORKFLOWS) if w.name in self.agents):
            is_its = (calls.workflow == agent) & (calls.environment == 0)
            traces, sizes = np.unique(calls.trace[is_its], return_counts=True)
            for trace in traces[sizes > 1][: 1 + len(calls) // 20_000]:
                rows = np.flatnonzero(calls.trace == trace)
                start = np.sort(calls.start_us[rows])
                calls.start_us[rows] += midnight + 1000 - start[len(start) // 2]
        return calls

    def see(self, day: date, calls: Calls) -> None:
        after = calls.take(calls.event_day > day_number(day))
        self.note(after)
        self.count({"traces": len(np.unique(after.trace))})
