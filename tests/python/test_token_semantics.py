"""Law 7 on real bodies: each gives the tokens that its provider counts, every token in one class.

How the recorded bodies are read. The file counts as the library genai-prices does, where a count includes its parts:

- input_tokens: our uncached input, cache reads and writes, audio and images together. output_tokens: our output,
  reasoning, audio and images together. cache_write_tokens: our writes of both times to live.
- input_audio_tokens, input_image_tokens and input_video_tokens include what was read from a cache; ours do not. Video
  is seen as images.
- input_text_tokens, output_text_tokens and the tokens of tools (input_tool_tokens) have no class of their own: they are
  the rest of our uncached input and output.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import warehouse
from genai_prices.data import providers

from orchestration.ingest import SOURCES, ingest_source
from orchestration.ingest.model_names import provider_names
from orchestration.ingest.sources.llm_calls import API_FLAVOURS
from orchestration.places import ROOT, Places

CLASSES = (
    "input_uncached cache_read cache_write_5m cache_write_1h output reasoning"
    " audio_input audio_output image_input image_output"
).split()
SEED = list(csv.DictReader((ROOT / "seeds" / "reference" / "token_semantics.csv").open(encoding="utf-8")))


def test_each_provider_that_counts_in_its_own_way_is_named_as_staging_names_it() -> None:
    names = provider_names()
    providers = {row["provider"] for row in SEED if row["provider"]}
    assert {names.get(provider, provider) for provider in providers} == providers


# --- the 943 recorded bodies


class Owner(NamedTuple):
    """Whose a body is: the first whose pattern is found in it. `provider`: our name; the rest are the library's."""

    pattern: str
    provider: str
    library_provider: str
    library_flavour: str


OWNERS = [
    Owner(r'"usageMetadata"', "google", "google", "default"),
    Owner(r'"inputTokens"', "bedrock", "aws", "default"),
    Owner(r'"billed_units".*"tokens"', "cohere", "cohere", "default"),
    Owner(r'"meta"', "cohere", "cohere", "embeddings"),
    # The file knows no other reader of OpenRouter's and of Amazon's Responses than OpenAI's.
    Owner(r"openrouter.*input_tokens_details", "openrouter", "openai", "responses"),
    Owner(r"bedrock_mantle", "bedrock", "openai", "responses"),
    Owner(r"openrouter|qwen-nested-model", "openrouter", "openrouter", "chat"),
    Owner(r'"model": "gemini', "google", "google", "chat"),
    Owner(r'bedrock.*"model": "claude', "bedrock", "aws", "anthropic"),
    Owner(r'"model": "claude', "anthropic", "anthropic", "default"),
    Owner(r"test_azure_", "azure", "azure", "responses"),
    Owner(r"groq", "groq", "groq", "default"),
    Owner(r"cerebras", "cerebras", "cerebras", "chat"),
    Owner(r"huggingface", "huggingface", "huggingface_together", "chat"),
    Owner(r"test_deepseek", "deepseek", "deepseek", "chat"),
    Owner(r"test_zai", "zai", "zai", "chat"),
    Owner(r'mistral.*"model": "(mistral|magistral|pixtral)', "mistral", "mistral", "default"),
    Owner(r'"input_tokens_details"', "openai", "openai", "responses"),
    Owner(r'"model": "text-embedding', "openai", "openai", "embeddings"),
    Owner(r"test_ollama", "ollama", "openai", "chat"),  # a program on one's own machine that speaks OpenAI's API
    Owner(r"", "openai", "openai", "chat"),
]


class Recorded(NamedTuple):
    usage: dict[str, Any]  # as the provider returned it
    model: str | None
    owner: Owner
    tokens: dict[str, int]  # as the file normalises them for the owner
    others: dict[tuple[str, str], dict[str, int]]  # the same for every (library's provider, flavour)


def recorded(real_data: Path) -> list[Recorded]:
    found = []
    for entry in json.loads((real_data / "provider_usage_bodies" / "usages_with_expected_prices.json").read_text()):
        text = json.dumps(entry["body"])
        owner = next(owner for owner in OWNERS if re.search(owner.pattern, text))
        others = {
            (reader["provider_id"], reader["api_flavor"]): extracted["usage"]
            for extracted in entry["extracted"]
            for reader in extracted["extractors"]
        }
        [usage] = [entry["body"][key] for key in ("usage", "usageMetadata", "meta") if key in entry["body"]]
        tokens = others[owner.library_provider, owner.library_flavour]
        found.append(Recorded(usage, entry.get("model"), owner, tokens, others))
    return found


