"""Spans and observations: only leaf model calls cost, in whatever files and order they came."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import warehouse

from orchestration.places import Places

EPOCH = datetime(1970, 1, 1)
MIDNIGHT = datetime(2026, 10, 6)


def places_in(base: Path) -> Places:
    return Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)


def values(**attributes: object) -> list[dict]:
    """OTLP attributes, each under the kind that its value has."""
    kinds = {int: "intValue", str: "stringValue", float: "doubleValue"}
    return [{"key": k.replace("__", "."), "value": {kinds[type(v)]: v}} for k, v in attributes.items()]


def span(trace: str, name: str, parent: str, start: datetime, *attributes: dict) -> dict:
    nanoseconds = (start - EPOCH) // timedelta(microseconds=1) * 1000 + 999
    return {
        "traceId": trace,
        "spanId": name,
        "parentSpanId": parent,
        "startTimeUnixNano": str(nanoseconds),
        "endTimeUnixNano": nanoseconds + 10**9,
        "attributes": list(attributes),
    }


def export(*spans: dict) -> str:
    resource = {"attributes": values(**{"deployment.environment": "production"})}
    return json.dumps(
        {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "s"}, "spans": list(spans)}]}]}
    )


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory) -> Places:
    places = places_in(tmp_path_factory.mktemp("otel"))
    current = values(
        **{
            "gen_ai.provider.name": "aws.bedrock",
            "gen_ai.response.model": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
            "gen_ai.usage.cache_read.input_tokens": "30",
            "gen_ai.usage.input_tokens": "100",
            "gen_ai.usage.output_tokens": "7",
        }
    )
    deprecated = [
        {"key": "gen_ai.system", "value": {"stringValue": "openai"}},
        {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4.1-mini-2025-04-14"}},
        {"key": "gen_ai.usage.prompt_tokens", "value": {"intValue": 50}},
        {"key": "gen_ai.usage.completion_tokens", "value": {"intValue": 5}},
    ]
    rival = values(
        **{
            "llm.token_count.prompt": 40,
            "llm.token_count.completion": 20,
            "llm.token_count.completion_details.reasoning": 8,
            "llm.token_count.total": 60,
            "llm.model_name": "gpt-4.1-mini-2025-04-14",
            "llm.provider": "openai",
        }
    )
    vercel = values(**{"ai.usage.promptTokens": 11, "ai.usage.completionTokens": 3, "ai.model.provider": "openai.chat"})
    summed = values(**{"gen_ai.usage.input_tokens": 190, "gen_ai.usage.output_tokens": 32})
    late, early = MIDNIGHT - timedelta(minutes=2), MIDNIGHT + timedelta(minutes=2)
    found = [
        span("t1", "root", "", late, *summed),
        span("t1", "step", "root", late),
        span("t1", "leaf1", "step", late, *current),
        span("t1", "leaf2", "step", early, *deprecated),
        span("t1", "leaf3", "root", early, *rival),
        span("t1", "tool", "step", early),
        # A wrapper whose children report nothing is the only one that tells, and so the call.
        span("t2", "outer", "", early, *vercel),
        span("t2", "inner", "outer", early),
        # A trace whose spans are each other's parents ends.
        span("t3", "one", "two", early, *vercel),
        span("t3", "two", "one", early),
    ]
    random.Random(7).shuffle(found)
    folder = places.landing / "otel"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text(export(*found[::2]) + "\n" + export(found[0]) + "\n")
    (folder / "b.jsonl").write_text("\n".join(export(one) for one in found[1::2]) + "\n")
    warehouse.build(places)
    return places


def test_only_leaves_cost_over_files_and_midnight_and_each_span_counts_once(spans: Places) -> None:
    calls = warehouse.query(
        spans,
        "select parent_id, provider, input_uncached_tokens, cache_read_tokens, output_tokens, reasoning_tokens,"
        " has_token_mismatch, environment, pricing_status from core.fct_llm_calls"
        " order by trace_id, called_at, provider, reasoning_tokens",
    )
    assert calls == [
        ("step", "bedrock", 70, 30, 7, 0, False, "production", "priced"),
        ("step", "openai", 50, 0, 5, 0, False, "production", "priced"),
        ("root", "openai", 40, 0, 12, 8, False, "production", "priced"),
        (None, "openai", 11, 0, 3, 0, False, "production", "unpriced"),
        ("two", "openai", 11, 0, 3, 0, False, "production", "unpriced"),
    ]


def test_every_span_is_accounted_for(spans: Places) -> None:
    [(landed, staged, repeated)] = warehouse.query(
        spans,
        "select sum(rows_landed), sum(rows_staged), sum(rows_duplicate) from governance.data_quality"
        " where source = 'otel'",
    )
    assert (landed, staged, repeated) == (11, 10, 1)


def leaves(observations: list[dict]) -> list[dict]:
    """The generations that hold no other generation, at whatever depth."""
    above = {one["id"]: one.get("parentObservationId") for one in observations}
    holding: set[str] = set()
    for one in observations:
        if one["type"] == "GENERATION":
            parent = above[one["id"]]
            while parent is not None:
                holding.add(parent)
                parent = above.get(parent)
    return [one for one in observations if one["type"] == "GENERATION" and one["id"] not in holding]


def test_the_langfuse_traces_cost_what_their_leaves_cost(tmp_path: Path, real_data: Path) -> None:
    places = places_in(tmp_path)
    folder = places.landing / "langfuse"
    folder.mkdir(parents=True)
    truth: dict[str, tuple[int, int, int]] = {}
    observations = 0
    totals: dict[str, list[int]] = defaultdict(list)
    for file in sorted((real_data / "langfuse_traces").glob("*.trace.json")):
        (folder / file.name).write_bytes(file.read_bytes())
        export = json.loads(file.read_text())
        observations += len(export["observations"])
        calls = leaves(export["observations"])
        usage = [one.get("usageDetails") or {} for one in calls]
        truth[export["trace"]["id"]] = (
            len(calls),
            sum(one.get("input", 0) for one in usage),
            sum(one.get("output", 0) for one in usage),
        )
        totals[export["trace"]["id"]] = [
            1 for one in usage if "total" in one and one["total"] != one.get("input", 0) + one.get("output", 0)
        ]
    assert len(truth) == 10
    warehouse.build(places)
    found = warehouse.query(
        places,
        "select trace_id, count(*), coalesce(sum(input_uncached_tokens + cache_read_tokens), 0)::bigint,"
        " coalesce(sum(output_tokens + reasoning_tokens), 0)::bigint, count(*) filter (has_token_mismatch)"
        " from core.fct_llm_calls group by 1",
    )
    assert {trace: tuple(rest[:3]) for trace, *rest in found} == {t: n for t, n in truth.items() if n[0]}
    assert {trace: rest[3] for trace, *rest in found} == {t: len(totals[t]) for t, n in truth.items() if n[0]}
    assert sum(map(len, totals.values())) > 0
    [(landed, counted)] = warehouse.query(
        places, "select sum(rows_landed), sum(rows_staged + rows_duplicate) from governance.data_quality"
    )
    assert landed == counted == observations
