"""Writes calls as LiteLLM_SpendLogs rows: JSON lines as its API exports them, or Parquet as a copy of its table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.demo import text_lines
from orchestration.demo.calls import ERRORS, NO_CUSTOMER, Calls, concat, day_number
from orchestration.demo.company import (
    API_BASE,
    API_KEYS,
    CUSTOMERS,
    ENVIRONMENTS,
    GATEWAY,
    MODELS,
    USERS,
    WORKFLOWS,
)
from orchestration.demo.scene import Files, Scene
from orchestration.demo.text_lines import ids, named

PRIVATE_MARKER = "PRIVATE-do-not-store"
# Where each workflow's developers put the customer: gateways let them choose, so they chose differently.
CUSTOMER_IN_TAG = ("document_generator", "classification")
CUSTOMER_IN_METADATA = {"rag_assistant": "tenant", "translation": "customer_id"}

_METADATA = """
    concat(
        '{"user_api_key_alias":"', key_alias, '","user_api_key_team_id":', coalesce('"' || team_id || '"', 'null'),
        ',"spend_logs_metadata":', case
            when is_tagged then concat(
                '{"prompt_version":"', workflow, '-v', prompt_version, '"',
                ',"' || customer_key || '":"' || customer || '"',
                ',"retry_of":"chatcmpl-' || retry_of || '"', '}'
            )
            when retry_of is not null then concat('{"retry_of":"chatcmpl-', retry_of, '"}')
            else 'null' end,
        ',"usage_object":', case when prompt + completion = 0 then 'null' else concat(
            '{"prompt_tokens":', prompt, ',"completion_tokens":', completion, ',"total_tokens":', prompt + completion,
            ',"prompt_tokens_details":{"cached_tokens":', cache_read, ',"audio_tokens":0', case
                when charges_writes then concat(
                    ',"cache_creation_tokens":', cache_write_5m + cache_write_1h,
                    ',"cache_creation_token_details":{"ephemeral_5m_input_tokens":', cache_write_5m,
                    ',"ephemeral_1h_input_tokens":', cache_write_1h,
                    '}},"cache_creation_input_tokens":', cache_write_5m + cache_write_1h,
                    ',"cache_read_input_tokens":', cache_read
                ) else '}' end,
            ',"completion_tokens_details":{"reasoning_tokens":', reasoning, ',"audio_tokens":0}}'
        ) end,
        ',"error_information":', error, '}'
    )
"""

_MESSAGES = f"""
    case when has_content then '[{{"role":"user","content":"{PRIVATE_MARKER} my name is Petra Novak"}}]' else '{{}}' end
"""
_RESPONSE = f"""case when has_content then '{{"text":"{PRIVATE_MARKER}"}}' else '{{}}' end"""

# The columns of LiteLLM_SpendLogs and how they are made. Nested ones are JSON text, as the table's own export has them.
_COLUMNS = {
    "request_id": "'chatcmpl-' || id",
    "call_type": "call_type::varchar",
    "api_key": "api_key::varchar",
    "spend": "spend",
    "total_tokens": "prompt + completion",
    "prompt_tokens": "prompt",
    "completion_tokens": "completion",
    "startTime": "make_timestamp(start_us)",
    "endTime": "make_timestamp(start_us + 1000 * duration_ms)",
    "completionStartTime": "make_timestamp(start_us + 1000 * first_token_ms)",
    "model": "model::varchar",
    "model_id": "model_id::varchar",
    "model_group": "model_group::varchar",
    "custom_llm_provider": "custom_llm_provider::varchar",
    "api_base": "api_base::varchar",
    "user": '"user"::varchar',
    "metadata": _METADATA,
    "cache_hit": "'False'",
    "cache_key": "'Cache OFF'",
    "request_tags": """concat(tags, ',"customer:' || tag_customer || '"', ']')""",
    "team_id": "team_id::varchar",
    "organization_id": "null::varchar",
    "end_user": "coalesce(end_user::varchar, '')",
    "requester_ip_address": "ip::varchar",
    "messages": _MESSAGES,
    "response": _RESPONSE,
    "session_id": "session",
    "status": "status::varchar",
}
_ROWS = "select " + ", ".join(f'{sql} as "{column}"' for column, sql in _COLUMNS.items()) + " from rows"
_JSON_COLUMNS = ("metadata", "request_tags", "messages", "response")
_NUMBER_COLUMNS = ("spend", "total_tokens", "prompt_tokens", "completion_tokens")
_TIME_COLUMNS = ("startTime", "endTime", "completionStartTime")


def _json_value(column: str) -> str:
    """SQL for one column's JSON text."""
    if column in _TIME_COLUMNS:
        return f"""'"', replace("{column}"::varchar, ' ', 'T'), 'Z"'"""
    if column in _JSON_COLUMNS or column in _NUMBER_COLUMNS:
        return f'"{column}"'
    return f"""coalesce('"' || "{column}" || '"', 'null')"""


_PAIRS = ", ',', ".join(f"""'"{column}":', {_json_value(column)}""" for column in _COLUMNS)
_LINES = f"select concat('{{', {_PAIRS}, '}}\n') from ({_ROWS})"


