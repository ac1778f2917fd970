"""Which price a logged name has: by the library's own matching, and by the keys of LiteLLM's maps."""

from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal as D

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from test_price_book import COUNTS_EVERYTHING, library_usage, sql_costs

from orchestration.ingest import price_book
from orchestration.ingest.model_names import ModelMatcher, provider_names
from orchestration.places import ROOT

MATCHES = [
    ("openai", "gpt-4o-mini-2024-07-18", "openai", "gpt-4o-mini"),
    ("openai", "openai/gpt-4o", "openai", "gpt-4o"),
    ("OpenAI", "GPT-4o", "openai", "gpt-4o"),
    ("anthropic", "claude-sonnet-4-20250514", "anthropic", "claude-sonnet-4-0"),
    (
        "bedrock",
        "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "aws",
        "regional.anthropic.claude-3-5-sonnet-20240620-v1:0",
    ),
    (
        "bedrock",
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "aws",
        "regional.anthropic.claude-sonnet-4-20250514-v1:0",
    ),
    (
        "bedrock_converse",
        "bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0",
        "aws",
        "regional.anthropic.claude-sonnet-4-20250514-v1:0",
    ),
    (
        "bedrock",
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "aws",
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ),
    ("bedrock", "bedrock/converse/apac.amazon.nova-lite-v1:0", "aws", "amazon.nova-lite-v1:0"),
    (
        "bedrock",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
        "aws",
        "amazon.nova-pro-v1:0",
    ),
    ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3", None, None),
    ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/a1b2c3", None, None),
    ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/a1b2c3", None, None),
    ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/amazon.nova-lite-v1:0/a1", None, None),
    ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:imported-model/meta.llama3-70b-instruct-v1:0", None, None),
    ("bedrock", "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0", "aws", "amazon.nova-pro-v1:0"),
    ("", "us.amazon.nova-pro-v1:0", "aws", "amazon.nova-pro-v1:0"),
    ("vertex_ai", "gemini-2.5-pro", "google", "gemini-2.5-pro"),
    ("vertex_ai_beta", "vertex_ai/gemini-2.5-flash", "google", "gemini-2.5-flash"),
    ("vertex_ai", "claude-sonnet-4-5@20250929", "google", "claude-sonnet-4-5"),
    (
        "vertex_ai",
        "projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro",
        "google",
        "gemini-2.5-pro",
    ),
    ("gemini", "gemini/gemini-2.0-flash", "google", "gemini-2.0-flash"),
    ("gemini", "models/gemini-2.5-flash", "google", "gemini-2.5-flash"),
    ("azure", "gpt-4o", "azure", "gpt-4o"),
    ("azure", "azure/eu/gpt-4o-2024-08-06", "azure", "gpt-4o"),
    ("azure_ai", "grok-3", "azure", "grok-3"),
    ("azure", "our-deployment", None, None),
    ("azure", "gpt-4o-prod", None, None),
    ("openai", "ft:gpt-4o-2024-08-06:acme:support:a1b2c3", "openai", "ft:gpt-4o"),
    ("openai", "ft:gpt-4o-mini-2024-07-18:acme::a1b2c3", "openai", "ft:gpt-4o-mini"),
    ("openai", "ft:o9-2027-01-01:acme::a1b2c3", None, None),
    ("mistral", "ft:mistral-large-latest:acme:20260101:a1b2c3", None, None),
    ("gemini", "tunedModels/gemini-2.5-flash-a1b2c3", None, None),
    ("vertex_ai", "projects/p/locations/us-central1/endpoints/4567890123", None, None),
    ("vertex_ai-anthropic_models", "vertex_ai/claude-sonnet-4-5@20250929", "google", "claude-sonnet-4-5"),
    ("together_ai", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
    ("fireworks_ai", "fireworks_ai/accounts/fireworks/models/deepseek-v3p2", "fireworks", "deepseek-v3p2"),
    ("fireworks_ai", "deepseek-v3p2", "fireworks", "deepseek-v3p2"),
    ("xai", "xai/grok-3-mini", "x-ai", "grok-3-mini"),
    ("mistral", "mistral-large-latest", "mistral", "mistral-large"),
    ("cohere_chat", "cohere_chat/command-r", "cohere", "command-r"),
    ("groq", "groq/openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b"),
    ("deepseek", "deepseek-chat", "deepseek", "deepseek-chat"),
    ("openrouter", "openrouter/openai/gpt-4o", "openrouter", "openai/gpt-4o"),
    ("openrouter", "anthropic/claude-3.5-sonnet", "openrouter", "anthropic/claude-3.5-sonnet"),
    ("litellm", "openai/gpt-4o", None, None),
    ("our-gateway", "gemini-2.5-pro", None, None),
    ("", "gpt-4o", "openai", "gpt-4o"),
    ("", "azure/gpt-4o", "azure", "gpt-4o"),
    ("", "grok-or-claude", None, None),
    ("", "llama-3.3-70b", None, None),
    ("", "", None, None),
    ("openai", "", None, None),
    ("openai", "no-such-model", None, None),
    ("anthropic", "gpt-4o", None, None),
    ("ollama", "deepseek-r1", None, None),
    ("hosted_vllm", "gpt-oss-120b", None, None),
    ("huggingface", "deepseek-ai/DeepSeek-V3", None, None),
]


@pytest.fixture(scope="module")
def matcher() -> ModelMatcher:
    return ModelMatcher()


@pytest.mark.parametrize(("provider", "model", "price_provider", "price_model"), MATCHES)
def test_a_logged_name_finds_its_price(
    matcher: ModelMatcher, provider: str, model: str, price_provider: str | None, price_model: str | None
) -> None:
    assert matcher.match(provider, model)[:2] == (price_provider, price_model)


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o", "openai"),
        ("claude-sonnet-4-5", "anthropic"),
        ("gemini-2.5-pro", "google"),
        ("models/gemini-2.5-pro", "google"),
        ("gemini/gemini-2.5-pro", "google"),
        ("vertex_ai/gemini-2.5-pro", "vertex_ai"),
        ("publishers/google/models/gemini-2.5-pro", "vertex_ai"),
        ("claude-sonnet-4-5@20250929", "vertex_ai"),
        ("amazon.nova-lite-v1:0", "bedrock"),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock"),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", "bedrock"),
        ("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3", "bedrock"),
        ("bedrock_converse/eu.amazon.nova-lite-v1:0", "bedrock"),
        ("azure/gpt-4o", "azure"),
        ("azure/our-deployment", "azure"),
        ("xai/grok-3-mini", "x-ai"),
        ("@cf/meta/llama-3.1-8b-instruct", "cloudflare"),
        ("grok-or-claude", None),
        ("llama-3.3-70b", None),
        ("gpt-of-our-own", None),
        ("our-ranker@3", None),
        ("ft:gpt-4o-2024-08-06:acme:support:a1b2c3", None),
        ("", None),
    ],
)
def test_the_name_of_a_model_tells_who_is_paid_where_only_one_vendors_is_spelled_so(
    matcher: ModelMatcher, model: str, provider: str | None
) -> None:
    assert matcher.paid(model) == provider


