"""One writer at a time: the lock that every run takes, from the command line, the schedule and the UI alike."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from filelock import FileLock, Timeout

from orchestration.errors import MendableError
from orchestration.places import Places


@contextmanager
def writer(places: Places, what: str) -> Iterator[None]:
    """Hold the right to write below `places.home`; a process that holds it already may enter again.

    The operating system frees the lock when its process dies, so a killed run leaves nothing to clean up.
    """
    places.home.mkdir(parents=True, exist_ok=True)
    # One instance per path and process (so the command line may hold it while Dagster takes it again inside the
    # run), and not one per thread.
    lock = FileLock(places.home / ".lock", is_singleton=True, thread_local=False)
    holder = places.home / ".lock.holder.json"
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise MendableError(
            f"Another run is writing to {places.home}: {_who(holder)}. Wait until it has finished, or stop it; "
            "the published marts can be read all the while."
        ) from None
    try:
        if lock.lock_counter == 1:
            since = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
            holder.write_text(json.dumps({"pid": os.getpid(), "what": what, "since": since}))
        yield
    finally:
        lock.release()


def _who(holder) -> str:
    """The holder as words; it may be writing its name this very moment."""
    try:
        who = json.loads(holder.read_text())
        return f"{who['what']}, process {who['pid']}, since {who['since']}"
    except (OSError, ValueError, KeyError):
        return "its process has not written its name yet"
