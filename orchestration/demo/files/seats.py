"""Seats of software with AI in it, and GitHub's report of what Copilot cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import ClassVar

import numpy as np

from orchestration.demo.company import USERS
from orchestration.demo.ledger import Charge
from orchestration.demo.scene import Files, Table, days_of, exported_at, next_month

_LICENCE_HEADER = tuple(
    "vendor product sku seats active_seats unit_price currency period_start period_end team ai_share".split()
)
# Vendor, product, price of a seat, share of AI, and (team, seats, of them used).
LICENCES = (
    ("Draftwise", "Draftwise Writer", "12.50", "1", (("documents", 9, 9), ("localisation", 6, 2))),
    ("Sketchwell", "Sketchwell Studio", "31.00", "0.3", (("search", 3, 3),)),
)
_COPILOT_HEADER = tuple(
    "date username product sku model quantity unit_type applied_cost_per_quantity gross_amount discount_amount "
    "net_amount exceeds_quota organization cost_center_name".split()
)


def seats_cost(vendor: str) -> Decimal:
    """What the seats of one vendor cost a month."""
    return sum(
        seats * Decimal(price) for name, _, price, _, teams in LICENCES if name == vendor for _, seats, _ in teams
    )


class Licences(Files):
    """The list of seats as it was exported in each month; some of them nobody uses."""

    source: ClassVar[str] = "licences"
    own: ClassVar[str] = r"exported_at=[^/]*/seats\.csv"

    def land(self) -> None:
        for month in self.scene.months:
            moment = datetime.combine(min(month.replace(day=3), self.scene.end), time(4), UTC)
            rows = [
                {
                    "vendor": vendor,
                    "product": product,
                    "sku": f"{vendor.lower()}-seat",
                    "seats": seats,
                    "active_seats": active,
                    "unit_price": price,
                    "currency": "USD",
                    "period_start": month,
                    "period_end": next_month(month) - timedelta(days=1),
                    "team": team,
                    "ai_share": share,
                }
                for vendor, product, price, share, teams in LICENCES
                for team, seats, active in teams
            ]
            export = Table(self.source, f"licences/{exported_at(moment)}/seats.csv", rows, _LICENCE_HEADER)
            self.deliver(export)
            self.scene.ledger.add(charge for row in export.records for charge in _seats(row))


def _seats(row: dict) -> Iterator[Charge]:
    """Seats in use, and those that nobody uses."""
    idle = max(0, row["seats"] - row["active_seats"])
    for seats, idle_of in ((row["seats"] - idle, None), (idle, row["team"])):
        if seats:
            cost = seats * Decimal(row["unit_price"])
            yield Charge(
                "licences",
                "seats",
                row["vendor"].lower(),
                "Purchase",
                row["period_start"],
                row["period_end"],
                contracted_cost=cost,
                effective_cost=cost,
                idle_of=idle_of,
            )


class Copilot(Files):
    """A report a month; its last day is the one before the last."""

    source: ClassVar[str] = "copilot"
    own: ClassVar[str] = r"usage_[^/]*\.csv"

    def land(self) -> None:
        for month in self.scene.months:
            rows = [row for day in days_of(month, self.scene.days[:-1]) if day.weekday() < 5 for row in self._day(day)]
            if rows:
                report = Table(self.source, f"copilot/usage_{month:%Y-%m}.csv", rows, _COPILOT_HEADER)
                self.deliver(report)
                self.scene.ledger.add(map(_requests, report.records))

    def _day(self, day: date) -> list[dict]:
        rng = np.random.default_rng([self.scene.seed, day.toordinal(), 3])
        return [
            {
                "date": day,
                "username": user.partition("@")[0].replace(".", "-"),
                "product": "copilot",
                "sku": "copilot_premium_request",
                "model": ("Claude Sonnet 4.5", "GPT-5")[requests % 2],
                "quantity": requests,
                "unit_type": "requests",
                "applied_cost_per_quantity": "0.04",
                "gross_amount": requests * Decimal("0.04"),
                "discount_amount": requests // 3 * Decimal("0.04"),
                "net_amount": (requests - requests // 3) * Decimal("0.04"),
                "exceeds_quota": "false",
                "organization": "tallowmere",
                "cost_center_name": "engineering",
            }
            for user, requests in zip(USERS, rng.integers(1, 40, len(USERS)).tolist(), strict=True)
        ]


def _requests(row: dict) -> Charge:
    net = row["net_amount"]
    costs = {"contracted_cost": net, "billed_cost": net, "effective_cost": net}
    return Charge(
        "copilot", "cost_report", "github", "Usage", row["date"], row["date"], list_cost=row["gross_amount"], **costs
    )
