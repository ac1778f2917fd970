"""The built marts file, its seal (the word that this very file passed every test), and its publication.

begin    takes the seal away and makes sure that the file exists, in the storage version old clients read
seal     once everything passed: checkpoints the file and notes down which bytes these are
publish  copies sealed bytes to a new name and renames it over what readers open
opened   what readers open, read-only
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
from pathlib import Path

import duckdb

from orchestration.errors import MendableError
from orchestration.places import Places

STORAGE_VERSION = "v1.2.0"


class NotPassedError(MendableError):
    """The built marts are not those of a build that passed."""


def begin(places: Places) -> None:
    """From here on the built marts are in the works and cannot be published."""
    _seal_file(places).unlink(missing_ok=True)
    prepare(places)


def prepare(places: Places) -> None:
    """Create the marts file where there is none: its storage version is set at birth."""
    marts = places.built_marts
    if marts.exists():
        return
    marts.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"attach '{_quoted(marts)}' as marts (storage_version '{STORAGE_VERSION}')")


def seal(places: Places) -> None:
    """Declare the built marts fit to publish: nothing is left in a write-ahead log, and their identity is noted."""
    marts = places.built_marts
    with duckdb.connect(str(marts)) as con:
        con.execute("checkpoint")
    if marts.with_name(marts.name + ".wal").exists():
        raise NotPassedError(f"{marts} still has a write-ahead log: another process has it open. Close it, run again.")
    _seal_file(places).write_text(json.dumps(_identity(marts)))


def publish(places: Places) -> bool:
    """Put the sealed marts where readers open them; False if these very bytes lie there already.

    A reader that holds the old file keeps reading the old file. Raises NotPassedError where the seal is missing
    or belongs to other bytes.
    """
    built, published = places.built_marts, places.published_marts
    if not _is_sealed(places):
        raise NotPassedError(
            f"{built} is not the result of a build that passed, so it is not published. Run `costgrain run`."
        )
    published.parent.mkdir(parents=True, exist_ok=True)
    for leftover in published.parent.glob(".marts-*.tmp"):  # a killed publish
        leftover.unlink()
    if published.exists() and filecmp.cmp(built, published, shallow=False):
        return False
    fresh = published.parent / f".marts-{os.getpid()}.tmp"
    shutil.copyfile(built, fresh)
    fresh.chmod(0o444)  # readers that forget to open it read-only are told so, and leave no log of their own beside it
    _sync(fresh)
    # A log that someone left beside the old file would be replayed into the new one.
    published.with_name(published.name + ".wal").unlink(missing_ok=True)
    os.replace(fresh, published)
    _sync(published.parent)
    return True


def _seal_file(places: Places) -> Path:
    return places.built_marts.with_name("sealed.json")


def _is_sealed(places: Places) -> bool:
    try:
        return json.loads(_seal_file(places).read_text()) == _identity(places.built_marts)
    except (OSError, ValueError):
        return False


def _identity(path: Path) -> dict[str, int]:
    stat = path.stat()
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def opened(places: Places) -> duckdb.DuckDBPyConnection:
    """The published marts, read-only; raises MendableError where nothing has been published or it cannot be read."""
    published = places.published_marts
    if not published.exists():
        command = "costgrain run --demo" if places.is_demo else "costgrain run"
        raise MendableError(f"Nothing is published in {published.parent} yet. Run `{command}`.")
    try:
        return duckdb.connect(str(published), read_only=True)
    except duckdb.Error as error:
        raise MendableError(f"{published} cannot be opened: {str(error).splitlines()[0]}") from None
