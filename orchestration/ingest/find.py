"""Finds what has landed for a source, and reads every new file once to know its content: hash, encoding, shape."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import json
import os
import re
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

CHUNK = 1 << 20
FORMATS = {"csv": "csv", "json": "json", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet"}
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")
NO_RECORDS = ("manifest.json",)  # beside an export's parts a cloud writes what they are
MEND_ENDING = "Give it one of these endings: .csv .json .jsonl .ndjson .parquet, each also with .gz."
WIDE = re.compile(rb"[^\0]\0[^\0]\0|\0[^\0]\0[^\0]|[^\0]\0\0\0|\0\0\0[^\0]")  # Latin letters of two or four bytes
# What no text begins with: the bytes, what such a file is, and the mend.
NO_TEXT = (
    (b"PK\x03\x04", "is a ZIP archive or a workbook", "Unpack it, or save the sheet as CSV in UTF-8."),
    (b"\x1f\x8b", "is packed twice", "Unpack it once."),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd", "Unpack it, or pack it with gzip."),
    (b"PAR1", "is Parquet", "Give it the ending .parquet."),
    (b"%PDF", "is a PDF", "Export it as CSV or JSON; an invoice can be typed in: costgrain invoice add."),
    (b"<", "is a web page or XML", "Look into it: the download may have met a sign-in page or an error."),
)


@dataclass(frozen=True)
class Landed:
    """One landed path and what is known of its content.

    `path`: relative to the landing folder, with /. `file_hash`: SHA-256 of the uncompressed content, or of the bytes as
    they lie where they cannot be unpacked. `size`: uncompressed bytes. `fault` and `mend`: why it cannot be read.
    `format`: by the path's ending; None where that is unknown. `is_utf8`: else the records that are not are damaged.
    `ends_line`: the last byte ends a line.
    """

    path: str
    file_hash: str
    format: str | None
    size: int
    gzipped: bool = False
    bom: bool = False
    first: str = ""  # the first character that is not blank
    is_utf8: bool = True
    ends_line: bool = True
    fault: str | None = None
    mend: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a landed file lies, and its size and time of last change when it was looked at."""

    path: Path
    size: int
    changed_ns: int

    def has_changed(self) -> bool:
        try:
            status = self.path.stat()
        except OSError:
            return True
        return (status.st_size, status.st_mtime_ns) != (self.size, self.changed_ns)


def walk(folder: Path, landing: Path) -> Iterator[tuple[str, Path, tuple[str, str] | None]]:
    """(path relative to landing, where it lies, (fault, mend) or None) of every landed file, sorted.

    Hidden and unfinished files are left alone, and an export's own manifest. Links are followed as long as they stay
    inside the landing folder.
    """
    top = landing.resolve()
    seen: set[str] = set()

    def inside(path: Path) -> bool:
        target = Path(os.path.realpath(path))
        return target == top or top in target.parents

    def visit(folder: Path) -> Iterator[tuple[str, Path, tuple[str, str] | None]]:
        real = os.path.realpath(folder)
        if real in seen:
            return
        seen.add(real)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield (
                _shown(folder, landing),
                folder,
                (f"cannot be opened ({error.strerror}).", "Give the user read access."),
            )
            return
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED + NO_RECORDS):
                continue
            path = Path(entry.path)
            if entry.is_symlink() and not inside(path):
                mend = "Copy the file into the landing folder, or set COSTGRAIN_LANDING to where it lies."
                yield _shown(path, landing), path, ("is a link that leads out of the landing folder.", mend)
            elif entry.is_dir():
                yield from visit(path)
            elif entry.is_file():
                yield _shown(path, landing), path, None
            elif entry.is_symlink():
                yield _shown(path, landing), path, ("is a link to nothing.", "Land the file itself.")
            else:
                yield _shown(path, landing), path, ("is not a regular file.", "Land a regular file.")

    if os.path.lexists(folder):
        if folder.is_symlink() and not inside(folder):
            mend = "Copy the folder into the landing folder, or set COSTGRAIN_LANDING to where it lies."
            yield _shown(folder, landing), folder, ("is a link that leads out of the landing folder.", mend)
        elif folder.is_dir():
            yield from visit(folder)


