"""What was set up, as runs found it: `ledger/config/<number>-<hash>.json`, a new file where it differs from the last.

`ledger/accepted/<number>-<hash>.json`: rows that are new to a closed month or gone from it, and may be, since
someone said `--as-adjustment`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

import pyarrow as pa

from orchestration import config
from orchestration.ledger.files import append, contents
from orchestration.places import Places

# What a row is about. Where a file is not named here, a changed row is one that was removed and one that was added.
KEYS = {
    "ai_scope": tuple("priority source vendor provider service sku account tag text is_model_usage".split()),
    "allocation_drivers": ("driver", "environment", "team", "product", "feature", "workflow", "customer_id"),
    "allocation_rules": ("rule_id",),
    "api_keys": ("source", "api_key", "key_alias"),
    "attribution_keys": ("source", "origin", "key", "target"),
    "billing_sources": ("vendor", "source", "bill_provider", "bill_service"),
    "closed_periods": ("month", "cost_centre"),
    "commitments": ("commitment_id",),
    "contract_prices": ("provider", "model", "meter", "commitment_tier"),
    "cost_classes": ("priority", "environment", "workflow", "customer_id"),
    "customer_aliases": ("source", "source_customer_id"),
    "fx_rates": ("currency",),
    "intended_losses": ("customer_id", "segment", "plan", "feature"),
    "labour_rates": ("role",),
    "maturity_windows": ("outcome_type",),
    "model_aliases": ("provider", "name"),
    "org_hierarchy": ("team",),
    "price_confirmations": ("catalogue", "provider", "model", "meter"),
    "recoverable_taxes": ("vendor", "account"),
    "self_hosted_models": ("provider", "model"),
    "value_baselines": ("workflow",),
    "verdict_thresholds": ("threshold",),
}
WHO = ("owner", "approved_by", "reason")
TEXT = pa.string()
ROW_SCHEMA = pa.schema(
    [("state_number", pa.int64()), ("seen_at", pa.timestamp("us")), ("config_file", TEXT), ("row_key", TEXT)]
    + [("valid_from", pa.date32()), ("valid_to", pa.date32())]
    + [(name, TEXT) for name in (*WHO, "row_values")]
)
Row = dict[str, str]  # a row's columns that are not empty
Files = dict[str, list[Row]]


@dataclass(frozen=True)
class State:
    """All governed rows of config, by file, as a run at `seen_at` found them."""

    number: int
    seen_at: str
    files: Files


def governed(places: Places) -> dict[str, dict[int, Row]]:
    """The rows of every file that names who approved them, by file and number of the row."""
    return {
        name: {
            number: {column: value for column, value in row.items() if value}
            for number, row in config.numbered_rows(places, name).items()
        }
        for name, columns in config.contracts().items()
        if "approved_by" in {column.name for column in columns}
    }


def states(places: Places) -> list[State]:
    """All states, the oldest first."""
    return [State(**json.loads(content)) for _, content in contents(places.ledger / "config", ".json")]


def record(places: Places) -> None:
    """Note down the state of config, unless it is the newest that is known."""
    files = {name: sorted(rows.values(), key=_text) for name, rows in governed(places).items()}
    known = states(places)
    if known and known[-1].files == files:
        return
    state = State(len(known) + 1, places.now.isoformat(sep=" ", timespec="seconds"), files)
    append(places.ledger / "config", f"{state.number:06}-", ".json", _json(asdict(state)))


def accept(places: Places, rows: Iterable[tuple[str, Row, bool]]) -> None:
    """Let these rows (file, row, whether it is gone) say something else of closed months."""
    told = {"accepted_at": places.now.isoformat(sep=" ", timespec="seconds"), "rows": [list(row) for row in rows]}
    number = sum(1 for _ in contents(places.ledger / "accepted", ".json")) + 1
    append(places.ledger / "accepted", f"{number:06}-", ".json", _json(told))


def accepted(places: Places, file: str, since: str) -> list[tuple[Row, bool | None]]:
    """(row, whether it is gone) of all rows of a file that were accepted since then, in that order.

    None: it took the place of whatever was said of the same; earlier versions wrote no rows that are gone.
    """
    found = (json.loads(content) for _, content in contents(places.ledger / "accepted", ".json"))
    return [
        (row, gone[0] if gone else None)
        for told in found
        if told["accepted_at"] >= since
        for name, row, *gone in told["rows"]
        if name == file
    ]


def substance(row: Row) -> str:
    """What a row says, without who says it and why."""
    return _text({column: value for column, value in row.items() if column not in WHO})


def table(found: list[State]) -> pa.Table:
    """The rows of all states, for dbt: each key once a state."""
    rows = []
    for state in found:
        for name, told in state.files.items():
            seen: Counter[str] = Counter()
            for row in told:
                key = ", ".join(row.get(column, "") for column in KEYS[name]) if name in KEYS else substance(row)
                key = f"{key} from {row['valid_from']}" if "valid_from" in row else key
                seen[key] += 1
                rows.append(
                    {
                        "state_number": state.number,
                        "seen_at": datetime.fromisoformat(state.seen_at),
                        "config_file": f"{name}.csv",
                        "row_key": key if seen[key] == 1 else f"{key} ({seen[key]})",
                        **{column: _day(row.get(column)) for column in ("valid_from", "valid_to")},
                        **{column: row.get(column) for column in WHO},
                        "row_values": _text(row),
                    }
                )
    return pa.Table.from_pylist(rows, schema=ROW_SCHEMA)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _text(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


def _json(told: object) -> bytes:
    return json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n"
