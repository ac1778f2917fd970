"""The business side, flat: customers, revenue, budgets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from orchestration.demo.company import CUSTOMERS, TEAMS
from orchestration.demo.scene import Files, Scene, Table

# Monthly list prices by plan and product, in cents, at about 2,000 calls a day.
_PLAN_CENTS = {
    "starter": {"assist": 5900, "discover": 1900},
    "growth": {"assist": 18900, "compose": 14900, "discover": 5900},
    "enterprise": {"assist": 99000, "compose": 59000, "discover": 29000},
}
_FEATURE = {"assist": "helpdesk", "compose": "drafting", "discover": "knowledge"}
# What each team was given for a month, in USD, at about 2,000 calls a day.
_BUDGETS = (260, 300, 60, 20, 180, 25)


class Customers(Files):
    """All of them were customers before the first day."""

    source: ClassVar[str] = "customers"
    own: ClassVar[str] = r"customers\.csv"

    def land(self) -> None:
        first = self.scene.days[0]
        since = [first - timedelta(days=30 + 7 * number) for number in range(len(CUSTOMERS))]
        rows = [
            {"customer_id": c.id, "customer_name": c.name, "segment": c.segment, "plan": c.plan, "valid_from": day}
            for c, day in zip(CUSTOMERS, since, strict=True)
        ]
        self.deliver(Table(self.source, "customers/customers.csv", rows, tuple(rows[0])))


class Revenue(Files):
    """The recognised revenue of the months that the days touch."""

    source: ClassVar[str] = "revenue"
    own: ClassVar[str] = r"revenue\.csv"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.sums: dict[str, dict[str, str]] = {}

    def land(self) -> None:
        rows = []
        for month in self.scene.months:
            of_month: dict[str, Decimal] = {}
            for customer in CUSTOMERS:
                for product, cents in _PLAN_CENTS[customer.plan].items():
                    amount = Decimal(cents * self.scene.calls_per_day // 2000) / 100
                    rows.append(
                        {
                            "customer_id": customer.id,
                            "product": product,
                            "feature": _FEATURE[product],
                            "month": f"{month:%Y-%m}",
                            "amount": f"{amount:.2f}",
                            "currency": "USD",
                            "revenue_kind": "recognised",
                        }
                    )
                    of_month[customer.id] = of_month.get(customer.id, Decimal(0)) + amount
            self.sums[f"{month:%Y-%m}"] = {name: f"{amount:.2f}" for name, amount in of_month.items()}
        self.deliver(Table(self.source, "revenue/revenue.csv", rows, tuple(rows[0])))

    def answer(self) -> dict:
        return {"revenue": self.sums}


class Budgets(Files):
    """What each team was given for each month, all of AI, and in its own currency one vendor."""

    source: ClassVar[str] = "budgets"
    own: ClassVar[str] = r"budgets\.csv"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.sums: dict[str, dict[str, str]] = {}

    def land(self) -> None:
        rows = []
        for month in self.scene.months:
            for team, dollars in zip(TEAMS, _BUDGETS, strict=True):
                amount = Decimal(dollars * self.scene.calls_per_day // 20) / 100
                self.sums.setdefault(f"{month:%Y-%m}", {})[team] = f"{amount:.2f}"
                rows.append(_budget("team", team, month, amount))
            rows.append(_budget("ai", "", month, Decimal(900 * self.scene.scale)))
            rows.append(_budget("vendor", "gradewell", month, Decimal(25 * self.scene.scale), "EUR"))
        self.deliver(Table(self.source, "budgets/budgets.csv", rows, tuple(rows[0])))

    def answer(self) -> dict:
        return {"budgets": self.sums}


def _budget(scope_type: str, scope: str, month: date, amount: Decimal, currency: str = "USD") -> dict:
    return {
        "budget_id": f"ai-{scope or 'all'}-{month:%Y-%m}",
        "scope_type": scope_type,
        "scope": scope,
        "month": f"{month:%Y-%m}",
        "amount": f"{amount:.2f}",
        "currency": currency,
    }
