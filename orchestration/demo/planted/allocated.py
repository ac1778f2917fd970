"""What rules hand on: a chain of three, a team that moved, seats and GPUs that nobody uses."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np

from orchestration.demo.calls import Calls
from orchestration.demo.company import (
    CUSTOMERS,
    GPU_NODE,
    HOSTED_SINCE,
    HOSTED_WEIGHTS,
    IDLE_TEAM,
    INTERNAL,
    PLATFORM_TEAMS,
    TEAM_MOVED_ON,
    UNALLOCATED,
    UNPRICED_MODEL,
    WORKFLOWS,
)
from orchestration.demo.files.aws_bill import BillMonth
from orchestration.demo.files.kubernetes import USED_HOURS
from orchestration.demo.prices import plain
from orchestration.demo.scene import Delivery, Plant, next_month
from orchestration.demo.truth import day_of


class ChainOfRules(Plant):
    id = "chain_of_rules"
    what = (
        "what observability costs goes to workflows by their calls, with them to customers by theirs, "
        "and what the company itself gets of it to its platform teams"
    )

    def __init__(self, scene) -> None:
        super().__init__(scene)
        self._calls: dict[date, Counter[tuple[str, str]]] = {}
        self._billed: dict[date, Decimal] = {}

    def see(self, day: date, calls: Calls) -> None:
        workflow = np.where(calls.is_tagged | calls.is_traced, calls.workflow, -1)
        cells, counts = np.unique(np.stack([calls.event_day, workflow, calls.customer]), axis=1, return_counts=True)
        for (event_day, number, customer), count in zip(cells.T.tolist(), counts.tolist(), strict=True):
            is_internal = number >= 0 and WORKFLOWS[number].is_internal
            name = CUSTOMERS[customer].id if customer >= 0 else INTERNAL if is_internal else UNALLOCATED
            found = self._calls.setdefault(day_of(event_day), Counter())
            found[WORKFLOWS[number].name if number >= 0 else UNALLOCATED, name] += count

    def deliver(self, delivery: Delivery) -> None:
        if delivery.path.startswith("invoices/lumenlog"):
            month = date.fromisoformat(f"{delivery.path[-11:-4]}-01")
            lines = [line for line in delivery.records if line["category"] not in ("tax", "credit")]
            self._billed[month] = sum(Decimal(line["amount"]) for line in lines)
            self.files.append(delivery.path)

    def answer(self) -> dict:
        by_customer: Counter[str] = Counter()
        by_team: Counter[str] = Counter()
        for month, billed in self._billed.items():
            days = (next_month(month) - month).days
            for day in (month + timedelta(days=number) for number in range(days)):
                calls = self._calls.get(day) or Counter({(UNALLOCATED, UNALLOCATED): 1})
                for (workflow, customer), count in calls.items():
                    part = Fraction(billed) / days * Fraction(count, calls.total())
                    by_customer[customer if workflow != UNALLOCATED else UNALLOCATED] += part
                    teams = PLATFORM_TEAMS if customer == INTERNAL and workflow != UNALLOCATED else (UNALLOCATED,)
                    for team in teams:
                        by_team[team] += part / len(teams)
        self.amounts = {
            "by_customer": {name: _rounded(cost) for name, cost in sorted(by_customer.items())},
            "by_team": {name: _rounded(cost) for name, cost in sorted(by_team.items())},
        }
        return super().answer()


def _rounded(cost: Fraction) -> str:
    return plain(Decimal(cost.numerator * 10**9 // cost.denominator).scaleb(-9))


class MovedTeam(Plant):
    id = "moved_team"
    what = "a team that moved to another cost centre in the middle of a month, and bears Oracle's charges"

    def answer(self) -> dict:
        sums = {"before": Decimal(0), "after": Decimal(0)}
        for charge in self.scene.ledger.counted():
            if charge.vendor == "oracle_cloud":
                sums["before" if charge.first_day < TEAM_MOVED_ON else "after"] += charge.effective_cost
        self.amounts = {name: plain(cost) for name, cost in sums.items()} | {"moved_on": f"{TEAM_MOVED_ON}"}
        return super().answer()


class UnusedSeats(Plant):
    id = "unused_seats"
    what = "seats that nobody uses, in the lists that the ledger counts: they stay with their team, as idle"

    def answer(self) -> dict:
        idle: Counter[str] = Counter()
        for charge in self.scene.ledger.counted():
            if charge.idle_of:
                idle[charge.idle_of] += charge.effective_cost
        self.amounts = {team: plain(cost) for team, cost in sorted(idle.items())}
        return super().answer()


class IdleGpus(Plant):
    id = "idle_gpus"
    what = (
        "a third of the GPU hours of the company's own model is idle, and a team bears that; "
        "the rest goes to the customers of its calls from the day on which the config says where it runs"
    )

    def __init__(self, scene) -> None:
        super().__init__(scene)
        self._weights: dict[date, Counter[str]] = {}
        self._billed: dict[date, Decimal] = {}

    def see(self, day: date, calls: Calls) -> None:
        served = calls.take(calls.model == UNPRICED_MODEL)
        input_weight, output_weight = HOSTED_WEIGHTS
        weights = served.prompt * input_weight + served.completion * output_weight
        for event_day, customer, weight in zip(
            served.event_day.tolist(), served.customer.tolist(), weights.tolist(), strict=True
        ):
            name = CUSTOMERS[customer].id if customer >= 0 else UNALLOCATED
            self._weights.setdefault(day_of(event_day), Counter())[name] += weight

    def deliver(self, delivery: Delivery) -> None:
        if isinstance(delivery, BillMonth) and delivery.is_newest:
            nodes = [line for line in delivery.records if line["ResourceId"] == GPU_NODE]
            self._billed |= {
                date.fromisoformat(line["ChargePeriodStart"][:10]): Decimal(line["BilledCost"]) for line in nodes
            }
            self.files.append(delivery.path)

    def answer(self) -> dict:
        by_customer: Counter[str] = Counter()
        idle = Fraction(0)
        for day, billed in self._billed.items():
            used = Fraction(billed) * USED_HOURS / 24
            idle += Fraction(billed) - used
            weights = (self._weights.get(day) if day >= HOSTED_SINCE else None) or Counter({UNALLOCATED: 1})
            for name, weight in weights.items():
                by_customer[name] += used * Fraction(weight, weights.total())
        self.amounts = {
            "idle": {IDLE_TEAM: _rounded(idle)},
            "by_customer": {name: _rounded(cost) for name, cost in sorted(by_customer.items())},
        }
        return super().answer()
