"""Prices in the marts: negotiated, of one's own names, as known now and then; only what they change is rebuilt."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP
from decimal import Decimal as D

import pytest
import warehouse

from orchestration import reprice
from orchestration.errors import MendableError
from orchestration.places import Places

NOW = datetime(2026, 11, 2, 6)
HEADERS = {
    "contract_prices": "provider,model,meter,commitment_tier,discount_ratio,price_usd,price_unit,valid_from,valid_to",
    "model_aliases": "provider,name,to_provider,to_model,valid_from,valid_to",
}
DISCOUNT = D("0.333333333333333333")
MILLION = D(1_000_000)


def configure(places: Places, name: str, *rows: str) -> None:
    places.config.mkdir(exist_ok=True)
    lines = [HEADERS[name] + ",owner,approved_by,reason", *(f"{row},me,me,agreed" for row in rows)]
    (places.config / f"{name}.csv").write_text("\n".join(lines) + "\n")


def land_map(places: Places, day: str, **models: dict) -> None:
    file = places.landing / "litellm_prices" / f"model_prices_{day}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(models))


def entry(provider: str, price: float, **more: float) -> dict:
    costs = {"input_cost_per_token": price, "output_cost_per_token": 4 * price}
    return {"litellm_provider": provider, "mode": "chat", **costs, **more}


# Its input a little dearer than in the library, and no price of its own for the batch tier.
GPT = entry("openai", 2.6e-6) | {"cache_read_input_token_cost": 1.25e-6, "output_cost_per_token": 1e-5}
IN_INPUT = "input_uncached_tokens + cache_read_tokens + 4 * output_tokens"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Two days of calls to gpt-4o at a third off, to a deployment, and to models that only landed maps know."""
    base = tmp_path_factory.mktemp("priced")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", NOW)
    rng = random.Random(20261020)
    rows = ["call_id,called_at,provider,model,service_tier,input_uncached_tokens,cache_read_tokens,output_tokens"]
    for number in range(60):
        day = 20 + number % 2
        tokens = [rng.randrange(1, 99_999) for _ in range(3)]
        provider, model, tier = [
            ("openai", "gpt-4o", ""),
            ("openai", "gpt-4o", "batch"),
            ("azure", "chat-prod", ""),
            ("acme", "house", ""),
            ("gcp.vertex_ai", "gemini-2.5-flash", ""),
        ][number % 5]
        cells = [f"c{number}", f"2026-10-{day}T08:00:00Z", provider, model, tier, *map(str, tokens)]
        rows.append(",".join(cells))
    # One request below a size at which the price doubles, and one above it; one of a model that is negotiated alone.
    rows.append("small,2026-10-21T09:00:00Z,acme,wide,,200000,0,0")
    rows.append("large,2026-10-21T09:00:00Z,acme,wide,,200001,0,0")
    rows.append("own,2026-10-21T09:00:00Z,acme,secret,,3000,0,0")
    rows.append("own priority,2026-10-21T09:00:00Z,acme,secret,priority,3000,0,0")
    # A tier that the library does not know of a provider, and the map does.
    rows.append("tiered,2026-10-21T09:00:00Z,azure,chat-prod,batch,1000,2000,10")
    rows.append("none,2026-10-21T09:00:00Z,acme,nobody,,10,0,0")
    # Logs that name no provider.
    rows.append("unnamed,2026-10-21T09:00:00Z,,amazon.nova-lite-v1:0,,1000,0,1000")
    rows.append("unnamed batch,2026-10-21T09:00:00Z,,amazon.nova-lite-v1:0,batch,1000,0,1000")
    rows.append("unnamed vertex,2026-10-21T09:00:00Z,,claude-sonnet-4-5@20250929,,1000,0,1000")
    file = places.landing / "llm_calls" / "calls.csv"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(rows) + "\n")

    wide = {"input_cost_per_token_above_200k_tokens": 8e-6}
    land_map(places, "2026-09-01", **{"gpt-4o": GPT, "house": entry("acme", 1e-6), "wide": entry("acme", 4e-6, **wide)})
    halved = {"input_cost_per_token_batches": 1.2e-6, "output_cost_per_token_batches": 5e-6}
    land_map(
        places,
        "2026-10-21",
        **{"gpt-4o": GPT, "house": entry("acme", 2e-6), "other": entry("acme", 1e-6)},
        **{"azure/gpt-4o": entry("azure", 2.5e-6, cache_read_input_token_cost=1.3e-6, **halved)},
    )
    # A provider may have any of its names.
    configure(
        places,
        "contract_prices",
        f"openai.chat,,,,{DISCOUNT},,,,",
        "openai,gpt-4o,output,,,7,1000000,,",
        "openai,gpt-4o,output,batch,,3,1000000,2026-10-21,",
        "acme,secret,input_uncached,,,2,1000,,",
        "acme,secret,input_uncached,priority,,5,1000,,",
        "aws.bedrock,,,,0.2,,,,",
    )
    configure(places, "model_aliases", "azure.ai.openai,Chat-Prod,azure.ai.inference,gpt-4o,,")
    warehouse.publish(
        places,
        "fct_llm_calls",
        "fct_cost_lines",
        "fct_usage_daily",
        "cost_as_known",
        "price_drift",
        "dim_models",
        "run_info",
        tests=True,
    )
    return places


