"""`anthropic_usage`: pages of Anthropic's usage report (usage_report/messages), a row a result of a bucket.

What the report was not grouped by is null in it.
"""

from orchestration.ingest.spec import Carrier, Column, Source, texts

MODULE_VERSION = 2

SOURCE = Source(
    name="anthropic_usage",
    version=MODULE_VERSION,
    event="bucket_start",
    levels=(("data",), ("results",)),
    models=("=anthropic", "model"),
    carriers=(Carrier("cache_creation"), Carrier("server_tool_use")),
    deliveries=("report", "bucket_start"),
    by_bucket=True,
    columns=(
        Column("report", landed=("report",)),
        Column("bucket_start", "time", landed=("../starting_at",), required=True, not_null=True),
        Column("bucket_end", "time", landed=("../ending_at",)),
        *texts("workspace_id"),
        Column("api_key_id", secret=True),
        *texts("model", "service_tier", "context_window", "inference_geo", "speed"),
        Column("uncached_input_tokens", "sum", required=True),
        Column("cache_read_input_tokens", "sum"),
        Column("ephemeral_5m_input_tokens", "sum", inside=("cache_creation", ("ephemeral_5m_input_tokens",))),
        Column("ephemeral_1h_input_tokens", "sum", inside=("cache_creation", ("ephemeral_1h_input_tokens",))),
        Column("output_tokens", "sum"),
        Column("web_search_requests", "sum", inside=("server_tool_use", ("web_search_requests",))),
    ),
)
