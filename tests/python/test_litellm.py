"""LiteLLM's own completion_cost beside ours: over its own map, and over genai-prices on the models that both carry.

It reads the map that is installed with it, and no socket is opened: asked for the price of a model of GitHub Copilot
without its provider, it would log in there.
"""

from __future__ import annotations

import json
import random
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import duckdb
import pytest
from test_price_book import INPUT_CLASSES, OTHER_METERS, OUTPUT_CLASSES, TOKEN_CLASSES, sql_costs

from orchestration.ingest import ingest_source, prices
from orchestration.ingest.price_book import METERS
from orchestration.places import Places

NOW = datetime(2026, 11, 2, 6)
MODES = ("chat", "completion", "responses", "embedding")
VALID_NOW = f"known_to > '{NOW}' and valid_from <= '{NOW:%Y-%m-%d}' and valid_to > '{NOW:%Y-%m-%d}'"


@pytest.fixture(scope="module")
def litellm() -> Iterator[Any]:
    """The library, with its own map and no way to the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        import litellm as library

        def refused(*_: object, **__: object) -> None:
            raise OSError("tests open no socket")

        patch.setattr(socket, "getaddrinfo", refused)
        patch.setattr(library, "suppress_debug_info", True)
        yield library


@pytest.fixture(scope="module")
def entries(litellm: Any) -> dict[str, dict]:
    return json.loads(map_file(litellm).read_text())


def map_file(library: Any) -> Path:
    return Path(library.__file__).parent / "model_prices_and_context_window_backup.json"


@pytest.fixture(scope="module")
def places(litellm: Any, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The installed map, landed; and the book that it makes beside the library's."""
    base = tmp_path_factory.mktemp("litellm")
    made = Places(base / "landing", base / "config", base / "ledger", base / "home", NOW)
    folder = made.landing / "litellm_prices"
    folder.mkdir(parents=True)
    shutil.copy(map_file(litellm), folder / "model_prices_2026-11-01.json")
    ingest_source(made, "litellm_prices")
    prices.write_prices(made)
    return made


@dataclass(frozen=True)
class Case:
    """A call of one key of the map."""

    key: str
    tier: str
    tokens: dict[str, int]

    @property
    def total_input(self) -> int:
        return sum(self.tokens[name] for name in INPUT_CLASSES)


def case(key: str, tier: str, total_input: int, rng: random.Random, is_embedding: bool) -> Case:
    cuts = sorted(rng.randrange(total_input + 1) for _ in INPUT_CLASSES[1:])
    tokens = dict.fromkeys([*TOKEN_CLASSES, *OTHER_METERS], 0)
    for name, start, end in zip(INPUT_CLASSES, [0, *cuts], [*cuts, total_input], strict=True):
        tokens[name] = end - start
    for name in () if is_embedding else OUTPUT_CLASSES:
        tokens[name] = rng.choice((0, rng.randrange(2_000)))
    return Case(key, tier, tokens)


def cases(places: Places, entries: dict[str, dict], keys: set[str] | None = None) -> list[Case]:
    """For each model of text, tier of service and size at which a price changes: one of a small size, those at it."""
    rng = random.Random(20261101)
    found = duckdb.sql(f"""
        select price_model, service_tier, list(distinct input_tokens_over order by input_tokens_over)
        from '{places.raw}/price_book.parquet' where catalogue = 'litellm' and {VALID_NOW} group by all order by all
    """).fetchall()
    made = []
    for key, tier, overs in found:
        mode = entries[key].get("mode")
        # LiteLLM prices a batch as a whole, by other functions.
        if mode in MODES and tier != "batch" and (keys is None or key in keys):
            sizes = [rng.randrange(10, 5_000), *(over + step for over in overs if over > 0 for step in (0, 1))]
            made += [case(key, tier, size, rng, mode == "embedding") for size in sizes]
    return made


