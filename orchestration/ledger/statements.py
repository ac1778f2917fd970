"""Issued statements: `ledger/statements/<month>-<hash>.json`, a file a closed month, with its lines as published.

Amounts are texts with all their decimals, so that what is read is what was written.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from orchestration.ledger.files import LedgerError, append, contents
from orchestration.places import Places

TEXT, MONEY = pa.string(), pa.decimal128(38, 18)
LINE_SCHEMA = pa.schema(
    [
        ("statement_id", TEXT),
        ("statement_month", pa.date32()),
        ("usage_month", pa.date32()),
        *((name, TEXT) for name in ("legal_entity", "cost_centre", "statement_kind", "team", "part", "cost_status")),
        *((name, TEXT) for name in ("reason", "rule_version", "reporting_currency", "reporting_gap")),
        *((name, MONEY) for name in ("amount_usd", "billed_cost_usd", "reporting_amount")),
    ]
)
# What dbt reads: the lines of all closes.
ISSUED_SCHEMA = LINE_SCHEMA.append(pa.field("closed_at", pa.timestamp("us")))
Line = dict[str, str | None]  # by the columns of LINE_SCHEMA


@dataclass(frozen=True)
class Close:
    """A month's end: who closed it when, all that was open and accepted for which reason, and the statement.

    `config_state` is the number of the state of config that the published marts were built with.
    """

    month: str
    closed_at: str
    closed_by: str
    accepted_items: list[str]
    accepted_reason: str | None
    rule_version: str
    config_state: int
    lines: list[Line]


def closes(places: Places) -> list[Close]:
    """All closed months, in their order."""
    found: dict[str, Close] = {}
    for path, content in contents(places.ledger / "statements", ".json"):
        close = Close(**json.loads(content))
        if close.month in found:
            raise LedgerError(f"{path}: {close.month} is issued twice. Put the ledger back from its backup.")
        found[close.month] = close
    return [found[month] for month in sorted(found)]


def issue(places: Places, close: Close) -> None:
    """Put a close into the ledger. Whoever calls it holds the lock and has seen that the month is open."""
    content = json.dumps(asdict(close), indent=1, ensure_ascii=False).encode() + b"\n"
    append(places.ledger / "statements", f"{close.month}-", ".json", content)


def table(found: list[Close]) -> pa.Table:
    """The lines of all closes, for dbt."""
    lines = [
        {name: _read(kind, line[name]) for name, kind in _kinds()}
        | {"closed_at": datetime.fromisoformat(close.closed_at)}
        for close in found
        for line in close.lines
    ]
    return pa.Table.from_pylist(lines, schema=ISSUED_SCHEMA)


def _kinds() -> list[tuple[str, pa.DataType]]:
    return list(zip(LINE_SCHEMA.names, LINE_SCHEMA.types, strict=True))


def _read(kind: pa.DataType, text: str | None) -> object:
    if text is None:
        return None
    return date.fromisoformat(text) if kind == pa.date32() else Decimal(text) if kind == MONEY else text
