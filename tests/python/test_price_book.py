"""The price book against the library it comes from: the same calls priced by SQL over the book and by the library."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import duckdb
import genai_prices
import jinja2
import pyarrow as pa
import pytest
from genai_prices.data_snapshot import DataSnapshot, get_snapshot
from genai_prices.data_units import unit_data
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
    Usage,
)

from orchestration.ingest import price_book
from orchestration.places import ROOT

D = Decimal
CACHE_CLASSES = ["cache_read", "cache_write_5m", "cache_write_1h"]
INPUT_CLASSES = ["input_uncached", *CACHE_CLASSES, "audio_input", "image_input"]
OUTPUT_CLASSES = ["output", "reasoning", "audio_output", "image_output"]
TOKEN_CLASSES = INPUT_CLASSES + OUTPUT_CLASSES
OTHER_METERS = ["web_searches", "seconds", "characters"]


def metered_cost(usage: str, price: str) -> str:
    """The SQL of the macro by which the models price: quantity times price, over every meter."""
    environment = jinja2.Environment()
    environment.globals |= {
        "all_meters": lambda: list(price_book.METERS),
        "quantity_of": lambda meter: f"{meter}_tokens" if meter in TOKEN_CLASSES else meter,
        "money": lambda: "decimal(38, 18)",
    }
    macros = environment.from_string((ROOT / "macros" / "pricing.sql").read_text()).module
    return macros.metered_cost(usage, price)


# How the price of a call is looked up in the book, as any SQL over it must: the tier of service where the model has it,
# else the standard one; then one row by day, second of the UTC day and total input, the cached part included. What the
# library has no price for it takes to cost nothing; the models take it to be unknown.
PRICED_CALLS = f"""
    with tiers as (
        select distinct price_provider, price_model, service_tier from price_book
    ),

    usage as (
        select
            calls.* replace (coalesce(tiers.service_tier, 'standard') as service_tier),
            {", ".join(f"{name} as {name}_tokens" for name in TOKEN_CLASSES)},
            {" + ".join(INPUT_CLASSES)} as total_input, 1 as requests, 0 as images
        from calls
        left join tiers using (price_provider, price_model, service_tier)
    ),

    prices as (
        select *, {", ".join(f"coalesce({m}_price, 0)::decimal(18, 15) as {m}_list_price" for m in price_book.METERS)}
        from price_book
    )

    select call_no, {metered_cost("usage", "prices")} as cost
    from usage
    join prices using (price_provider, price_model, service_tier)
    where called_at::date >= valid_from and called_at::date < valid_to
        and epoch(called_at::time) >= from_second and epoch(called_at::time) < to_second
        and total_input > input_tokens_over and total_input <= input_tokens_up_to
"""


@dataclass(frozen=True)
class Subject:
    """A model to price: its name in the book, the library's objects, and its tiers' price contexts."""

    provider: Provider
    price_model: str
    model: ModelInfo
    contexts: dict[str, dict[str, str]]

    @property
    def key(self) -> tuple[str, str]:
        return self.provider.id, self.price_model

    def library_cost(self, usage: Usage, called_at: datetime, context: dict[str, str]) -> Decimal:
        """By the public calc_price where the model's name leads to it, else by the model itself."""
        if self.is_found_by_name:
            return genai_prices.calc_price(
                usage,
                self.price_model,
                provider_id=self.provider.id,
                genai_request_timestamp=called_at,
                price_context=context,
            ).total_price
        return self.model.calc_price(
            usage, self.provider, genai_request_timestamp=called_at, price_context=context
        ).total_price

    @cached_property
    def is_found_by_name(self) -> bool:
        return self.provider.find_model(self.price_model, all_providers=get_snapshot().providers) is self.model


def subjects(snapshot: DataSnapshot) -> list[Subject]:
    providers = {provider.id: provider for provider in snapshot.providers}
    return [
        Subject(providers[priced.price_provider], priced.price_model, priced.model, contexts_of(priced.model))
        for priced in price_book.priced_models(snapshot)
    ]


