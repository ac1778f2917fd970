"""`langfuse`: traces with their observations, or observations alone, as Langfuse exports them or its API pages them.

One row an observation. Of `metadata` only the keys below are read; input, output and all else never reach raw.
"""

from orchestration.ingest.spec import Carrier, Column, Source
from orchestration.ingest.usage import BODIES, Form, form_of, reported

MODULE_VERSION = 7


def keys(*names: str) -> tuple[str, ...]:
    """Keys of usage that hold a dot, too."""
    return tuple(f'"{name}"' for name in names)


def written(ttl: str) -> tuple[str, ...]:
    """Anthropic's name of what was written to a cache, bare, as LangChain's handler has it, and with what held it."""
    return tuple(f"{held}ephemeral_{ttl}_input_tokens" for held in ("", "input_", "cache_creation_"))


def metadata(name: str, *keys: str, carrier: str = "metadata") -> Column:
    return Column(name, inside=(carrier, (*keys, *(f"attributes.{key}" for key in keys))))


# Usage that came in by OpenInference keeps its own names, and Langfuse's for the totals.
OPENINFERENCE = Form(
    "openinference",
    keys("prompt_details.cache_read", "prompt_details.cache_write", "completion_details.reasoning"),
    {
        "cache_read": keys("prompt_details.cache_read"),
        "cache_write": keys("prompt_details.cache_write"),
        "reasoning": keys("completion_details.reasoning"),
    },
)
LANGFUSE = Form(
    "langfuse",
    keys("input", "output", "total", "promptTokens", "completionTokens"),
    {
        "input": keys("input", "promptTokens"),
        "output": keys("output", "completionTokens"),
        "total": keys("total", "totalTokens"),
        "cache_read": keys("input_cached_tokens", "input_cache_read", "input_cached"),
        "cache_write": keys("input_cache_creation", "input_cache_write"),
        "cache_write_5m": keys("input_cache_creation_5m", *written("5m")),
        "cache_write_1h": keys("input_cache_creation_1h", *written("1h")),
        "reasoning": keys("output_reasoning_tokens", "output_reasoning", "reasoning"),
        "audio_input": keys("input_audio_tokens", "input_audio"),
        "audio_output": keys("output_audio_tokens", "output_audio"),
    },
)
# What its usage may be: its own types, or the provider's body as its integrations pass it on.
FORMS = (OPENINFERENCE, LANGFUSE, *BODIES)

SOURCE = Source(
    name="langfuse",
    version=MODULE_VERSION,
    event="started_at",
    levels=(("data",), ("observations",)),
    models=("provider", "model"),
    carriers=(
        Carrier("usage", ("usageDetails", "usage_details", "usage")),
        Carrier("costs", ("costDetails", "cost_details")),
        Carrier("counted", ("usage",)),  # what it counts, where that is no tokens, only this says
        Carrier("metadata", ("metadata", "../trace.metadata", "../metadata")),
        Carrier("own_metadata", ("metadata",)),  # what one span is, the trace's do not say
    ),
    columns=(
        Column("observation_id", landed=("id", "observation_id"), required=True, not_null=True),
        Column("trace_id", landed=("traceId", "trace_id", "../trace.id", "../id")),
        Column("parent_id", landed=("parentObservationId", "parent_observation_id")),
        Column("type", required=True, not_null=True),
        Column("name", only_where=("type", "TOOL")),  # what others are called may be what was asked of them
        Column("started_at", "time", landed=("startTime", "start_time"), required=True, not_null=True),
        Column("ended_at", "time", landed=("endTime", "end_time")),
        Column("first_token_at", "time", landed=("completionStartTime", "completion_start_time")),
        Column("updated_at", "time", landed=("updatedAt", "updated_at")),
        Column("model", landed=("model", "providedModelName", "provided_model_name")),
        Column("level"),
        Column("environment", landed=("environment", "../trace.environment", "../environment")),
        Column("user_id", landed=("userId", "user_id", "../trace.userId", "../userId")),
        Column("prompt_name", landed=("promptName", "prompt_name")),
        Column("prompt_version", landed=("promptVersion", "prompt_version")),
        Column("tags", "tag_list", landed=("tags", "../trace.tags", "../tags")),
        Column(
            "total_cost",
            "float_money",
            landed=("totalCost", "calculatedTotalCost", "total_cost", "calculated_total_cost"),
            inside=("costs", ('"total"',)),
        ),
        form_of("usage", *FORMS),
        *reported(
            "usage",
            *FORMS,
            landed={
                "input": ("promptTokens", "prompt_tokens"),
                "output": ("completionTokens", "completion_tokens"),
                "total": ("totalTokens", "total_tokens"),
            },
        ),
        Column("unit", landed=("unit",), inside=("counted", ('"unit"',))),
        metadata("provider", '"gen_ai.provider.name"', '"gen_ai.system"', '"llm.provider"'),
        metadata("response_id", '"gen_ai.response.id"', '"ai.response.id"', "response_id"),
        metadata(
            "operation",
            '"gen_ai.operation.name"',
            '"openinference.span.kind"',
            '"ai.operationId"',
            '"traceloop.span.kind"',
            carrier="own_metadata",
        ),
        metadata("tool", '"gen_ai.tool.name"', '"tool.name"', '"ai.toolCall.name"', carrier="own_metadata"),
        metadata("team", "team"),
        metadata("product", "product"),
        metadata("feature", "feature"),
        metadata("workflow", "workflow"),
        metadata("customer_id", "customer_id", "customer", "tenant"),
    ),
)
