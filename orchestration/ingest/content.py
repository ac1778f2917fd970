"""What is known of a landed content while it is taken in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from orchestration.ingest.find import Landed, Place
from orchestration.ingest.manifest import Part
from orchestration.ingest.read import Relation, Unreadable


@dataclass
class Content:
    """One distinct landed content on its way in."""

    landed: Landed  # at the first of its paths
    place: Place | None
    paths: list[str]
    relation: Relation | None = None
    refused: Unreadable | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    models: list[tuple] = field(default_factory=list)
    deliveries: list[tuple] = field(default_factory=list)
    edition: str | None = None
    first_problem: str | None = None

    @property
    def file_hash(self) -> str:
        return self.landed.file_hash

    def refuse(self, reason: str, mend: str, column: str | None = None, rows: int | None = None) -> None:
        self.refused = Unreadable(reason, mend, column, rows)
