"""Langfuse's export of traces with their observations, one trace a line.

Below the trace's span lies a generation that wraps the others and repeats their tokens and cost.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from orchestration.demo.calls import Calls
from orchestration.demo.company import CUSTOMERS, MODELS, WORKFLOWS
from orchestration.demo.files.gateway_log import PRIVATE_MARKER
from orchestration.demo.scene import Delivery, Files, Scene

_USAGE = {
    "input_uncached": "input",
    "cache_read": "cache_read_input_tokens",
    "cache_write_5m": "input_cache_creation_5m",
    "cache_write_1h": "input_cache_creation_1h",
    "output": "output",
    "reasoning": "output_reasoning_tokens",
}


class Langfuse(Files):
    """A file a month."""

    source: ClassVar[str] = "langfuse"
    own: ClassVar[str] = r"traces_[^/]*\.jsonl"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._months: defaultdict[str, list[dict]] = defaultdict(list)

    def see(self, day: date, happened: Calls, known: Calls) -> None:
        calls = self.lines(day, known.take(known.logged_in(self.source)))
        rows: defaultdict[int, list[int]] = defaultdict(list)
        for row, trace in enumerate(calls.trace.tolist()):
            rows[trace].append(row)
        self._months[f"{day:%Y-%m}"] += [_trace(calls, of_trace) for of_trace in rows.values()]

    def land(self) -> None:
        for month, traces in self._months.items():
            if traces:
                self.deliver(Traces(self.source, f"langfuse/traces_{month}.jsonl", traces))


class Traces(Delivery):
    """The rows are the observations."""

    @property
    def rows(self) -> int:
        return sum(len(trace["observations"]) for trace in self.records)


def _moment(microseconds: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _trace(calls: Calls, rows: list[int]) -> dict:
    """One trace as Langfuse's API returns it."""
    workflow, session = WORKFLOWS[calls.workflow[rows[0]]], calls.session[rows[0]].decode()
    generations = [_generation(calls, row, f"{session}-chain") for row in rows]
    start, end = generations[0]["startTime"], max(one["endTime"] for one in generations)
    times = {"startTime": start, "endTime": end, "updatedAt": end, "level": "DEFAULT"}
    usage = {name: sum(one["usageDetails"].get(name, 0) for one in generations) for name in (*_USAGE.values(), "total")}
    chain = {
        "id": f"{session}-chain",
        "parentObservationId": f"{session}-run",
        "type": "GENERATION",
        "name": "chain",
        "model": generations[0]["model"],
        "usageDetails": {name: count for name, count in usage.items() if count},
        "totalCost": float(f"{sum(one['totalCost'] for one in generations):.12f}"),
        **times,
    }
    run = {"id": f"{session}-run", "parentObservationId": None, "type": "SPAN", "name": workflow.name, **times}
    customer = calls.customer[rows[0]]
    return {
        "id": session,
        "name": workflow.name,
        "timestamp": start,
        "environment": "production",
        "tags": [f"team:{workflow.team}", f"product:{workflow.product}"],
        "userId": None,
        "metadata": {
            "workflow": workflow.name,
            "feature": workflow.feature,
            "customer_id": CUSTOMERS[customer].id if customer >= 0 else None,
        },
        "observations": [run, chain, *generations],
    }


def _generation(calls: Calls, row: int, parent: str) -> dict:
    model = MODELS[calls.model[row]]
    tokens = {name: int(getattr(calls, name)[row]) for name in _USAGE if name != "output"}
    tokens["output"] = int(calls.completion[row] - calls.reasoning[row])
    usage = {_USAGE[name]: count for name, count in tokens.items() if count}
    end = _moment(int(calls.start_us[row] + 1000 * calls.duration_ms[row]))
    content = f"{PRIVATE_MARKER} my name is Petra Novak" if calls.has_content[row] else None
    return {
        "id": calls.id[row].decode(),
        "parentObservationId": parent,
        "type": "GENERATION",
        "name": "answer",
        "startTime": _moment(int(calls.start_us[row])),
        "endTime": end,
        "updatedAt": end,
        "level": "DEFAULT",
        "model": model.name,
        "promptName": WORKFLOWS[calls.workflow[row]].name,
        "promptVersion": int(calls.prompt_version[row]),
        "input": content,
        "output": content,
        "usageDetails": {**usage, "total": sum(tokens.values())},
        "totalCost": int(calls.cost[row]) / 1e12,
        "metadata": {"attributes": {"gen_ai.system": model.provider}},
    }
