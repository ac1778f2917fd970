"""`llm_calls`: our own flat form, one row a call, for anything that has no module of its own."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

TOKEN_CLASSES = (
    "input_uncached",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "audio_input",
    "audio_output",
    "image_input",
    "image_output",
)

SOURCE = Source(
    name="llm_calls",
    version=MODULE_VERSION,
    event="called_at",
    models=("provider", "model"),
    columns=(
        Column("call_id", required=True, not_null=True),
        Column("called_at", "time", required=True, not_null=True),
        Column("ended_at", "time"),
        *texts("provider", "model", "account"),
        Column("api_key", secret=True),
        *texts("trace_id", "parent_id", "status", "retry_of", "response_id", "request_id", "service_tier"),
        *texts("environment", "team", "product", "feature", "workflow", "customer_id", "user_id", "prompt_version"),
        *(Column(f"{name}_tokens", "tokens", landed=(f"{name}_tokens", name)) for name in TOKEN_CLASSES),
        Column("web_searches", "count"),
        Column("images", "count"),
        Column("characters", "count"),
        Column("seconds", "seconds"),
        Column("sample_rate", "rate"),
        Column("tags", "tags"),
    ),
)
