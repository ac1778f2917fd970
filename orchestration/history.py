"""Dagster's record of runs, kept in SQLite below home."""

from __future__ import annotations

import sqlite3


def write_without_sync() -> None:
    """Do not wait for the disk after each of a run's hundreds of events: that took longer than the work itself.

    What a power cut may cost is the history of runs, which is derived; a killed process costs nothing.
    """
    from sqlalchemy import Engine, event

    if not event.contains(Engine, "connect", _without_sync):
        event.listen(Engine, "connect", _without_sync)


def _without_sync(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")
