"""Dagster's record of runs, kept in SQLite below home."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import lru_cache


def write_with_little_effort() -> None:
    """A run has some two thousand events, and Dagster writes each by itself: that took longer than the work.

    No waiting for the disk: what a power cut may cost is the history of runs, which is derived; a killed process costs
    nothing. And one connection for all, in place of one an event.
    """
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage
    from sqlalchemy import Engine, event

    if not event.contains(Engine, "connect", _without_sync):
        event.listen(Engine, "connect", _without_sync)
        for storage in (sqlite_event_log, sqlite_run_storage):
            storage.create_engine = _kept_open(storage.create_engine)


def ask_once_what_a_step_makes() -> None:
    """Dagster asks it anew for each of a step's outputs, and looks at all of them each time: hundreds, of dbt."""
    from dagster._core.execution.context.system import StepExecutionContext

    asked = StepExecutionContext.get_output_asset_keys
    if not hasattr(asked, "cache_info"):
        StepExecutionContext.get_output_asset_keys = lru_cache(maxsize=1)(asked)  # of the step that runs now


def _kept_open(create_engine: Callable) -> Callable:
    """As `create_engine`, with one engine for each file, whose connection stays open when Dagster is done with it."""
    from sqlalchemy import QueuePool

    engines: dict[str, object] = {}

    def engine(url: str, **options: object) -> object:
        if url not in engines:
            engines[url] = create_engine(url, **{**options, "poolclass": QueuePool})
            engines[url].dispose = lambda: None
        return engines[url]

    return engine


def _without_sync(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")