class GatewayLog(Files):
    """A file a day, `litellm/<name>.<file_format>`; the same calls give the same bytes."""

    source: ClassVar[str] = GATEWAY
    own: ClassVar[str] = r"(resent/)?spend_logs_[^/]*"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._carried: Calls | None = None  # calls after midnight of traces that started before it

    def see(self, day: date, happened: Calls, known: Calls) -> None:
        lines = known.take(known.logged_in(GATEWAY))
        lines = lines if self._carried is None else concat([self._carried, lines])
        is_today = lines.event_day <= day_number(day)
        self._carried = lines.take(~is_today)
        self.write_lines(day, self.lines(day, lines.take(is_today).in_order()))

    def path(self, name: str | date) -> Path:
        """Where a file lies; a date names the ordinary file of that day."""
        stem = f"spend_logs_{name}" if isinstance(name, date) else name
        return self.scene.landing / "litellm" / f"{stem}.{self.scene.file_format}"

    def write_lines(self, name: str | date, calls: Calls) -> Path:
        """Land `calls` in their order as one file."""
        path = self.path(name)
        table = _table(calls)
        if self.scene.file_format == "parquet":
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = text_lines.query(self.scene.connection, table, _ROWS).combine_chunks()
            pq.write_table(rows, path, compression="zstd")
        else:
            lines = text_lines.query(self.scene.connection, table, _LINES).column(0)
            self.place(self.scene.relative(path), text_lines.buffers(lines))
        self.note(path, len(calls))
        return path


def _by_model(calls: Calls, name: Callable[..., str]) -> pa.DictionaryArray:
    return named(calls.model, [name(model) for model in MODELS])


def _table(calls: Calls) -> pa.Table:
    """What the log's columns are made from, a row a call."""
    tagged_workflow = np.where(calls.is_tagged, calls.workflow, -1)
    has_customer = calls.customer > NO_CUSTOMER
    in_tag = np.isin(calls.workflow, [n for n, w in enumerate(WORKFLOWS) if w.name in CUSTOMER_IN_TAG])
    in_metadata = np.isin(calls.workflow, [n for n, w in enumerate(WORKFLOWS) if w.name in CUSTOMER_IN_METADATA])
    customers = [customer.id for customer in CUSTOMERS]
    tags = [
        f'["User-Agent: openai-python/2.11.0","workflow:{w.name}","feature:{w.feature}","product:{w.product}",'
        f'"environment:{environment}"'
        for w in WORKFLOWS
        for environment in ENVIRONMENTS
    ]
    tag_set = np.where(calls.is_tagged, calls.workflow * len(ENVIRONMENTS) + calls.environment, len(tags))
    is_error = calls.error >= 0
    return pa.table(
        {
            "id": ids(calls.id),
            "session": ids(calls.session),
            "retry_of": ids(calls.retry_of),
            "call_type": _by_model(calls, lambda m: "aembedding" if m.is_embedding else "acompletion"),
            "api_key": named(calls.key, [key.hash for key in API_KEYS]),
            "key_alias": named(calls.key, [key.alias for key in API_KEYS]),
            # An untagged call's team is not known to the gateway: only its key says whose it is.
            "team_id": named(np.where(calls.is_tagged, calls.key, -1), [key.team for key in API_KEYS]),
            "spend": pa.array(np.where(is_error, 0, np.maximum(calls.cost, 0)) / 1e12),
            "start_us": pa.array(calls.start_us),
            "first_token_ms": pa.array(calls.first_token_ms),
            "duration_ms": pa.array(calls.duration_ms),
            "model": _by_model(calls, lambda m: m.name),
            "model_id": _by_model(calls, lambda m: sha256(m.name.encode()).hexdigest()),
            "model_group": _by_model(calls, lambda m: m.group),
            "custom_llm_provider": _by_model(calls, lambda m: m.provider),
            "api_base": _by_model(calls, lambda m: API_BASE[m.provider]),
            "charges_writes": pa.array(np.array([m.caching == "write" for m in MODELS])[calls.model]),
            "user": named(np.where(calls.user < 0, len(USERS), calls.user), [*USERS, "default_user_id"]),
            "workflow": named(tagged_workflow, [w.name for w in WORKFLOWS]),
            "prompt_version": pa.array(calls.prompt_version),
            "is_tagged": pa.array(calls.is_tagged),
            "tags": named(tag_set, [*tags, '["User-Agent: python-requests/2.32.5"']),
            "tag_customer": named(np.where(in_tag, calls.customer, -1), customers),
            "customer_key": named(
                np.where(in_metadata & has_customer, calls.workflow, -1),
                [CUSTOMER_IN_METADATA.get(w.name) for w in WORKFLOWS],
            ),
            "customer": named(np.where(in_metadata, calls.customer, -1), customers),
            "end_user": named(np.where(in_tag | in_metadata, -1, calls.customer), customers),
            "ip": named(calls.key, [f"10.20.{number}.7" for number in range(len(API_KEYS))]),
            "has_content": pa.array(calls.has_content),
            "status": named(is_error.astype(np.int32), ["success", "failure"]),
            "error": named(
                np.where(is_error, calls.error, len(ERRORS)),
                [
                    *(
                        f'{{"error_code":"{code}","error_class":"{name}","error_message":"{name}"}}'
                        for name, code in ERRORS
                    ),
                    "null",
                ],
            ),
            "prompt": pa.array(calls.prompt),
            "completion": pa.array(calls.completion),
            "cache_read": pa.array(calls.cache_read),
            "cache_write_5m": pa.array(calls.cache_write_5m),
            "cache_write_1h": pa.array(calls.cache_write_1h),
            "reasoning": pa.array(calls.reasoning),
        }
    )
