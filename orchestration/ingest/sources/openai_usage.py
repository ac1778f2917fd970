"""`openai_usage`: pages of OpenAI's usage API (organization/usage/…), a row a result of a bucket.

Each endpoint's results say in `object` which one they are of. What the report was not grouped by is null in it.
"""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SUMS = (
    "input_tokens input_cached_tokens input_cache_write_tokens input_audio_tokens input_cached_audio_tokens "
    "input_image_tokens input_cached_image_tokens output_tokens output_audio_tokens output_image_tokens "
    "num_model_requests num_requests images characters num_sessions usage_bytes"
).split()

SOURCE = Source(
    name="openai_usage",
    version=MODULE_VERSION,
    event="bucket_start",
    levels=(("data",), ("results",)),
    models=("=openai", "model"),
    deliveries=("report", "bucket_start"),
    by_bucket=True,
    columns=(
        Column("report", landed=("object",), required=True, not_null=True),
        Column("bucket_start", "time", landed=("../start_time",), required=True, not_null=True),
        Column("bucket_end", "time", landed=("../end_time",)),
        *texts("project_id", "user_id"),
        Column("api_key_id", secret=True),
        *texts("model", "batch", "service_tier", "size", "source"),
        *(Column(name, "sum") for name in SUMS),
        Column("seconds", "seconds"),
    ),
)