def test_a_match_names_a_row_of_the_book_and_the_library_prices_it_alike(matcher: ModelMatcher) -> None:
    """Also where a provider sells another's model and the library then ignores the owner's batch price."""
    called_at, tokens = datetime(2026, 10, 1, 12), COUNTS_EVERYTHING | {"input_uncached": 1_000, "output": 1_000}
    book = price_book.price_rows()
    calls, expected = [], []
    for provider, model, *_ in MATCHES:
        price_provider, price_model, _ = matcher.match(provider, model)
        for tier, context in {"standard": {}, "batch": {"processing": "batch"}}.items():
            if price_provider is None:
                continue
            try:
                price = genai_prices.calc_price(
                    library_usage(tokens),
                    model,
                    provider_id=price_provider,
                    genai_request_timestamp=called_at,
                    price_context=context,
                ).total_price
            except LookupError:  # the library alone does not know the gateway's spelling
                continue
            names = {"price_provider": price_provider, "price_model": price_model, "service_tier": tier}
            calls.append({"call_no": len(calls), **names, "called_at": called_at, **tokens})
            expected.append(price)
    assert len(calls) > 30
    costs = sql_costs(book, calls)
    assert [no for no, price in enumerate(expected) if abs(costs[no] - price) >= D("1e-9")] == []


