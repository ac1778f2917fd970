"""`litellm`: rows of LiteLLM_SpendLogs, one a call.

The gateway computes `spend` in binary floating point, so digits after the eighteenth are noise and are rounded away.
Of `metadata` only the paths below are read; what else lies in it (headers, requests, errors' text) never reaches raw.
"""

from orchestration.ingest.spec import Carrier, Column, Source, texts

MODULE_VERSION = 1


def metadata(name: str, *paths: str, kind: str = "text") -> Column:
    return Column(name, kind, inside=("metadata", paths))


def usage(name: str, *paths: str, kind: str = "tokens") -> Column:
    return metadata(name, *(f"usage_object.{path}" for path in paths), kind=kind)


PROMPT = "prompt_tokens_details"
CREATION = f"{PROMPT}.cache_creation_token_details"
COMPLETION = "completion_tokens_details"

SOURCE = Source(
    name="litellm",
    version=MODULE_VERSION,
    event="started_at",
    models=("custom_llm_provider", "model"),
    carriers=(Carrier("metadata"),),
    columns=(
        Column("request_id", required=True, not_null=True),
        Column("call_type"),
        Column("api_key", secret=True),
        Column("spend", "float_money"),
        Column("total_tokens", "tokens"),
        Column("prompt_tokens", "tokens", required=True),
        Column("completion_tokens", "tokens", required=True),
        Column("started_at", "time", landed=("startTime", "started_at"), required=True, not_null=True),
        Column("ended_at", "time", landed=("endTime", "ended_at")),
        Column("model", required=True),
        *texts("model_id", "model_group", "custom_llm_provider", "api_base"),
        Column("user_id", landed=("user", "user_id")),
        *texts("team_id", "organization_id", "end_user", "cache_hit", "session_id", "status"),
        Column("request_tags", "tag_list"),
        metadata("spend_logs_metadata", "spend_logs_metadata", kind="tags"),
        metadata("user_api_key_alias", "user_api_key_alias"),
        metadata("user_api_key_team_id", "user_api_key_team_id"),
        metadata("user_api_key_team_alias", "user_api_key_team_alias"),
        metadata("error_class", "error_information.error_class"),
        usage("cache_read_tokens", "cache_read_input_tokens", f"{PROMPT}.cached_tokens"),
        usage("cache_creation_tokens", "cache_creation_input_tokens", f"{PROMPT}.cache_creation_tokens"),
        usage("cache_creation_5m_tokens", f"{CREATION}.ephemeral_5m_input_tokens"),
        usage("cache_creation_1h_tokens", f"{CREATION}.ephemeral_1h_input_tokens"),
        usage("reasoning_tokens", f"{COMPLETION}.reasoning_tokens"),
        usage("audio_input_tokens", f"{PROMPT}.audio_tokens"),
        usage("audio_output_tokens", f"{COMPLETION}.audio_tokens"),
        usage("image_input_tokens", f"{PROMPT}.image_tokens"),
        usage("image_output_tokens", f"{COMPLETION}.image_tokens"),
        usage("web_searches", "server_tool_use.web_search_requests", kind="count"),
        usage("service_tier", "service_tier", kind="text"),
    ),
)
