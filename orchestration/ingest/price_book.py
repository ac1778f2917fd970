"""The first catalogue: every price that genai-prices knows, as rows that SQL can join.

The rows are found by asking the library itself at every break point of time and of prompt size, so that its precedence
(the last active condition wins, a variant overrides key by key, an unpriced class costs what its parent costs) is right
by construction. A price is null where the library knows none, and 0 only where the library says 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import pyarrow as pa
from genai_prices.data_snapshot import DataSnapshot, get_snapshot
from genai_prices.data_units import unit_data
from genai_prices.decompose import compute_leaf_values
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
    Usage,
    calc_unit_price,
)
from genai_prices.units import UnitRegistry

STANDARD = "standard"
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9999, 12, 31)
DAY_SECONDS = 86_400
NO_LIMIT = 10**18
PRICE_STEP = Decimal("1e-15")
PRICE_TYPE = pa.decimal128(18, 15)

# What one unit of each class or meter is in the library's counts, which include one another: a cache read is input too.
# `seconds` are seconds heard, as in transcription. The library has no price per image: `images` is always null.
METERS: dict[str, tuple[str, ...]] = {
    "input_uncached": ("input_tokens",),
    "cache_read": ("input_tokens", "cache_read_tokens"),
    "cache_write_5m": ("input_tokens", "cache_write_tokens", "cache_write_5m_tokens"),
    "cache_write_1h": ("input_tokens", "cache_write_tokens", "cache_write_1h_tokens"),
    "output": ("output_tokens",),
    "reasoning": ("output_tokens", "output_reasoning_tokens"),
    "audio_input": ("input_tokens", "input_audio_tokens"),
    "audio_output": ("output_tokens", "output_audio_tokens"),
    "image_input": ("input_tokens", "input_image_tokens"),
    "image_output": ("output_tokens", "output_image_tokens"),
    "requests": ("requests",),
    "web_searches": ("web_searches",),
    "seconds": ("audio_seconds", "input_audio_seconds"),
    "images": (),
    "characters": ("input_characters",),
}

OBSERVED_SCHEMA = pa.schema(
    [
        ("price_provider", pa.string()),
        ("price_model", pa.string()),
        ("service_tier", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("from_second", pa.int32()),
        ("to_second", pa.int32()),
        ("input_tokens_over", pa.int64()),
        ("input_tokens_up_to", pa.int64()),
        *((f"{meter}_price", PRICE_TYPE) for meter in METERS),
    ]
)


@dataclass(frozen=True)
class PricedModel:
    """One model at one provider. `is_lent`: the provider sells another one's model, of which only the standard price
    is known there: the library ignores the owner's tiers and variants of service for it.
    """

    price_provider: str
    price_model: str
    model: ModelInfo
    is_lent: bool


def priced_models(snapshot: DataSnapshot) -> Iterator[PricedModel]:
    """Every (price_provider, price_model) of the book, once. A lent model is `owner/id` where its id is taken."""
    by_id = {provider.id: provider for provider in snapshot.providers}
    for provider in snapshot.providers:
        taken = {model.id for model in provider.models}
        for model in provider.models:
            yield PricedModel(provider.id, model.id, model, is_lent=False)
        for lender_id in provider.fallback_model_providers or ():
            for model in by_id[lender_id].models if lender_id in by_id else ():
                name = f"{lender_id}/{model.id}" if model.id in taken else model.id
                taken.add(name)
                yield PricedModel(provider.id, name, model, is_lent=True)


def service_tiers(model: ModelInfo) -> dict[str, dict[str, str]]:
    """The model's tiers of service and the library's price context of each; `standard` has none.

    processing=batch, service_tier=X and speed=X are called batch and X; any other condition keeps its name (route=X).
    """
    tiers: dict[str, dict[str, str]] = {STANDARD: {}}
    for variant in model.price_variants or ():
        if variant.when == {"service_tier": "default"}:
            continue
        plain = ("processing", "service_tier", "speed")
        name = "+".join(value if key in plain else f"{key}={value}" for key, value in sorted(variant.when.items()))
        tiers.setdefault(name, {}).update(variant.when)
    return tiers


def price_rows(snapshot: DataSnapshot | None = None) -> pa.Table:
    """The price book, in OBSERVED_SCHEMA, ordered by its key: USD per token, request, search, second, character.

    Per price_provider, price_model and service_tier the rows cover, without overlap, every day from 1970, second of the
    UTC day and number of input tokens. The schema's metadata says how many prices had more than 15 decimals
    (`rounded_prices`); those are rounded half to even. Raises ValueError for a price that DECIMAL(18,15) cannot hold.
    """
    snapshot = snapshot or get_snapshot()
    rounded = 0
    rows: list[tuple[Any, ...]] = []
    for priced in priced_models(snapshot):
        tiers = {STANDARD: {}} if priced.is_lent else service_tiers(priced.model)
        for tier, context in tiers.items():
            for *bounds, exact in _segments(priced.model, context):
                prices = [None if price is None else _quantized(price, priced) for price in exact]
                rounded += sum(price != kept for price, kept in zip(exact, prices, strict=True))
                rows.append((priced.price_provider, priced.price_model, tier, *bounds, *prices))
    rows.sort(key=lambda row: row[:9])
    columns = list(zip(*rows, strict=True)) or [()] * len(OBSERVED_SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, OBSERVED_SCHEMA, strict=True)]
    return pa.table(arrays, schema=OBSERVED_SCHEMA.with_metadata({"rounded_prices": str(rounded)}))


def _segments(model: ModelInfo, context: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    """(valid_from, valid_to, from_second, to_second, over, up_to, prices): the boxes in which prices are constant."""
    dates, seconds = _break_points(model)
    days = []
    for first, until in pairwise(dates):
        clock = []
        for start, end in pairwise(seconds):
            moment = datetime.combine(first, time(), UTC) + timedelta(seconds=start)
            clock.append((start, end, _merged(_by_input(model.get_prices(moment, context)))))
        days.append((first, until, _merged(clock)))
    for first, until, clock in _merged(days):
        for start, end, sizes in clock:
            for over, up_to, prices in sizes:
                yield first, until, start, end, over, up_to, prices


def _break_points(model: ModelInfo) -> tuple[list[date], list[int]]:
    """The days, and the seconds of the UTC day, at which a price of the model may change."""
    dates, seconds = {FIRST_DAY, LAST_DAY}, {0, DAY_SECONDS}
    conditions = [*(model.prices if isinstance(model.prices, list) else ()), *(model.price_variants or ())]
    for constraint in (condition.constraint for condition in conditions):
        if isinstance(constraint, StartDateConstraint):
            dates.add(max(constraint.start_date, FIRST_DAY))
        elif isinstance(constraint, TimeOfDateConstraint):
            seconds |= {_utc_second(constraint.start_time), _utc_second(constraint.end_time)}
        elif constraint is not None:
            raise ValueError(f"{model.id}: a price depends on {constraint!r}, which the price book cannot express")
    return sorted(dates), sorted(seconds)


def _utc_second(clock: time) -> int:
    """The first whole second of the UTC day that is not before `clock`."""
    if clock.tzinfo is not None:
        clock = datetime.combine(date(1970, 1, 1), clock).astimezone(UTC).time()
    return clock.hour * 3600 + clock.minute * 60 + clock.second + (clock.microsecond > 0)


def _by_input(prices: ModelPrice) -> Iterator[tuple[int, int, tuple[Decimal | None, ...]]]:
    """(over, up_to, price per meter) for each range of total input tokens; a tier begins above its start."""
    found = [value for value in vars(prices).values() if isinstance(value, TieredPrices)]
    starts = sorted({-1, NO_LIMIT, *(tier.start for value in found for tier in value.tiers)})
    for over, up_to in pairwise(starts):
        yield over, up_to, _meter_prices(prices, over + 1)


def _meter_prices(prices: ModelPrice, input_tokens: int) -> tuple[Decimal | None, ...]:
    """USD for one more unit of each meter in a call of `input_tokens` in all; None where nothing prices it."""
    units, _ = _registry()
    named = vars(prices)
    priced = {key: price for key, unit in units.items() if (price := named.get(unit.price_key)) is not None}
    return tuple(
        sum((calc_unit_price(priced[key], 1, input_tokens, units[key].per) for key in keys), Decimal(0))
        if keys
        else None
        for keys in _pricing_units(frozenset(priced))
    )


@cache
def _pricing_units(priced: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """For each meter, which of the `priced` units counts one unit of it: its own or, failing that, a parent's."""
    units, nothing = _registry()
    found = []
    for counts in METERS.values():
        if counts == ("requests",):  # the library counts a priced request as 1 and does not let anyone report it
            found.append(tuple(priced & {"requests"}))
            continue
        leaves = compute_leaf_values(set(priced), Usage(**(nothing | dict.fromkeys(counts, 1))), units)
        found.append(tuple(sorted(key for key, count in leaves.items() if count)))
    return tuple(found)


@cache
def _registry() -> tuple[dict[str, Any], dict[str, int]]:
    """The library's units, and a usage that reports none of any."""
    units = dict(UnitRegistry(unit_data).units)
    return units, {key: 0 for key in units if key != "requests"}


def _merged(parts: Iterable[tuple[Any, Any, Any]]) -> tuple[tuple[Any, Any, Any], ...]:
    """Neighbouring (from, to, value) of equal value as one."""
    merged: list[tuple[Any, Any, Any]] = []
    for start, end, value in parts:
        if merged and merged[-1][2] == value:
            merged[-1] = (merged[-1][0], end, value)
        else:
            merged.append((start, end, value))
    return tuple(merged)


def _quantized(price: Decimal, priced: PricedModel) -> Decimal:
    if price >= 1000:
        raise ValueError(
            f"{priced.price_provider}/{priced.price_model}: {price} USD per unit does not fit DECIMAL(18,15)"
        )
    return price.quantize(PRICE_STEP, ROUND_HALF_EVEN)
