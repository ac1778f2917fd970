"""Hard things in the cost and usage report of an AWS account of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from orchestration.demo.files.aws_bill import BEDROCK
from orchestration.demo.files.cost_and_usage import SAGEMAKER, Report, report_path, token_class_of, unused_of
from orchestration.demo.prices import plain
from orchestration.demo.scene import Delivery, Plant, Scene


class _ReportPlant(Plant):
    """A hard thing that lies in each month's report."""

    def deliver(self, delivery: Delivery) -> None:
        if isinstance(delivery, Report):
            self.of_month(delivery)
            self.files.append(delivery.path)

    def of_month(self, report: Report) -> None:
        """Change it, or look at it."""

    def add(self, **more: Decimal) -> None:
        """Add to the amounts of the answer."""
        for name, amount in more.items():
            self.amounts[name] = plain(Decimal(self.amounts.get(name, 0)) + amount)


class ThousandsOfTokens(_ReportPlant):
    id = "thousands_of_tokens"
    what = "a bill that counts thousands of tokens, of a model and an account that no log sees: its team bears it"

    def of_month(self, report: Report) -> None:
        for line in report.records:
            if token_class := token_class_of(line):
                self.add(
                    thousands=line["lineItem/UsageAmount"],
                    billed_cost=line["lineItem/UnblendedCost"],
                    **{f"{token_class}_tokens": line["lineItem/UsageAmount"] * 1000},
                )


class SavingsPlan(_ReportPlant):
    id = "savings_plan"
    what = (
        "a savings plan that is paid for all hours and used on working days: what it covers is billed at the public "
        "price and taken off again, and what nobody used is a charge of its own"
    )

    def of_month(self, report: Report) -> None:
        for line in report.records:
            cost, kind = line["lineItem/UnblendedCost"], line["lineItem/LineItemType"]
            if kind == "SavingsPlanRecurringFee":
                self.add(bought=cost, unused=unused_of(line))
            elif kind == "SavingsPlanCoveredUsage":
                self.add(used=line["savingsPlan/SavingsPlanEffectiveCost"], at_public_price=cost)
            elif kind == "SavingsPlanNegation":
                self.add(taken_off=cost)


class CreditAndRefund(_ReportPlant):
    id = "credit_and_refund"
    what = "a credit on a month's model usage, and a refund that corrects what had been billed"

    def of_month(self, report: Report) -> None:
        used = [line for line in report.records if line["product/ProductName"] == BEDROCK]
        credit = -(sum(line["lineItem/UnblendedCost"] for line in used) / 10).quantize(Decimal("0.01"))
        refund = Decimal("-0.35") * self.scene.scale
        report.add("Credit", BEDROCK, "AWS Credits for research", credit)
        report.add("Refund", SAGEMAKER, "Refund for an endpoint that did not answer", refund)
        self.add(credit=credit, refund=refund)


class GrownReport(Plant):
    id = "grown_report"
    what = "the first month's report as it stood four days earlier, too: the newer one replaces it"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._first: Report | None = None

    def deliver(self, delivery: Delivery) -> None:
        if isinstance(delivery, Report) and self._first is None:
            self._first = delivery

    def land(self) -> None:
        if (newer := self._first) is None:
            return
        days = sorted({line["lineItem/UsageStartDate"] for line in newer.records})
        known = set(days[:-4])
        lines = [line for line in newer.records if line["lineItem/UsageStartDate"] in known and not _is_monthly(line)]
        if lines:
            exported = newer.start + timedelta(days=int(max(known)[8:10]) + 1)
            older = replace(newer, path=report_path(newer.start, exported), records=lines)
            files = self.scene.files["aws_cur"]
            files.write(older)
            files.rows_left_out += older.rows
            cost = sum(line["lineItem/UnblendedCost"] for line in lines)
            self.amounts = {"rows_replaced": older.rows, "replaced_cost": plain(cost)}
            self.files = [older.path, newer.path]


def _is_monthly(line: dict) -> bool:
    return line["lineItem/LineItemType"] in ("Tax", "Credit", "Refund")
