"""The second catalogue: what one entry of a LiteLLM price map says, in the meters, tiers and ranges of the price book.

A name is a base, with `_above_200k_tokens` where it holds for the whole of a larger request, and with `_batches`,
`_priority` and the like for a tier of service. What is not named falls back: a larger request to the smaller one's
price, a tier to the standard one, a class to its parent's price, as LiteLLM itself bills it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise

from orchestration.ingest.price_book import DAY_SECONDS, FIRST_DAY, LAST_DAY, METERS, NO_LIMIT, PRICE_STEP, STANDARD
from orchestration.ingest.price_history import Box, Prices

BASES = {
    "input_cost_per_token": "input_uncached",
    "input_cost_per_token_cache_hit": "cache_read",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write_5m",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_audio_token": "audio_output",
    "input_cost_per_image_token": "image_input",
    "output_cost_per_image_token": "image_output",
    "input_cost_per_request": "requests",
    "input_cost_per_query": "requests",
}
# Other ways to price the same thing: they hold where the model has no price per token, and only in these modes, as
# elsewhere they mean a second of video or of reserved capacity, or an image that is looked at. The first one counts.
UNTOKENED = {
    "audio_transcription": {"input_cost_per_second": "seconds", "output_cost_per_second": "seconds"},
    "audio_speech": {"input_cost_per_character": "characters"},
    "image_generation": {"output_cost_per_image": "images", "input_cost_per_image": "images"},
    "image_edit": {"output_cost_per_image": "images", "input_cost_per_image": "images"},
}
# A search of the size that vendors take where none is asked for.
SEARCH = "search_context_size_medium"
PARENTS = {
    "cache_read": "input_uncached",
    "cache_write_5m": "input_uncached",
    "cache_write_1h": "cache_write_5m",
    "audio_input": "input_uncached",
    "image_input": "input_uncached",
    "reasoning": "output",
    "audio_output": "output",
    "image_output": "output",
}
TIERS = {"batches": "batch", "batch_requests": "batch"} | {
    name: name for name in ("flex", "balanced", "priority", "fast", "ultrafast")
}
NAME = re.compile(
    rf"(?P<base>{'|'.join(sorted(BASES, key=len, reverse=True))})"
    rf"(?:_(?P<early>{'|'.join(TIERS)}))?(?:_above_(?P<thousands>\d+)k_tokens)?(?:_(?P<late>{'|'.join(TIERS)}))?"
)

# meter -> price, by tier of service and by the number of input tokens above which it holds
Named = dict[tuple[str, int], dict[str, Decimal]]


@dataclass(frozen=True)
class Entry:
    """One model of a map. `costs` are prices by the map's own names; `tiers` its tiered_pricing, as JSON text."""

    mode: str | None
    costs: Mapping[str, Decimal]
    search: Mapping[str, Decimal] = field(default_factory=dict)
    tiers: str | None = None
    off_peak: str | None = None


def price_boxes(entry: Entry) -> tuple[tuple[Box, ...], tuple[str, ...]]:
    """The boxes in which the entry's prices are constant, and the names of its prices that no meter of ours holds.

    No box where every price is zero: LiteLLM writes 0 for what it does not know, and for models that one runs oneself.
    """
    named, unmetered = _named(entry)
    if not any(price for prices in named.values() for price in prices.values()):
        return (), unmetered
    tiers = sorted({tier for tier, _ in named} | {STANDARD})
    overs = sorted({over for _, over in named} | {-1})
    boxes = []
    for tier in tiers:
        for over, up_to in pairwise([*overs, NO_LIMIT]):
            prices = _prices(named, tier, [o for o in overs if o <= over])
            boxes.append(Box(tier, FIRST_DAY, LAST_DAY, 0, DAY_SECONDS, over, up_to, prices))
    return tuple(boxes), unmetered


def _named(entry: Entry) -> tuple[Named, tuple[str, ...]]:
    named: Named = {}
    unmetered = [] if entry.off_peak is None else ["off_peak_pricing"]
    for name, price in sorted(entry.costs.items()):
        found = NAME.fullmatch(name)
        if found:
            tier = TIERS.get(found["early"] or found["late"] or "", STANDARD)
            over = int(found["thousands"]) * 1000 if found["thousands"] else -1
            named.setdefault((tier, over), {}).setdefault(BASES[found["base"]], price)
        elif price:
            unmetered.append(name)
    ranges = _ranges(entry.tiers)
    for over, costs in ranges:
        known = {BASES[name]: price for name, price in costs.items() if name in BASES}
        named.setdefault((STANDARD, over), {}).update(known)
    if entry.tiers and not ranges:
        unmetered.append("tiered_pricing")
    if entry.search.get(SEARCH):
        named.setdefault((STANDARD, -1), {})["web_searches"] = entry.search[SEARCH]
    if not any(prices.get(meter) for prices in named.values() for meter in ("input_uncached", "output")):
        for name, meter in UNTOKENED.get(entry.mode or "", {}).items():
            if entry.costs.get(name):
                named.setdefault((STANDARD, -1), {}).setdefault(meter, entry.costs[name])
                unmetered.remove(name)
    return named, tuple(sorted(unmetered))


def _ranges(tiers: str | None) -> list[tuple[int, dict[str, Decimal]]]:
    """(over, prices by name) of each range of input tokens: one range's prices hold for the whole request."""
    try:
        found = json.loads(tiers or "[]", parse_float=Decimal, parse_int=Decimal)
        return [
            (int(tier["range"][0]) or -1, {name: price for name, price in tier.items() if isinstance(price, Decimal)})
            for tier in found
        ]
    except (ValueError, TypeError, LookupError):  # ranges of something else, such as results of a search
        return []


def _prices(named: Named, tier: str, overs: list[int]) -> Prices:
    """A tier's own prices go before the standard ones, and a larger request's before a smaller one's.

    Reasoning follows the output of its tier: its standard price says nothing where the tier has one for output.
    """
    found: dict[str, Decimal] = {}
    for service in (STANDARD, tier):
        for over in overs:
            own = named.get((service, over), {})
            if "output" in own:
                found.pop("reasoning", None)
            found |= own
    for meter, parent in PARENTS.items():
        if meter not in found and parent in found:
            found[meter] = found[parent]
    return tuple(found[meter].quantize(PRICE_STEP, ROUND_HALF_EVEN) if meter in found else None for meter in METERS)
