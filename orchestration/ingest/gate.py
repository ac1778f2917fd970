"""The gate before raw: a Great Expectations suite, built from the source's spec, over one row of metrics a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.ingest.check import EARLIEST, latest
from orchestration.ingest.spec import Source


@dataclass(frozen=True)
class CheckResult:
    """What one expectation said about all new files of a source together."""

    name: str
    passed: bool
    description: str
    level: str = "error"  # or warning: then no file is refused for it


def check_files(
    source: Source, now: datetime, rows: Sequence[dict[str, Any]]
) -> tuple[list[CheckResult], dict[str, str]]:
    """The results, and file_hash -> description of the first error-level expectation that the file does not meet.

    Each row: file_hash, and the metrics that `suite` names.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # slow to import: only when there are new files
    import pandas as pd

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    frame = pd.DataFrame(rows)
    for name in ("min_event_at", "max_event_at"):
        frame[name] = pd.to_datetime(frame[name])
    batch = (
        context.data_sources.add_pandas("landed")
        .add_dataframe_asset(source.name)
        .add_batch_definition_whole_dataframe("new_files")
        .get_batch({"dataframe": frame})
    )
    expectations = suite(source, now)
    result = batch.validate(
        gx.ExpectationSuite(name=source.name, expectations=[expectation for _, expectation in expectations]),
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["file_hash"]},
    )
    by_name = {r.expectation_config.meta["name"]: r for r in result.results}
    checks, failed = [], {}
    for name, expectation in expectations:
        outcome = by_name[name]
        raised = (outcome.exception_info or {}).get("raised_exception", False)
        checks.append(CheckResult(name, bool(outcome.success), expectation.description, expectation.meta["level"]))
        if not outcome.success and expectation.meta["level"] == "error":
            bad = [row["file_hash"] for row in outcome.result.get("unexpected_index_list") or []]
            # An expectation that could not be evaluated lets nothing through.
            for file_hash in bad if not raised else [row["file_hash"] for row in rows]:
                failed.setdefault(file_hash, expectation.description)
    return checks, failed


def suite(source: Source, now: datetime) -> list[tuple[str, Any]]:
    """(name, expectation). At level error a file that does not meet it stays out of raw as a whole."""
    import great_expectations.expectations as gxe

    made: list[tuple[str, Any]] = []

    def expect(name: str, kind: type, description: str, level: str = "error", **arguments: Any) -> None:
        meta = {"name": name, "level": level}
        made.append((name, kind(description=description, meta=meta, **arguments)))

    between = gxe.ExpectColumnValuesToBeBetween
    expect("is_readable", between, "Every file can be read.", column="faults", max_value=0)
    expect("has_required_columns", between, "Every required column is there.", column="columns_missing", max_value=0)
    expect("rows_add_up", between, "Rows landed are rows accepted and rows quarantined.",
           column="rows_unaccounted", min_value=0, max_value=0)  # fmt: skip
    expect("counts_not_negative", between, "No accepted row has a negative count.", column="least_count", min_value=0)
    if source.event:
        expect("events_not_before_2015", between, f"No accepted row's {source.event} lies before {EARLIEST:%Y-%m-%d}.",
               column="min_event_at", min_value=EARLIEST)  # fmt: skip
        expect("events_not_in_the_future", between, f"No accepted row's {source.event} lies in the future.",
               column="max_event_at", max_value=latest(source, now))  # fmt: skip
    for column in source.columns:
        if column.not_null:
            expect(f"{column.name}_not_null", between, f"Every accepted row has its {column.name}.",
                   column=f"nulls_{column.name}", max_value=0)  # fmt: skip
    expect("few_rows_quarantined", between, "Less than a tenth of a file's rows is quarantined.",
           level="warning", column="quarantined_ratio", max_value=0.1)  # fmt: skip
    return made
