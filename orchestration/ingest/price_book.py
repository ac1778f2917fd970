"""The price book: every price that genai-prices knows, as rows that SQL can join, and which price a logged model has.

The rows are found by asking the library itself at every break point of time and of prompt size, so that its precedence
(the last active condition wins, a variant overrides key by key, an unpriced class costs what its parent costs) is right
by construction. A price is null where the library knows none, and 0 only where the library says 0.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from genai_prices.data_snapshot import DataSnapshot, find_provider_by_id, get_snapshot
from genai_prices.data_units import unit_data
from genai_prices.decompose import compute_leaf_values
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
    Usage,
    calc_unit_price,
)
from genai_prices.units import UnitRegistry

from orchestration.places import Places

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

PRICE_BOOK_SCHEMA = pa.schema(
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
MODEL_MATCHES_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("provider", "model", "price_provider", "price_model")]
)

# Gateway and telemetry names of vendors that the library's own provider match does not know or takes for another one.
VENDOR_NAMES = {
    "azure_ai": "azure",
    "azure_openai": "azure",
    "azure_text": "azure",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "az.ai.inference": "azure",
    "az.ai.openai": "azure",
    "codestral": "mistral",
    "fireworks-ai": "fireworks",
    "fireworks_ai": "fireworks",
    "gcp.gen_ai": "google",
    "grok": "x-ai",
    "meta_llama": "meta",
    "palm": "google",
    "text-completion-codestral": "mistral",
    "x_ai": "x-ai",
    "z-ai": "zai",
    "z.ai": "zai",
    "zhipu": "zhipuai",
    "zhipu_ai": "zhipuai",
}
# Names in front of a slash that gateways use for a vendor; elsewhere such a name is the model's publisher.
ROUTE_PREFIXES = frozenset(
    {
        "anthropic",
        "azure",
        "azure_ai",
        "bedrock",
        "bedrock_converse",
        "cerebras",
        "cohere",
        "cohere_chat",
        "deepseek",
        "fireworks_ai",
        "gemini",
        "github_copilot",
        "google",
        "groq",
        "mistral",
        "moonshot",
        "openai",
        "openrouter",
        "perplexity",
        "together_ai",
        "vertex_ai",
        "vertex_ai_beta",
        "voyage",
        "x-ai",
        "xai",
        "zai",
    }
)
REGION_DOT = re.compile(r"^(?:us|eu|apac|au|ca|jp|sa|us-gov|global)\.")
REGION_SLASH = re.compile(r"^(?:us|eu|apac|global|global-standard|converse|invoke|[a-z]{2}(?:-[a-z]+)+-\d)/")
RESOURCE_PATH = re.compile(r"^.*?(?:^|[/:])(?:models|inference-profile|foundation-model)/")
BEDROCK_ID = re.compile(
    r"^(?:arn:aws[a-z-]*:bedrock:.*|(?:[a-z-]+\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral)\.[a-z].*)$"
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
    """The price book, in PRICE_BOOK_SCHEMA, ordered by its key: USD per token, request, search, second, character.

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
    columns = list(zip(*rows, strict=True)) or [()] * len(PRICE_BOOK_SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, PRICE_BOOK_SCHEMA, strict=True)]
    return pa.table(arrays, schema=PRICE_BOOK_SCHEMA.with_metadata({"rounded_prices": str(rounded)}))


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


