"""What the demo's calls cost, from the price library's own prices, in exact integers.

Costs are counted in picodollars (10^-12 USD): every unit price used is a whole number of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache

import numpy as np

from orchestration.demo.company import MODELS, TIERS

PICO = Decimal(10) ** -12
# The priced classes, each with the library's price keys from its own to its ancestors'. `output` holds reasoning, too:
# none of the demo's models has a price of its own for it.
CLASS_KEYS = {
    "input_uncached": ("input_mtok",),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write_5m": ("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "output": ("output_mtok",),
    "audio_input": ("input_audio_mtok", "input_mtok"),
    "image_input": ("input_image_mtok", "input_mtok"),
    "audio_output": ("output_audio_mtok", "output_mtok"),
    "image_output": ("output_image_mtok", "output_mtok"),
}
CLASSES = tuple(CLASS_KEYS)


def plain(amount: Decimal) -> str:
    """A decimal as text, without an exponent or trailing zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def usd(picodollars: int) -> str:
    """Picodollars as a decimal text in USD."""
    return plain(int(picodollars) * PICO)


@cache
def unit_prices(model_no: int, day: date, tier: str = "standard") -> dict[str, tuple[tuple[int, int], ...]]:
    """Per class the (input tokens over, picodollars per token) steps that hold for `model_no` on `day`, lowest first.

    The first step starts at -1. Raises ValueError where a price is not a whole number of picodollars per token.
    """
    from genai_prices.data_snapshot import get_snapshot
    from genai_prices.types import TieredPrices

    model = MODELS[model_no]
    _, found = get_snapshot().find_provider_model(model.name, None, model.provider, None)
    context = {"processing": "batch"} if tier == "batch" else None
    prices = found.get_prices(datetime.combine(day, time(12), UTC), context)
    steps: dict[str, tuple[tuple[int, int], ...]] = {}
    for token_class, keys in CLASS_KEYS.items():
        price = next((value for key in keys if (value := getattr(prices, key)) is not None), None)
        if price is None:
            continue
        tiers = price.tiers if isinstance(price, TieredPrices) else []
        base = price.base if isinstance(price, TieredPrices) else price
        steps[token_class] = (
            (-1, _picodollars(base)),
            *((tier.start, _picodollars(tier.price)) for tier in tiers),
        )
    return steps


def _picodollars(price_per_million: Decimal) -> int:
    exact = price_per_million * 1_000_000
    if exact != int(exact):
        raise ValueError(f"{price_per_million} USD per million tokens is no whole number of picodollars per token")
    return int(exact)


def class_costs(
    model: np.ndarray, tier: np.ndarray, event_day: np.ndarray, prompt: np.ndarray, tokens: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Picodollars per call and class; 0 where the model has no price.

    `tier` are positions in TIERS; `event_day` is days since 1970-01-01; `prompt` all input tokens (they choose the
    step); `tokens` one array a class.
    """
    result = {token_class: np.zeros(len(model), dtype=np.int64) for token_class in CLASSES}
    for code in np.unique(event_day << 16 | model << 8 | tier):
        day, model_no, tier_no = int(code >> 16), int(code >> 8 & 255), int(code & 255)
        if not MODELS[model_no].is_priced:
            continue
        rows = np.flatnonzero((event_day == day) & (model == model_no) & (tier == tier_no))
        for token_class, steps in unit_prices(model_no, date.fromordinal(719_163 + day), TIERS[tier_no]).items():
            price = np.zeros(len(rows), dtype=np.int64)
            for over, amount in steps:
                price[prompt[rows] > over] = amount
            result[token_class][rows] = price * tokens[token_class][rows]
    return result