def test_a_fine_tune_never_has_the_price_of_the_model_that_it_came_from(matcher: ModelMatcher) -> None:
    """Of every model of the book, by every vendor's way to name what somebody trained."""
    found = {}
    for priced in price_book.priced_models(get_snapshot()):
        for name in (
            f"ft:{priced.price_model}:acme::a1b2c3",
            f"{priced.price_model}.ft-a1b2c3",
            f"arn:aws:bedrock:us-east-1:123456789012:custom-model/{priced.price_model}:1/a1b2c3",
            f"tunedModels/{priced.price_model}",
        ):
            match = matcher.match(priced.price_provider, name)
            if match.price_model:
                found[match.price_provider, match.price_model] = name
    assert {model for _, model in found} >= {"ft:gpt-4o", "ft:gpt-4o-mini"}
    assert [name for (_, model), name in found.items() if "ft" not in model] == []


KEYS = [
    ("openai", "gpt-4o"),
    ("azure", "azure/gpt-4o"),
    ("azure", "azure/eu/gpt-4o-2024-08-06"),
    ("bedrock_converse", "us.amazon.nova-pro-v1:0"),
    ("bedrock", "amazon.nova-pro-v1:0"),
    ("gemini", "gemini/gemini-2.5-pro"),
    ("vertex_ai-language-models", "gemini-2.5-pro"),
    ("vertex_ai-anthropic_models", "vertex_ai/claude-sonnet-4-5@20250929"),
    ("dashscope", "dashscope/qwen-flash"),
    ("openai", "ft:gpt-4o-2024-08-06"),
    ("together_ai", "together_ai/meta-llama/Llama-4-Scout"),
]


@pytest.mark.parametrize(
    ("provider", "model", "key"),
    [
        ("openai", "gpt-4o", "gpt-4o"),
        ("OpenAI", "openai/GPT-4o", "gpt-4o"),
        ("openai", "gpt-4o-2024-05-13", None),
        ("azure", "gpt-4o", "azure/gpt-4o"),
        ("azure", "eu/gpt-4o-2024-08-06", "azure/eu/gpt-4o-2024-08-06"),
        ("azure", "us/gpt-4o-2024-08-06", None),
        ("bedrock", "us.amazon.nova-pro-v1:0", "us.amazon.nova-pro-v1:0"),
        ("bedrock", "eu.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("bedrock", "bedrock/converse/apac.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("gemini", "gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        ("vertex_ai", "gemini-2.5-pro", "gemini-2.5-pro"),
        ("vertex_ai", "claude-sonnet-4-5@20250929", "vertex_ai/claude-sonnet-4-5@20250929"),
        ("dashscope", "qwen-flash", "dashscope/qwen-flash"),
        ("", "dashscope/qwen-flash", "dashscope/qwen-flash"),
        ("", "qwen-flash", None),
        ("openai", "ft:gpt-4o-2024-08-06:acme:support:a1b2c3", "ft:gpt-4o-2024-08-06"),
        ("openai", "ft:gpt-4o-2027-01-01:acme::a1b2c3", None),
        (
            "together_ai",
            "meta-llama/Llama-4-Scout",
            "together_ai/meta-llama/Llama-4-Scout",
        ),
        ("our-gateway", "gpt-4o", None),
    ],
)
def test_a_logged_name_finds_its_key_in_litellms_maps(provider: str, model: str, key: str | None) -> None:
    matcher = ModelMatcher(second=KEYS)
    assert matcher.match(provider, model).litellm_model == key
    # The same by the name that staging gives the provider.
    assert matcher.match(provider_names().get(provider, provider), model).litellm_model == key


def test_a_model_that_the_library_no_longer_names_is_still_found_by_its_name() -> None:
    assert ModelMatcher().match("openai", "gpt-of-old").price_model is None
    assert (
        ModelMatcher(first=[("openai", "gpt-of-old")]).match("openai", "openai/gpt-of-old").price_model == "gpt-of-old"
    )


def test_what_each_provider_of_models_bills_is_ai_by_default() -> None:
    """Under the name that bills and calls have in all sources."""
    with (ROOT / "seeds" / "company" / "ai_scope.csv").open(encoding="utf-8", newline="") as file:
        vendors = {row["vendor"] for row in csv.DictReader(file) if row["category"] == "model API"}
    names = provider_names()
    assert set(names.values()) | {"cerebras", "cohere", "deepseek", "groq"} <= vendors
    assert {names.get(vendor, vendor) for vendor in vendors} == vendors
