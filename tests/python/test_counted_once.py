"""One call seen by several sources is one call; one charge that several bills show is one charge."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import warehouse

from orchestration.ingest import ingest_source
from orchestration.places import Places

EARLIER = datetime(2026, 10, 20)
FOCUS = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,BillingPeriodStart,"
    "ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ProviderName,PublisherName,ServiceName\n"
)


def land(places: Places, path: str, *lines: object) -> None:
    file = places.landing / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines) + "\n")


def gateway(request_id: str, start: str, prompt: int, **more: object) -> dict:
    return {
        "request_id": request_id,
        "startTime": start,
        "model": "gpt-4.1-mini-2025-04-14",
        "custom_llm_provider": "openai",
        "prompt_tokens": prompt,
        "completion_tokens": 1,
        "total_tokens": prompt + 1,
        "request_tags": ["team:search", "flag", "team:other"],
        **more,
    }


def flat(call_id: str, at: str, tokens: int, **more: object) -> dict:
    return {"call_id": call_id, "called_at": at, "input_uncached": tokens, "output": 1, **more}


def claude(output: int) -> dict:
    """The usage that Claude Code writes with each block of a response: all of its input, and its output so far."""
    return {
        "input_tokens": 3,
        "cache_creation_input_tokens": 50,
        "cache_read_input_tokens": 100,
        "output_tokens": output,
    }


def span(name: str, output: int) -> dict:
    attributes = {
        "gen_ai.response.id": {"stringValue": "chunked"},
        "gen_ai.usage.input_tokens": {"intValue": 20},
        "gen_ai.usage.output_tokens": {"intValue": output},
        "sample_rate": {"doubleValue": 0.25},
    }
    return {
        "traceId": "t",
        "spanId": name,
        "parentSpanId": "root",
        "startTimeUnixNano": "1791021600000000000",  # 2026-10-03T10:00:00Z
        "attributes": [{"key": key, "value": value} for key, value in attributes.items()],
    }


def failed(name: str, second: int, **attributes: str) -> dict:
    """A span of an agent's run that begins on 2026-10-09 at 10:00, of five seconds, beneath a span of its own."""
    at = 1791540000 + second
    return {
        "traceId": "failing",
        "spanId": name,
        "parentSpanId": f"above {name}",
        "startTimeUnixNano": f"{at}000000000",
        "endTimeUnixNano": f"{at + 5}000000000",
        "status": {"code": 2},
        "attributes": [
            {"key": key, "value": {"stringValue": value}}
            for key, value in {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4.1-mini", **attributes}.items()
        ],
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Places:
    base: Path = tmp_path_factory.mktemp("once")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    land(
        places,
        "litellm/a.jsonl",
        gateway("r1", "2026-10-01T23:59:59Z", 100, cache_hit="False"),
        gateway("r2", "2026-10-02T10:00:00Z", 7),
        gateway("r2", "2026-10-02T10:00:00Z", 7),
        gateway("r3", "2026-10-02T11:00:00Z", 7),
        gateway("r3", "2026-10-02T11:00:00Z", 9),
        gateway("r4", "2026-10-02T12:00:00Z", 1000, cache_hit="True", completionStartTime="2026-10-02T12:00:01Z"),
        gateway(
            "m1", "2026-10-02T13:00:00Z", 0, completion_tokens=0, model="MCP: find", mcp_namespaced_tool_name="find"
        ),
        gateway("m2", "2026-10-02T13:00:00Z", 0, completion_tokens=0, model="", call_type="list_mcp_tools"),
    )
    land(
        places,
        "llm_calls/a.jsonl",
        # The same call by its response id, a day later; and by its request id, known from the record before.
        flat("v1", "2026-10-02T00:00:01Z", 80, cache_read=20, response_id="r1", request_id="q1", workflow="chat"),
        flat("v2", "2026-10-02T00:00:02Z", 60, request_id="q1", status="success"),
        # One response that a stream logged in three records; an id that says nothing is none.
        *(flat(f"s{n}", "2026-10-03T09:00:00Z", n, response_id="stream", sample_rate=0.5) for n in (1, 5, 3)),
        *(flat(f"n{n}", "2026-10-04T09:00:00Z", 2, response_id="null", model="gpt-4.1-mini") for n in (1, 2)),
    )
    land(
        places,
        "llm_calls/claude_code.jsonl",
        # A record for each block of one response; and one that was written anew under its own id.
        *(
            {"call_id": f"u{n}", "called_at": "2026-10-05T09:00:00Z", "response_id": "msg_1", "usage": claude(output)}
            for n, output in enumerate((1, 44, 9))
        ),
        *(
            {"call_id": "anew", "called_at": "2026-10-05T09:00:00Z", "response_id": "msg_2", "usage": claude(output)}
            for output in (7, 1)
        ),
    )
    land(places, "otel/spans.jsonl", {"resourceSpans": [{"scopeSpans": [{"spans": [span("a", 2), span("b", 30)]}]}]})
    # Spans that a collector and Langfuse were sent, of which one knows the response in the collector only.
    told = {"gen_ai.request.model": "gpt-4.1-mini", "gen_ai.usage.input_tokens": "7", "gen_ai.usage.output_tokens": "1"}
    for name, known in (("s1", {"gen_ai.response.id": "shared"}), ("s2", {})):
        attributes = [{"key": key, "value": {"stringValue": value}} for key, value in (told | known).items()]
        sent = {"traceId": "sent", "spanId": name, "startTimeUnixNano": "1791626400000000000", "attributes": attributes}
        land(places, f"otel/{name}.jsonl", {"resourceSpans": [{"scopeSpans": [{"spans": [sent]}]}]})
        seen = {"id": name, "traceId": "sent", "type": "GENERATION", "startTime": "2026-10-10T10:00:00Z"}
        seen |= {"model": "gpt-4.1-mini", "usageDetails": {"input": 7, "output": 1}, "metadata": {"team": "search"}}
        land(places, f"langfuse/{name}.jsonl", seen)
    # A run that the gateway knows as a session and the tracing tool as a trace: two outcomes, each by one of the names.
    land(
        places,
        "litellm/session.jsonl",
        gateway("both", "2026-10-06T10:00:00Z", 20, session_id="session"),
        gateway("only here", "2026-10-06T10:01:00Z", 5, session_id="session"),
    )
    # Requests of an agent that failed: one that both know by an id, and whose tokens the gateway alone tells; one whose
    # span knows neither; and others that failed at that time.
    land(
        places,
        "litellm/failed.jsonl",
        gateway("cut", "2026-10-09T10:00:00Z", 100, completion_tokens=0, total_tokens=100, status="failure"),
        *(
            gateway(name, f"2026-10-09T10:{at}Z", 0, completion_tokens=0, total_tokens=0, status="failure", model=model)
            for name, at, model in (
                ("lost", "01:00.100", "openai/gpt-4.1-mini"),
                ("elsewhere", "01:00.200", "openai/gpt-4o"),
                ("unseen", "01:03", "openai/gpt-4.1-mini"),
            )
        ),
    )
    above = [failed(f"above {name}", 0) | {"parentSpanId": "agent", "attributes": []} for name in ("a", "b", "c")]
    runs = [
        failed("agent", 0, **{"gen_ai.operation.name": "invoke_agent"}) | {"parentSpanId": ""},
        *above,
        failed("a", 0, **{"gen_ai.response.id": "cut"}),
        failed("b", 60),
        failed("c", 120, **{"gen_ai.usage.input_tokens": "5", "gen_ai.usage.output_tokens": "1"})
        | {"status": {"code": 1}},
    ]
    land(places, "otel/failed.jsonl", {"resourceSpans": [{"scopeSpans": [{"spans": runs}]}]})
    traced = span("both", 1) | {"startTimeUnixNano": "1791280800000000000"}
    traced["attributes"] = [
        one | {"value": {"stringValue": "both"}} if one["key"] == "gen_ai.response.id" else one
        for one in traced["attributes"]
    ]
    land(places, "otel/both.jsonl", {"resourceSpans": [{"scopeSpans": [{"spans": [traced | {"traceId": "run"}]}]}]})
    land(
        places,
        "outcomes/outcomes.csv",
        "outcome_id,outcome_type,occurred_at,status,trace_id",
        "by trace,support_case,2026-10-06T11:00:00Z,success,run",
        "by session,document,2026-10-06T11:00:00Z,success,session",
    )
    # What the gateway answered and its callback wrote, which knows no provider and more of the tokens; and a call that
    # one record knows the provider of, another one, of the next day, the model.
    land(
        places,
        "langfuse/callback.jsonl",
        {
            "id": "time-10-00-00-123456_r2",
            "type": "GENERATION",
            "startTime": "2026-10-02T10:00:00Z",
            "model": "gpt-4.1-mini",
            "usageDetails": {"input": 7, "output": 1, "total": 8, "cache_read_input_tokens": 5},
        },
    )
    land(
        places,
        "llm_calls/provider.jsonl",
        flat("p1", "2026-10-07T23:59:59Z", 2, response_id="apart", request_id="far apart", provider="openai"),
    )
    land(places, "llm_calls/model.jsonl", flat("p2", "2026-10-08T00:00:01Z", 2, response_id="apart", model="gpt-4o"))
    # A log that names no provider, on a day of which the vendor's report tells the costs.
    unnamed = flat("unnamed", "2026-07-05T10:00:00Z", 1_000_000, model="gpt-4o", request_id="far apart")
    land(places, "llm_calls/unnamed.jsonl", unnamed)
    # What the business tells comes again corrected; of one file, rows of revenue are parts of one sum.
    revenue = "customer_id,product,month,amount,currency,revenue_kind"
    income = "acme,chat,2026-10,{},USD,recognised"
    land(places, "revenue/first.csv", revenue, *map(income.format, (10000, -200)), "globex,,2026-10,7,USD,billed")
    land(places, "budgets/first.csv", "budget_id,month,amount,currency", "all,2026-10,5,USD", "ai,2026-10,1,USD")
    said = "outcome_id,outcome_type,occurred_at,status,value"
    told = "{},task,2026-10-0{}T08:00:00Z,{},{}"
    states = (("corrected", 1, "success", 5), ("moved on", 1, "pending", ""), ("moved on", 2, "success", 1))
    land(places, "outcomes/first.csv", said, *(told.format(*state) for state in states))
    for source in ("revenue", "budgets", "outcomes"):
        ingest_source(replace(places, now=EARLIER), source)
    land(places, "revenue/corrected.csv", revenue, *map(income.format, (14000, -200)))
    land(places, "budgets/corrected.csv", "budget_id,month,amount,currency", "all,2026-10,6,USD")
    land(places, "outcomes/corrected.csv", said, told.format("corrected", 1, "success", 500))
    line = "5.00,5.00,5.00,5.00,111,USD,2026-09-01,Usage,2026-09-05,2026-09-06,AWS,{},{}"
    land(
        places,
        "focus/bill.csv",
        FOCUS.strip(),
        line.format('"Anthropic, PBC"', "Claude (AWS Marketplace)"),
        line.format('"Anthropic, PBC"', "Claude (AWS Marketplace)"),
        line.format("AWS", "Amazon S3"),
    )
    # A bill that grows: what it held the month before, a line of it now corrected, and a new one.
    july = "{0},{0},{0},{0},222,USD,2026-07-01,Usage,2026-07-05,2026-07-06,Acme Cloud,,Compute"
    land(places, "focus/222/20260720T0600/bill.csv", FOCUS.strip(), july.format(7), july.format(2))
    grown = [july.format(cost) for cost in (7, 3, 1)]
    land(places, "focus/222/20260803T0600/bill.csv", FOCUS.strip(), *grown)
    land(places, "focus/222/20260803T0600/the same again.csv", FOCUS.strip(), *grown)
    # Pods on nodes that a cloud bills, and in a month without its bill.
    land(
        places,
        "opencost/export.csv",
        "Cluster,Namespace,Pod,Date,TotalCost",
        "prod,search,pod-1,2026-09-05,4",
        "prod,search,pod-1,2026-06-05,6",
    )
    land(
        places,
        "invoices/anthropic.csv",
        "vendor,invoice_id,line,period,amount,currency",
        "Anthropic,A-9,1,2026-09,10,USD",
        "Anthropic,A-8,1,2026-08,3,USD",
        "Figma,F-11,1,2026-09,46.5,USD",
    )
    # One invoice without line numbers, as two spell its vendor; equal lines of a file are two.
    for vendor, equal in (("Lumen", 1), ("LUMEN", 2)):
        numberless = [f"{vendor},L-1,2026-09,5,USD"] * equal
        land(places, f"invoices/{vendor}.csv", "vendor,invoice_id,period,amount,currency", *numberless)
    # Invoices of a quarter's usage and of subscriptions, the report of what was used, and lists of seats.
    land(
        places,
        "invoices/openai.csv",
        "vendor,invoice_id,line,period_start,period_end,service,category,amount,currency",
        "OpenAI,O-1,1,2026-04-01,2026-06-30,API,,30,USD",
        "OpenAI,O-2,1,2026-07-01,2026-07-31,Support,subscription,5,USD",
        "OpenAI,O-3,1,2026-07-01,2026-12-31,ChatGPT Team,subscription,60,USD",
    )
    for month in ("05", "06", "07"):
        bucket = {
            "object": "bucket",
            "start_time": f"2026-{month}-05T00:00:00Z",
            "end_time": f"2026-{month}-06T00:00:00Z",
        }
        bucket["results"] = [{"object": "organization.costs.result", "amount": {"value": 10, "currency": "usd"}}]
        land(places, f"openai_costs/{month}.json", {"data": [bucket]})
    land(
        places,
        "licences/chatgpt.csv",
        "vendor,product,seats,unit_price,currency,period_start",
        "OpenAI,ChatGPT Enterprise,2,50,USD,2026-07",
        "OpenAI,ChatGPT Team,1,10,USD,2026-08",
    )
    for month in ("08", "09", "10"):
        bucket = {"starting_at": f"2026-{month}-05T00:00:00Z", "ending_at": f"2026-{month}-06T00:00:00Z"}
        bucket["results"] = [{"currency": "USD", "amount": "1000"}]
        land(places, f"anthropic_cost/{month}.json", {"data": [bucket]})
    land(
        places,
        "licences/seats.csv",
        "vendor,product,seats,unit_price,currency,period_start",
        "Anthropic,Claude Team,4,25,USD,2026-10",
        "Figma,Figma AI,3,15.5,USD,2026-10",
        "Figma,Figma AI,3,15.5,USD,2026-09",
    )
    # GitHub's two reports: the one of seats and requests, and that of a month's requests alone.
    one = {"product": "Copilot", "sku": "Copilot Premium Request", "unitType": "requests", "grossQuantity": 10}
    one |= {"grossAmount": 0.4, "netAmount": 0.4}
    seat = {
        "sku": "Copilot Business",
        "unitType": "user-months",
        "grossQuantity": 1,
        "grossAmount": 19,
        "netAmount": 19,
    }
    usage = [{"date": "2026-09-10", "organizationName": "acme", **item} for item in (one, one | seat)]
    land(places, "copilot/usage.json", {"usageItems": usage})
    requests = {"organization": "acme", "usageItems": [one | {"model": "GPT-5"}]}
    land(places, "copilot/requests.json", {"timePeriod": {"year": 2026, "month": 9}, **requests})
    # AI credits, which an enterprise is told of once more by model; those of another day are not.
    for day, report in ((14, "acme-ai-usage"), (15, "main_usage")):
        quantities = "copilot_ai_credit,100,ai-credits,0.01,1.00,0.25,0.75"
        names = "date,product,sku,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,net_amount"
        line = f"2026-09-{day},copilot,{quantities},acme"
        land(places, f"copilot/{report}_{day}.csv", f"{names},organization", line)
    credit = {"sku": "Copilot AI Credits", "model": "GPT-5", "unitType": "ai-credits", "grossQuantity": 100}
    credit |= {"grossAmount": 1, "discountAmount": 0.25, "netAmount": 0.75}
    day = {"timePeriod": {"year": 2026, "month": 9, "day": 14}, "enterprise": "acme-inc"}
    land(places, "copilot/credits.json", {**day, "usageItems": [credit]})
    # Another enterprise's of the same day, and of one user of a third; and one user's of what is told of all of them.
    land(places, "copilot/beta.json", {**day, "enterprise": "beta", "usageItems": [credit]})
    of_user = {"timePeriod": {"year": 2026, "month": 9}, "user": "octocat"}
    land(places, "copilot/octocat.json", {**of_user, "enterprise": "gamma", "usageItems": [credit]})
    land(places, "copilot/of_acme.json", {**of_user, "organization": "acme", "usageItems": [one | {"model": "GPT-5"}]})
    warehouse.build(
        places,
        "fct_cost_lines",
        "fct_llm_calls",
        "fct_usage_daily",
        "fct_traces",
        "int_outcome_attempts",
        "data_findings",
        "data_quality",
    )
    return places


def test_a_call_that_several_sources_saw_is_one_call_with_what_each_knows(built: Places) -> None:
    found = warehouse.query(
        built,
        "select call_date, seen_by, sighting_count, input_uncached_tokens, cache_read_tokens, team, workflow, status,"
        " has_conflicting_sightings, team_attributed_by, workflow_attributed_by from core.fct_llm_calls"
        " where response_id = 'r1'",
    )
    assert found == [
        (
            date(2026, 10, 1),
            "litellm, llm_calls",
            3,
            80,
            20,
            "search",
            "chat",
            "success",
            True,
            "tag:team",
            "column:workflow",
        )
    ]


def test_a_span_that_a_collector_and_langfuse_have_is_one_call(built: Places) -> None:
    found = (
        "select seen_by, sighting_count, input_uncached_tokens, team from core.fct_llm_calls where trace_id = 'sent'"
    )
    assert warehouse.query(built, found) == [("langfuse, otel", 2, 7, "search")] * 2


def test_a_span_of_a_failed_request_without_an_id_is_one_call_with_one_record_of_the_gateway(built: Places) -> None:
    found = warehouse.query(
        built,
        "select response_id, seen_by, trace_id, parent_id, input_uncached_tokens, list_cost_usd is not null"
        " from core.fct_llm_calls where call_date = '2026-10-09' order by called_at, response_id",
    )
    assert found == [
        ("cut", "litellm, otel", "failing", "above a", 100, True),
        ("lost", "litellm, otel", "failing", "above b", 0, True),
        ("elsewhere", "litellm", None, None, 0, True),
        ("unseen", "litellm", None, None, 0, True),
        (None, "otel", "failing", "above c", 5, True),
    ]
    run = "select call_count, failed_call_count, loop_count from core.fct_traces where trace_id = 'failing'"
    assert warehouse.query(built, run) == [(3, 2, 3)]


def test_an_outcome_finds_its_run_by_the_trace_and_by_the_gateways_session(built: Places) -> None:
    traces = "select trace_id, call_count from core.fct_traces where trace_id in ('run', 'session') order by 1"
    assert warehouse.query(built, traces) == [("run", 1), ("session", 1)]
    found = "select outcome_id, trace_id from intermediate.int_outcome_attempts order by all"
    assert warehouse.rows(built.warehouse, found) == [
        ("by session", "run"),
        ("by session", "session"),
        ("by trace", "run"),
    ]


def test_records_of_one_streamed_response_are_one_call_and_ids_that_say_nothing_match_nothing(built: Places) -> None:
    stream = "select count(*), sum(input_uncached_tokens) from core.fct_llm_calls where response_id = 'stream'"
    assert warehouse.query(built, stream) == [(1, 5)]
    assert warehouse.query(
        built, "select count(*) from core.fct_llm_calls where source = 'llm_calls' and model = 'gpt-4.1-mini'"
    ) == [(2,)]
    sampled = warehouse.query(
        built,
        "select call_count, estimated_call_count from core.fct_usage_daily"
        " where usage_date = '2026-10-03' and source = 'llm_calls'",
    )
    assert sampled == [(1, 2)]


def test_blocks_of_one_response_are_one_call_with_its_last_counts(built: Places) -> None:
    found = warehouse.query(
        built,
        "select response_id, sighting_count, input_uncached_tokens, cache_read_tokens, cache_write_5m_tokens,"
        " output_tokens from core.fct_llm_calls where response_id like 'msg%' or response_id = 'chunked' order by 1",
    )
    assert found == [("chunked", 2, 20, 0, 0, 30), ("msg_1", 3, 3, 100, 50, 44), ("msg_2", 1, 3, 100, 50, 7)]


def test_what_a_sampled_trace_shows_is_scaled_up_under_a_name_of_its_own(built: Places) -> None:
    found = warehouse.query(
        built,
        "select call_count, estimated_call_count, all_tokens, estimated_all_tokens from core.fct_usage_daily"
        " where source = 'otel' and usage_date = '2026-10-03'",
    )
    assert found == [(1, 4, 50, 200)]


def test_repeats_count_once_and_those_that_differ_are_named(built: Places) -> None:
    assert warehouse.query(
        built,
        "select rows_landed, rows_staged, rows_duplicate, rows_conflicting from governance.data_quality"
        " where source = 'litellm' order by 1",
    ) == [(2, 2, 0, 0), (4, 4, 0, 0), (8, 6, 2, 1)]
    kinds = dict(
        warehouse.query(
            built, "select finding, count(*) from governance.data_findings where billed_cost is null group by 1"
        )
    )
    # A call of each of two sources, and an invoice's line that comes again with its vendor in capitals.
    assert kinds == {"conflicting_repeat": 3, "records_disagree": 6, "missing_bucket": 118}


def test_provider_and_model_of_a_call_are_one_records_where_it_knows_both_and_have_a_price(built: Places) -> None:
    found = warehouse.query(
        built,
        "select response_id, call_date, seen_by, sighting_count, provider, model, cache_read_tokens, pricing_status"
        " from core.fct_llm_calls where response_id in ('r2', 'apart') order by 2",
    )
    assert found == [
        ("r2", date(2026, 10, 2), "langfuse, litellm", 2, "openai", "gpt-4.1-mini-2025-04-14", 5, "priced"),
        ("apart", date(2026, 10, 7), "llm_calls", 2, "openai", "gpt-4o", None, "priced"),
    ]


def test_a_call_without_a_provider_is_on_the_bill_of_whom_its_price_is_paid_to(built: Places) -> None:
    found = "select provider, price_provider, list_cost_usd > 2, billed_cost_usd > 2 from core.fct_llm_calls"
    assert warehouse.query(built, f"{found} where call_id = 'unnamed'") == [("openai", "openai", True, True)]
    lines = "select source, sum(effective_cost) from core.fct_cost_lines where charge_date = '2026-07-05'"
    assert warehouse.query(built, f"{lines} and vendor is distinct from 'acme cloud' group by 1") == [
        ("openai_costs", Decimal(10))
    ]


def test_an_id_of_calls_months_apart_is_named_by_the_test_of_all_days(built: Places) -> None:
    name = "no_id_stands_on_calls_more_than_a_day_apart"
    done = warehouse.dbt(built, "test", "--vars", "{full_test: true}", "--select", name)
    assert "Got 1 result, configured to warn" in done.stdout


def test_what_the_gateway_answered_itself_costs_nothing_at_the_vendor(built: Places) -> None:
    found = (
        "select list_cost_usd, is_gateway_cache_hit, first_token_at from core.fct_llm_calls where response_id = 'r4'"
    )
    assert warehouse.query(built, found) == [(Decimal(0), True, datetime(2026, 10, 2, 12, 0, 1))]


def test_what_the_gateway_asks_of_tools_is_no_call_to_a_model(built: Places) -> None:
    assert warehouse.query(built, "select count(*) from core.fct_llm_calls where call_id in ('m1', 'm2')") == [(0,)]


def test_what_the_business_corrects_in_a_newer_file_holds_and_what_it_overrules_is_named(built: Places) -> None:
    def told(columns: str, model: str) -> list[tuple]:
        return warehouse.rows(built.warehouse, f"select {columns} from staging.{model} order by all")

    assert told("customer_id, amount", "stg_revenue__revenue") == [("acme", -200), ("acme", 14000), ("globex", 7)]
    assert told("budget_id, amount", "stg_budgets__budgets") == [("ai", 1), ("all", 6)]
    valued = told("outcome_id, status, value", "stg_outcomes__outcomes where outcome_type = 'task'")
    assert valued == [("corrected", "success", 500), ("moved on", "success", 1)]
    assert warehouse.query(
        built,
        "select source, sum(rows_landed), sum(rows_staged), sum(rows_duplicate), sum(rows_conflicting)"
        " from governance.data_quality where source in ('revenue', 'budgets', 'outcomes') group by 1 order by 1",
    ) == [("budgets", 3, 2, 1, 1), ("outcomes", 6, 4, 2, 1), ("revenue", 5, 3, 2, 1)]


def in_the_ledger(places: Places, vendor: str) -> list[tuple]:
    return warehouse.query(
        places,
        "select usage_month, source, cost_status, count(*), sum(effective_cost) from core.fct_cost_lines"
        f" where source <> 'metered' and vendor = '{vendor}' group by all order by 1, 2",
    )


def test_of_cost_report_invoice_and_marketplace_lines_one_is_in_the_ledger_and_its_equal_lines_stay_two(
    built: Places,
) -> None:
    assert in_the_ledger(built, "anthropic") == [
        (date(2026, 8, 1), "invoices", "invoiced", 1, Decimal(3)),
        (date(2026, 9, 1), "focus", "invoiced", 2, Decimal(10)),
        (date(2026, 10, 1), "anthropic_cost", "invoiced", 1, Decimal(10)),
        (date(2026, 10, 1), "licences", "accrued", 1, Decimal(100)),
    ]
    assert in_the_ledger(built, "aws") == [(date(2026, 9, 1), "focus", "invoiced", 1, Decimal(5))]


def test_a_report_of_costs_gives_way_to_bills_of_usage_and_seats_to_bills_of_these_seats(built: Places) -> None:
    assert in_the_ledger(built, "openai") == [
        (date(2026, 4, 1), "invoices", "invoiced", 1, Decimal(30)),
        (date(2026, 7, 1), "invoices", "invoiced", 2, Decimal(65)),
        (date(2026, 7, 1), "licences", "accrued", 1, Decimal(100)),
        (date(2026, 7, 1), "openai_costs", "invoiced", 1, Decimal(10)),
    ]


def test_lines_of_an_invoice_whose_vendor_is_spelt_in_two_ways_count_once(built: Places) -> None:
    assert in_the_ledger(built, "lumen") == [(date(2026, 9, 1), "invoices", "invoiced", 2, Decimal(10))]


def test_requests_and_credits_that_both_reports_of_github_tell_count_once(built: Places) -> None:
    assert in_the_ledger(built, "github") == [(date(2026, 9, 1), "copilot", "invoiced", 6, Decimal("22.4"))]
    quality = "select sum(rows_landed), sum(rows_staged), sum(rows_duplicate) from governance.data_quality"
    assert warehouse.query(built, f"{quality} where source = 'copilot'") == [(9, 6, 3)]


def test_a_month_that_comes_again_as_a_grown_snapshot_gives_the_last(built: Places) -> None:
    assert in_the_ledger(built, "acme cloud") == [(date(2026, 7, 1), "focus", "invoiced", 3, Decimal(11))]


def test_seats_count_until_an_invoice_shows_them(built: Places) -> None:
    assert in_the_ledger(built, "figma") == [
        (date(2026, 9, 1), "invoices", "invoiced", 1, Decimal("46.5")),
        (date(2026, 10, 1), "licences", "accrued", 1, Decimal("46.5")),
    ]


def test_pods_count_only_where_no_bill_shows_their_nodes(built: Places) -> None:
    assert in_the_ledger(built, "kubernetes") == [(date(2026, 6, 1), "opencost", "accrued", 1, Decimal(6))]


def test_what_explains_a_bill_is_shown_with_its_amount(built: Places) -> None:
    found = warehouse.query(
        built,
        "select source, finding_date, subject, counted_source, billed_cost from governance.data_findings"
        " where finding = 'shown_by_another_bill' order by 1, 2, 3",
    )
    assert found == [
        ("anthropic_cost", date(2026, 8, 5), "anthropic", "invoices", Decimal(10)),
        ("anthropic_cost", date(2026, 9, 5), "anthropic", "focus", Decimal(10)),
        ("invoices", date(2026, 9, 1), "anthropic", "focus", Decimal(10)),
        ("licences", date(2026, 8, 1), "openai", "invoices", Decimal(10)),
        ("licences", date(2026, 9, 1), "figma", "invoices", Decimal("46.5")),
        ("openai_costs", date(2026, 5, 5), "openai", "invoices", Decimal(10)),
        ("openai_costs", date(2026, 6, 5), "openai", "invoices", Decimal(10)),
        ("opencost", date(2026, 9, 5), "kubernetes", "focus", Decimal(4)),
    ]