def contexts_of(model: ModelInfo) -> dict[str, dict[str, str]]:
    """Every condition that a variant of the model names, and two that none does."""
    contexts = {"standard": {}, "default": {"service_tier": "default"}, "unheard_of": {"service_tier": "unheard_of"}}
    for variant in model.price_variants or ():
        ((key, value),) = variant.when.items()
        name = value if key in ("processing", "service_tier", "speed") else f"{key}={value}"
        contexts[name] = {**(contexts.get(name) or {}), key: value}
    return contexts


def moments(model: ModelInfo, rng: random.Random) -> list[datetime]:
    """Both sides of each start date and time of day at which a price changes, and some times between."""
    conditions = [c.constraint for c in (*(model.prices if isinstance(model.prices, list) else ()),)]
    conditions += [variant.constraint for variant in model.price_variants or ()]
    days = {date(1970, 1, 1), date(2026, 11, 1), date(2023, 1, 1) + timedelta(days=rng.randrange(2500))}
    clocks = {time(0), time(23, 59, 59), time(rng.randrange(24), rng.randrange(60), rng.randrange(60), 999999)}
    for constraint in conditions:
        if isinstance(constraint, StartDateConstraint):
            days |= {constraint.start_date, constraint.start_date - timedelta(days=1)}
        elif isinstance(constraint, TimeOfDateConstraint):
            for edge in (constraint.start_time, constraint.end_time):
                at = datetime.combine(date(2000, 1, 1), edge.replace(tzinfo=None))
                clocks |= {at.time(), (at - timedelta(seconds=1)).time()}
    picked = [datetime.combine(day, rng.choice(sorted(clocks))) for day in sorted(days)]
    return picked + [datetime.combine(rng.choice(sorted(days)), clock) for clock in sorted(clocks)]


def totals(model: ModelInfo, rng: random.Random) -> list[int]:
    """Sizes of the whole input: none, some, at and just above each tier's start, and very large."""
    tiered = [value for _, value in named_prices(model) if isinstance(value, TieredPrices)]
    starts = {tier.start for value in tiered for tier in value.tiers}
    edges = {start + step for start in starts for step in (0, 1)}
    return sorted({0, rng.randrange(1, 30_000), 10**6 if has_long_prices(model) else 10**7, *edges})


def named_prices(model: ModelInfo) -> list[tuple[str, Decimal | TieredPrices]]:
    """Every price key and its price, in all of the model's conditions and variants."""
    prices = [p.prices for p in model.prices] if isinstance(model.prices, list) else [model.prices]
    prices += [variant.prices for variant in model.price_variants or ()]
    return [(key, value) for price in prices for key, value in vars(price).items() if value is not None]


def has_long_prices(model: ModelInfo) -> bool:
    """Whether a price per token has more than 15 decimals: then 1e-9 USD can hold up to some million tokens only."""
    amounts: list[Decimal] = []
    for key, value in named_prices(model):
        if key.endswith("_mtok"):
            amounts += [value.base, *(t.price for t in value.tiers)] if isinstance(value, TieredPrices) else [value]
    return any(amount != amount.quantize(D("1e-9")) for amount in amounts)


def random_call(subject: Subject, total_input: int, rng: random.Random) -> dict[str, int]:
    """Disjoint counts whose input classes add up to `total_input`."""
    call = dict.fromkeys([*TOKEN_CLASSES, *OTHER_METERS], 0)
    cuts = sorted(rng.randrange(total_input + 1) for _ in INPUT_CLASSES[1:])
    for name, start, end in zip(INPUT_CLASSES, [0, *cuts], [*cuts, total_input], strict=True):
        call[name] = end - start
    for name in OUTPUT_CLASSES:
        call[name] = rng.choice((0, rng.randrange(20_000)))
    call["web_searches"], call["characters"] = rng.randrange(5), rng.randrange(5_000)
    call["seconds"] = rng.choice((0, rng.randrange(10, 4_000)))
    return call


