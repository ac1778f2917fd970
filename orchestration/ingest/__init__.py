"""Takes landed files into raw: one module a source, over one shared path.

Great Expectations is slow to import, so only a run that has new files does it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from orchestration.ingest import customers, focus, litellm, llm_calls, outcomes, revenue
from orchestration.ingest.gate import CheckResult
from orchestration.ingest.pipeline import SourceReport, ingest
from orchestration.places import Places

__all__ = ["SOURCES", "CheckResult", "SourceReport", "ingest_source", "unknown_folders"]

# Every source that can land, by the name of its folder: a new one is a module and a line here.
SOURCES: dict[str, ModuleType] = {
    "llm_calls": llm_calls,
    "litellm": litellm,
    "focus": focus,
    "customers": customers,
    "revenue": revenue,
    "outcomes": outcomes,
}


def ingest_source(places: Places, source: str, echo: Callable[[str], None] = lambda message: None) -> SourceReport:
    """Bring raw, quarantine and manifest of one source in line with what has landed. One writer at a time."""
    return ingest(places, SOURCES[source].SOURCE, echo)


def unknown_folders(places: Places) -> list[str]:
    """What lies in the landing folder and belongs to no source: folders, and files outside every folder."""
    if not places.landing.is_dir():
        return []
    return sorted(e.name for e in places.landing.iterdir() if e.name not in SOURCES and not e.name.startswith("."))
