"""`litellm`: rows of LiteLLM_SpendLogs, one a call.

The gateway computes `spend` in binary floating point, so digits after the eighteenth are noise and are rounded away.
Of `metadata` only the paths below are read; what else lies in it (headers, requests, errors' text) never reaches raw.
"""

from orchestration.ingest.spec import Carrier, Column, Source, texts
from orchestration.ingest.usage import CHAT, PARTS, reported

MODULE_VERSION = 4
# Older rows have only what the totals do not tell.
USAGE = ("usage_object.", "additional_usage_values.")


def metadata(name: str, *paths: str, kind: str = "text", json: bool = False) -> Column:
    return Column(name, kind, inside=("metadata", paths), json=json)


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
        Column("first_token_at", "time", landed=("completionStartTime", "first_token_at")),
        Column("model", required=True),
        *texts("model_id", "model_group", "custom_llm_provider", "api_base"),
        Column("user_id", landed=("user", "user_id")),
        *texts("team_id", "organization_id", "end_user", "cache_hit", "session_id", "status", "agent_id"),
        Column("mcp_tool", landed=("mcp_namespaced_tool_name",)),
        Column("request_tags", "tag_list"),
        metadata("spend_logs_metadata", "spend_logs_metadata", kind="tags"),
        metadata("user_api_key_alias", "user_api_key_alias"),
        metadata("user_api_key_team_id", "user_api_key_team_id"),
        metadata("user_api_key_team_alias", "user_api_key_team_alias"),
        metadata("error_class", "error_information.error_class"),
        *reported("metadata", CHAT, parts=PARTS, within=USAGE),
        metadata("web_searches", *(f"{place}server_tool_use.web_search_requests" for place in USAGE), kind="count"),
        metadata("service_tier", *(f"{place}service_tier" for place in USAGE)),
        metadata("speed", *(f"{place}speed" for place in USAGE)),
        metadata("batch_models", "batch_models", json=True),
    ),
)