def library_usage(call: dict[str, int]) -> Usage:
    """The same call in the library's counts, where a parent includes its children; 0 of all that we do not count."""
    writes = call["cache_write_5m"] + call["cache_write_1h"]
    counts = {key: 0 for key in unit_data if key != "requests"}
    counts |= {
        "input_tokens": sum(call[name] for name in INPUT_CLASSES),
        "cache_read_tokens": call["cache_read"],
        "cache_write_tokens": writes,
        "cache_write_5m_tokens": call["cache_write_5m"],
        "cache_write_1h_tokens": call["cache_write_1h"],
        "input_audio_tokens": call["audio_input"],
        "input_image_tokens": call["image_input"],
        "output_tokens": call["output"] + call["reasoning"] + call["audio_output"] + call["image_output"],
        "output_reasoning_tokens": call["reasoning"],
        "output_audio_tokens": call["audio_output"],
        "output_image_tokens": call["image_output"],
        "web_searches": call["web_searches"],
        "audio_seconds": call["seconds"],
        "input_audio_seconds": call["seconds"],
        "input_characters": call["characters"],
    }
    return Usage(**counts)


def sql_costs(book: pa.Table, calls: list[dict[str, Any]]) -> dict[int, Decimal]:
    """The cost of each call by PRICED_CALLS; every call must meet exactly one row of the book."""
    with duckdb.connect() as db:
        db.register("price_book", book)
        db.register("calls", pa.Table.from_pylist(calls))
        found = db.execute(PRICED_CALLS).fetchall()
    assert len(found) == len({call_no for call_no, _ in found}) == len(calls)
    return dict(found)


def test_sql_over_the_book_costs_what_the_library_says_for_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(20261101)
    snapshot = get_snapshot()
    book = price_book.price_rows(snapshot)
    calls: list[dict[str, Any]] = []
    expected: list[Decimal] = []
    asked = subjects(snapshot)
    assert {(p.id, m.id) for p in snapshot.providers for m in p.models} <= {subject.key for subject in asked}
    for subject in asked:
        sizes = totals(subject.model, rng)
        times = moments(subject.model, rng)
        for tier, context in subject.contexts.items():
            for index in range(max(len(sizes), len(times), 6)):
                called_at = times[index % len(times)]
                call = random_call(subject, sizes[index % len(sizes)], rng)
                expected.append(subject.library_cost(library_usage(call), called_at, context))
                names = {"price_provider": subject.key[0], "price_model": subject.key[1], "service_tier": tier}
                calls.append({"call_no": len(calls), **names, "called_at": called_at, **call})

    costs = sql_costs(book, calls)
    wrong = [(calls[no], costs[no], price) for no, price in enumerate(expected) if abs(costs[no] - price) >= D("1e-9")]
    assert not wrong, f"{len(wrong)} of {len(calls)} calls differ, first: {wrong[0]}"
    with capsys.disabled():
        print(coverage(snapshot, book, asked, len(calls), sum(price > 0 for price in expected)))


