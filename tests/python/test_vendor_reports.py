"""Vendors' own reports: buckets that are fetched again replace, amounts are in the unit that the vendor writes."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
import warehouse

from orchestration.ingest import ingest_source
from orchestration.ingest import manifest as manifests
from orchestration.places import Places

DAY = 86_400
FIRST = 1_790_985_600  # 2026-10-03


def land(places: Places, path: str, page: dict | list) -> None:
    file = places.landing / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(page))


def openai(*buckets: tuple[float, list[dict]]) -> dict:
    """A page of OpenAI's usage API: (days after the first, results) of each bucket."""
    data = [
        {
            "object": "bucket",
            "start_time": int(FIRST + day * DAY),
            "end_time": int(FIRST + (day + 1) * DAY),
            "results": results,
        }
        for day, results in buckets
    ]
    return {"object": "page", "data": data, "has_more": False, "next_page": None}


def completions(tokens: object, **more: object) -> dict:
    return {"object": "organization.usage.completions.result", "input_tokens": tokens, "output_tokens": 0} | more


def anthropic(day: str, *results: dict) -> dict:
    return {"starting_at": f"{day}T00:00:00Z", "ending_at": f"{day}T23:59:59Z", "results": list(results)}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Places:
    base = tmp_path_factory.mktemp("reports")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    model = {"model": "gpt-4.1-mini-2025-04-14", "num_model_requests": 2}
    # The third page before the first; days 0 to 5 with day 4 missing and day 1 without results.
    land(places, "openai_usage/b.json", [openai((3, [completions("30", **model)]), (5, [completions(50, **model)]))])
    land(
        places,
        "openai_usage/a.json",
        openai(
            (0, [completions(5_000_000_000, input_cached_tokens=1_000_000_000, **model)]),
            (1, []),
            (2, [completions(20, **model, service_tier="new", new_field={"a": 1})]),
        ),
    )
    # Buckets of an hour, the fourth of which is missing.
    hours = openai(*((hour / 24, [{"object": "organization.usage.embeddings.result"}]) for hour in (0, 1, 2, 4)))
    land(places, "openai_usage/hours.json", hours)
    search = {"object": "organization.usage.web_searches.result", "num_requests": 6, "num_model_requests": 3}
    land(places, "openai_usage/searches.json", openai((0, [search])))
    images = {"object": "organization.usage.images.result", "images": 4, "num_model_requests": 4}
    land(places, "openai_usage/images.json", openai((0, [images])))
    land(
        places, "openai_costs/a.json", openai((0, [{"object": "costs", "amount": {"value": 0.06, "currency": "usd"}}]))
    )
    # Two organisations of one company; usage does not say whose it is, so that folders do.
    for number, name in enumerate(("one", "two"), 1):
        amount = {"value": number / 10, "currency": "usd"}
        result = {"object": "costs", "amount": amount, "organization_id": f"org-{name}"}
        land(places, f"openai_costs/{name}.json", openai((0, [result])))
        words = {
            "object": "organization.usage.moderations.result",
            "input_tokens": 7,
            "model": "omni-moderation-latest",
        }
        land(places, f"openai_usage/account={name}/moderations.json", openai((0, [words | {"user_id": name}])))
    # A page that was fetched twice into one file; and hours beside their day.
    heard = {"object": "organization.usage.audio_transcriptions.result"}
    heard = openai((0, [heard | {"seconds": 60}, heard | {"seconds": 30}]))
    land(places, "openai_usage/heard.json", [heard, heard])
    spoken = {"object": "organization.usage.audio_speeches.result"}
    land(places, "openai_usage/spoken.json", openai((0, [spoken | {"characters": 1000}])))
    spoken_hours = openai(*((hour / 24, [spoken | {"characters": 100}]) for hour in (1, 2)))
    for bucket in spoken_hours["data"]:
        bucket["end_time"] = bucket["start_time"] + 3600
    land(places, "openai_usage/spoken_hours.json", spoken_hours)
    land_tools(places)
    cost = {"currency": "USD", "description": "Claude", "cost_type": "tokens", "token_type": "output_tokens"}
    land(
        places,
        "anthropic_cost/a.json",
        {"data": [anthropic("2026-10-03", cost | {"amount": "123.78912"}, cost | {"amount": "0.0000000001"})]},
    )
    usage = {
        "uncached_input_tokens": 10,
        "cache_read_input_tokens": 20,
        "output_tokens": 3,
        "context_window": "200k-1M",
    }
    usage["cache_creation"] = {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 5}
    land(places, "anthropic_usage/a.json", {"data": [anthropic("2026-10-03", usage | {"model": "claude-sonnet-4-5"})]})
    ingest_source(places, "openai_usage")
    # The first bucket is fetched again: its result replaces, and the other buckets of its first page stay.
    land(places, "openai_usage/again.json", openai((0, [completions(11, **model)])))
    later = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.LATER)
    warehouse.build(later, "fct_usage_daily", "fct_cost_lines", "int_bucket_gaps", "unpriced_usage")
    return later