def calls(places: Places, where: str, columns: str) -> list[tuple]:
    return warehouse.published(places, f"select {columns} from core.fct_llm_calls where {where} order by call_id")


def rounded(price: D) -> D:
    return price.quantize(D("1e-15"), ROUND_HALF_UP)


def test_a_discount_is_taken_from_the_price_and_the_most_specific_row_holds(company: Places) -> None:
    columns = "call_date, service_tier, input_uncached_tokens, cache_read_tokens, output_tokens, contracted_cost_usd"
    found = calls(company, "model = 'gpt-4o'", columns)
    public = {"standard": ("2.5", "1.25", "10"), "batch": ("1.25", "1.25", "5")}
    assert {row[:2] for row in found} == {(date(2026, 10, day), tier) for day in (20, 21) for tier in public}
    for day, tier, fresh, cached, answered, cost in found:
        prices = [rounded(D(price) / MILLION * (1 - DISCOUNT)) for price in public[tier]]
        # The fixed price of the meter, from the second day on another one for that tier.
        prices[2] = D(3 if tier == "batch" and day == date(2026, 10, 21) else 7) / MILLION
        assert cost == sum(price * count for price, count in zip(prices, (fresh, cached, answered), strict=True))


def test_what_has_no_contract_is_owed_at_its_public_price(company: Places) -> None:
    without = "provider not in ('openai', 'bedrock') and list_cost_usd is not null"
    costs = calls(company, without, "list_cost_usd, contracted_cost_usd")
    assert len(costs) > 30 and all(listed == contracted for listed, contracted in costs)


def test_a_deployment_has_the_price_of_its_model_and_a_providers_other_names_are_one(company: Places) -> None:
    named = "provider in ('azure', 'vertex_ai') and call_id <> 'unnamed vertex'"
    found = calls(company, named, "provider, model, price_provider, price_model, pricing_status")
    assert set(found) == {
        ("azure", "chat-prod", "azure", "gpt-4o", "priced"),
        ("vertex_ai", "gemini-2.5-flash", "google", "gemini-2.5-flash", "priced"),
    }


def test_a_call_without_a_provider_has_the_contract_of_the_vendor_whose_name_its_model_has(company: Places) -> None:
    of_list = "call_id, provider, list_cost_usd > 0, contracted_cost_usd / list_cost_usd"
    assert calls(company, "call_id like 'unnamed%'", of_list) == [
        ("unnamed", "bedrock", True, pytest.approx(0.8)),
        ("unnamed batch", "bedrock", True, pytest.approx(0.8)),
        ("unnamed vertex", "vertex_ai", True, 1),
    ]


def test_a_tiers_own_price_in_one_catalogue_goes_before_the_standard_one_of_the_other(company: Places) -> None:
    # What the map has no price for in the tier costs what the library says.
    cost = D("1.2") * 1000 + D("1.25") * 2000 + 5 * 10
    assert calls(company, "call_id = 'tiered'", "list_cost_usd") == [(cost / MILLION,)]


def test_a_landed_map_prices_what_the_library_does_not_know_and_a_price_holds_from_its_day(company: Places) -> None:
    for day, price in ((20, 1), (21, 2)):
        found = calls(company, f"model = 'house' and call_date = '2026-10-{day}'", f"list_cost_usd, {IN_INPUT}")
        assert found and all(cost == units * price / MILLION for cost, units in found)
    assert calls(company, "model = 'wide'", "call_id, list_cost_usd") == [("large", D("1.600008")), ("small", D("0.8"))]


def test_a_model_without_a_public_price_is_listed_at_its_negotiated_one_and_one_without_any_has_none(
    company: Places,
) -> None:
    columns = "call_id, list_cost_usd, contracted_cost_usd, unpriced_reason"
    assert calls(company, "model in ('secret', 'nobody')", columns) == [
        ("none", None, None, "no price is known for this model"),
        ("own", D(6), D(6), None),
        ("own priority", D(15), D(15), None),
    ]
    assert warehouse.published(
        company, "select model, price_catalogue from core.dim_models where provider = 'acme' order by 1"
    ) == [("house", "litellm"), ("nobody", None), ("secret", "contract_prices"), ("wide", "litellm")]


def test_the_day_and_every_meter_of_it_cost_what_the_calls_cost(company: Places) -> None:
    """The build's own tests compare them, too; here the sums are taken anew from the accrued lines."""
    for basis in ("list", "contracted"):
        of_calls = warehouse.published(company, f"select sum({basis}_cost_usd) from core.fct_llm_calls")
        of_days = warehouse.published(company, f"select sum({basis}_cost_usd) from core.fct_usage_daily")
        of_lines = warehouse.published(
            company, f"select sum({basis}_cost) from core.fct_cost_lines where source = 'metered'"
        )
        assert of_calls == of_days == of_lines


