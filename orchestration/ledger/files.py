"""First-seen times of landed contents, and the salt of the privacy hashes.

`ledger/first_seen/<hash>.csv`: source, file_hash, first_seen_at (UTC, ISO); one file a run that saw something new.
`ledger/salt`: 64 hex digits, made once. Whoever loses it gets other hashes, so nothing that was kept joins any more.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from orchestration.errors import MendableError
from orchestration.places import Places


class LedgerError(MendableError):
    """A ledger file that is not what was written; the message names it and the mend."""


def salt(places: Places) -> str:
    """The salt, made at the first call. Two processes that make it at once agree on one."""
    path = places.ledger / "salt"
    if not path.exists():
        places.ledger.mkdir(parents=True, exist_ok=True)
        made = _write_aside(path, secrets.token_hex(32).encode() + b"\n")
        # A link, not a rename: it never replaces a salt that another process made in between.
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if len(text) < 16:
        raise LedgerError(f"{path} holds no salt. Put the saved one back; a new one would break every join on hashes.")
    return text


def first_seen(places: Places, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
    """When each (source, file hash) was first seen; those not seen before are recorded with the run's now."""
    folder = places.ledger / "first_seen"
    known = _read(folder)
    wanted = sorted(set(keys))
    new = [key for key in wanted if key not in known]
    if new:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["source", "file_hash", "first_seen_at"])
        rows.writerows([*key, places.now.isoformat(sep=" ", timespec="seconds")] for key in new)
        append(folder, "", ".csv", text.getvalue().encode())
        known |= {key: places.now.replace(microsecond=0) for key in new}
    return {key: known[key] for key in wanted}


def append(folder: Path, label: str, suffix: str, content: bytes) -> Path:
    """Add a file for ever: `label`, the content's own hash, `suffix`. The same content is the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{label}{hashlib.sha256(content).hexdigest()}{suffix}"
    _write_aside(path, content).rename(path)
    return path


def contents(folder: Path, suffix: str) -> Iterator[tuple[Path, bytes]]:
    """The files of a folder of the ledger, in the order of their names; LedgerError if one is not what was written."""
    for path in sorted(folder.glob(f"*{suffix}")):
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != path.stem[-64:]:
            raise LedgerError(f"{path} was changed after it was written. Put the ledger back from its backup.")
        yield path, content


def _read(folder: Path) -> dict[tuple[str, str], datetime]:
    known: dict[tuple[str, str], datetime] = {}
    for _, content in contents(folder, ".csv"):
        for row in csv.DictReader(io.StringIO(content.decode())):
            key = (row["source"], row["file_hash"])
            at = datetime.fromisoformat(row["first_seen_at"])
            known[key] = min(at, known.get(key, at))
    return known


def _write_aside(path: Path, content: bytes) -> Path:
    """Write `content`, safely on disk, beside `path` under a name that nobody reads."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    with open(aside, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return aside
