"""Copies a damaged JSON file as JSON Lines: its whole objects, and for each damaged stretch a text that says where.

A stretch ends where a record begins as the one before it did.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

from orchestration.ingest.find import CHUNK, open_content

BETWEEN = re.compile(r"[\s,]*")
OPENING = re.compile(r'\{\s*("[^"\\]*")?')  # of a record: its first name
LONGEST_INDENT = 1000


def copy(place: Path, gzipped: bool, longest: int, not_object: str, copied: Path) -> int:
    """Write the copy; returns how many objects it holds. `longest`: letters that one object may have."""
    objects = 0
    with open_content(place, gzipped) as content, open(copied, "wb") as lines:
        for text, line in _values(io.TextIOWrapper(content, "utf-8-sig", "surrogateescape"), longest):
            if text.startswith("{"):
                objects += 1
                out = text.replace("\n", " ")  # in an object, a line ends between two names only
            else:
                out = json.dumps(not_object if text else f"is not valid JSON (line {line:,}).")
            lines.write(out.encode("utf-8", "surrogateescape") + b"\n")
    return objects


def _values(text: io.TextIOBase, longest: int) -> Iterator[tuple[str, int]]:
    """(JSON of a value, or '' for a damaged stretch; the line on which it begins). A list around all is unwrapped."""
    decoder = json.JSONDecoder()
    held, at, line = text.read(CHUNK), 0, 1
    left = ""  # of what was skipped, what stands on the line
    begins = ""  # how a record does, once one was met
    around = ""  # [ in a list, ] after it

    def more() -> bool:
        nonlocal held, at
        added = text.read(max(CHUNK, len(held) - at))
        if added:
            held, at = held[at:] + added, 0
        return bool(added)

    def skip(end: int) -> None:
        nonlocal at, line, left
        line += held.count("\n", at, end)
        left = (left + held[at:end]).rpartition("\n")[2][:LONGEST_INDENT]
        at = end

    while True:
        skip(BETWEEN.match(held, at).end())
        if at == len(held):
            if more():
                continue
            if around == "[":
                yield "", line  # the list never ends: what was left is not there
            return
        if (held[at], around, begins) == ("[", "", "") or (held[at], around) == ("]", "["):
            around = held[at]
            skip(at + 1)
            continue
        try:
            _, end = decoder.raw_decode(held, at)
        except (ValueError, RecursionError):
            end = 0
        if end in (0, len(held)) and len(held) - at < longest and more():
            continue  # it may go on in what was not read yet
        if end or not begins:
            opening = match[0] if (match := OPENING.match(held, at)) else "{"
            begins = opening if left.strip() else f"\n{left}{opening}"
        if end:
            yield held[at:end], line
            skip(end)
            continue
        yield "", line
        while (found := held.find(begins, at + 1)) < 0:
            skip(max(at, len(held) - len(begins)))
            if not more():
                return
        skip(found)