def as_ours(usage: dict[str, int]) -> dict[str, int]:
    """The library's counts, without what they hold of one another, as far as our classes tell them apart."""
    left = dict(usage)

    def take(*names: str) -> int:
        return sum(left.pop(name, 0) for name in names)

    split = {name: left[f"{name}_tokens"] for name in ("cache_write_5m", "cache_write_1h") if f"{name}_tokens" in left}
    take("cache_write_5m_tokens", "cache_write_1h_tokens")
    # Not told apart here, but parts of the totals.
    take(
        "input_text_tokens",
        "input_tool_tokens",
        "input_text_tool_tokens",
        "output_text_tokens",
        "cache_text_read_tokens",
    )
    seen = take("cache_image_read_tokens", "cache_video_read_tokens")
    found = split | {
        "all_input": take("input_tokens"),
        "all_output": take("output_tokens"),
        "cache_read": take("cache_read_tokens"),
        "cache_write": take("cache_write_tokens"),
        "reasoning": take("output_reasoning_tokens"),
        "audio_input": take("input_audio_tokens") - take("cache_audio_read_tokens"),
        "audio_output": take("output_audio_tokens"),
        "image_input": take("input_image_tokens", "input_video_tokens") - seen,
        "image_output": take("output_image_tokens"),
        "web_searches": take("web_searches"),
    }
    assert not left, left
    return found


def compared(row: dict[str, Any], with_: dict[str, int]) -> dict[str, int]:
    """A call's classes, in the counts that `with_` has."""
    known = {name: row[name] or 0 for name in (*CLASSES, "web_searches")}
    known["cache_write"] = known["cache_write_5m"] + known["cache_write_1h"]
    known["all_input"] = sum(
        known[name] for name in ("input_uncached", "cache_read", "cache_write", "audio_input", "image_input")
    )
    known["all_output"] = sum(known[name] for name in ("output", "reasoning", "audio_output", "image_output"))
    return {name: known[name] for name in with_}


def rows(places: Places, prefix: str) -> dict[str, dict[str, Any]]:
    """The calls whose id begins so: the rest of the id -> its classes and what else is looked at."""
    names = [*CLASSES, "web_searches", "seconds", "reported_tokens", "has_token_mismatch", "unpriced_reason"]
    columns = [f"{name}_tokens" if name in CLASSES else name for name in names]
    calls = "intermediate.int_calls_priced"
    found = warehouse.rows(
        places.warehouse,
        f"select call_id, {', '.join(columns)} from {calls} where starts_with(call_id, '{prefix}')",
    )
    return {key.removeprefix(prefix): dict(zip(names, row, strict=True)) for key, *row in found}


@pytest.fixture(scope="module")
def bodies(real_data: Path) -> list[Recorded]:
    return recorded(real_data)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, bodies: list[Recorded]) -> Places:
    """The bodies as JSON objects in JSON Lines with their provider, and as text in CSV without."""
    base = tmp_path_factory.mktemp("bodies")
    folder = base / "landing" / "llm_calls"
    folder.mkdir(parents=True)
    at = "2026-10-01T10:00:00Z"
    with (folder / "bodies.jsonl").open("w") as lines, (folder / "bodies.csv").open("w", newline="") as table:
        texts = csv.writer(table)
        texts.writerow(["call_id", "called_at", "usage"])
        for number, one in enumerate(bodies):
            call = {"call_id": f"json-{number}", "called_at": at, "provider": one.owner.provider, "model": one.model}
            lines.write(json.dumps(call | {"usage": one.usage}) + "\n")
            texts.writerow([f"text-{number}", at, json.dumps(one.usage)])
            if one.usage.get("billed_units") and one.usage.get("tokens"):
                usage = {key: value for key, value in one.usage.items() if key != "billed_units"}
                lines.write(json.dumps(call | {"call_id": f"unbilled-{number}", "usage": usage}) + "\n")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    warehouse.build(places, "int_calls_priced", "int_findings")
    return places


def test_each_body_gives_exactly_the_tokens_recorded_beside_it(built: Places, bodies: list[Recorded]) -> None:
    found = rows(built, "json-")
    assert len(found) == len(bodies) == 943
    wrong = {}
    for number, one in enumerate(bodies):
        expected = as_ours(one.tokens)
        if compared(found[str(number)], expected) != expected:
            wrong[number] = (one.usage, expected, found[str(number)])
    assert not wrong
    owners = {one.owner for one in bodies}
    print(
        f"\n{len(bodies)} bodies of {len({owner.provider for owner in owners})} providers in "
        f"{len({owner[2:] for owner in owners})} flavours give the recorded tokens"
    )


