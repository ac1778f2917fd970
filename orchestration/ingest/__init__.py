"""Takes landed files into raw: one module a source (folder `sources`), over one shared path.

Great Expectations is slow to import, so only a run that has new files does it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from orchestration.ingest import sources
from orchestration.ingest.gate import CheckResult
from orchestration.ingest.pipeline import SourceReport, ingest
from orchestration.ingest.spec import Source
from orchestration.places import Places

__all__ = ["SOURCES", "CheckResult", "SourceReport", "ingest_source", "unknown_folders"]

# Every source that can land, by the name of its folder.
SOURCES: dict[str, Source] = {
    module.name: importlib.import_module(f"{sources.__name__}.{module.name}").SOURCE
    for module in pkgutil.iter_modules(sources.__path__)
}


def ingest_source(places: Places, source: str, echo: Callable[[str], None] = lambda message: None) -> SourceReport:
    """Bring raw, quarantine and manifest of one source in line with what has landed. One writer at a time."""
    return ingest(places, SOURCES[source], echo)


def unknown_folders(places: Places) -> list[str]:
    """What lies in the landing folder and belongs to no source: folders, and files outside every folder."""
    if not places.landing.is_dir():
        return []
    return sorted(e.name for e in places.landing.iterdir() if e.name not in SOURCES and not e.name.startswith("."))
