"""A small price map in the form in which LiteLLM publishes its own: a second opinion on some models."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from orchestration.demo.company import MODEL_NO, MODELS
from orchestration.demo.prices import PICO, unit_prices
from orchestration.demo.scene import Delivery, Files

# Some models of each vendor, with what the map calls the vendor's API.
_MAPPED = {
    MODEL_NO["openai", "gpt-5.6-sol"]: "openai",
    MODEL_NO["openai", "gpt-4.1-mini-2025-04-14"]: "openai",
    MODEL_NO["openai", "text-embedding-3-small"]: "openai",
    MODEL_NO["anthropic", "claude-sonnet-4-5-20250929"]: "anthropic",
    MODEL_NO["anthropic", "claude-haiku-4-5-20251001"]: "anthropic",
    MODEL_NO["bedrock", "us.amazon.nova-pro-v1:0"]: "bedrock_converse",
    MODEL_NO["bedrock", "amazon.nova-lite-v1:0"]: "bedrock_converse",
    MODEL_NO["vertex_ai", "gemini-2.5-pro"]: "vertex_ai-language-models",
    MODEL_NO["vertex_ai", "gemini-2.5-flash"]: "vertex_ai-language-models",
}
# What the map calls the price of a class, and the class whose price holds where it has none.
_NAMES = {
    "input_uncached": ("input_cost_per_token", None),
    "cache_read": ("cache_read_input_token_cost", "input_uncached"),
    "cache_write_5m": ("cache_creation_input_token_cost", "input_uncached"),
    "cache_write_1h": ("cache_creation_input_token_cost_above_1hr", "cache_write_5m"),
    "output": ("output_cost_per_token", None),
    "audio_input": ("input_cost_per_audio_token", "input_uncached"),
}
# The entry by which a map explains itself; its prices are none.
_SPEC = {
    "model": "sample_spec",
    "litellm_provider": "one of the providers that the gateway knows",
    "mode": "one of: chat, embedding, image_generation",
    "input_cost_per_token": 0.0,
    "output_cost_per_token": 0.0,
    "max_tokens": "the most that the model answers",
}
# A model that the company does not use.
_UNUSED = {
    "model": "tallow-nano-preview",
    "litellm_provider": "tallowmere_labs",
    "mode": "chat",
    "input_cost_per_token": 9e-07,
    "output_cost_per_token": 1.3e-06,
}


@dataclass
class PriceMap(Delivery):
    """One object, a key a model."""

    def content(self) -> str:
        named = {entry["model"]: {k: v for k, v in entry.items() if k != "model"} for entry in self.records}
        return json.dumps(named, indent=4) + "\n"


class LiteLLMPrices(Files):
    """The map as it was published on the first day, and on each day on which one of its prices changed."""

    source: ClassVar[str] = "litellm_prices"
    own: ClassVar[str] = r"model_prices_[^/]*\.json"

    def land(self) -> None:
        last: list[dict] = []
        for day in self.scene.days:
            entries = [_entry(model, provider, day) for model, provider in _MAPPED.items()]
            if entries != last:
                last = entries
                records = [dict(entry) for entry in (_SPEC, *entries, _UNUSED)]
                self.deliver(PriceMap(self.source, f"litellm_prices/model_prices_{day}.json", records))
                self.rows_left_out += 1  # what explains the map


def _entry(model: int, provider: str, day: date) -> dict:
    """What the price library says that day, in the map's words."""
    standard, batch = (unit_prices(model, day, tier) for tier in ("standard", "batch"))
    costs: dict[str, float] = {}
    cheaper: dict[str, float] = {}
    for token_class, (name, parent) in _NAMES.items():
        if any(token_class in prices and prices[token_class] != prices.get(parent) for prices in (standard, batch)):
            costs |= _costs(name, standard[token_class])
            if batch[token_class] != standard[token_class]:
                cheaper |= {f"{key}_batches": cost for key, cost in _costs(name, batch[token_class]).items()}
    return {
        "model": MODELS[model].name,
        "litellm_provider": provider,
        "mode": "embedding" if MODELS[model].is_embedding else "chat",
        **costs,
        **cheaper,
        "supports_prompt_caching": MODELS[model].caching != "none",
    }


def _costs(name: str, steps: tuple[tuple[int, int], ...]) -> dict[str, float]:
    return {
        f"{name}_above_{over // 1000}k_tokens" if over > 0 else name: float(picodollars * PICO)
        for over, picodollars in steps
    }
