"""What every planted thing is made of."""

from __future__ import annotations

import zlib
from datetime import date
from decimal import Decimal

import numpy as np

from orchestration.demo.calls import Calls
from orchestration.demo.prices import plain
from orchestration.demo.scene import Delivery, Scene
from orchestration.demo.truth import figures_of

MOST_IDS = 50


class Plant:
    """One hard thing. Its hooks are called in this order: for each day in turn `happen`, `know`, `see`, and `log` for
    each log; then, once, `deliver` for each other file, `land` and `answer`."""

    id = ""
    what = ""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.ids: list[str] = []
        self.files: list[str] = []
        self.amounts: dict[str, object] = {}
        self._noted: list[dict] = []

    def rng(self, day: date) -> np.random.Generator:
        """Its own draws, so that no planter changes another's."""
        return np.random.default_rng([self.scene.seed, day.toordinal(), zlib.crc32(self.id.encode())])

    def happen(self, day: date, calls: Calls) -> Calls:
        """Change what truly happened in the traces that start on `day`; costs are computed afterwards."""
        return calls

    def know(self, day: date, calls: Calls) -> Calls:
        """Change what all logs together tell of what happened; costs are computed afterwards."""
        return calls

    def see(self, day: date, calls: Calls) -> None:
        """Look at what the logs tell in the end, to write it into the answer."""

    def log(self, day: date, source: str, lines: Calls) -> Calls:
        """Change which lines one log holds of `day`, not what is known."""
        return lines

    def deliver(self, delivery: Delivery) -> None:
        """Change a file that is no call log's, before it is written."""

    def land(self) -> None:
        """Add files when all others stand."""

    def count(self, more: dict[str, int]) -> None:
        """Add to the whole numbers of the answer."""
        for name, value in more.items():
            self.amounts[name] = int(self.amounts.get(name, 0)) + int(value)

    def note(self, calls: Calls) -> None:
        """Keep the ids and the sums of these calls."""
        room = MOST_IDS - len(self.ids)
        self.ids += [f"chatcmpl-{i.decode()}" for i in calls.id[:room]] if room > 0 else []
        self._noted.append(figures_of(calls))

    def answer(self) -> dict:
        """What, where and how much."""
        return {
            "id": self.id,
            "what": self.what,
            "files": self.files,
            "request_ids": self.ids,
            "amounts": {**_added(self._noted), **self.amounts},
        }


def _added(parts: list[dict]) -> dict:
    """Sums of several days' figures."""
    if not parts:
        return {}
    result: dict[str, object] = {}
    for name, value in parts[0].items():
        if isinstance(value, dict):
            result[name] = _added([part[name] for part in parts])
        elif isinstance(value, str):
            result[name] = plain(sum((Decimal(part[name]) for part in parts), Decimal(0)))
        else:
            result[name] = sum(part[name] for part in parts)
    return result