def land_tools(places: Places) -> None:
    """What OpenAI's tools used on 18 October, a day of which a log has a call, and whose project it is."""
    searched = {"object": "organization.usage.file_searches.result", "num_requests": 7, "vector_store_id": "vs_1"}
    sessions = {"object": "organization.usage.code_interpreter_sessions.result", "num_sessions": 40}
    for name, result in {"files": searched, "code": sessions}.items():
        land(places, f"openai_usage/{name}.json", openai((15, [result | {"project_id": "proj_1"}])))
    stored = {"object": "organization.usage.vector_stores.result", "project_id": "proj_1"}
    stored["usage_bytes"] = 24_000_000_001
    hours = openai(*((15 + hour / 24, [stored]) for hour in range(6)))
    for bucket in hours["data"]:
        bucket["end_time"] = bucket["start_time"] + 3600
    land(places, "openai_usage/stored.json", hours)
    (places.landing / "llm_calls").mkdir()
    (places.landing / "llm_calls" / "calls.csv").write_text(
        "call_id,called_at,provider,model,output_tokens\n"
        "c1,2026-10-18T10:00:00Z,openai,unknown,8\nc2,2026-10-05T10:00:00Z,openai,our-own,8\n"
    )
    # What the gateway answered itself, on a day of which no call reached the vendor.
    hit = {"request_id": "hit", "startTime": "2026-10-05T10:00:00Z", "model": "gpt-4.1-mini", "cache_hit": "True"}
    hit |= {"custom_llm_provider": "openai", "prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    land(places, "litellm/hit.json", [hit])
    places.config.mkdir()
    (places.config / "self_hosted_models.csv").write_text("provider,model,cluster,namespace\nopenai,our-own,prod,llm\n")
    (places.config / "api_keys.csv").write_text("source,api_key,team\nopenai_usage,proj_1,search\n")


def usage(places: Places, columns: str, where: str) -> list[tuple]:
    return warehouse.query(places, f"select {columns} from core.fct_usage_daily where {where} order by usage_date")


def test_a_bucket_fetched_again_replaces_and_others_stay(built: Places) -> None:
    reported = "model like 'gpt-4.1%' and grain_source = 'vendor_report'"
    found = usage(built, "usage_date, input_uncached_tokens, call_count, grain_source", reported)
    assert found == [
        (date(2026, 10, 3), 11, 2, "vendor_report"),
        (date(2026, 10, 5), 20, 2, "vendor_report"),
        (date(2026, 10, 6), 30, 2, "vendor_report"),
        (date(2026, 10, 8), 50, 2, "vendor_report"),
    ]


def test_what_reached_no_vendor_hides_no_report_of_the_vendor_whose_api_it_speaks(built: Places) -> None:
    found = usage(built, "grain_source, pricing_status, all_tokens, list_cost_usd", "usage_date = date '2026-10-05'")
    assert sorted(found, key=str) == [
        ("call_log", "priced", 10, 0),
        ("call_log", "self_hosted", 8, None),
        ("vendor_report", "priced", 20, Decimal("0.000008")),
    ]


def test_two_endpoints_of_one_day_both_count(built: Places) -> None:
    assert usage(built, "images, call_count", "images is not null") == [(4, 4)]


def test_what_only_a_report_counts_stands_beside_logged_calls_unpriced_and_its_team_says_what_named_it(
    built: Places,
) -> None:
    meters = "sum(file_searches), sum(code_sessions), sum(stored_byte_days)"
    [(calls, team, named_by, *quantities)] = usage(
        built,
        f"sum(call_count), max(team), max(team_attributed_by), {meters}",
        "usage_date = date '2026-10-18' and grain_source = 'vendor_report' group by usage_date",
    )
    assert (calls, team, named_by) == (None, "search", "api_keys")
    assert quantities == [7, 40, 6_000_000_000]
    unpriced = warehouse.query(
        built,
        f"select unpriced_reason, {meters} from governance.unpriced_usage where model is null and code_sessions > 0"
        " group by all",
    )
    assert unpriced == [("no price is known for a meter that was used", 7, 40, 6_000_000_000)]


def test_the_requests_of_a_search_are_those_of_the_completions_that_asked_for_it(built: Places) -> None:
    # Images of the same day name no model either.
    assert usage(built, "web_searches, images, call_count", "images is not null") == [(6, 4, 4)]


def test_reports_of_two_organisations_stand_side_by_side(built: Places) -> None:
    found = warehouse.query(
        built,
        "select billing_account_id, billed_cost from core.fct_cost_lines"
        " where source = 'openai_costs' and billing_account_id is not null order by 1",
    )
    assert found == [("org-one", Decimal("0.1")), ("org-two", Decimal("0.2"))]
    assert usage(built, "sum(input_uncached_tokens)", "model like 'omni%' group by usage_date") == [(14,)]


def test_a_page_that_a_file_holds_twice_and_hours_beside_their_day_count_once(built: Places) -> None:
    assert usage(built, "sum(seconds), sum(characters)", "usage_date = date '2026-10-03' group by usage_date") == [
        (90, 1000)
    ]


def test_a_missing_day_and_a_missing_hour_are_reported_and_an_empty_day_is_not(built: Places) -> None:
    found = warehouse.rows(
        built.warehouse, "select missing_date, source, report from intermediate.int_bucket_gaps order by missing_date"
    )
    assert found == [
        (date(2026, 10, 3), "openai_usage", "organization.usage.embeddings.result"),
        (date(2026, 10, 7), "openai_usage", "organization.usage.completions.result"),
    ]


def test_dollars_are_dollars_and_cents_are_cents(built: Places) -> None:
    found = warehouse.query(
        built,
        "select source, cost_status, sum(billed_cost), sum(effective_cost), count(list_cost) from core.fct_cost_lines"
        " where source <> 'metered' and billing_account_id is null group by all order by 1",
    )
    cents = Decimal("1.2378912") + Decimal("0.000000000001")
    assert found == [
        ("anthropic_cost", "invoiced", cents, cents, 0),
        ("openai_costs", "invoiced", Decimal("0.06"), Decimal("0.06"), 0),
    ]


def test_what_is_reported_is_priced_by_its_context_and_accrued_where_no_cost_report_shows_it(built: Places) -> None:
    classes = "input_uncached_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens"
    [(*tokens, cost)] = usage(built, f"{classes}, list_cost_usd", "provider = 'anthropic'")
    assert tokens == [10, 20, 4, 5, 3]
    # Above 200,000 tokens of input: 6 a million in, 0.60 read, 7.50 and 12 written, 22.50 out.
    prices = map(Decimal, ("6", "0.60", "7.50", "12", "22.50"))
    assert cost == sum(n * price for n, price in zip(tokens, prices, strict=True)) / 1_000_000
    accrued = warehouse.query(
        built,
        "select vendor, charge_date, sum(effective_cost) from core.fct_cost_lines"
        " where source = 'metered' group by all order by 2",
    )
    # 0.40 a million, once, also on the 5th, when what reached no vendor is logged under its name.
    tokens = {5: 20, 6: 30, 8: 50}
    assert accrued == [("openai", date(2026, 10, day), Decimal("0.0000004") * n) for day, n in tokens.items()]


def test_new_fields_are_named_and_pass_and_texts_are_read_as_numbers(places: Places) -> None:
    land(places, "openai_usage/a.json", openai((0, [completions("12", new_field={"a": 1}, batch="true")])))
    report = ingest_source(places, "openai_usage")
    assert (report.rows_accepted, report.messages) == (1, [])
    [entry] = manifests.load(places.raw / "manifest" / "openai_usage.parquet").values()
    assert entry.extra_columns == ["new_field"]


def test_a_page_whose_amounts_are_no_numbers_is_quarantined_row_by_row(places: Places) -> None:
    result = {"currency": "USD", "amount": "1.5"}
    land(places, "anthropic_cost/a.json", {"data": [anthropic("2026-10-03", result, result | {"amount": "1,5"})]})
    report = ingest_source(places, "anthropic_cost")
    assert (report.rows_accepted, report.rows_quarantined) == (1, 1)
