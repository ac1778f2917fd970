"""Pricing alone: the build's own SQL prices the demo's calls and adds them up, beside SQL by hand and Python libraries.

The libraries price a part of the same calls, one by one, in a loop that does nothing else: their usage is made before.
What genai_prices.calc_price says must be what the SQL says to 1e-9 USD a call; the floor's total the build's, exactly.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import duckdb

from bench import alone
from bench.agree import TOKENS, DisagreementError
from orchestration.demo import DEFAULT_END, write_demo
from orchestration.ingest import ingest_source
from orchestration.ingest.prices import write_prices
from orchestration.places import Places

AIM_LITELLM, AIM_LIBRARY, AIM_FLOOR = 1_000, 500, 2
DAYS = 30
MODEL = "int_calls_priced"
FLOOR = Path(__file__).with_suffix(".sql")
# What pricing is for: nothing is written but sums, so that writing calls is no part of it.
ADDED_UP = """
    create or replace temp table {name} as
    select
        provider, model, count(*) as calls,
        sum(list_cost_usd) as list_cost_usd, sum(contracted_cost_usd) as contracted_cost_usd
    from (
        {priced}
    )
    group by all
"""
IN_LOOP = 20_000  # calls that the libraries price
# The counts of the library and of LiteLLM include one another; these are the classes that each of ours lies in.
CACHE_WRITES = ("cache_write_5m", "cache_write_1h")
INPUTS = ("input_uncached", "cache_read", *CACHE_WRITES, "audio_input", "image_input")
OUTPUTS = ("output", "reasoning", "audio_output", "image_output")


@dataclass(frozen=True)
class Priced:
    """Calls a second, by each way."""

    calls: int
    build: float
    floor: float
    library: float
    litellm: float

    def figures(self) -> dict:
        return asdict(self)


def measure(folder: Path, calls: int) -> Priced:
    """Write and build the demo's calls (not measured), then price them in each way. Leaves nothing behind.

    Raises DisagreementError where two ways say different prices.
    """
    shutil.rmtree(folder, ignore_errors=True)
    print(f"pricing: generating and building {calls:,} calls", flush=True)
    places, own = _prepare(folder, calls)
    with duckdb.connect(str(places.warehouse), config={"memory_limit": "3GB"}) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        for table, model in (
            ("calls", "int_calls_identified"),
            ("prices", "int_model_prices"),
            ("hosted", "int_self_hosted_models"),
        ):
            con.execute(f"create temp table {table} as select * from intermediate.{model}")
            own = re.sub(rf'"\w+"\."intermediate"\."{model}"', f"temp.main.{table}", own)
        count = con.execute("select count(*) from calls").fetchone()[0]
        by_hand = FLOOR.read_text(encoding="utf-8")
        floor = _seconds(lambda: con.execute(ADDED_UP.format(name="by_hand", priced=by_hand)))
        build = _seconds(lambda: con.execute(ADDED_UP.format(name="built", priced=own)))
        _agree(con)
        sample = list(_sample(con, own))
    shutil.rmtree(folder)
    return Priced(count, count / build, count / floor, _library(sample), _litellm(sample))


def _prepare(folder: Path, calls: int) -> tuple[Places, str]:
    """A home in which the model that prices is built, and its SQL."""
    landing, config, ledger, home = (folder / name for name in ("landing", "config", "ledger", "home"))
    places = Places(landing, config, ledger, home, datetime(2026, 11, 2, 6), is_demo=True)
    write_demo(landing, days=DAYS, calls_per_day=calls // DAYS, end=DEFAULT_END, format="parquet", config=config)
    ingest_source(places, "litellm")
    write_prices(places)
    return places, alone.build(places, MODEL)[MODEL]


def _seconds(work: Callable[[], object]) -> float:
    """The better of two times."""
    taken = []
    for _ in range(2):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return min(taken)


def _agree(con: duckdb.DuckDBPyConnection) -> None:
    missing = con.execute("(from built except from by_hand) union all (from by_hand except from built)").fetchall()
    if missing:
        raise DisagreementError(f"pricing: build and floor do not add up to the same: {missing[:2]}")
    if not con.execute("select sum(list_cost_usd) from by_hand").fetchone()[0]:
        raise DisagreementError("pricing: no call has a price, so nothing was compared")


def _sample(con: duckdb.DuckDBPyConnection, own: str) -> Iterator[dict]:
    """Calls that have a price, evenly from all of them."""
    tokens = ", ".join(f"coalesce({name}_tokens, 0) as {name}" for name in TOKENS)
    result = con.execute(
        f"select provider, model, service_tier, called_at, {tokens}, coalesce(web_searches, 0) as web_searches,"
        f" list_cost_usd from (\n{own}\n) where pricing_status = 'priced' and not is_gateway_cache_hit"
        f" order by hash(call_id) limit {IN_LOOP}"
    )
    names = [item[0] for item in result.description]
    yield from (dict(zip(names, row, strict=True)) for row in result.fetchall())


def _library(sample: list[dict]) -> float:
    from genai_prices import calc_price
    from genai_prices.data_units import unit_data
    from genai_prices.types import Usage

    asked = []
    for call in sample:
        counts = {key: 0 for key in unit_data if key != "requests"} | {
            "input_tokens": sum(call[name] for name in INPUTS),
            "cache_read_tokens": call["cache_read"],
            "cache_write_tokens": sum(call[name] for name in CACHE_WRITES),
            "cache_write_5m_tokens": call["cache_write_5m"],
            "cache_write_1h_tokens": call["cache_write_1h"],
            "input_audio_tokens": call["audio_input"],
            "input_image_tokens": call["image_input"],
            "output_tokens": sum(call[name] for name in OUTPUTS),
            "output_reasoning_tokens": call["reasoning"],
            "output_audio_tokens": call["audio_output"],
            "output_image_tokens": call["image_output"],
            "web_searches": call["web_searches"],
        }
        tier = call["service_tier"]
        context = {"processing": tier} if tier == "batch" else {"service_tier": tier}
        asked.append((Usage(**counts), call["model"], call["provider"], call["called_at"], context))
    began = perf_counter()
    said = [
        calc_price(
            usage, model, provider_id=provider, genai_request_timestamp=called_at, price_context=context
        ).total_price
        for usage, model, provider, called_at, context in asked
    ]
    seconds = perf_counter() - began
    for call, price in zip(sample, said, strict=True):
        if abs(price - call["list_cost_usd"]) >= Decimal("1e-9"):
            raise DisagreementError(
                f"pricing: {call['model']} costs {call['list_cost_usd']}, genai-prices says {price}"
            )
    return len(sample) / seconds


def _litellm(sample: list[dict]) -> float:
    """LiteLLM has prices of its own, so what it says is not compared; a model that it does not know is left out."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm
    from litellm.types.utils import (
        CacheCreationTokenDetails,
        CompletionTokensDetailsWrapper,
        ModelResponse,
        PromptTokensDetailsWrapper,
        Usage,
    )

    asked = []
    for call in sample:
        asked_for, answered = sum(call[name] for name in INPUTS), sum(call[name] for name in OUTPUTS)
        usage = Usage(
            prompt_tokens=asked_for,
            completion_tokens=answered,
            total_tokens=asked_for + answered,
            prompt_tokens_details=PromptTokensDetailsWrapper(
                text_tokens=call["input_uncached"],
                cached_tokens=call["cache_read"],
                cache_creation_tokens=sum(call[name] for name in CACHE_WRITES),
                cache_creation_token_details=CacheCreationTokenDetails(
                    ephemeral_5m_input_tokens=call["cache_write_5m"], ephemeral_1h_input_tokens=call["cache_write_1h"]
                ),
            ),
            completion_tokens_details=CompletionTokensDetailsWrapper(
                text_tokens=call["output"], reasoning_tokens=call["reasoning"]
            ),
        )
        asked.append((ModelResponse(model=call["model"], usage=usage), call["model"], call["provider"]))
    known = {names for names in {(model, provider) for _, model, provider in asked} if _is_known(litellm, *names)}
    asked = [one for one in asked if one[1:] in known]
    began = perf_counter()
    for response, model, provider in asked:
        litellm.completion_cost(completion_response=response, model=model, custom_llm_provider=provider)
    return len(asked) / (perf_counter() - began)


def _is_known(litellm, model: str, provider: str) -> bool:
    try:
        return bool(litellm.get_model_info(model, provider))
    except Exception:  # whatever it raises for a model that it does not have
        return False


def table(priced: Priced) -> str:
    """One row a way to price, with how many times as fast the build is, and the aim."""
    lines = [f"{'pricing':<36} {'calls/s':>12} {'build is':>10}", f"{'build':<36} {priced.build:>12,.0f}"]
    for name, speed, aim in (
        ("hand-written SQL", priced.floor, 1 / AIM_FLOOR),
        (f"genai_prices.calc_price ({IN_LOOP:,} calls)", priced.library, AIM_LIBRARY),
        (f"litellm.completion_cost ({IN_LOOP:,} calls)", priced.litellm, AIM_LITELLM),
    ):
        lines.append(f"{name:<36} {speed:>12,.0f} {priced.build / speed:>8,.2f} x  (aim {aim:,} x)")
    return "\n".join(lines)
