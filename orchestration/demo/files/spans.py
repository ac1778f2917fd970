"""OTLP/JSON lines as a collector's file exporter writes them: what tracing sees of some workflows in production.

A trace is a workflow's span, an agent's below it, and the model calls below that. The agent's span repeats the tokens
of its calls. A span is written when it ends, so the outer ones come last and a trace may lie in two files.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

import numpy as np
import pyarrow as pa

from orchestration.demo import text_lines
from orchestration.demo.calls import DAY_US, Calls, day_number
from orchestration.demo.company import CUSTOMERS, MODELS, WORKFLOWS, Workflow
from orchestration.demo.files.gateway_log import PRIVATE_MARKER
from orchestration.demo.scene import Files, Scene
from orchestration.demo.text_lines import ids, named
from orchestration.demo.truth import day_of

_SPANS_A_LINE, _DAYS_A_FILE = 100, 4
_PROVIDERS = {"vertex_ai": "gcp.vertex_ai", "bedrock": "aws.bedrock"}
# What names a thing: in the convention as it is now, and as it was.
_NAMES = {
    "provider": ("gen_ai.provider.name", "gen_ai.system"),
    "model": ("gen_ai.response.model", "gen_ai.request.model"),
    "prompt": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    "completion": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    "cache_read": ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"),
    "cache_write": ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"),
    "reasoning": ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
}
_TOKENS = tuple(_NAMES)[2:]
DEPRECATED = ("meeting_notes",)  # workflows whose library is an old one


def _text(key: str, column: str) -> str:
    """SQL for an attribute; nothing where the column is null."""
    return f"""coalesce(',{{"key":"{key}","value":{{"stringValue":"' || {column} || '"}}}}', '')"""


def _renamed(column: str) -> str:
    """SQL for an attribute under the name that the workflow's library gives it. Old ones write whole numbers bare."""
    now, before = _NAMES[column]
    if column not in _TOKENS:
        return f"if(is_deprecated, {_text(before, column)}, {_text(now, column)})"
    return f"""case when {column} = 0 then ''
        when is_deprecated then concat(',{{"key":"{before}","value":{{"intValue":', {column}, '}}}}')
        else concat(',{{"key":"{now}","value":{{"intValue":"', {column}, '"}}}}') end"""


_SPANS = f"""
    select
        number, workflow, feature, product, team, is_deprecated,
        concat(
            '{{"traceId":"', trace, '","spanId":"', span, '","parentSpanId":"', coalesce(parent, ''),
            '","name":"', operation, ' ', coalesce(model, workflow), '","kind":', if(operation = 'chat', 3, 1),
            ',"startTimeUnixNano":"', start_us * 1000, '","endTimeUnixNano":"', end_us * 1000,
            '","attributes":[{{"key":"gen_ai.operation.name","value":{{"stringValue":"', operation, '"}}}}',
            {", ".join(_renamed(column) for column in _NAMES)},
            {_text("gen_ai.response.id", "'chatcmpl-' || id")}, {_text("error.type", "error")},
            {_text("sample_rate", "sample_rate")}, {_text("customer.id", "customer")},
            {_text("prompt.version", "workflow || '-v' || version")},
            {_text("gen_ai.input.messages", f"if(has_content, '{PRIVATE_MARKER} my name is Petra Novak', null)")},
            '],"status":{{"code":', if(error is null, 1, 2), '}}}}'
        ) as span
    from rows
"""
_LINES = f"""
    select concat(
        '{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"', workflow,
        '"}}}},{{"key":"deployment.environment', if(is_deprecated, '', '.name'),
        '","value":{{"stringValue":"production"}}}}',
        {_text("team", "team")}, ']}},"scopeSpans":[{{"scope":{{"name":"agents","attributes":[',
        '{{"key":"workflow","value":{{"stringValue":"', workflow, '"}}}}', {_text("feature", "feature")},
        {_text("product", "product")}, ']}},"spans":[', string_agg(span, ',' order by number), ']}}]}}]}}\n'
    )
    from ({_SPANS})
    group by workflow, feature, product, team, is_deprecated, number // {_SPANS_A_LINE}
    order by min(number)
"""


