"""First-seen times of landed contents and of their paths, and the salt of the privacy hashes.

`ledger/first_seen/<hash>.csv`: source, file_hash, first_seen_at (UTC, ISO); one file a run that saw something new.
`ledger/came/<hash>.csv`: path below landing, came_at; likewise.
`ledger/salt`: 64 hex digits, made once. Whoever loses it gets other hashes, so nothing that was kept joins any more.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    new = {key: places.now.replace(microsecond=0) for key in wanted if key not in known}
    _add(folder, ("source", "file_hash", "first_seen_at"), new)
    known |= new
    return {key: known[key] for key in wanted}


def came(places: Places, contents: Mapping[str, tuple[datetime, Sequence[str]]]) -> dict[str, datetime]:
    """When each content came to the newest of its paths; `contents` holds when it was first seen, and where it lies.

    A path stays as old as it is whatever it holds: what came together stays together when one part of it is replaced.
    A part that comes again in a new folder, beside new ones, comes with them, whether its old path is still there or
    not; any other copy is as old as it was. So is all of a source of which no path has been recorded yet.
    """
    folder, now = places.ledger / "came", places.now.replace(microsecond=0)
    known = {path: at for (path,), at in _read(folder).items()}
    old_folders = {os.path.dirname(path) for path in known}
    old_sources = {path.partition("/")[0] for path in known}
    beside = {os.path.dirname(path) for seen_at, paths in contents.values() if seen_at == now for path in paths}
    new = {}
    for seen_at, paths in contents.values():
        for path in paths:
            name = os.path.dirname(path)
            if path not in known:
                is_again = path.partition("/")[0] in old_sources and name in beside and name not in old_folders
                new[(path,)] = now if is_again else seen_at
    _add(folder, ("path", "came_at"), new)
    known |= {path: at for (path,), at in new.items()}
    return {content: max(known[path] for path in paths) for content, (_, paths) in contents.items()}


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


def _add(folder: Path, header: tuple[str, ...], new: dict[tuple[str, ...], datetime]) -> None:
    if new:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(header)
        rows.writerows([*key, at.isoformat(sep=" ", timespec="seconds")] for key, at in sorted(new.items()))
        append(folder, "", ".csv", text.getvalue().encode())


def _read(folder: Path) -> dict[tuple[str, ...], datetime]:
    """Of each key the earliest time, which stands in the last column."""
    known: dict[tuple[str, ...], datetime] = {}
    for _, content in contents(folder, ".csv"):
        for *names, time in list(csv.reader(io.StringIO(content.decode())))[1:]:
            key, at = tuple(names), datetime.fromisoformat(time)
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