def coverage(snapshot: DataSnapshot, book: pa.Table, asked: list[Subject], calls: int, not_free: int) -> str:
    """What the comparison covered, and what it left out because costgrain's classes have no such thing."""
    models = {(provider.id, model.id): model for provider in snapshot.providers for model in provider.models}
    tiers = Counter(book["service_tier"].to_pylist())
    variants = sum(len(model.price_variants or ()) for model in models.values())
    counted = {key for key in unit_data if getattr(library_usage(COUNTS_EVERYTHING), key, 1) > 0}
    left_out: Counter[str] = Counter()
    combinations = 0
    priced = [meter for meter in price_book.METERS if book[f"{meter}_price"].null_count < book.num_rows]
    never = sorted(price_book.METERS.keys() - set(priced))
    long = sum(has_long_prices(model) for model in models.values())
    for model in models.values():
        named = {key for key, _ in named_prices(model)}
        left_out.update(key for key, unit in unit_data.items() if unit["price_key"] in named and key not in counted)
        combinations += len({key for variant in model.price_variants or () for key in variant.when}) > 1
    return "\n".join(
        [
            "",
            f"price book: {len(models)} models of {len(snapshot.providers)} providers, {len(asked) - len(models)} lent",
            f"  rows {book.num_rows}: {', '.join(f'{name} {count}' for name, count in tiers.most_common())}",
            f"  meters {len(priced)} of {len(price_book.METERS)}; the library has no unit for {', '.join(never)}",
            f"  variants {variants}; prices rounded to 15 decimals {book.schema.metadata[b'rounded_prices'].decode()}",
            f"  calls compared {calls}, {not_free} of them not free; "
            f"{sum(s.is_found_by_name for s in asked)} models by name, the others by object",
            f"  left out, no such class (unit: models): {', '.join(f'{k}: {n}' for k, n in left_out.most_common())}",
            f"  left out: {combinations} models' combinations of two conditions (batch and flex at once)",
            f"  left out: over a million input tokens at {long} models whose price per token has over 15 decimals",
            "  left out: audio under 10 s at groq's whisper models, which is charged as 10 s",
        ]
    )


COUNTS_EVERYTHING = dict.fromkeys([*TOKEN_CLASSES, *OTHER_METERS], 1)


def test_rows_of_a_model_and_tier_cover_all_time_and_every_size_once() -> None:
    book = price_book.price_rows()
    assert book.schema.equals(price_book.OBSERVED_SCHEMA)
    with duckdb.connect() as db:
        db.register("price_book", book)
        gaps = db.execute("""
            select price_provider, price_model, service_tier
            from price_book
            group by all
            having sum(
                (valid_to - valid_from)::hugeint * (to_second - from_second) * (input_tokens_up_to - input_tokens_over)
            ) <> (date '9999-12-31' - date '1970-01-01')::hugeint * 86400 * (1000000000000000000 + 1)
        """).fetchall()
        overlaps = db.execute("""
            with numbered as (select row_number() over () as row_no, * from price_book)

            select a.price_provider, a.price_model, a.service_tier
            from numbered as a
            join numbered as b using (price_provider, price_model, service_tier)
            where a.row_no < b.row_no
                and a.valid_from < b.valid_to and b.valid_from < a.valid_to
                and a.from_second < b.to_second and b.from_second < a.to_second
                and a.input_tokens_over < b.input_tokens_up_to and b.input_tokens_over < a.input_tokens_up_to
        """).fetchall()
        empty = db.execute("""
            from price_book
            where valid_from >= valid_to or from_second >= to_second or input_tokens_over >= input_tokens_up_to
        """).fetchall()
    assert (gaps, overlaps, empty) == ([], [], [])


def snapshot_of(*models: ModelInfo) -> DataSnapshot:
    provider = Provider(id="acme", name="Acme", api_pattern="https://acme", models=list(models))
    return DataSnapshot(providers=[provider], from_auto_update=False)


def model_of(prices: ModelPrice | list[ConditionalPrice], variants: list[PriceVariant] | None = None) -> ModelInfo:
    return ModelInfo(id="m", match=ClauseEquals(equals="m"), prices=prices, price_variants=variants)


def rows_of(*models: ModelInfo) -> list[dict[str, Any]]:
    return price_book.price_rows(snapshot_of(*models)).to_pylist()


def test_an_interval_across_midnight_becomes_two() -> None:
    night = TimeOfDateConstraint(start_time=time(22), end_time=time(6))
    rows = rows_of(
        model_of(
            [
                ConditionalPrice(prices=ModelPrice(input_mtok=D(2))),
                ConditionalPrice(night, prices=ModelPrice(input_mtok=D(1))),
            ]
        )
    )
    assert [(row["from_second"], row["to_second"], row["input_uncached_price"]) for row in rows] == [
        (0, 21_600, D("0.000001")),
        (21_600, 79_200, D("0.000002")),
        (79_200, 86_400, D("0.000001")),
    ]


