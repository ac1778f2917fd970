"""Spans and observations: only leaf model calls cost, in whatever files and order they came."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import warehouse

from orchestration.places import Places

EPOCH = datetime(1970, 1, 1)
MIDNIGHT = datetime(2026, 10, 6)
# Of traces: those written here, and those that Langfuse exported.
WRITTEN, EXPORTED = "length(trace_id) = 2", "length(trace_id) > 2"


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
def real(request: pytest.FixtureRequest) -> list[Path]:
    """The ten traces that Langfuse exported, where they are at hand: one build is of all spans here."""
    try:
        return sorted((request.getfixturevalue("real_data") / "langfuse_traces").glob("*.trace.json"))
    except pytest.skip.Exception:
        return []


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory, real: list[Path]) -> Places:
    places = places_in(tmp_path_factory.mktemp("spans"))
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
    timed_out, ok = {"status": {"code": 2}}, {"status": {"code": 1}}
    noon = MIDNIGHT + timedelta(hours=12)
    again = [
        span("t5", "turn", "", noon),
        span("t5", "first", "turn", noon, *deprecated) | timed_out,
        span("t5", "second", "turn", noon + timedelta(seconds=2), *deprecated) | ok,
        span("t5", "look", "turn", noon + timedelta(seconds=4), *values(**{"gen_ai.tool.name": "search"})),
        span("t5", "third", "turn", noon + timedelta(seconds=6), *deprecated) | ok,
        # The run goes on after midnight, without a call; a run without any call is no run of calls.
        span("t5", "look again", "turn", noon + timedelta(days=1), *values(**{"gen_ai.tool.name": "search"})),
        span("tF", "look", "", noon, *values(**{"gen_ai.tool.name": "search"})),
        span("tG", "before", "turn", MIDNIGHT - timedelta(seconds=2), *deprecated) | timed_out,
        span("tG", "past", "turn", MIDNIGHT + timedelta(seconds=2), *deprecated) | ok,
    ]
    # Requests that fail tell a model and no usage. An agent's is repeated; what tells its usage is no
    # wrapper of one beneath it; what failed is a wrapper of what failed beneath it; a retriever is no model.
    asked = [deprecated[0], *values(**{"gen_ai.request.model": "gpt-4.1-mini"})]
    embeds = values(**{"gen_ai.operation.name": "embeddings"})
    failed = [
        span("t7", "agent", "", noon, *values(**{"gen_ai.operation.name": "invoke_agent"})),
        span("t7", "cut", "agent", noon, *asked, *values(**{"error.type": "timeout"})),
        span("t7", "done", "agent", noon + timedelta(seconds=2), *deprecated) | ok,
        span("tB", "agent", "", noon, *values(**{"gen_ai.operation.name": "invoke_agent"})),
        span("tB", "zero", "agent", noon, *asked, *values(**{"gen_ai.usage.input_tokens": 0})) | timed_out,
        span("tB", "done", "agent", noon + timedelta(seconds=2), *deprecated) | ok,
        # An agent that looks something up, and then answers, turned once.
        span("tH", "agent", "", noon, *values(**{"gen_ai.operation.name": "invoke_agent"})),
        span("tH", "embed", "agent", noon, *deprecated[:3], *embeds) | ok,
        span("tH", "answer", "agent", noon + timedelta(seconds=2), *deprecated) | ok,
        # So did one that looks something up in vain, or before midnight; one that answers nothing did not turn.
        span("tH", "lost", "agent", noon, *values(**{"gen_ai.request.model": "embed"}), *embeds) | timed_out,
        span("tI", "agent", "", MIDNIGHT - timedelta(seconds=2), *values(**{"gen_ai.operation.name": "invoke_agent"})),
        span("tI", "embed", "agent", MIDNIGHT - timedelta(seconds=1), *deprecated[:3], *embeds) | ok,
        span("tI", "answer", "agent", MIDNIGHT + timedelta(seconds=2), *deprecated) | ok,
        span("tJ", "agent", "", noon, *values(**{"gen_ai.operation.name": "invoke_agent"})),
        span("tJ", "embed", "agent", noon, *deprecated[:3], *embeds) | ok,
        span("t8", "outer", "", noon, *deprecated) | ok,
        span("t8", "try", "outer", noon, *asked) | timed_out,
        span("t9", "outer", "", noon, *asked) | timed_out,
        span("t9", "inner", "outer", noon, *asked) | timed_out,
        span("tC", "outer", "", noon, *asked, *values(**{"gen_ai.usage.input_tokens": 0})) | timed_out,
        span("tC", "inner", "outer", noon, *asked) | timed_out,
        span("tD", "agent", "", noon, *values(**{"gen_ai.operation.name": "invoke_agent"})),
        span("tD", "cut", "agent", noon, *asked, *values(**{"llm.token_count.total": 60})) | timed_out,
        span("t9", "find", "outer", noon, *asked, *values(**{"gen_ai.operation.name": "retrieval"})) | timed_out,
    ]
    (folder / "c.jsonl").write_text(export(*again) + "\n" + export(*failed) + "\n")
    said = {"type": "GENERATION", "startTime": "2026-10-06T09:00:00Z", "model": "tts-1", "promptTokens": 1500}
    letters = {"unit": "CHARACTERS"}
    tool = {
        "type": "TOOL",
        "name": "weather",
        "traceId": "t6",
        "parentObservationId": "p",
        "endTime": "2026-10-06T09:00:09Z",
    }
    (places.landing / "langfuse").mkdir()
    for file in real:
        (places.landing / "langfuse" / file.name).write_bytes(file.read_bytes())
    (places.landing / "langfuse" / "said.json").write_text(
        json.dumps([
            said | {"id": "letters", "traceId": "t4"} | letters,
            said | {"id": "time", "traceId": "t4", "usage": {"input": 1500, "unit": "MILLISECONDS"}},
            said | {"id": "refused", "traceId": "t6", "parentObservationId": "p", "level": "ERROR"},
            {"id": "silent", "traceId": "tA", "type": "GENERATION", "startTime": "2026-10-06T09:00:00Z", "model": "m"},
            {"id": "speaker", "traceId": "tE", "type": "AGENT", "startTime": "2026-10-06T09:00:00Z"},
            said | {"id": "spoken", "traceId": "tE", "parentObservationId": "speaker", "level": "ERROR"} | letters,
            tool | {"id": "here", "startTime": "2026-10-06T09:00:02Z"},
            tool | {"id": "there", "startTime": "2026-10-06T09:00:03Z"},
            said | {"id": "answered", "traceId": "t6", "parentObservationId": "p", "startTime": "2026-10-06T09:00:01Z"},
        ])
    )  # fmt: skip
    warehouse.build(places, "fct_llm_calls", "fct_traces", "fct_tool_calls", "data_quality")
    return places


def test_what_langfuse_counts_in_other_units_is_no_tokens(spans: Places) -> None:
    columns = "input_uncached_tokens, output_tokens, characters, seconds"
    found = f"select {columns} from core.fct_llm_calls where trace_id = 't4' order by seconds nulls first"
    assert warehouse.query(spans, found) == [(None, None, 1500, None), (None, None, None, Decimal("1.5"))]


def test_only_leaves_cost_over_files_and_midnight_and_each_span_counts_once(spans: Places) -> None:
    calls = warehouse.query(
        spans,
        "select parent_id, provider, input_uncached_tokens, cache_read_tokens, output_tokens, reasoning_tokens,"
        " has_token_mismatch, environment, pricing_status from core.fct_llm_calls"
        f" where {WRITTEN} and trace_id < 't4'"
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
    assert (landed, staged, repeated) == (44, 43, 1)


def test_a_retry_among_spans_is_found_by_its_order_and_is_no_loop_of_its_own(spans: Places) -> None:
    retries = (
        f"select call_id, retry_of, retry_found_by from core.fct_llm_calls where {WRITTEN} and retry_of is not null"
    )
    assert sorted(warehouse.query(spans, retries)) == [
        ("answered", "refused", "span_order"),
        ("t5-second", "t5-first", "span_order"),
        ("t7-done", "t7-cut", "span_order"),
        ("tB-done", "tB-zero", "span_order"),
        ("tG-past", "tG-before", "span_order"),
    ]
    runs = (
        "select trace_id, call_count, retry_count, loop_count, loops_found_by = 'spans' from core.fct_traces"
        f" where {WRITTEN} and trace_id > 't4'"
    )
    assert sorted(warehouse.query(spans, runs)) == [
        ("t5", 3, 1, 2, False), ("t6", 2, 1, 1, False), ("t7", 2, 1, 1, True), ("t8", 2, 0, 2, False),
        ("t9", 1, 0, 1, False), ("tA", 1, 0, 1, False), ("tB", 2, 1, 1, True), ("tC", 1, 0, 1, False),
        ("tD", 1, 0, 1, True), ("tE", 1, 0, 1, True), ("tG", 2, 1, 1, False), ("tH", 3, 0, 1, True),
        ("tI", 2, 0, 1, True), ("tJ", 1, 0, 0, True),
    ]  # fmt: skip


def test_a_call_that_tells_no_usage_has_unknown_tokens_and_no_price_and_a_request_that_failed_is_one(
    spans: Places,
) -> None:
    columns = "call_id, status, input_uncached_tokens, output_tokens, pricing_status, unpriced_reason, list_cost_usd"
    found = f"select {columns} from core.fct_llm_calls where trace_id in ('t7', 't8', 't9', 'tA') order by 1"
    untold = ("failure", None, None, "unpriced", "the log names no usage", None)
    assert [row for row in warehouse.query(spans, found) if row[1] != "success"] == [
        ("silent", "unknown", *untold[1:]), ("t7-cut", *untold), ("t8-try", *untold), ("t9-inner", *untold)
    ]  # fmt: skip


def test_a_call_of_a_tool_is_a_row_with_its_run_and_how_long_it_took(spans: Places) -> None:
    tools = f"select trace_id, call_id, tool, duration_seconds from core.fct_tool_calls where {WRITTEN}"
    assert sorted(warehouse.query(spans, tools)) == [
        ("t5", "look", "search", 1), ("t5", "look again", "search", 1), ("t6", "here", "weather", 7),
        ("t6", "there", "weather", 6), ("tF", "look", "search", 1),
    ]  # fmt: skip


def test_a_run_counts_the_tools_that_it_calls_at_once_and_on_days_without_calls(spans: Places) -> None:
    counted = (
        f"select trace_id, call_count, tool_call_count from core.fct_traces where {WRITTEN} and tool_call_count > 0"
    )
    assert sorted(warehouse.query(spans, counted)) == [("t5", 3, 2), ("t6", 2, 2)]
    assert warehouse.query(spans, "select count(*) from core.fct_traces where trace_id = 'tF'") == [(0,)]


# Of each exported trace, as a person counts them from the file: the generations that hold no other one, and what they
# have together of input, output and reasoning.
LEAVES = {
    "agno-2025-06-11": (2, 663 + 163, 225 + 20, 0),
    "beeai-2025-08-01": (5, 1988 + 2359 + 1195, 0, 0),
    "claude-agent-2025-12-22": (4, 5 + 5 + 5 + 19, 94 + 56 + 53 + 29, 0),
    "google-gemini-2025-08-01": (1, 6, 2055 - 1104, 1104),
    "koog-2025-08-26": (2, 168 + 47, 19 + 106, 0),
    "pydantic-ai-2025-06-06": (1, 31, 96, 0),
    "pydantic-ai-tools-2025-12-04": (4, 417 + 131 + 502 + 265, 53 + 69 + 14 + 73, 0),
    "pydantic-ai-with-gemini-2025-12-24": (1, 40, 159, 0),
    "vercel-aisdk-2025-11-17": (1, 62, 85, 0),
    "vertex-ai-2025-08-01": (1, 5, 845, 0),
}
# The generations that hold another one, with usage of their own: input and output.
HOLDERS = {"b38a82ea": (1568, 423), "ca136de4": (542, 235), "1dc67681": (14, 43)}


@pytest.fixture(scope="module")
def exported(spans: Places, real: list[Path], real_data: Path) -> tuple[Places, dict[str, dict]]:
    """What is built, and what each file of the ten traces holds."""
    return spans, {file.name.removesuffix(".trace.json"): json.loads(file.read_text()) for file in real}


def test_each_langfuse_trace_has_the_calls_and_tokens_of_its_leaves(exported: tuple[Places, dict[str, dict]]) -> None:
    places, files = exported
    found = warehouse.query(
        places,
        "select trace_id, count(*), sum(input_uncached_tokens), coalesce(sum(output_tokens), 0),"
        f" coalesce(sum(reasoning_tokens), 0) from core.fct_llm_calls where {EXPORTED} group by 1",
    )
    names = {file["trace"]["id"]: name for name, file in files.items()}
    assert {names[trace]: tuple(rest) for trace, *rest in found} == LEAVES
    others = "cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens"
    assert warehouse.query(
        places, f"select count(*) from core.fct_llm_calls where {EXPORTED} and greatest({others}) > 0"
    ) == [(0,)]
    # The same in the mart of traces, and where a total is reported that these do not give, the call says so.
    traces = warehouse.query(places, f"select trace_id, call_count from core.fct_traces where {EXPORTED}")
    assert {names[trace]: calls for trace, calls in traces} == {name: calls for name, (calls, *_) in LEAVES.items()}
    odd = f"select trace_id, reported_tokens from core.fct_llm_calls where {EXPORTED} and has_token_mismatch"
    assert [(names[trace], total) for trace, total in warehouse.query(places, odd)] == [("vertex-ai-2025-08-01", 2023)]


# As a person counts them in the files: turns of an agent, what tells of them, and calls of tools. Where no span says
# that it is an agent, each call is a turn; beeai's turns are its chains, and three spans of its one tool are one call.
TURNS = {
    "agno-2025-06-11": (2, "spans", 1),
    "beeai-2025-08-01": (3, "spans", 1),
    "claude-agent-2025-12-22": (4, "call_order", 2),
    "google-gemini-2025-08-01": (1, "call_order", 0),
    "koog-2025-08-26": (2, "spans", 2),
    "pydantic-ai-2025-06-06": (1, "call_order", 0),
    "pydantic-ai-tools-2025-12-04": (4, "call_order", 3),
    "pydantic-ai-with-gemini-2025-12-24": (1, "call_order", 0),
    "vercel-aisdk-2025-11-17": (1, "call_order", 1),
    "vertex-ai-2025-08-01": (1, "call_order", 0),
}


def test_each_langfuse_trace_has_the_loops_and_tools_that_a_person_counts(exported: tuple[Places, dict]) -> None:
    places, files = exported
    names = {file["trace"]["id"]: name for name, file in files.items()}
    found = warehouse.query(
        places, f"select trace_id, loop_count, loops_found_by, tool_call_count from core.fct_traces where {EXPORTED}"
    )
    assert {names[trace]: tuple(rest) for trace, *rest in found} == TURNS


def test_no_langfuse_generation_that_holds_another_is_a_call(exported: tuple[Places, dict[str, dict]]) -> None:
    places, files = exported
    observations = {one["id"]: one for file in files.values() for one in file["observations"]}
    held = {key: one["usageDetails"] for key, one in observations.items() if key[:8] in HOLDERS}
    assert {key[:8]: (usage["input"], usage["output"]) for key, usage in held.items()} == HOLDERS
    calls = {key for (key,) in warehouse.query(places, f"select call_id from core.fct_llm_calls where {EXPORTED}")}
    generations = {key for key, one in observations.items() if one["type"] == "GENERATION"}
    assert calls == generations - held.keys()
    [(landed, counted)] = warehouse.query(
        places,
        "select sum(rows_landed), sum(rows_staged + rows_duplicate) from governance.data_quality"
        " where source = 'langfuse'",
    )
    assert landed == counted == len(observations) + 9  # written here