class Spans(Files):
    """A file for some days, by when spans end."""

    source: ClassVar[str] = "otel"
    own: ClassVar[str] = r"spans_[^/]*\.jsonl"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._carried: list[pa.Table] = []  # spans that end on a later day

    def see(self, day: date, happened: Calls, known: Calls) -> None:
        calls = self.lines(day, known.take(known.is_traced))
        self._write(day, [*self._carried, _spans(calls)] if len(calls) else self._carried)

    def land(self) -> None:
        if self._carried:
            self._write(self.scene.end + timedelta(days=1), self._carried)

    def _write(self, day: date, parts: list[pa.Table]) -> None:
        """The spans that end until the end of `day`; the others are carried on."""
        if not parts:
            return
        spans = pa.concat_tables(parts)
        is_later = spans["end_us"].to_numpy() >= (day_number(day) + 1) * DAY_US
        self._carried = [spans.filter(pa.array(is_later))] if is_later.any() else []
        spans = spans.filter(pa.array(~is_later)).sort_by([("end_us", "ascending"), ("span", "ascending")])
        if len(spans):
            numbered = spans.append_column("number", pa.array(np.arange(len(spans)))).combine_chunks()
            lines = text_lines.query(self.scene.connection, numbered, _LINES).column(0)
            since = day_of(day_number(day) // _DAYS_A_FILE * _DAYS_A_FILE)
            place = self.place(f"otel/spans_{since}.jsonl", text_lines.buffers(lines), append=True)
            self.note(place, len(spans))


def _sample_rate(workflow: Workflow) -> str | None:
    return f"{1 / workflow.traces_one_in}" if workflow.traces_one_in > 1 else None


def _spans(calls: Calls) -> pa.Table:
    """The spans of whole traces: of each call, and of each trace's agent and workflow."""
    traces, trace = np.unique(calls.trace, return_inverse=True)
    end_us = calls.start_us + 1000 * calls.duration_ms
    first = np.zeros(len(traces), dtype=np.int64)
    first[trace[::-1]] = np.arange(len(calls))[::-1]  # calls are in order
    last_us = np.zeros(len(traces), dtype=np.int64)
    np.maximum.at(last_us, trace, end_us)
    session = calls.session[first]
    inner, outer = session.astype("S16"), np.array([s[16:] for s in session.tolist()], dtype="S16")
    none, failed = np.zeros(len(traces), dtype="S32"), calls.is_failure
    tokens = {
        "prompt": calls.prompt,
        "completion": calls.completion,
        "cache_read": calls.cache_read,
        "cache_write": calls.cache_write_5m + calls.cache_write_1h,
        "reasoning": calls.reasoning,
    }
    tokens = {name: np.where(failed, 0, counts) for name, counts in tokens.items()}
    sums = {name: np.bincount(trace, counts, len(traces)).astype(np.int64) for name, counts in tokens.items()}
    kind = np.repeat([0, 1, 2], [len(calls), len(traces), len(traces)])
    source = np.concatenate([np.arange(len(calls)), first, first])  # the call that tells what is alike in the trace
    of_call = kind == 0
    workflow = calls.workflow[source]
    is_deprecated = np.array([w.name in DEPRECATED for w in WORKFLOWS])[workflow]
    return pa.table(
        {
            "trace": ids(calls.session[source]),
            "span": ids(np.concatenate([calls.id.astype("S16"), inner, outer])),
            "parent": ids(np.concatenate([inner[trace], outer, none.astype("S16")])),
            "operation": named(kind, ["chat", "invoke_agent", "invoke_workflow"]),
            "start_us": np.where(of_call, calls.start_us[source], calls.start_us[source] - kind),
            "end_us": np.concatenate([end_us, last_us + 1, last_us + 2]),
            "id": ids(np.concatenate([np.where(failed, b"", calls.id), none, none])),
            "error": named(np.where(of_call & failed[source], 0, -1), ["_OTHER"]),
            "provider": named(
                np.where(kind < 2, calls.model[source], -1), [_PROVIDERS.get(m.provider, m.provider) for m in MODELS]
            ),
            "model": named(np.where(kind < 2, calls.model[source], -1), [m.name for m in MODELS]),
            **{name: np.concatenate([tokens[name], sums[name], 0 * sums[name]]) for name in _TOKENS},
            "sample_rate": named(workflow, [_sample_rate(w) for w in WORKFLOWS]),
            "customer": named(calls.customer[source], [c.id for c in CUSTOMERS]),
            "version": calls.prompt_version[source],
            "has_content": calls.has_content[source] & of_call,
            "workflow": named(workflow, [w.name for w in WORKFLOWS]),
            "feature": named(workflow, [w.feature for w in WORKFLOWS]),
            "product": named(workflow, [w.product for w in WORKFLOWS]),
            "team": named(workflow, [w.team for w in WORKFLOWS]),
            "is_deprecated": is_deprecated,
        }
    )