class ModelMatcher:
    """Finds the price that a logged provider and model have, by the library's own matching."""

    def __init__(self, snapshot: DataSnapshot | None = None) -> None:
        self._snapshot = snapshot or get_snapshot()
        book = list(priced_models(self._snapshot))
        self._names = {(p.price_provider, id(p.model)): p.price_model for p in book}
        self._ids = {(p.price_provider, p.price_model.lower()): p.price_model for p in book}

    def match(self, provider: str, model: str) -> tuple[str, str] | tuple[None, None]:
        """(price_provider, price_model), or (None, None) where the library has no such model.

        The model is tried as logged, then without gateway, path and region prefixes. Where no provider is given, the
        model's prefix names it, or the one vendor whose models are called so. A provider that is given and not known
        has no price: it may run others' models at prices of its own, and the publisher's price would be a guess.
        Where the library matches nothing, the id that the model has in the book is a name of it, too.
        """
        reference = model.strip().lower()
        vendor = self._vendor(provider)
        if vendor is None and not provider.strip():
            vendor, reference = self._vendor_of_model(reference)
        if vendor is None or not reference:
            return None, None
        for spelling in self._spellings(vendor, reference):
            try:
                _, found = self._snapshot.find_provider_model(spelling, vendor, None, None)
            except LookupError:
                continue
            return vendor.id, self._names[vendor.id, id(found)]
        for spelling in self._spellings(vendor, reference):
            if (vendor.id, spelling) in self._ids:
                return vendor.id, self._ids[vendor.id, spelling]
        return None, None

    def _vendor(self, name: str) -> Provider | None:
        name = name.strip().lower()
        return find_provider_by_id(self._snapshot.providers, VENDOR_NAMES.get(name, name)) if name else None

    def _vendor_of_model(self, reference: str) -> tuple[Provider | None, str]:
        prefix, _, rest = reference.partition("/")
        if rest and prefix in ROUTE_PREFIXES:
            return self._vendor(prefix), rest
        if BEDROCK_ID.match(reference):
            return self._vendor("aws"), reference
        named = [p for p in self._snapshot.providers if p.model_match and p.model_match.is_match(reference)]
        return (named[0] if len(named) == 1 else None), reference

    def _spellings(self, vendor: Provider, reference: str) -> Iterator[str]:
        """The reference as logged, then with one prefix after the other taken off."""
        while reference:
            yield reference
            prefix, _, rest = reference.partition("/")
            if rest and prefix in ROUTE_PREFIXES and self._vendor(prefix) is vendor:
                reference = rest
                continue
            shorter = (pattern.sub("", reference) for pattern in (REGION_SLASH, REGION_DOT, RESOURCE_PATH))
            reference = next((cut for cut in shorter if cut != reference), "")


def write_price_book(places: Places, snapshot: DataSnapshot | None = None) -> bool:
    """Writes raw/price_book.parquet and, for a book not seen before, one file into ledger/price_observations/.

    Returns whether raw/price_book.parquet changed. A ledger file is named by when and what was observed and is never
    rewritten; a book equal to the newest observation is not observed again.
    """
    table = price_rows(snapshot)
    content = _parquet(table)
    observations = places.ledger / "price_observations"
    digest = _content_hash(table)[:16]
    newest = max((file.name for file in observations.glob("*.parquet")), default="")
    observed = observations / f"{places.now:%Y%m%dT%H%M%SZ}-{digest}.parquet"
    for unfinished in observations.glob(".*.tmp"):  # of a run that was killed while it wrote
        unfinished.unlink()
    if not newest.endswith(f"-{digest}.parquet") and not observed.exists():
        _write_if_changed(observed, content)
    return _write_if_changed(places.raw / "price_book.parquet", content)


def write_model_matches(places: Places, snapshot: DataSnapshot | None = None) -> bool:
    """Writes raw/model_matches.parquet: one row for each provider and model that has landed or that the book names.

    Reads `models` of raw/manifest/*.parquet, where there are any; null names become ''. Returns whether it changed.
    """
    snapshot = snapshot or get_snapshot()
    pairs = {(priced.price_provider, priced.price_model) for priced in priced_models(snapshot)}
    for manifest in sorted((places.raw / "manifest").glob("*.parquet")):
        if "models" in pq.read_schema(manifest).names:
            for models in pq.read_table(manifest, columns=["models"])["models"].to_pylist():
                pairs |= {(pair["provider"] or "", pair["model"] or "") for pair in models or ()}
    matcher = ModelMatcher(snapshot)
    rows = [(*pair, *matcher.match(*pair)) for pair in sorted(pairs)]
    columns = zip(*rows, strict=True) if rows else [()] * len(MODEL_MATCHES_SCHEMA)
    table = pa.table([pa.array(column, pa.string()) for column in columns], schema=MODEL_MATCHES_SCHEMA)
    return _write_if_changed(places.raw / "model_matches.parquet", _parquet(table))


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _content_hash(table: pa.Table) -> str:
    """SHA-256 of the rows as text: it stays the same when only the Parquet writer changes."""
    digest = hashlib.sha256(",".join(table.column_names).encode())
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        digest.update(("\n" + "\t".join("" if value is None else str(value) for value in row)).encode())
    return digest.hexdigest()


def _write_if_changed(path: Path, content: bytes) -> bool:
    """Puts `content` at `path` in one step, unless it is there already. Returns whether it was written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    return True