def litellm_cost(library: Any, entry: dict, one: Case) -> float:
    from litellm.types.utils import (
        CacheCreationTokenDetails,
        CompletionTokensDetailsWrapper,
        ModelResponse,
        PromptTokensDetailsWrapper,
        Usage,
    )

    count = one.tokens
    answered = sum(count[name] for name in OUTPUT_CLASSES)
    usage = Usage(
        prompt_tokens=one.total_input,
        completion_tokens=answered,
        total_tokens=one.total_input + answered,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            text_tokens=count["input_uncached"],
            cached_tokens=count["cache_read"],
            audio_tokens=count["audio_input"],
            image_tokens=count["image_input"],
            cache_creation_tokens=count["cache_write_5m"] + count["cache_write_1h"],
            cache_creation_token_details=CacheCreationTokenDetails(
                ephemeral_5m_input_tokens=count["cache_write_5m"], ephemeral_1h_input_tokens=count["cache_write_1h"]
            ),
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(
            text_tokens=count["output"],
            reasoning_tokens=count["reasoning"],
            audio_tokens=count["audio_output"],
            image_tokens=count["image_output"],
        ),
    )
    return library.completion_cost(
        completion_response=ModelResponse(model=one.key, usage=usage),
        model=one.key,
        custom_llm_provider=provider_of(entry),
        call_type="aembedding" if entry["mode"] == "embedding" else "acompletion",
        service_tier=None if one.tier == "standard" else one.tier,
    )


def provider_of(entry: dict) -> str:
    """LiteLLM's own provider: its names of Google's platform tell the publisher, too."""
    name = entry["litellm_provider"]
    return "vertex_ai" if name.startswith("vertex_ai-") else name


def has_partial_tier(entry: dict, one: Case) -> bool:
    """The tier has a price of its own for some of the sizes or classes that the standard tier has one for."""
    standard = [n for n in entry if "_cost" in n and not n.endswith(("_flex", "_priority", "_batches", "_ultrafast"))]
    return one.tier != "standard" and any(f"{name}_{one.tier}" not in entry for name in standard if "_token" in name)


# Why LiteLLM's function says something else than its map in our book: the first that fits.
BY_THE_CLOCK = "its price depends on the hour and the day of the week"
RULES: dict[str, Callable[[dict, Case, str], bool]] = {
    "it looks another key up by this name": lambda entry, one, found: found != one.key,
    "at Together it goes by the size that the name tells": (
        lambda entry, one, found: provider_of(entry) == "together_ai" and one.key.startswith("together-ai-")
    ),
    "it takes half the input's price for a cache read that the map has no price for": (
        lambda entry, one, found: (
            entry["litellm_provider"] == "fireworks_ai" and "cache_read_input_token_cost" not in entry
        )
    ),
    "at Fireworks it bills no tier of service": (
        lambda entry, one, found: provider_of(entry) == "fireworks_ai" and one.tier != "standard"
    ),
    "at xAI it takes a size's price from that size on, not above it": (
        lambda entry, one, found: entry["litellm_provider"] == "xai" and one.total_input in (128_000, 200_000)
    ),
    "at Perplexity it bills neither by size nor by request": (
        lambda entry, one, found: entry["litellm_provider"] == "perplexity"
    ),
    BY_THE_CLOCK: lambda entry, one, found: "off_peak_pricing" in entry,
    "it bills no token where the map has a price for media": (
        lambda entry, one, found: entry["mode"] == "embedding" and "input_cost_per_video_per_second" in entry
    ),
    "a tier of service has prices of its own for some sizes or classes only": (
        lambda entry, one, found: has_partial_tier(entry, one)
    ),
}


def rule(library: Any, entry: dict, one: Case) -> str | None:
    found = library.get_model_info(one.key, provider_of(entry))["key"]
    return next((reason for reason, fits in RULES.items() if fits(entry, one, found)), None)


def ours(places: Places, catalogue: str, asked: list[Case], names: dict[str, tuple[str, str]]) -> dict[int, D]:
    """What each costs by a catalogue, in which a key has the provider and model of `names`."""
    book = duckdb.sql(f"from '{places.raw}/price_book.parquet' where catalogue = '{catalogue}' and {VALID_NOW}")
    calls = []
    for number, one in enumerate(asked):
        provider, model = names[one.key]
        named = {"price_provider": provider, "price_model": model, "service_tier": one.tier, "called_at": NOW}
        calls.append({"call_no": number, **named, **one.tokens})
    return sql_costs(book.to_arrow_table(), calls)


