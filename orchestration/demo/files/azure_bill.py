"""Azure's export of cost details: the search service of another team, by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from orchestration.demo.files.aws_bill import last_billed_day
from orchestration.demo.ledger import Charge
from orchestration.demo.scene import Files, Table, days_of

HEADER = tuple(
    "SubscriptionId ResourceGroup ResourceLocation Date ProductName MeterCategory MeterSubCategory MeterId MeterName "
    "UnitOfMeasure Quantity EffectivePrice CostInBillingCurrency ConsumedService ResourceId Tags UnitPrice "
    "PublisherType PublisherName ChargeType Frequency PricingModel BillingAccountId BillingCurrencyCode "
    "BillingPeriodStartDate BillingProfileId PayGPrice".split()
)
_HOUR = Decimal("0.336")
_SUBSCRIPTION = "5f1c0a4e-3b7d-4f0e-9a55-6d1e2f7b8c90"


@dataclass
class Export(Table):
    """With the mark that Excel likes, as Azure writes it."""

    def content(self) -> str:
        return "\ufeff" + super().content()


class AzureBill(Files):
    """The export of actual costs, a file a month."""

    source: ClassVar[str] = "azure_cost"
    own: ClassVar[str] = r"(actual|amortized)_[^/]*\.csv"

    def land(self) -> None:
        shown = [day for day in self.scene.days if day <= last_billed_day(self.scene.end)]
        for month in self.scene.months:
            lines = [self._line(day) for day in days_of(month, shown)]
            if lines:
                export = Export(self.source, f"azure_cost/actual_{month:%Y-%m}.csv", lines, HEADER)
                self.deliver(export)
                self.scene.ledger.add(map(_charge, export.records))

    def _line(self, day: date) -> dict:
        hours, group = 24 * self.scene.scale, f"/subscriptions/{_SUBSCRIPTION}/resourceGroups/search"
        return {
            "SubscriptionId": _SUBSCRIPTION,
            "ResourceGroup": "search",
            "ResourceLocation": "eastus",
            "Date": f"{day:%m/%d/%Y}",
            "ProductName": "Azure AI Search - Standard S1",
            "MeterCategory": "Azure AI Search",
            "MeterSubCategory": "Standard S1",
            "MeterId": "a1b0c6d2-58f4-4c0b-8d7e-2f9b3f6c7e11",
            "MeterName": "Standard S1 Unit",
            "UnitOfMeasure": "1 Hour",
            "Quantity": hours,
            "EffectivePrice": _HOUR,
            "CostInBillingCurrency": hours * _HOUR,
            "ConsumedService": "Microsoft.Search",
            "ResourceId": f"{group}/providers/Microsoft.Search/searchServices/help",
            "Tags": {"team": "search"},
            "UnitPrice": _HOUR,
            "PublisherType": "Azure",
            "PublisherName": "Microsoft",
            "ChargeType": "Usage",
            "Frequency": "UsageBased",
            "PricingModel": "OnDemand",
            "BillingAccountId": "8611537",
            "BillingCurrencyCode": "USD",
            "BillingPeriodStartDate": f"{day.replace(day=1):%m/%d/%Y}",
            "BillingProfileId": "8611537",
            "PayGPrice": _HOUR,
        }


def _charge(line: dict) -> Charge:
    day, cost = datetime.strptime(line["Date"], "%m/%d/%Y").date(), line["CostInBillingCurrency"]
    return Charge("azure_cost", "native_bill", "azure_cloud", "Usage", day, day, cost, cost, cost, cost)
