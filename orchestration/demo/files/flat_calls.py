"""Calls in costgrain's own flat form: what a batch job and a service with a sampled log write."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from orchestration.demo.calls import Calls
from orchestration.demo.company import CUSTOMERS, ENVIRONMENTS, MEDIA, MODELS, WORKFLOWS
from orchestration.demo.scene import Files, Scene, Table

HEADER = tuple(
    "call_id called_at ended_at provider model status service_tier environment team product feature workflow "
    "customer_id input_uncached_tokens cache_read_tokens output_tokens reasoning_tokens sample_rate".split()
)
MEDIA_COLUMNS = tuple(f"{name}_tokens" for name in MEDIA)


class FlatCalls(Files):
    """A file a month and application."""

    source: ClassVar[str] = "llm_calls"
    own: ClassVar[str] = r"[a-z_]*_\d{4}-\d\d\.csv"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._months: defaultdict[tuple[str, str], list[dict]] = defaultdict(list)

    def see(self, day: date, happened: Calls, known: Calls) -> None:
        calls = self.lines(day, known.take(known.logged_in(self.source)))
        for row, number in enumerate(calls.workflow.tolist()):
            self._months[WORKFLOWS[number].name, f"{day:%Y-%m}"].append(_row(calls, row))

    def land(self) -> None:
        for (workflow, month), rows in sorted(self._months.items()):
            header = HEADER + MEDIA_COLUMNS if MEDIA_COLUMNS[0] in rows[0] else HEADER
            self.deliver(Table(self.source, f"llm_calls/{workflow}_{month}.csv", rows, header))


def moment(microseconds: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def _row(calls: Calls, row: int) -> dict:
    workflow, model, customer = WORKFLOWS[calls.workflow[row]], MODELS[calls.model[row]], calls.customer[row]
    start = int(calls.start_us[row])
    return {
        "call_id": calls.id[row].decode(),
        "called_at": moment(start),
        "ended_at": moment(start + 1000 * int(calls.duration_ms[row])),
        "provider": model.provider,
        "model": model.name,
        "status": "failure" if calls.is_failure[row] else "success",
        "service_tier": workflow.service_tier,
        "environment": ENVIRONMENTS[calls.environment[row]],
        "team": workflow.team,
        "product": workflow.product,
        "feature": workflow.feature,
        "workflow": workflow.name,
        "customer_id": CUSTOMERS[customer].id if customer >= 0 else None,
        "input_uncached_tokens": int(calls.input_uncached[row]),
        "cache_read_tokens": int(calls.cache_read[row]),
        "output_tokens": int(calls.completion[row] - calls.reasoning[row]),
        "reasoning_tokens": int(calls.reasoning[row]),
        "sample_rate": f"{1 / workflow.keeps_one_in}" if workflow.keeps_one_in > 1 else None,
        **({f"{name}_tokens": int(getattr(calls, name)[row]) for name in MEDIA} if any(workflow.media_tokens) else {}),
    }
