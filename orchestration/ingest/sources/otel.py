"""`otel`: OTLP/JSON lines as a collector writes them, one row a span.

Attributes of span, scope and resource are read in this order, by the names of OpenTelemetry's GenAI convention (current
and deprecated), OpenInference, the Vercel AI SDK, Langfuse's SDK and OpenLLMetry. Only the keys below are read:
messages, arguments, events and everything else never reach raw.
"""

from orchestration.ingest.sources import langfuse
from orchestration.ingest.spec import Carrier, Column, Source
from orchestration.ingest.usage import Form, form_of, reported

MODULE_VERSION = 6


def attribute(name: str, *keys: str, kind: str = "text") -> Column:
    return Column(name, kind, inside=("attributes", keys))


# Under which the Vercel AI SDK, Langfuse and OpenLLMetry write what their user tells of a run.
OF_USERS = (
    "ai.telemetry.metadata",
    "langfuse.observation.metadata",
    "langfuse.trace.metadata",
    "traceloop.association.properties",
)


def dimension(name: str, *keys: str) -> Column:
    """A target by its plain name, by ours, and in its user's metadata; that of OpenInference is a JSON text."""
    told = (f"{prefix}.{name}" for prefix in OF_USERS)
    return attribute(name, *keys, name, f"costgrain.{name}", *told, f"metadata[{name}]")


GEN_AI = Form(
    "gen_ai",
    ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"),
    {
        "input": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"),
        "output": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"),
        "total": ("gen_ai.usage.total_tokens", "llm.usage.total_tokens"),
        "cache_read": (
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.input_tokens.cached",
            "gen_ai.usage.details.cache_read_tokens",  # Pydantic AI's
            "gen_ai.usage.details.cache_read_input_tokens",
        ),
        "cache_write": (
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
            "gen_ai.usage.details.cache_write_tokens",
            "gen_ai.usage.details.cache_creation_input_tokens",
        ),
        "reasoning": (
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.output_tokens.reasoning",
            "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.details.reasoning_tokens",
        ),
    },
)
OPENINFERENCE = Form(
    "openinference",
    ("llm.token_count.prompt",),
    {
        "input": ("llm.token_count.prompt",),
        "output": ("llm.token_count.completion",),
        "total": ("llm.token_count.total",),
        "cache_read": ("llm.token_count.prompt_details.cache_read",),
        "cache_write": ("llm.token_count.prompt_details.cache_write",),
        "reasoning": ("llm.token_count.completion_details.reasoning",),
        "audio_input": ("llm.token_count.prompt_details.audio",),
        "audio_output": ("llm.token_count.completion_details.audio",),
    },
)
VERCEL = Form(
    "vercel",
    ("ai.usage.inputTokens", "ai.usage.promptTokens"),
    {
        "input": ("ai.usage.inputTokens", "ai.usage.promptTokens"),
        "output": ("ai.usage.outputTokens", "ai.usage.completionTokens"),
        "total": ("ai.usage.totalTokens",),
        "cache_read": ("ai.usage.cachedInputTokens", "ai.usage.inputTokenDetails.cacheReadTokens"),
        "cache_write": ("ai.usage.inputTokenDetails.cacheWriteTokens",),
        "reasoning": ("ai.usage.reasoningTokens", "ai.usage.outputTokenDetails.reasoningTokens"),
    },
)


def in_details(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Where Langfuse's own SDK has what it sends of usage: in a JSON text."""
    sums = (path.split(" + ") for path in paths)
    return tuple(" + ".join(f"langfuse.observation.usage_details[{term}]" for term in terms) for terms in sums)


LANGFUSE_SDK = tuple(
    Form(form.name, in_details(form.told_by), {part: in_details(paths) for part, paths in form.paths.items()})
    for form in langfuse.FORMS
)
FORMS = (GEN_AI, OPENINFERENCE, VERCEL, *LANGFUSE_SDK)

SOURCE = Source(
    name="otel",
    version=MODULE_VERSION,
    event="started_at",
    levels=(("resourceSpans",), ("scopeSpans", "instrumentationLibrarySpans"), ("spans",)),
    models=("provider", "model"),
    carriers=(
        Carrier("attributes", ("attributes", "../scope.attributes", "../../resource.attributes"), attributes=True),
        Carrier("status"),
    ),
    columns=(
        Column("trace_id", landed=("traceId",), required=True, not_null=True),
        Column("span_id", landed=("spanId",), required=True, not_null=True),
        Column("parent_span_id", landed=("parentSpanId",)),
        Column("started_at", "time", landed=("startTimeUnixNano",), required=True, not_null=True),
        Column("ended_at", "time", landed=("endTimeUnixNano",)),
        Column("status_code", inside=("status", ("code",))),
        attribute("error_type", "error.type"),
        attribute(
            "operation",
            "gen_ai.operation.name",
            "openinference.span.kind",
            "ai.operationId",
            "traceloop.span.kind",
            "langfuse.observation.type",
        ),
        attribute(
            "provider", "gen_ai.provider.name", "gen_ai.system", "llm.provider", "ai.model.provider", "llm.system"
        ),
        attribute(
            "model",
            "gen_ai.response.model",
            "ai.response.model",
            "llm.response.model",
            "langfuse.observation.model.name",
            "gen_ai.request.model",
            "llm.model_name",
            "ai.model.id",
            "llm.request.model",
        ),
        attribute("response_id", "gen_ai.response.id", "ai.response.id", "llm.response.id"),
        attribute("request_id", "gen_ai.request.id", "llm.request.id"),
        form_of("attributes", *FORMS),
        *reported("attributes", *FORMS),
        attribute(
            "service_tier",
            "openai.response.service_tier",
            "gen_ai.openai.response.service_tier",
            "gen_ai.openai.request.service_tier",
        ),
        attribute("sample_rate", "sample_rate", "sampling.probability", kind="rate"),
        attribute("service", "service.name"),
        attribute("tool", "gen_ai.tool.name", "tool.name", "ai.toolCall.name"),
        attribute("agent", "gen_ai.agent.name", "agent.name"),
        attribute("conversation_id", "gen_ai.conversation.id", "session.id", "langfuse.session.id"),
        attribute("user_id", "user.id", "enduser.id", "langfuse.user.id", "ai.telemetry.metadata.userId"),
        dimension("prompt_version", "gen_ai.prompt.version", "langfuse.observation.prompt.version", "prompt.version"),
        dimension("environment", "deployment.environment.name", "deployment.environment", "langfuse.environment"),
        dimension("team"),
        dimension("product"),
        dimension("feature"),
        dimension("workflow", "gen_ai.workflow.name", "traceloop.workflow.name"),
        dimension("customer_id", "customer.id", "tenant.id", "ai.telemetry.metadata.customerId"),
    ),
)