def find(folder: Path, landing: Path, cache_path: Path) -> tuple[list[Landed], dict[str, Place]]:
    """What has landed under `folder`, and where each path lies. Files that did not change are not read again.

    `cache_path` is a derived file: path -> size, time of last change, and what was found.
    """
    cache = _read_cache(cache_path)
    kept: dict[str, list] = {}
    found: list[Landed] = []
    where: dict[str, Place] = {}
    for path, place, fault in walk(folder, landing):
        if fault is not None:
            target = os.readlink(place) if place.is_symlink() else ""
            digest = hashlib.sha256(f"refused:{fault[0]}:{os.fsencode(target)!r}:{path}".encode()).hexdigest()
            found.append(Landed(path, digest, format_of(path), 0, fault=fault[0], mend=fault[1]))
            continue
        try:
            status = place.stat()
            key = [status.st_size, status.st_mtime_ns]
            cached = cache.get(path)
            if cached is not None and cached[0] == key:
                landed = Landed(**cached[1])
            else:
                landed = examine(path, place)
                after = place.stat()
                if [after.st_size, after.st_mtime_ns] != key:
                    continue  # still being written: it is taken at the next run
        except FileNotFoundError:
            continue
        except OSError as error:
            digest = hashlib.sha256(f"unreadable:{path}".encode()).hexdigest()
            fault = f"cannot be opened ({error.strerror})."
            found.append(Landed(path, digest, format_of(path), 0, fault=fault, mend="Give the user read access."))
            continue
        # A file changed within the clock's last ticks could change again without a new time: look at it again.
        if time.time_ns() - status.st_mtime_ns > 2_000_000_000:
            kept[path] = [key, asdict(landed)]
        found.append(landed)
        where[path] = Place(place, status.st_size, status.st_mtime_ns)
    _write_cache(cache_path, kept, cache)
    return found, where


def format_of(path: str) -> str | None:
    name = path.lower().removesuffix(".gz")
    return FORMATS.get(name.rsplit(".", 1)[-1]) if "." in name.rsplit("/", 1)[-1] else None


def open_content(place: Path, gzipped: bool):
    """The uncompressed bytes of a landed file, as a stream."""
    return gzip.open(place, "rb") if gzipped else open(place, "rb")


def examine(path: str, place: Path) -> Landed:
    """Read the whole content once."""
    kind = format_of(path)
    with open(place, "rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    digest = hashlib.sha256()
    is_text = kind in ("csv", "json", "jsonl")
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    size, head, tail, first, is_utf8, fault, mend = 0, b"", b"", "", True, None, None
    if kind is None:
        fault, mend = "has an ending that is not known.", MEND_ENDING
    try:
        with open_content(place, gzipped) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                if size == 0:
                    head = chunk[:4]
                tail = chunk[-4:]
                if is_text and not first:
                    text = chunk.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
                    first = text[:1].decode("latin1")
                    fault, mend = _no_text(kind, head, text)
                if is_text and is_utf8:
                    is_utf8 = _is_utf8(decoder, chunk)
                size += len(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return Landed(
            path, _hash_as_it_lies(place), kind, size, gzipped=True,
            fault="is a damaged or truncated gzip file.",
            mend="Copy it again from where it was made, or save what can be unpacked: gzip -dc.",
        )  # fmt: skip
    is_utf8 = is_utf8 and _is_utf8(decoder, b"", is_last=True)
    if kind == "parquet" and size and (head != b"PAR1" or tail != b"PAR1"):
        fault, mend = "is not a whole Parquet file.", "Copy it again from where it was made."
    bom = is_text and head.startswith(codecs.BOM_UTF8)
    ends_line = tail.endswith(b"\n")
    return Landed(path, digest.hexdigest(), kind, size, gzipped, bom, first, is_utf8, ends_line, fault, mend)


def _is_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes, is_last: bool = False) -> bool:
    try:
        decoder.decode(chunk, final=is_last)
    except UnicodeDecodeError:
        return False
    return True


def _no_text(kind: str, head: bytes, text: bytes) -> tuple[str, str] | tuple[None, None]:
    """What the file is instead of the text that its ending promises, and the mend. `text`: from its first letter on."""
    if kind == "csv" and text[:1] in (b"{", b"["):
        return "is JSON, not CSV.", "Give it the ending .json or, with one object a line, .jsonl."
    for begin, what, mend in NO_TEXT:
        if text.startswith(begin):
            return f"{what}, not {kind.upper()}.", mend
    if WIDE.match(head) or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "is UTF-16 or UTF-32, not UTF-8.", "Export it as UTF-8, or convert it: iconv -f utf-16 -t utf-8."
    return None, None


def _hash_as_it_lies(place: Path) -> str:
    with open(place, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shown(path: Path, landing: Path) -> str:
    """The path relative to landing, in text that any file can hold: bytes that are not UTF-8 are written as \\xNN."""
    text = os.fsencode(path.relative_to(landing)).decode("utf-8", "backslashreplace")
    return re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\x{ord(match[0]):02x}", text)


def _read_cache(path: Path) -> dict[str, list]:
    try:
        cache = json.loads(path.read_text(encoding="utf-8"))
        return {name: entry for name, entry in cache.items() if set(entry[1]) == set(Landed.__dataclass_fields__)}
    except (OSError, ValueError, TypeError, IndexError, AttributeError):
        return {}


def _write_cache(path: Path, cache: dict[str, list], before: dict[str, list]) -> None:
    if cache == before:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(cache), encoding="utf-8")
    aside.replace(path)
