"""OpenCost's allocations of the cluster that serves the company's own model: the same machines as on the AWS bill."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from orchestration.demo.company import GPU_NODE, HOSTED_CLUSTER, HOSTED_NAMESPACE
from orchestration.demo.files.aws_bill import GPU_PRICE
from orchestration.demo.ledger import Charge
from orchestration.demo.scene import Delivery, Files, days_of, json_text, midnight

USED_HOURS = 16  # of a day; the rest is idle


class Allocations(Delivery):
    """What OpenCost's API returns: a window a day; the rows are the allocations in it."""

    @property
    def rows(self) -> int:
        return sum(map(len, self.records))

    def content(self) -> str:
        return json_text({"code": 200, "data": self.records}) + "\n"


class OpenCost(Files):
    """A file a month."""

    source: ClassVar[str] = "opencost"
    own: ClassVar[str] = r"allocation_[^/]*\.json"

    def land(self) -> None:
        for month in self.scene.months:
            windows = [self._window(day) for day in days_of(month, self.scene.days[:-1])]
            if windows:
                found = Allocations(self.source, f"opencost/allocation_{month:%Y-%m}.json", windows)
                self.deliver(found)
                self.scene.ledger.add(_charge(one) for window in found.records for one in window.values())

    def _window(self, day: date) -> dict[str, dict]:
        ranker = {
            "cluster": HOSTED_CLUSTER,
            "node": "gpu-1",
            "providerID": GPU_NODE,
            "namespace": HOSTED_NAMESPACE,
            "controllerKind": "deployment",
            "controller": "ranker",
            "pod": "ranker-0",
            "labels": {"team": "search", "workflow": "search"},
        }
        return {
            "inference/ranker/ranker-0": self._allocation("inference/ranker/ranker-0", ranker, day, USED_HOURS),
            "__idle__": self._allocation("__idle__", {"cluster": HOSTED_CLUSTER}, day, 24 - USED_HOURS),
        }

    def _allocation(self, name: str, properties: dict, day: date, hours: int) -> dict:
        cost = float(hours * self.scene.scale * Decimal(GPU_PRICE))
        return {
            "name": name,
            "properties": properties,
            "start": midnight(day),
            "end": midnight(day + timedelta(days=1)),
            "cpuCost": 0,
            "ramCost": 0,
            "gpuCount": self.scene.scale,
            "gpuHours": hours * self.scene.scale,
            "gpuCost": cost,
            "totalCost": cost,
        }


def _charge(allocation: dict) -> Charge:
    day = date.fromisoformat(allocation["start"][:10])
    cost = Decimal(repr(allocation["totalCost"]))
    return Charge("opencost", "platform", "kubernetes", "Usage", day, day, effective_cost=cost)