def test_a_body_tells_its_flavour_itself_as_a_json_object_and_as_text(built: Places) -> None:
    def told(prefix: str) -> dict[str, dict]:
        return {key: row | {"unpriced_reason": None} for key, row in rows(built, prefix).items()}

    assert told("text-") == told("json-")


def test_what_cohere_counts_is_read_where_it_does_not_tell_what_it_bills(built: Places, bodies: list[Recorded]) -> None:
    found = rows(built, "unbilled-")
    assert len(found) == 10
    for number, row in found.items():
        expected = as_ours(bodies[int(number)].others["cohere", "tokens"])
        assert compared(row, expected) == expected


def total(usage: dict[str, Any]) -> int | None:
    return usage.get("total_tokens", usage.get("totalTokens", usage.get("totalTokenCount")))


def advised(usage: dict[str, Any]) -> int:
    others = [one for one in usage.get("iterations", ()) if "model" in one]
    return sum(one["input_tokens"] + one["output_tokens"] for one in others)


class Doubt(NamedTuple):
    """What we believe to be wrong in the file. `holds`: whether it is so of a body."""

    reason: str
    bodies: int
    holds: Callable[[Recorded], bool]


HIDDEN_THINKING = Doubt(
    "Through OpenAI's API, Google tells of thinking in the total alone. It is charged; the file has it nowhere.",
    1,
    lambda one: total(one.usage) not in (None, one.tokens["input_tokens"] + one.tokens.get("output_tokens", 0)),
)
DOUBTS = [
    HIDDEN_THINKING,
    Doubt(
        "An advisor's tokens are charged, at its own model's price. The file has them nowhere; here they are no part of"
        " the call either.",
        1,
        lambda one: advised(one.usage) > 0,
    ),
    Doubt(
        "Mistral's num_cached_tokens tell of reads from its cache. What costs less, its documentation finds in"
        " prompt_tokens_details alone, so that we follow the file and count them as uncached.",
        19,
        lambda one: one.usage.get("num_cached_tokens", 0) > 0 and "cache_read_tokens" not in one.tokens,
    ),
    Doubt(
        "The body tells the time to live of what was written, which has its own price. The file has the sum alone.",
        3,
        lambda one: (
            one.tokens.get("cache_write_tokens", 0) > 0
            and not {"cache_write_5m_tokens", "cache_write_1h_tokens"} & set(one.tokens)
            and ("cacheDetails" in one.usage or "cache_creation" in one.usage)
        ),
    ),
]


@pytest.mark.parametrize("doubt", DOUBTS, ids=lambda doubt: doubt.reason.split(".")[0])
def test_what_we_doubt_in_the_file_is_still_so(doubt: Doubt, bodies: list[Recorded]) -> None:
    assert sum(doubt.holds(one) for one in bodies) == doubt.bodies


def test_the_classes_add_up_to_the_total_of_the_body_or_the_call_says_so(built: Places, bodies: list[Recorded]) -> None:
    said = set()
    for number, row in rows(built, "json-").items():
        usage = bodies[int(number)].usage
        assert row["reported_tokens"] == total(usage)
        differs = total(usage) not in (None, sum(row[name] or 0 for name in CLASSES))
        assert row["has_token_mismatch"] == differs
        if differs:
            said.add(int(number))
    assert said == {number for number, one in enumerate(bodies) if HIDDEN_THINKING.holds(one)}
    findings = "select sum(record_count) from intermediate.int_findings where finding = 'tokens_do_not_add_up'"
    assert warehouse.rows(built.warehouse, findings) == [(2 * len(said),)]  # as an object and as text
    assert sum(total(one.usage) is not None for one in bodies) == 792


# --- bodies that the file does not have


class Written(NamedTuple):
    """A body, and all tokens that a person counts from it. `library`: who else reads it."""

    name: str
    call: dict[str, Any]
    tokens: dict[str, int]
    library: tuple[str, str] | None = None


def by(provider: str | None, usage: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"provider": provider, "usage": usage, **more}


def modal(name: str, **counts: int) -> list[dict[str, Any]]:
    return [{"modality": modality, name: count} for modality, count in counts.items()]


