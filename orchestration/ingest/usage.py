"""Where reports of usage have their counts, one table a form, for every source that holds such reports.

Only these paths are read. Which of the counts lie inside which others is the provider's rule: it stands in
seeds/reference/token_semantics.csv.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from orchestration.ingest.spec import Column

TOTALS = ("input", "output", "total")
# What a report may tell beside them, each a column reported_<part>_tokens of raw. `tool_input`: what tools and searches
# gave the model to read; `cached_…`: the audio and images among what was read from a cache.
PARTS = (
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "reasoning",
    "audio_input",
    "audio_output",
    "image_input",
    "image_output",
    "cached_audio_input",
    "cached_image_input",
    "tool_input",
)


@dataclass(frozen=True)
class Form:
    """`told_by`: a report with a value at one of these paths is of this form. `paths`: part -> where it may stand."""

    name: str
    told_by: tuple[str, ...]
    paths: Mapping[str, tuple[str, ...]]


# OpenAI's Chat Completions, which most providers follow; in LiteLLM's spelling too.
CHAT = Form(
    "chat",
    ("prompt_tokens",),
    {
        "input": ("prompt_tokens",),
        "output": ("completion_tokens",),
        "total": ("total_tokens",),
        "cache_read": ("cache_read_input_tokens", "prompt_tokens_details.cached_tokens"),
        "cache_write": (
            "cache_creation_input_tokens",
            "prompt_tokens_details.cache_creation_tokens",
            "prompt_tokens_details.cache_write_tokens",
        ),
        "cache_write_5m": ("prompt_tokens_details.cache_creation_token_details.ephemeral_5m_input_tokens",),
        "cache_write_1h": ("prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens",),
        "reasoning": ("completion_tokens_details.reasoning_tokens",),
        "audio_input": ("prompt_tokens_details.audio_tokens",),
        "audio_output": ("completion_tokens_details.audio_tokens",),
        "image_input": ("prompt_tokens_details.image_tokens",),
        "image_output": ("completion_tokens_details.image_tokens",),
    },
)

# Names that others have in it: DeepSeek's hits, xAI's and Moonshot's cached tokens, Perplexity's citations.
CHAT_OF_OTHERS = Form(
    "chat",
    (),
    {
        "cache_read": ("prompt_cache_hit_tokens", "cached_prompt_text_tokens", "cached_tokens"),
        "reasoning": ("reasoning_tokens",),
        "tool_input": ("citation_tokens",),
    },
)

# OpenAI's Responses, and with them its images, transcription and realtime; LangChain gives every model's usage so.
RESPONSES = Form(
    "responses",
    ("input_tokens",),
    {
        "input": ("input_tokens",),
        "output": ("output_tokens",),
        "total": ("total_tokens",),
        "cache_read": (
            "input_tokens_details.cached_tokens",
            "input_token_details.cached_tokens",
            "input_tokens_details.cache_read_input_tokens",
            "input_token_details.cache_read",
        ),
        "cache_write": ("input_tokens_details.cache_write_tokens", "input_token_details.cache_creation"),
        "cache_write_5m": ("input_token_details.ephemeral_5m_input_tokens",),
        "cache_write_1h": ("input_token_details.ephemeral_1h_input_tokens",),
        "reasoning": ("output_tokens_details.reasoning_tokens", "output_token_details.reasoning"),
        "audio_input": (
            "input_token_details.audio_tokens",
            "input_tokens_details.audio_tokens",
            "input_token_details.audio",
        ),
        "audio_output": (
            "output_token_details.audio_tokens",
            "output_tokens_details.audio_tokens",
            "output_token_details.audio",
        ),
        "image_input": ("input_tokens_details.image_tokens", "input_token_details.image_tokens"),
        "image_output": ("output_tokens_details.image_tokens", "output_token_details.image_tokens"),
        "cached_audio_input": ("input_token_details.cached_tokens_details.audio_tokens",),
        "cached_image_input": ("input_token_details.cached_tokens_details.image_tokens",),
    },
)

# Anthropic's counts leave a compaction of the conversation out, which is billed too. What an advisor read and wrote is
# another model's, and no part of this call.
MESSAGES = Form(
    "messages",
    ("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation.ephemeral_5m_input_tokens"),
    {
        part: (f"{path} + iterations[type=compaction].{path}", path)
        for part, path in {
            "input": "input_tokens",
            "output": "output_tokens",
            "cache_read": "cache_read_input_tokens",
            "cache_write": "cache_creation_input_tokens",
            "cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
            "cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
        }.items()
    }
    | {"reasoning": ("output_tokens_details.thinking_tokens",)},
)

# Amazon Bedrock's Converse.
CONVERSE = Form(
    "converse",
    ("inputTokens",),
    {
        "input": ("inputTokens",),
        "output": ("outputTokens",),
        "total": ("totalTokens",),
        "cache_read": ("cacheReadInputTokens", "cacheReadInputTokenCount"),
        "cache_write": ("cacheWriteInputTokens", "cacheWriteInputTokenCount"),
        "cache_write_5m": ("cacheDetails[ttl=5m].inputTokens",),
        "cache_write_1h": ("cacheDetails[ttl=1h].inputTokens",),
    },
)

# The Vercel AI SDK's, which has names in common with it.
VERCEL = Form(
    "vercel",
    ("cachedInputTokens", "reasoningTokens", "inputTokenDetails.noCacheTokens"),
    {
        "input": ("inputTokens",),
        "output": ("outputTokens",),
        "total": ("totalTokens",),
        "cache_read": ("cachedInputTokens", "inputTokenDetails.cacheReadTokens"),
        "cache_write": ("inputTokenDetails.cacheWriteTokens",),
        "reasoning": ("reasoningTokens", "outputTokenDetails.reasoningTokens"),
    },
)

# Cohere bills other counts than its models read and write; a report may hold both.
BILLED_UNITS = Form(
    "billed_units",
    ("billed_units.input_tokens", "billed_units.output_tokens"),
    {"input": ("billed_units.input_tokens",), "output": ("billed_units.output_tokens",)},
)
TOKENS = Form(
    "tokens",
    ("tokens.input_tokens", "tokens.output_tokens"),
    {"input": ("tokens.input_tokens",), "output": ("tokens.output_tokens",), "cache_read": ("cached_tokens",)},
)


# Gemini's generateContent, on Vertex AI too. Pages of documents and frames of video are seen as images.
SEEN, HEARD = "modality=IMAGE,DOCUMENT,VIDEO", "modality=AUDIO"
GENERATE_CONTENT = Form(
    "generate_content",
    ("promptTokenCount", "candidatesTokenCount", "totalTokenCount"),
    {
        "input": ("promptTokenCount",),
        "output": ("candidatesTokenCount",),
        "total": ("totalTokenCount",),
        "cache_read": ("cachedContentTokenCount",),
        "reasoning": ("thoughtsTokenCount",),
        "tool_input": ("toolUsePromptTokenCount",),
        "audio_input": (f"promptTokensDetails[{HEARD}].tokenCount", f"promptTokenDetails[{HEARD}].tokenCount"),
        "audio_output": (f"candidatesTokensDetails[{HEARD}].tokenCount",),
        "image_input": (f"promptTokensDetails[{SEEN}].tokenCount", f"promptTokenDetails[{SEEN}].tokenCount"),
        "image_output": (f"candidatesTokensDetails[{SEEN}].tokenCount",),
        "cached_audio_input": (f"cacheTokensDetails[{HEARD}].tokenCount",),
        "cached_image_input": (f"cacheTokensDetails[{SEEN}].tokenCount",),
    },
)


def _in_snake_case(form: Form) -> Form:
    def changed(paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(re.sub(r"(?<=[a-z])[A-Z](?=[a-z])", lambda m: "_" + m[0].lower(), path) for path in paths)

    return replace(form, told_by=changed(form.told_by), paths={p: changed(held) for p, held in form.paths.items()})


# In the order in which they are told apart: what a form shares with a later one does not tell.
BODIES = (
    GENERATE_CONTENT,
    _in_snake_case(GENERATE_CONTENT),  # as Google's SDK for Python writes it
    VERCEL,
    CONVERSE,
    BILLED_UNITS,
    TOKENS,
    CHAT,
    CHAT_OF_OTHERS,
    MESSAGES,
    RESPONSES,
)
WEB_SEARCHES = (
    "server_tool_use.web_search_requests",  # Anthropic
    "num_search_queries",  # Perplexity
    "tool_calls_details.search_web.invocation",
)


def form_of(carrier: str, *forms: Form) -> Column:
    """Which form the report inside the carrier is of."""
    told = [(path, form.name) for form in forms for path in form.told_by]
    return Column(
        "usage_form", inside=(carrier, tuple(path for path, _ in told)), meanings=tuple(name for _, name in told)
    )


def reported(
    carrier: str,
    *forms: Form,
    parts: Collection[str] = TOTALS + PARTS,
    within: Collection[str] = ("",),
    landed: Mapping[str, tuple[str, ...]] | None = None,
) -> Iterator[Column]:
    """The columns of those parts that the forms tell.

    `within`: where the report may lie inside the carrier. `landed`: part -> columns of their own that it may have.
    """
    for part in parts:
        told = [path.split(" + ") for form in forms for path in form.paths.get(part, ())]
        paths = dict.fromkeys(" + ".join(place + term for term in terms) for place in within for terms in told)
        if paths:
            # A sum holds more than each of its terms, so it goes first.
            ordered = tuple(sorted(paths, key=lambda path: " + " not in path))
            yield Column(f"reported_{part}_tokens", "tokens", (landed or {}).get(part, ()), (carrier, ordered))