def test_a_start_date_that_changes_nothing_makes_no_row() -> None:
    same = StartDateConstraint(date(2026, 1, 1))
    dearer = StartDateConstraint(date(2026, 2, 1))
    rows = rows_of(
        model_of(
            [
                ConditionalPrice(prices=ModelPrice(input_mtok=D(2))),
                ConditionalPrice(same, prices=ModelPrice(input_mtok=D("2.00"))),
                ConditionalPrice(dearer, prices=ModelPrice(input_mtok=D(3))),
            ]
        )
    )
    assert [(row["valid_from"], row["valid_to"]) for row in rows] == [
        (date(1970, 1, 1), date(2026, 2, 1)),
        (date(2026, 2, 1), date(9999, 12, 31)),
    ]


def test_a_tier_begins_above_its_start_and_holds_for_every_class() -> None:
    tiered = TieredPrices(base=D(1), tiers=[Tier(start=200_000, price=D(2))])
    low, high = rows_of(model_of(ModelPrice(input_mtok=tiered, output_mtok=D(8))))
    assert (low["input_tokens_over"], low["input_tokens_up_to"]) == (-1, 200_000)
    assert (high["input_tokens_over"], high["input_tokens_up_to"]) == (200_000, 10**18)
    assert (low["cache_read_price"], high["cache_read_price"]) == (D("0.000001"), D("0.000002"))
    assert low["output_price"] == high["output_price"] == D("0.000008")


def test_a_class_without_a_price_takes_its_parents_and_an_unknown_price_is_null_not_zero() -> None:
    (row,) = rows_of(model_of(ModelPrice(input_mtok=D(3), cache_write_mtok=D(4), cache_read_mtok=D(0))))
    assert row["cache_write_5m_price"] == row["cache_write_1h_price"] == D("0.000004")
    assert row["audio_input_price"] == row["image_input_price"] == D("0.000003")
    assert row["cache_read_price"] == D(0)
    unknown = ("output", "reasoning", "audio_output", "image_output", "requests", "seconds", "images", "characters")
    assert all(row[f"{meter}_price"] is None for meter in unknown)


def test_a_variant_overrides_key_by_key_and_default_is_standard() -> None:
    half = ModelPrice(input_mtok=D(1))
    variants = [
        PriceVariant({"service_tier": "default"}, ModelPrice()),
        PriceVariant({"processing": "batch"}, half),
        PriceVariant({"service_tier": "flex"}, half),
        PriceVariant({"route": "acme/eu"}, half),
    ]
    rows = rows_of(model_of(ModelPrice(input_mtok=D(2), output_mtok=D(8)), variants))
    assert [row["service_tier"] for row in rows] == ["batch", "flex", "route=acme/eu", "standard"]
    assert [row["input_uncached_price"] for row in rows] == [D("0.000001")] * 3 + [D("0.000002")]
    assert {row["output_price"] for row in rows} == {D("0.000008")}


def test_meters_are_per_unit_and_what_15_decimals_cannot_hold_is_counted() -> None:
    prices = ModelPrice(requests_kcount=D(12), web_searches_kcount=D(10), audio_hours=D("0.1"), input_mchars=D(15))
    book = price_book.price_rows(snapshot_of(model_of(prices)))
    (row,) = book.to_pylist()
    assert (row["requests_price"], row["web_searches_price"]) == (D("0.012"), D("0.01"))
    assert (row["seconds_price"], row["characters_price"]) == (D("0.000027777777778"), D("0.000015"))
    assert book.schema.metadata == {b"rounded_prices": b"1"}


def test_a_price_that_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="acme/m: 1000 USD per unit"):
        rows_of(model_of(ModelPrice(requests_kcount=D(1_000_000))))
