"""Which priced model a logged provider and model are, in each of the two catalogues."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from genai_prices.data_snapshot import DataSnapshot, find_provider_by_id, get_snapshot

from orchestration.ingest.price_book import priced_models
from orchestration.places import ROOT

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


# Vertex AI's spellings: a path to a publisher's model, and a version behind the name, which others may have, too.
VERTEX_PATH = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?publishers/")
VERTEX_VERSION = re.compile(r"^[^@/]+@(?:\d+|default|latest)$")
# What these serve they spell in a way of their own, so that the name tells them whether or not it has a price.
CLOUDS = frozenset({"azure", "bedrock", "vertex_ai"})


def provider_names(file: Path = ROOT / "seeds" / "reference" / "provider_names.csv") -> dict[str, str]:
    """What tools call a provider -> the name that it has in all sources."""
    with file.open(encoding="utf-8", newline="") as names:
        return {row["name"]: row["provider"] for row in csv.DictReader(names)}


# A model that somebody trained: it has a price of its own or none, and its name holds that of the model it came from.
TRAINED = re.compile(r"^ft:|[.:]ft-|:(?:custom|imported)-model(?:-deployment)?/|(?:^|/)tunedmodels/")
TRAINED_ID = re.compile(r"^(ft:[^:]+):.*$")
# LiteLLM's names of Google's platform tell the publisher, too: vertex_ai-anthropic_models.
PUBLISHER = re.compile(r"^(vertex_ai)-.*$")


class Match(NamedTuple):
    """A model's name in the library, and its key in LiteLLM's maps; None where a catalogue does not have it."""

    price_provider: str | None
    price_model: str | None
    litellm_model: str | None


class ModelMatcher:
    """Finds the prices that a logged provider and model have, in the library by its own matching.

    `first`: models (provider, name) that the library or an earlier version of it has prices for; `second`: those of
    LiteLLM's maps.
    """

    def __init__(
        self,
        snapshot: DataSnapshot | None = None,
        first: Iterable[tuple[str, str]] = (),
        second: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._snapshot = snapshot or get_snapshot()
        self._known: dict[str, str] = {}
        self._staged = provider_names()
        book = list(priced_models(self._snapshot))
        self._names = {(p.price_provider, id(p.model)): p.price_model for p in book}
        ids = [*first, *((p.price_provider, p.price_model) for p in book)]
        self._ids = {(provider, name.lower()): name for provider, name in ids}
        keys = sorted((self._vendor(provider), key) for provider, key in second)
        self._keys = {(vendor, key.lower()): key for vendor, key in keys}
        for vendor, key in keys:
            for spelling in self._spellings(vendor, key.lower(), without_region=False):
                self._keys.setdefault((vendor, spelling), key)
        self._vendors = {vendor for vendor, _ in keys}

    def match(self, provider: str, model: str) -> Match:
        """The model is tried as logged, then without gateway, path and region prefixes. Where no provider is given, the
        model's prefix names it, or the one vendor whose models are called so. A provider that is given and not known
        has no price: it may run others' models at prices of its own, and the publisher's price would be a guess.
        Where the library matches nothing, the id that the model has in the book is a name of it, too.
        """
        reference = model.strip().lower()
        vendor = self._vendor(provider)
        if not vendor:
            vendor, reference = self._vendor_of_model(reference)
        spellings = list(self._spellings(vendor, reference)) if vendor else []
        library = self._of_library(vendor, spellings, is_trained=bool(TRAINED.search(reference)))
        tried = (name for spelling in spellings for name in (*self._routed(provider, spelling), spelling))
        key = next((self._keys[vendor, name] for name in tried if (vendor, name) in self._keys), None)
        return Match(vendor if library else None, library, key)

    def paid(self, model: str) -> str | None:
        """Who is paid for calls of which no provider is logged, by the name that all sources have; None where the
        model's name does not tell it. A bare name is its maker's own API, if that has a price for it.
        """
        name = model.strip().lower()
        if VERTEX_PATH.match(name) or (VERTEX_VERSION.match(name) and any(self.match("vertex_ai", model))):
            return "vertex_ai"
        vendor, rest = self._vendor_of_model(name)
        # Both of Google's APIs are one vendor in the library, which calls Bedrock by its cloud.
        told = name.removesuffix(rest).rstrip("/") or {"aws": "bedrock"}.get(vendor, vendor)
        provider = self._staged.get(told, told)
        found = self.match(provider, model)
        return provider if provider in CLOUDS or found.price_model or found.litellm_model else None

    def _routed(self, provider: str, spelling: str) -> Iterator[str]:
        """A model behind each name that gateways have for its provider: LiteLLM's key may have any of them."""
        logged = provider.strip().lower()
        staged = self._staged.get(logged, logged)
        for name in (logged, staged, *(name for name, known in self._staged.items() if known == staged)):
            yield f"{name}/{spelling}"

    def _of_library(self, vendor: str, spellings: list[str], is_trained: bool) -> str | None:
        provider = next((p for p in self._snapshot.providers if p.id == vendor), None)
        for spelling in spellings if provider else ():
            try:
                _, found = self._snapshot.find_provider_model(spelling, provider, None, None)
            except LookupError:
                continue
            name = self._names[vendor, id(found)]
            return name if not is_trained or TRAINED.search(name) else None
        return next((self._ids[vendor, name] for name in spellings if (vendor, name) in self._ids), None)

    def _vendor(self, name: str) -> str:
        """The vendor's id in the library; of one that it does not have, the name."""
        if name not in self._known:
            plain = PUBLISHER.sub(r"\1", name.strip().lower())
            found = find_provider_by_id(self._snapshot.providers, VENDOR_NAMES.get(plain, plain)) if plain else None
            self._known[name] = found.id if found else plain
        return self._known[name]

    def _vendor_of_model(self, reference: str) -> tuple[str, str]:
        prefix, _, rest = reference.partition("/")
        if rest and (prefix in ROUTE_PREFIXES or prefix in self._vendors):
            return self._vendor(prefix), rest
        if BEDROCK_ID.match(reference):
            return self._vendor("aws"), reference
        named = [p for p in self._snapshot.providers if p.model_match and p.model_match.is_match(reference)]
        return (named[0].id if len(named) == 1 else ""), reference

    def _spellings(self, vendor: str, reference: str, without_region: bool = True) -> Iterator[str]:
        """The reference as logged, then with one prefix after the other taken off."""
        while reference:
            yield reference
            prefix, _, rest = reference.partition("/")
            if rest and (prefix in ROUTE_PREFIXES or prefix == vendor) and self._vendor(prefix) == vendor:
                reference = rest
                continue
            shorter = [TRAINED_ID.sub(r"\1", reference)]
            shorter += [cut.sub("", reference) for cut in (REGION_SLASH, REGION_DOT, RESOURCE_PATH) if without_region]
            reference = next((cut for cut in shorter if cut != reference), "")
