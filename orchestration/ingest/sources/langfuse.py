"""`langfuse`: traces with their observations, or observations alone, as Langfuse exports them; one row an observation.

Of `metadata` only the keys below are read; input, output and all else never reach raw.
"""

from orchestration.ingest.spec import Carrier, Column, Source

MODULE_VERSION = 1


def usage(name: str, *keys: str, landed: tuple[str, ...] = ()) -> Column:
    return Column(name, "tokens", landed=landed, inside=("usage", tuple(f'"{key}"' for key in keys)))


def metadata(name: str, *keys: str) -> Column:
    return Column(name, inside=("metadata", (*keys, *(f"attributes.{key}" for key in keys))))


SOURCE = Source(
    name="langfuse",
    version=MODULE_VERSION,
    event="started_at",
    levels=(("observations",),),
    models=("provider", "model"),
    carriers=(
        Carrier("usage", ("usageDetails", "usage_details", "usage")),
        Carrier("metadata", ("metadata", "../trace.metadata", "../metadata")),
    ),
    columns=(
        Column("observation_id", landed=("id", "observation_id"), required=True, not_null=True),
        Column("trace_id", landed=("traceId", "trace_id", "../trace.id", "../id")),
        Column("parent_id", landed=("parentObservationId", "parent_observation_id")),
        Column("type", required=True, not_null=True),
        Column("started_at", "time", landed=("startTime", "start_time"), required=True, not_null=True),
        Column("ended_at", "time", landed=("endTime", "end_time")),
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
        ),
        usage("input_tokens", "input", "input_tokens", "promptTokens", "prompt_tokens", landed=("promptTokens",)),
        usage(
            "output_tokens",
            "output",
            "output_tokens",
            "completionTokens",
            "completion_tokens",
            landed=("completionTokens",),
        ),
        usage("total_tokens", "total", "total_tokens", "totalTokens", landed=("totalTokens",)),
        usage(
            "cache_read_tokens",
            "input_cached_tokens",
            "cache_read_input_tokens",
            "input_cache_read",
            "input_cached",
            "cached_tokens",
        ),
        usage("cache_write_tokens", "cache_creation_input_tokens", "input_cache_creation", "input_cache_write"),
        usage("cache_write_5m_tokens", "input_cache_creation_5m", "ephemeral_5m_input_tokens"),
        usage("cache_write_1h_tokens", "input_cache_creation_1h", "ephemeral_1h_input_tokens"),
        usage("reasoning_tokens", "output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "reasoning"),
        usage("audio_input_tokens", "input_audio_tokens", "input_audio"),
        usage("audio_output_tokens", "output_audio_tokens", "output_audio"),
        usage("detailed_cache_read_tokens", "prompt_details.cache_read"),
        usage("detailed_cache_write_tokens", "prompt_details.cache_write"),
        usage("detailed_reasoning_tokens", "completion_details.reasoning"),
        metadata("provider", '"gen_ai.provider.name"', '"gen_ai.system"', '"llm.provider"'),
        metadata("response_id", '"gen_ai.response.id"', '"ai.response.id"', "response_id"),
        metadata("team", "team"),
        metadata("product", "product"),
        metadata("feature", "feature"),
        metadata("workflow", "workflow"),
        metadata("customer_id", "customer_id", "customer", "tenant"),
    ),
)