def test_our_book_of_litellms_map_costs_what_its_own_function_says(
    litellm: Any, places: Places, entries: dict[str, dict], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = cases(places, entries)
    names = {one.key: (entries[one.key]["litellm_provider"], one.key) for one in asked}
    costs = ours(places, "litellm", asked, names)
    explained: Counter[str] = Counter()
    unexplained = []
    for number, one in enumerate(asked):
        theirs = litellm_cost(litellm, entries[one.key], one)
        if abs(D(repr(theirs)) - costs[number]) >= D("1e-9"):
            reason = rule(litellm, entries[one.key], one)
            explained[reason or ""] += 1
            if reason is None:
                unexplained.append((one, costs[number], theirs))
    with capsys.disabled():
        models = len({one.key for one in asked})
        print(f"\nLiteLLM's completion_cost over its own map: {models} models, {len(asked)} calls, the same but for:")
        print("\n".join(f"  {count} calls: {reason}" for reason, count in explained.most_common()))
        others = Counter(entry.get("mode") for entry in entries.values() if entry.get("mode") not in MODES)
        print(f"  left out, as another function bills it: batches, and of models {dict(others.most_common())}")
    assert not unexplained, f"{len(unexplained)}, first: {unexplained[0]}"
    # LiteLLM asks the clock, so at some hours it agrees.
    assert set(RULES) - {BY_THE_CLOCK} <= set(explained) <= set(RULES)
    assert sum(explained.values()) < len(asked) / 8


def test_litellm_and_the_library_disagree_only_where_their_prices_do(
    litellm: Any, places: Places, entries: dict[str, dict], capsys: pytest.CaptureFixture[str]
) -> None:
    """On every model that both carry: LiteLLM's function beside our book of genai-prices."""
    found = duckdb.sql(f"""
        select litellm_model, price_provider, price_model from '{places.raw}/model_matches.parquet'
        where litellm_model is not null and price_provider = provider and price_model = model
    """).fetchall()
    names = {key: (provider, model) for key, provider, model in found}
    asked = [one for one in cases(places, entries, set(names)) if one.tier == "standard"]
    costs = ours(places, "genai-prices", asked, names)
    first, second = cells_of(places, "genai-prices"), cells_of(places, "litellm")
    reasons: dict[str, set[str]] = {}
    for number, one in enumerate(asked):
        if abs(D(repr(litellm_cost(litellm, entries[one.key], one))) - costs[number]) >= D("1e-9"):
            theirs = second[entries[one.key]["litellm_provider"], one.key]
            for reason in differences(price_at(first[names[one.key]], one), price_at(theirs, one), one) or [
                rule(litellm, entries[one.key], one) or UNEXPLAINED
            ]:
                reasons.setdefault(reason, set()).add(one.key)
    compared, different = {one.key for one in asked}, set().union(*reasons.values())
    with capsys.disabled():
        print(f"\nLiteLLM's completion_cost beside genai-prices: {len(compared)} models of both, {len(asked)} calls")
        print(f"  {len(compared - different)} models cost the same throughout; of the others, models by reason:")
        for reason, keys in sorted(reasons.items(), key=lambda item: -len(item[1])):
            print(f"  {len(keys):>4} {reason}, such as {min(keys)}")
    assert UNEXPLAINED not in reasons
    assert len(compared - different) > 200


UNEXPLAINED = "(unexplained)"


def differences(first: dict[str, D | None], second: dict[str, D | None], one: Case) -> list[str]:
    """The meters of the call for which the catalogues have different prices, or only one of them has one."""
    used = [m for m in METERS if (one.tokens.get(m) or m == "requests") and first[m] != second[m]]
    return [f"{'only one has a' if None in (first[m], second[m]) else 'another'} price for {m}" for m in used]


def cells_of(places: Places, catalogue: str) -> dict[tuple[str, str], list[dict]]:
    found: dict[tuple[str, str], list[dict]] = {}
    book = duckdb.sql(f"""
        from '{places.raw}/price_book.parquet'
        where catalogue = '{catalogue}' and {VALID_NOW} and service_tier = 'standard'
    """)
    for row in book.to_arrow_table().to_pylist():
        found.setdefault((row["price_provider"], row["price_model"]), []).append(row)
    return found


def price_at(cells: list[dict], one: Case) -> dict[str, D | None]:
    for row in cells:
        is_size = row["input_tokens_over"] < one.total_input <= row["input_tokens_up_to"]
        if is_size and row["from_second"] <= NOW.hour * 3600 < row["to_second"]:
            return {meter: row[f"{meter}_price"] for meter in METERS}
    raise AssertionError(f"{one.key} has no price for {one.total_input} tokens")
