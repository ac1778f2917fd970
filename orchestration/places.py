"""Where everything lies: the five places of the design, from the environment or from their defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class PlacesError(ValueError):
    """A COSTGRAIN_* variable that cannot be used; the message names it and the mend."""


@dataclass(frozen=True)
class Places:
    """The folders one build reads and writes, and its now.

    `landing`, `config` and `ledger` are read or appended to; everything under `home` is derived and may be deleted.
    `now` is a UTC time without zone.
    """

    landing: Path
    config: Path
    ledger: Path
    home: Path
    now: datetime
    is_demo: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, root: Path | None = None) -> Places:
        """The places that COSTGRAIN_LANDING, _CONFIG, _LEDGER, _HOME and _NOW name; defaults lie below `root`."""
        env = os.environ if env is None else env
        root = Path.cwd() if root is None else root

        def place(name: str, default: str) -> Path:
            return (root / Path(env.get(f"COSTGRAIN_{name}") or default).expanduser()).absolute()

        return cls(
            landing=place("LANDING", "landing"),
            config=place("CONFIG", "config"),
            ledger=place("LEDGER", "ledger"),
            home=place("HOME", ".costgrain"),
            now=parse_now(env.get("COSTGRAIN_NOW")),
            is_demo=env.get("COSTGRAIN_IS_DEMO") == "1",
        )

    def demo(self) -> Places:
        """The demo company's own four folders, below `home`; they are never built together with real files."""
        base = self.home / "demo"
        return Places(base / "landing", base / "config", base / "ledger", base / "home", self.now, is_demo=True)

    @property
    def option(self) -> str:
        """What a command needs behind its name and arguments to mean these places."""
        return " --demo" if self.is_demo else ""

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def built_marts(self) -> Path:
        return self.home / "build" / "marts.duckdb"

    @property
    def published_marts(self) -> Path:
        return self.home / "published" / "marts.duckdb"

    def environment(self) -> dict[str, str]:
        """The same places as variables, for dbt and for child processes."""
        return {
            "COSTGRAIN_LANDING": str(self.landing),
            "COSTGRAIN_CONFIG": str(self.config),
            "COSTGRAIN_LEDGER": str(self.ledger),
            "COSTGRAIN_HOME": str(self.home),
            "COSTGRAIN_NOW": self.now.isoformat(sep=" ", timespec="seconds"),
            "COSTGRAIN_IS_DEMO": "1" if self.is_demo else "0",
        }


def parse_now(text: str | None) -> datetime:
    """`text` (ISO 8601; without a zone it is UTC) as a UTC time without zone; the clock where it is empty."""
    if not text:
        return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise PlacesError(
            f"COSTGRAIN_NOW is {text!r}, which is not a time. Write it as 2026-10-01 or 2026-10-01T06:00:00Z."
        ) from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