def test_drift_says_by_how_much_the_catalogues_disagree_on_our_own_usage(company: Places) -> None:
    found = warehouse.published(
        company,
        "select meter, quantity, genai_prices_cost_usd, litellm_cost_usd, difference_usd, round(litellm_price_usd, 15)"
        " from governance.price_drift where model = 'gpt-4o' order by 1",
    )
    ((standard, batch, answered),) = warehouse.published(
        company,
        "select sum(input_uncached_tokens) filter (service_tier = 'standard'),"
        " sum(input_uncached_tokens) filter (service_tier = 'batch'),"
        " sum(output_tokens) filter (service_tier = 'batch')"
        " from core.fct_llm_calls where provider = 'openai'",
    )
    expected = [
        ("input_uncached", standard + batch, standard * D("2.5") + batch * D("1.25"), (standard + batch) * D("2.6")),
        ("output", answered, answered * 5, answered * 10),
    ]
    assert [row[:5] for row in found] == [
        (meter, quantity, first / MILLION, second / MILLION, (second - first) / MILLION)
        for meter, quantity, first, second in expected
    ]
    assert [row[5] for row in found] == [D("0.0000026"), D("0.00001")]


def test_reprice_says_what_we_would_have_said_then(company: Places) -> None:
    then = {(row.provider, row.model): row for row in reprice.reprice(company, "2026-10-10", basis="list")}
    tokens = dict(calls(company, "model = 'house'", f"call_id, {IN_INPUT}"))
    house = then["acme", "house"]
    assert house.then == sum(tokens.values()) / MILLION < house.now
    assert (house.calls, house.is_partial) == (len(tokens), False)
    # Exact for both sides of a size, though only the day's sums are read.
    assert (then["acme", "wide"].then, then["acme", "wide"].difference) == (D("2.400008"), 0)
    # Before the first map was known, no price was; what the library said first counts as always known.
    before = {(row.provider, row.model): row for row in reprice.reprice(company, "2026-08-31", "2026-10")}
    assert (before["acme", "house"].then, before["acme", "house"].is_partial) == (None, True)
    assert before["openai", "gpt-4o"].difference == 0
    assert reprice.reprice(company, "2026-08-31", "2026-09") == []
    known_now = sum(row.now for row in before.values())
    assert [(known_now,)] == warehouse.published(company, "select sum(contracted_cost_usd) from core.fct_usage_daily")

    asked = ("--as-known-at", "2026-10-10", "--month", "2026-10", "--basis", "list")
    done = warehouse.costgrain(company.home, "reprice", *asked)
    assert done.returncode == 0, done.stderr
    assert "contract_prices and model_aliases are those of now" in done.stdout
    assert f"{house.then:,.6f}" in done.stdout and f"{house.difference:,.6f}" in done.stdout


def test_reprice_refuses_what_is_no_time(company: Places) -> None:
    with pytest.raises(MendableError, match="--as-known-at is not a time"):
        reprice.reprice(company, "lately")
    with pytest.raises(MendableError, match="--month is not a month"):
        reprice.reprice(company, "2026-10-10", "2026-13")
    with pytest.raises(MendableError, match="Nothing is published"):
        reprice.reprice(replace(company, home=company.home / "nowhere"), "2026-10-10")


def test_only_the_days_that_a_price_changes_are_rebuilt(company: Places) -> None:
    """Continues on the same warehouse."""
    first = warehouse.fingerprints(company, "fct_llm_calls")

    def differing(mart: str, before: dict) -> set[date]:
        now = warehouse.fingerprints(company, mart)
        return {day for day in now.keys() | before.keys() if now.get(day) != before.get(day)}

    def rebuilt(*names: str) -> set[date]:
        before = warehouse.fingerprints(company, "fct_usage_daily")
        warehouse.build(company, *names)
        return differing("fct_usage_daily", before)

    # A map that says the same of every model in use, and one that says something else from a day on that has no call.
    land_map(company, "2026-10-22", **{"gpt-4o": GPT, "house": entry("acme", 2e-6), "other": entry("acme", 3e-6)})
    land_map(company, "2026-10-25", **{"gpt-4o": entry("openai", 2.7e-6), "house": entry("acme", 4e-6)})
    assert rebuilt("fct_usage_daily") == set()
    # One that was known before, of which we hear only now.
    land_map(company, "2026-10-20", **{"house": entry("acme", 3e-6)})
    assert rebuilt("fct_usage_daily") == {date(2026, 10, 20)}
    contracts = (company.config / "contract_prices.csv").read_text()
    (company.config / "contract_prices.csv").write_text(contracts + "acme,house,,,0.5,,,2026-10-21,,me,me,agreed\n")
    assert rebuilt("fct_usage_daily", "fct_llm_calls") == {date(2026, 10, 21)}
    assert differing("fct_llm_calls", first) == {date(2026, 10, 20), date(2026, 10, 21)}