XAI = {
    "prompt_tokens": 32,
    "completion_tokens": 9,
    "total_tokens": 135,
    "prompt_tokens_details": {"text_tokens": 32, "cached_tokens": 6},
    "completion_tokens_details": {"reasoning_tokens": 94},
}
XAI_TOKENS = {"input_uncached": 26, "cache_read": 6, "output": 9, "reasoning": 94}
CLAUDE = {
    "input_tokens": 3,
    "cache_read_input_tokens": 100,
    "cache_creation_input_tokens": 50,
    "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30},
    "output_tokens": 44,
    "output_tokens_details": {"thinking_tokens": 4},
    "server_tool_use": {"web_search_requests": 2},
}
CLAUDE_TOKENS = {
    "input_uncached": 3,
    "cache_read": 100,
    "cache_write_5m": 20,
    "cache_write_1h": 30,
    "output": 40,
    "reasoning": 4,
    "web_searches": 2,
}
WRITTEN = [
    Written("xAI counts reasoning beside the completion", by("xai", XAI), XAI_TOKENS, ("x-ai", "chat")),
    Written(
        "LangChain's own form of OpenAI's counts",
        by(
            "openai",
            {
                "input_tokens": 350,
                "output_tokens": 240,
                "total_tokens": 590,
                "input_token_details": {"audio": 10, "cache_creation": 0, "cache_read": 100},
                "output_token_details": {"audio": 5, "reasoning": 200},
            },
        ),
        {
            "input_uncached": 240,
            "audio_input": 10,
            "cache_read": 100,
            "output": 35,
            "audio_output": 5,
            "reasoning": 200,
        },
    ),
    Written(
        "LangChain's form of Anthropic's counts, which holds caches inside the input",
        by(
            "anthropic",
            {
                "input_tokens": 160,
                "output_tokens": 40,
                "total_tokens": 200,
                "input_token_details": {
                    "cache_creation": 0,
                    "cache_read": 100,
                    "ephemeral_5m_input_tokens": 20,
                    "ephemeral_1h_input_tokens": 30,
                },
            },
        ),
        {"input_uncached": 10, "cache_read": 100, "cache_write_5m": 20, "cache_write_1h": 30, "output": 40},
    ),
    Written("a call may name its flavour", by(None, XAI, api_flavour="xAI_chat"), XAI_TOKENS),
    Written(
        "xAI's own SDK",
        by(
            "x-ai",
            {"prompt_tokens": 40, "cached_prompt_text_tokens": 10, "completion_tokens": 5, "reasoning_tokens": 20},
        ),
        {"input_uncached": 30, "cache_read": 10, "output": 5, "reasoning": 20},
        ("x-ai", "default"),
    ),
    Written(
        "Perplexity's citations are read, and so input",
        by(
            "perplexity",
            {
                "prompt_tokens": 33,
                "completion_tokens": 7163,
                "total_tokens": 7196,
                "citation_tokens": 20016,
                "num_search_queries": 18,
                "reasoning_tokens": 73997,
            },
        ),
        {"input_uncached": 20049, "output": 7163, "reasoning": 73997, "web_searches": 18},
    ),
    Written(
        "DeepSeek's hits lie in the prompt",
        by(
            "deepseek",
            {
                "prompt_tokens": 100,
                "prompt_cache_hit_tokens": 64,
                "prompt_cache_miss_tokens": 36,
                "completion_tokens": 20,
                "completion_tokens_details": {"reasoning_tokens": 15},
            },
        ),
        {"input_uncached": 36, "cache_read": 64, "output": 5, "reasoning": 15},
    ),
    Written(
        "Moonshot's cached tokens lie in the prompt",
        by("moonshot", {"prompt_tokens": 100, "completion_tokens": 20, "cached_tokens": 60, "total_tokens": 120}),
        {"input_uncached": 40, "cache_read": 60, "output": 20},
    ),
    Written(
        "Databricks has Anthropic's names in OpenAI's form",
        by(
            "databricks",
            {"prompt_tokens": 100, "cache_read_input_tokens": 80, "completion_tokens": 9, "reasoning_tokens": 4},
        ),
        {"input_uncached": 20, "cache_read": 80, "output": 5, "reasoning": 4},
        ("databricks", "chat"),
    ),
    Written(
        "audio and cache writes lie in the totals",
        by(
            "openrouter",
            {
                "prompt_tokens": 100,
                "completion_tokens": 50,
                "prompt_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 20, "audio_tokens": 30},
                "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 15},
            },
        ),
        {
            "input_uncached": 40,
            "cache_read": 10,
            "cache_write_5m": 20,
            "audio_input": 30,
            "output": 30,
            "reasoning": 5,
            "audio_output": 15,
        },
        ("openrouter", "chat"),
    ),
    Written(
        "an embedding is all input",
        by("openai", {"prompt_tokens": 8, "total_tokens": 8}),
        {"input_uncached": 8},
        ("openai", "embeddings"),
    ),
    Written(
        "an image made from an image",
        by(
            "openai",
            {
                "input_tokens": 50,
                "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
                "output_tokens": 4160,
                "output_tokens_details": {"text_tokens": 60, "image_tokens": 4100},
                "total_tokens": 4210,
            },
        ),
        {"input_uncached": 10, "image_input": 40, "output": 60, "image_output": 4100},
        ("openai", "images"),
    ),
    Written(
        "a transcription charged by tokens",
        by(
            "openai",
            {
                "type": "tokens",
                "input_tokens": 14,
                "input_token_details": {"text_tokens": 2, "audio_tokens": 12},
                "output_tokens": 45,
            },
        ),
        {"input_uncached": 2, "audio_input": 12, "output": 45},
    ),
    Written(
        "a transcription charged by time",
        by("openai", {"type": "duration", "seconds": 27}),
        {"seconds": 27},
    ),
    Written(
        "audio read from a cache counts once",
        by(
            "openai",
            {
                "input_tokens": 132,
                "input_token_details": {
                    "text_tokens": 99,
                    "audio_tokens": 33,
                    "cached_tokens": 64,
                    "cached_tokens_details": {"text_tokens": 50, "audio_tokens": 14},
                },
                "output_tokens": 121,
                "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
            },
            api_flavour="openai_realtime",
        ),
        {"input_uncached": 49, "cache_read": 64, "audio_input": 19, "output": 30, "audio_output": 91},
        ("openai", "realtime"),
    ),
    Written(
        "Anthropic tells its parts beside each other", by("anthropic", CLAUDE), CLAUDE_TOKENS, ("anthropic", "default")
    ),
    Written("so does Bedrock with Anthropic's body", by("aws_bedrock", CLAUDE), CLAUDE_TOKENS),
    Written(
        "what a compaction read and wrote is charged, an advisor's tokens are another model's",
        by(
            "anthropic",
            {
                "service_tier": "standard",
                "speed": "fast",
                "input_tokens": 23000,
                "output_tokens": 1000,
                "cache_read_input_tokens": 5,
                "iterations": [
                    {"type": "compaction", "input_tokens": 180000, "output_tokens": 3500, "cache_read_input_tokens": 7},
                    {"type": "message", "input_tokens": 23000, "output_tokens": 1000, "cache_read_input_tokens": 5},
                    {"type": "advisor_message", "model": "claude-opus-4-8", "input_tokens": 9, "output_tokens": 9},
                ],
            },
        ),
        {"input_uncached": 203000, "cache_read": 12, "output": 4500},
    ),
    Written(
        "Converse tells the times to live in a list",
        by(
            "bedrock",
            {
                "inputTokens": 3,
                "outputTokens": 61,
                "cacheReadInputTokens": 2074,
                "cacheWriteInputTokens": 297,
                "cacheDetails": [{"ttl": "1h", "inputTokens": 200}, {"ttl": "5m", "inputTokens": 97}],
                "totalTokens": 2435,
            },
        ),
        {"input_uncached": 3, "cache_read": 2074, "cache_write_5m": 97, "cache_write_1h": 200, "output": 61},
        ("aws", "default"),
    ),
    Written(
        "Gemini thinks and reads its tools' results outside of its totals",
        by(
            "vertex_ai",
            {
                "promptTokenCount": 500,
                "promptTokensDetails": modal("tokenCount", TEXT=100, AUDIO=150, VIDEO=200, IMAGE=50),
                "cachedContentTokenCount": 90,
                "cacheTokensDetails": modal("tokenCount", TEXT=10, AUDIO=50, VIDEO=30),
                "toolUsePromptTokenCount": 25,
                "candidatesTokenCount": 70,
                "candidatesTokensDetails": modal("tokenCount", TEXT=10, IMAGE=60),
                "thoughtsTokenCount": 8,
                "totalTokenCount": 603,
            },
        ),
        {
            "input_uncached": 115,
            "cache_read": 90,
            "audio_input": 100,
            "image_input": 220,
            "output": 10,
            "image_output": 60,
            "reasoning": 8,
        },
        ("google", "default"),
    ),
    Written(
        "Gemini as its SDK for Python writes it",
        by(
            "google",
            {
                "prompt_token_count": 50,
                "prompt_tokens_details": modal("token_count", TEXT=20, AUDIO=30),
                "candidates_token_count": 7,
                "thoughts_token_count": 3,
                "total_token_count": 60,
            },
        ),
        {"input_uncached": 20, "audio_input": 30, "output": 7, "reasoning": 3},
    ),
    Written(
        "the AI SDK of Vercel",
        by(
            "openai",
            {"inputTokens": 100, "cachedInputTokens": 40, "outputTokens": 20, "reasoningTokens": 5, "totalTokens": 120},
        ),
        {"input_uncached": 60, "cache_read": 40, "output": 15, "reasoning": 5},
    ),
    Written(
        "classes that are given count, whatever the body says",
        by("anthropic", CLAUDE, input_uncached_tokens=7, output_tokens=1, web_searches=5),
        {"input_uncached": 7, "output": 1, "web_searches": 5},
    ),
    Written(
        "where only the output is given, the body tells the input",
        by("anthropic", CLAUDE, output_tokens=50),
        {name: count for name, count in CLAUDE_TOKENS.items() if name not in ("output", "reasoning")} | {"output": 50},
    ),
    Written("a body of an unknown form tells nothing", by("openai", {"tokens_used": 5, "content": "none"}), {}),
]


