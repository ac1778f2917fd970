"""`llm_calls`: our own flat form, one row a call, for anything that has no module of its own.

Of `usage`, the provider's own report, only the counts are read; what else lies in it never reaches raw.
"""

from orchestration.ingest.spec import Carrier, Column, Source, texts
from orchestration.ingest.usage import BODIES, WEB_SEARCHES, form_of, reported

MODULE_VERSION = 4

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

# The rows of seeds/reference/token_semantics.csv.
API_FLAVOURS = (
    "openai_chat",
    "openai_responses",
    "openai_embeddings",
    "openai_images",
    "openai_transcription",
    "openai_realtime",
    "anthropic_messages",
    "bedrock_anthropic",
    "vertex_anthropic",
    "bedrock_converse",
    "gemini_generate_content",
    "google_chat",
    "vertex_chat",
    "mistral_chat",
    "groq_chat",
    "deepseek_chat",
    "cerebras_chat",
    "huggingface_chat",
    "moonshot_chat",
    "zai_chat",
    "databricks_chat",
    "openrouter_chat",
    "xai_chat",
    "xai_responses",
    "perplexity_chat",
    "perplexity_responses",
    "cohere_billed_units",
    "cohere_tokens",
    "litellm",
    "openai_usage",
    "anthropic_usage",
    "otel_gen_ai",
    "openinference",
    "vercel_ai",
    "langfuse",
    "langfuse_totals",
    "langfuse_reads_apart",
)

SOURCE = Source(
    name="llm_calls",
    version=MODULE_VERSION,
    event="called_at",
    models=("provider", "model"),
    carriers=(Carrier("usage"),),
    columns=(
        Column("call_id", required=True, not_null=True),
        Column("called_at", "time", required=True, not_null=True),
        Column("ended_at", "time"),
        *texts("provider", "model", "account"),
        Column("api_key", secret=True),
        *texts("trace_id", "parent_id", "status", "error_type", "retry_of", "response_id", "request_id"),
        Column("service_tier", landed=("service_tier",), inside=("usage", ("service_tier", "serviceTier"))),
        Column("speed", inside=("usage", ("speed",))),
        *texts("environment", "team", "product", "feature", "workflow", "customer_id", "user_id", "prompt_version"),
        *(Column(f"{name}_tokens", "tokens", landed=(f"{name}_tokens", name)) for name in TOKEN_CLASSES),
        Column("web_searches", "count", landed=("web_searches",), inside=("usage", WEB_SEARCHES)),
        Column("images", "count"),
        Column("characters", "count"),
        Column("seconds", "seconds", landed=("seconds",), inside=("usage", ("seconds",))),
        Column("gpu_seconds", "seconds"),
        Column("sample_rate", "rate"),
        Column("tags", "tags"),
        Column("api_flavour", allowed=API_FLAVOURS),
        form_of("usage", *BODIES),
        *reported("usage", *BODIES),
    ),
)
