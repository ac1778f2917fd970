"""Writes calls as LiteLLM_SpendLogs rows: JSON lines as its API exports them, or Parquet as a copy of its table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.demo import text_lines
from orchestration.demo.calls import ERRORS, NO_CUSTOMER, Calls
from orchestration.demo.company import API_BASE, API_KEYS, CUSTOMERS, ENVIRONMENTS, MODELS, USERS, WORKFLOWS

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


class GatewayLog:
    """The landed files of the gateway's log, `litellm/<name>.<file_format>`; the same calls give the same bytes."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, landing: Path, file_format: str) -> None:
        self._connection = connection
        self.landing = landing
        self.file_format = file_format
        self.rows_landed: dict[str, int] = {}  # by path below landing

    def path(self, name: str | date) -> Path:
        """Where a file lies; a date names the ordinary file of that day."""
        stem = f"spend_logs_{name}" if isinstance(name, date) else name
        return self.landing / "litellm" / f"{stem}.{self.file_format}"

    def write(self, name: str | date, calls: Calls) -> Path:
        """Land `calls` in their order as one file."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        table = _table(calls)
        if self.file_format == "parquet":
            rows = text_lines.query(self._connection, table, _ROWS).combine_chunks()
            pq.write_table(rows, path, compression="zstd")
        else:
            lines = text_lines.query(self._connection, table, _LINES).column(0)
            with path.open("wb") as file:
                file.writelines(text_lines.buffers(lines))
        self.rows_landed[path.relative_to(self.landing).as_posix()] = len(calls)
        return path


def _ids(values: np.ndarray) -> pa.Array:
    """Fixed-width hex ids as text; the empty id is null."""
    width = values.dtype.itemsize
    values = np.ascontiguousarray(values)
    is_set = values != b""
    offsets = np.arange(len(values) + 1, dtype=np.int32) * width
    text = pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(values))
    return text if is_set.all() else pc.if_else(pa.array(is_set), text, pa.scalar(None, pa.string()))


def _named(codes: np.ndarray, names: Iterable[str | None]) -> pa.DictionaryArray:
    """Names by position; a negative position, and the name None, is null."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(list(names), type=pa.string())
    )


def _by_model(calls: Calls, name: Callable[..., str]) -> pa.DictionaryArray:
    return _named(calls.model, [name(model) for model in MODELS])


def _table(calls: Calls) -> pa.Table:
    """What the log's columns are made from, a row a call."""
    tagged_workflow = np.where(calls.is_tagged, calls.workflow, -1)
    has_customer = calls.customer > NO_CUSTOMER
    in_tag = np.isin(calls.workflow, [n for n, w in enumerate(WORKFLOWS) if w.name in CUSTOMER_IN_TAG])
    in_metadata = np.isin(calls.workflow, [n for n, w in enumerate(WORKFLOWS) if w.name in CUSTOMER_IN_METADATA])
    ids = [customer.id for customer in CUSTOMERS]
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
            "id": _ids(calls.id),
            "session": _ids(calls.session),
            "retry_of": _ids(calls.retry_of),
            "call_type": _by_model(calls, lambda m: "aembedding" if m.is_embedding else "acompletion"),
            "api_key": _named(calls.key, [key.hash for key in API_KEYS]),
            "key_alias": _named(calls.key, [key.alias for key in API_KEYS]),
            # An untagged call's team is not known to the gateway: only its key says whose it is.
            "team_id": _named(np.where(calls.is_tagged, calls.key, -1), [key.team for key in API_KEYS]),
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
            "user": _named(np.where(calls.user < 0, len(USERS), calls.user), [*USERS, "default_user_id"]),
            "workflow": _named(tagged_workflow, [w.name for w in WORKFLOWS]),
            "prompt_version": pa.array(calls.prompt_version),
            "is_tagged": pa.array(calls.is_tagged),
            "tags": _named(tag_set, [*tags, '["User-Agent: python-requests/2.32.5"']),
            "tag_customer": _named(np.where(in_tag, calls.customer, -1), ids),
            "customer_key": _named(
                np.where(in_metadata & has_customer, calls.workflow, -1),
                [CUSTOMER_IN_METADATA.get(w.name) for w in WORKFLOWS],
            ),
            "customer": _named(np.where(in_metadata, calls.customer, -1), ids),
            "end_user": _named(np.where(in_tag | in_metadata, -1, calls.customer), ids),
            "ip": _named(calls.key, [f"10.20.{number}.7" for number in range(len(API_KEYS))]),
            "has_content": pa.array(calls.has_content),
            "status": _named(is_error.astype(np.int32), ["success", "failure"]),
            "error": _named(
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