# The same call in four ways in which usage gets into Langfuse, and as LiteLLM keeps it.
CARRIED_TOKENS = {"input_uncached": 60, "cache_read": 40, "output": 9, "reasoning": 3}
CARRIED = {
    "Langfuse's own types exclude each other": {
        "input": 60,
        "input_cached_tokens": 40,
        "output": 9,
        "output_reasoning_tokens": 3,
    },
    "LiteLLM's parts lie in the totals that it writes into Langfuse": {
        "input": 100,
        "cache_read_input_tokens": 40,
        "output": 12,
        "output_reasoning_tokens": 3,
        "total": 112,
    },
    "Langfuse's own types add up to its total": {
        "input": 60,
        "input_cached_tokens": 40,
        "output": 9,
        "output_reasoning_tokens": 3,
        "total": 112,
    },
    "OpenInference's parts lie in Langfuse's totals": {
        "input": 100,
        "prompt_details.cache_read": 40,
        "output": 12,
        "completion_details.reasoning": 3,
    },
    "OpenAI's body in Langfuse": {
        "prompt_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 40},
        "completion_tokens": 12,
        "completion_tokens_details": {"reasoning_tokens": 3},
    },
    "Gemini's body in Langfuse": {
        "promptTokenCount": 90,
        "toolUsePromptTokenCount": 10,
        "cachedContentTokenCount": 40,
        "candidatesTokenCount": 9,
        "thoughtsTokenCount": 3,
    },
    "OpenAI's Responses in Langfuse": {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 40},
        "output_tokens": 12,
        "output_tokens_details": {"reasoning_tokens": 3},
    },
    "Anthropic's body in Langfuse": {
        "input_tokens": 60,
        "cache_read_input_tokens": 40,
        "output_tokens": 12,
        "output_tokens_details": {"thinking_tokens": 3},
    },
}
# What Anthropic wrote to its caches, as it gets into Langfuse.
WRITES = {
    "by LangChain's handler, which takes them out of the input": {
        "input": 10,
        "input_cache_read": 40,
        "input_cache_creation": 0,
        "input_ephemeral_5m_input_tokens": 20,
        "input_ephemeral_1h_input_tokens": 30,
        "output": 9,
        "total": 109,
    },
    "by LiteLLM's callback, which leaves them in the input": {
        "input": 60,
        "cache_read_input_tokens": 40,
        "cache_creation_input_tokens": 50,
        "cache_creation_ephemeral_1h_input_tokens": 30,
        "output": 9,
        "total": 109,
    },
    "with the sum of them beside": {
        "input": 10,
        "cache_read_input_tokens": 40,
        "cache_creation_input_tokens": 50,
        "cache_creation_ephemeral_5m_input_tokens": 20,
        "cache_creation_ephemeral_1h_input_tokens": 30,
        "output": 9,
    },
}
# What LiteLLM keeps is in OpenAI's form, whoever answered; older rows have the parts alone.
BY_LITELLM = {"all of it": "usage_object", "the parts alone": "additional_usage_values"}
# The same call, as instrumentations tell the parts that the convention had no names for.
DETAILS = "langfuse.observation.usage_details"
GEN_AI = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10}
AI_SDK = {
    "ai.usage.inputTokens": 100,
    "ai.usage.outputTokens": 10,
    "ai.usage.inputTokenDetails.cacheReadTokens": 60,
    "ai.usage.inputTokenDetails.cacheWriteTokens": 10,
    "ai.usage.outputTokenDetails.reasoningTokens": 4,
}
SPANS = {
    "AI SDK 6, alone": AI_SDK,
    "AI SDK 6, beside the convention": AI_SDK | GEN_AI | {"ai.usage.cachedInputTokens": 60},
    "Pydantic AI": GEN_AI
    | {
        "gen_ai.usage.details.cache_read_tokens": 60,
        "gen_ai.usage.details.cache_write_tokens": 10,
        "gen_ai.usage.details.reasoning_tokens": 4,
    },
    "a provider's body with sums and lists by Langfuse's SDK": {
        DETAILS: json.dumps(
            {
                "input_tokens": 20,
                "cache_read_input_tokens": 60,
                "cache_creation_input_tokens": 10,
                "output_tokens": 7,
                "output_tokens_details": {"thinking_tokens": 4},
                "iterations": [{"type": "compaction", "input_tokens": 10, "output_tokens": 3}],
            }
        )
    },
    "Langfuse's SDK": {
        DETAILS: json.dumps(
            {
                "input": 30,
                "input_cached_tokens": 60,
                "input_cache_creation": 10,
                "output": 6,
                "output_reasoning_tokens": 4,
                "total": 110,
            }
        )
    },
}
STAGED = ("stg_llm_calls__calls", "stg_langfuse__calls", "stg_litellm__spend_logs", "stg_otel__calls")


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The hand-written bodies."""
    base = tmp_path_factory.mktemp("written")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    at = "2026-10-01T10:00:00Z"
    generation = {"type": "GENERATION", "startTime": at, "traceId": "t"}
    details = {
        "cached_tokens": 40,
        "cache_creation_tokens": 5,
        "cache_creation_token_details": {"ephemeral_1h_input_tokens": 2},
    }
    landed = {
        "llm_calls": [{"call_id": one.name, "called_at": at, **one.call} for one in WRITTEN],
        "langfuse": [{**generation, "id": name, "usageDetails": usage} for name, usage in (CARRIED | WRITES).items()],
        "litellm": [
            {
                "request_id": name,
                "startTime": at,
                "model": "claude-sonnet-4-5",
                "custom_llm_provider": "anthropic",
                "prompt_tokens": 100,
                "completion_tokens": 12,
                "metadata": {where: {"prompt_tokens": 100, "prompt_tokens_details": details}},
            }
            for name, where in BY_LITELLM.items()
        ],
    }
    spans = [
        {
            "traceId": "t",
            "spanId": name,
            "startTimeUnixNano": "1790848800000000000",
            "attributes": [
                {"key": key, "value": {"stringValue" if isinstance(count, str) else "intValue": str(count)}}
                for key, count in told.items()
            ],
        }
        for name, told in SPANS.items()
    ]
    spans += [
        {**spans[0], "spanId": name, "attributes": [{"key": DETAILS, "value": {"stringValue": json.dumps(usage)}}]}
        for name, usage in (CARRIED | WRITES).items()
    ]
    landed["otel"] = [{"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}]
    for source, records in landed.items():
        file = places.landing / source / "calls.jsonl"
        file.parent.mkdir(parents=True)
        file.write_text("".join(json.dumps(record) + "\n" for record in records))
    warehouse.build(places, *STAGED)
    return places


@pytest.fixture(scope="module")
def written(staged: Places) -> dict[str, dict[str, Any]]:
    """The hand-written bodies as staged: name -> classes and other meters."""
    names = [*CLASSES, "web_searches", "seconds"]
    columns = ", ".join(f"{name}_tokens" if name in CLASSES else name for name in names)
    told = " union all ".join(f"select call_id, {columns} from staging.{model}" for model in STAGED)
    return {name: dict(zip(names, row, strict=True)) for name, *row in warehouse.rows(staged.warehouse, told)}


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.name)
def test_a_body_gives_the_tokens_that_a_person_counts(one: Written, written: dict[str, dict[str, Any]]) -> None:
    assert {name: count for name, count in written[one.name].items() if count} == one.tokens
    if one.library:
        provider, flavour = one.library
        [library] = [found for found in providers if found.id == provider]
        roots = ("usage", "usageMetadata")
        response = {root: one.call["usage"] for root in roots} | {"response": {"usage": one.call["usage"]}}
        _, usage = library.extract_usage(response, api_flavor=flavour)
        expected = as_ours(vars(usage))
        assert compared(written[one.name], expected) == expected


@pytest.mark.parametrize("carried", ["{}", "t-{}"], ids=["as an observation", "as a span"])
@pytest.mark.parametrize("name", CARRIED)
def test_a_body_counts_alike_whatever_carries_it(name: str, carried: str, written: dict[str, dict[str, Any]]) -> None:
    assert {name: count for name, count in written[carried.format(name)].items() if count} == CARRIED_TOKENS


@pytest.mark.parametrize("carried", ["{}", "t-{}"], ids=["as an observation", "as a span"])
@pytest.mark.parametrize("name", WRITES)
def test_langfuse_tells_how_long_a_written_cache_lives(
    name: str, carried: str, written: dict[str, dict[str, Any]]
) -> None:
    tokens = {"input_uncached": 10, "cache_read": 40, "cache_write_5m": 20, "cache_write_1h": 30, "output": 9}
    assert {name: count for name, count in written[carried.format(name)].items() if count} == tokens


@pytest.mark.parametrize("name", SPANS)
def test_an_instrumentations_own_names_of_parts_are_read(name: str, written: dict[str, dict[str, Any]]) -> None:
    tokens = {"input_uncached": 30, "cache_read": 60, "cache_write_5m": 10, "output": 6, "reasoning": 4}
    assert {name: count for name, count in written[f"t-{name}"].items() if count} == tokens


@pytest.mark.parametrize("name", BY_LITELLM)
def test_litellms_totals_hold_cache_reads_and_writes(name: str, written: dict[str, dict[str, Any]]) -> None:
    tokens = {"input_uncached": 55, "cache_read": 40, "cache_write_5m": 3, "cache_write_1h": 2, "output": 12}
    assert {name: count for name, count in written[name].items() if count} == tokens


def test_anthropics_fast_mode_is_a_tier_of_service(staged: Places) -> None:
    found = "select call_id, service_tier from staging.stg_llm_calls__calls where service_tier <> 'standard'"
    [(name, tier)] = warehouse.rows(staged.warehouse, found)
    assert (name.split()[2], tier) == ("compaction", "fast")


def test_what_is_not_told_is_unknown(written: dict[str, dict[str, Any]]) -> None:
    assert not {count for count in written["a body of an unknown form tells nothing"].values() if count is not None}


# --- the seed, and what is refused


def test_every_flavour_can_be_named_and_every_form_has_its_flavours() -> None:
    assert [row["api_flavour"] for row in SEED] == list(API_FLAVOURS)
    told = {meaning for source in SOURCES.values() for column in source.columns for meaning in column.meanings}
    assert {row["form"] for row in SEED if row["form"]} == told
    keys = [(row["form"], row["provider"]) for row in SEED if row["form"]]
    assert len(keys) == len(set(keys))
    assert {form for form, provider in keys if not provider} == told


def test_no_other_place_takes_tokens_out_of_tokens() -> None:
    macro = ROOT / "macros" / "tokens.sql"
    taken = re.compile(r"_tokens[^,\n]*\s-\s")
    assert taken.search(macro.read_text(encoding="utf-8"))
    files = [*ROOT.glob("models/**/*.sql"), *ROOT.glob("macros/*.sql")]
    assert not [file for file in files if file != macro and taken.search(file.read_text(encoding="utf-8"))]


def test_a_flavour_that_is_none_and_a_body_that_is_no_json_are_told(places: Places) -> None:
    file = places.landing / "llm_calls" / "calls.csv"
    file.parent.mkdir()
    file.write_text(
        "call_id,called_at,api_flavour,usage\n"
        "a,2026-10-01,opena_chat,{}\n"
        'b,2026-10-01,,{"input_tokens\n'
        'c,2026-10-01,OpenAI_Chat,"{""prompt_tokens"": -1}"\n'
        'd,2026-10-01,,"{""prompt_tokens"": 1}"\n'
    )
    assert ingest_source(places, "llm_calls").rows_accepted == 1
    [told] = (places.quarantine / "llm_calls").iterdir()
    assert [json.loads(line)["reason"] for line in told.read_text().splitlines()] == [
        "api_flavour is not one of its values (opena_chat).",
        "usage is not valid JSON.",
        "reported_input_tokens (in usage) is negative (-1).",
    ]
