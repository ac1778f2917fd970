"""Oracle Cloud's cost report of the company's data platform, a file a month; one line is corrected later."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

from orchestration.demo.files.aws_bill import last_billed_day
from orchestration.demo.ledger import Charge
from orchestration.demo.scene import Files, Table, days_of

HEADER = tuple(
    "lineItem/referenceNo lineItem/tenantId lineItem/intervalUsageStart lineItem/intervalUsageEnd product/service "
    "product/compartmentId product/compartmentName product/region product/resourceId usage/billedQuantity "
    "cost/productSku product/Description cost/unitPrice cost/myCost cost/currencyCode cost/billingUnitReadable "
    "lineItem/isCorrection lineItem/backreferenceNo tags/application".split()
)
# Service, SKU, what, quantity, price, unit.
_METERED = (
    ("DATABASE", "B95702", "Autonomous Database ECPU", 14, "0.336", "ECPU Hour"),
    ("OBJECTSTORAGE", "B91628", "Object Storage", 120, "0.0255", "Gigabyte Storage Capacity Per Month"),
)


class OracleBill(Files):
    """Some lines a week."""

    source: ClassVar[str] = "oci_cost"
    own: ClassVar[str] = r"cost_report_[^/]*\.csv"

    def land(self) -> None:
        shown = [day for day in self.scene.days if day <= last_billed_day(self.scene.end)]
        for month in self.scene.months:
            lines = [
                self._line(day, *metered) for day in days_of(month, shown) if day.weekday() == 0 for metered in _METERED
            ]
            if lines:
                report = Table(self.source, f"oci_cost/cost_report_{month:%Y-%m}.csv", lines, HEADER)
                self.deliver(report)
                self.scene.ledger.add(map(_charge, report.records))

    def _line(
        self, day: date, service: str, sku: str, what: str, quantity: int, price: str, unit: str
    ) -> dict[str, object]:
        quantity *= self.scene.scale
        return {
            "lineItem/referenceNo": f"V2.1.{sha256(f'{day}{sku}'.encode()).hexdigest()[:24]}",
            "lineItem/tenantId": "ocid1.tenancy.oc1..tallowmere",
            "lineItem/intervalUsageStart": f"{day}T00:00Z",
            "lineItem/intervalUsageEnd": f"{day + timedelta(days=1)}T00:00Z",
            "product/service": service,
            "product/compartmentId": "ocid1.compartment.oc1..data",
            "product/compartmentName": "data",
            "product/region": "us-ashburn-1",
            "product/resourceId": f"ocid1.{service.lower()}.oc1..platform",
            "usage/billedQuantity": quantity,
            "cost/productSku": sku,
            "product/Description": what,
            "cost/unitPrice": price,
            "cost/myCost": quantity * Decimal(price),
            "cost/currencyCode": "USD",
            "cost/billingUnitReadable": unit,
            "lineItem/isCorrection": "false",
            "tags/application": "archive",
        }


def _charge(line: dict) -> Charge:
    day, cost = date.fromisoformat(line["lineItem/intervalUsageStart"][:10]), Decimal(line["cost/myCost"])
    costs = {"contracted_cost": cost, "billed_cost": cost, "effective_cost": cost}
    cause = "refund" if line["lineItem/isCorrection"] == "true" else None
    return Charge("oci_cost", "native_bill", "oracle_cloud", "Usage", day, day, **costs, cause=cause)
