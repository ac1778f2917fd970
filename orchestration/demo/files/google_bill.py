"""Google Cloud's billing export to BigQuery, a line a day and SKU: what Vertex AI charges for tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

from orchestration.demo.company import MODELS, WORKFLOWS
from orchestration.demo.files.aws_bill import last_billed_day
from orchestration.demo.ledger import Charge
from orchestration.demo.prices import CLASSES, PICO
from orchestration.demo.scene import Delivery, Files, days_of

# What the SKUs call the classes; there is no charge for writing to a cache.
_METERS = {
    "input_uncached": "Text Input - ",
    "cache_read": "Text Input Caching - ",
    "output": "Text Output - ",
    "audio_input": "Audio Input - ",
    "image_input": "Image Input - ",
    "audio_output": "Audio Output - ",
    "image_output": "Image Output - ",
}


class GoogleBill(Files):
    """A file an invoice month."""

    source: ClassVar[str] = "gcp_billing"
    own: ClassVar[str] = r"billing_[^/]*\.jsonl"

    def land(self) -> None:
        shown = [day for day in self.scene.days if day <= last_billed_day(self.scene.end)]
        for month in self.scene.months:
            lines = [line for day in days_of(month, shown) for line in self._day(day)]
            if lines:
                export = Delivery(self.source, f"gcp_billing/billing_{month:%Y-%m}.jsonl", lines)
                self.deliver(export)
                self.scene.ledger.add(map(_charge, export.records))

    def _day(self, day: date) -> Iterator[dict]:
        for (access, model, _), used in self.scene.usage.of_day(day, "vertex_ai").items():
            tier = next((w.service_tier for w in WORKFLOWS if w.name == access), "standard")
            for token_class, tokens, cost in zip(CLASSES, used.tokens, used.costs, strict=True):
                if cost:
                    name = MODELS[model].name.replace("-", " ").title()
                    meter = _METERS[token_class] + ("Batch Predictions" if tier == "batch" else "Predictions")
                    yield _line(day, access, f"{name} {meter}", tokens, float(cost * PICO))


def _line(day: date, project: str, sku: str, tokens: int, cost: float) -> dict:
    return {
        "billing_account_id": "01D3A0-7A110E-4E3E55",
        "service": {"id": "C7E2-9256-1C43", "description": "Vertex AI"},
        "sku": {"id": sha256(sku.encode()).hexdigest()[:12].upper(), "description": sku},
        "usage_start_time": f"{day} 00:00:00 UTC",
        "usage_end_time": f"{day + timedelta(days=1)} 00:00:00 UTC",
        "project": {"id": f"tallowmere-{project}", "name": f"tallowmere-{project}", "labels": []},
        "labels": [],
        "location": {"location": "us-central1", "country": "US", "region": "us-central1", "zone": None},
        "transaction_type": "GOOGLE",
        "seller_name": "Google",
        "cost": cost,
        "currency": "USD",
        "currency_conversion_rate": 1.0,
        "usage": {"amount": float(tokens), "unit": "count"},
        "credits": [],
        "invoice": {"month": f"{day:%Y%m}"},
        "cost_type": "regular",
        "cost_at_list": cost,
    }


def _charge(line: dict) -> Charge:
    """What is billed is the cost and its credits."""
    day, cost = date.fromisoformat(line["usage_start_time"][:10]), Decimal(repr(line["cost"]))
    net = cost + sum((Decimal(repr(credit["amount"])) for credit in line["credits"]), Decimal(0))
    costs = {"contracted_cost": cost, "billed_cost": net, "effective_cost": net}
    return Charge("gcp_billing", "native_bill", "vertex_ai", "Usage", day, day, list_cost=cost, **costs)
