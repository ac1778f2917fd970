"""The bill of the research group's own AWS account, as a legacy cost and usage report with a line a day.

It holds tokens of a model that no gateway sees, in thousands, and an endpoint under a savings plan.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from typing import ClassVar

import numpy as np

from orchestration.demo.files.aws_bill import BEDROCK, LAG_DAYS, last_billed_day
from orchestration.demo.ledger import COSTS, Charge
from orchestration.demo.prices import plain
from orchestration.demo.scene import Delivery, Files, Scene, Table, days_of, next_month

ACCOUNT, OWNER = "730254118862", "ml_platform"
PLAN = f"arn:aws:savingsplans::{ACCOUNT}:savingsplan/4f1d8a60-2c1b-4f8e-9d37-b05a6e2c9f11"
SAGEMAKER, SAVINGS_PLANS = "Amazon SageMaker", "Savings Plans for AWS Machine Learning"
_CODES = {
    BEDROCK: "AmazonBedrock",
    SAGEMAKER: "AmazonSageMaker",
    SAVINGS_PLANS: "MachineLearningSavingsPlans",
}
HEADER = tuple(
    "identity/LineItemId identity/TimeInterval bill/InvoiceId bill/InvoicingEntity bill/BillingEntity bill/BillType "
    "bill/PayerAccountId bill/BillingPeriodStartDate bill/BillingPeriodEndDate lineItem/UsageAccountId "
    "lineItem/LineItemType lineItem/UsageStartDate lineItem/UsageEndDate lineItem/ProductCode lineItem/UsageType "
    "lineItem/Operation lineItem/UsageAmount lineItem/CurrencyCode lineItem/UnblendedRate lineItem/UnblendedCost "
    "lineItem/BlendedRate lineItem/BlendedCost lineItem/LineItemDescription lineItem/TaxType lineItem/LegalEntity "
    "product/ProductName product/region product/sku pricing/publicOnDemandCost pricing/publicOnDemandRate "
    "pricing/term pricing/unit savingsPlan/TotalCommitmentToDate savingsPlan/SavingsPlanARN "
    "savingsPlan/SavingsPlanRate savingsPlan/UsedCommitment savingsPlan/SavingsPlanEffectiveCost "
    "savingsPlan/RecurringCommitmentForBillingPeriod resourceTags/user:environment resourceTags/user:team".split()
)
_TAGS = {"resourceTags/user:environment": "development", "resourceTags/user:team": OWNER}
# Usage type, token class, USD for a thousand, tokens of a slow day.
_TOKENS = (
    ("USE1-Llama3-3-70B-input-tokens", "input_uncached", "0.00072", 610_000),
    ("USE1-Llama3-3-70B-output-tokens", "output", "0.00072", 140_000),
)
# The endpoint runs from Monday to Friday; the plan is paid for all hours.
_HOURS, _ON_DEMAND, _PLANNED, _COMMITTED = 24, Decimal("0.115"), Decimal("0.082"), Decimal("0.1")
_TAX_RATE = Decimal("0.0625")
_CATEGORIES = {"SavingsPlanRecurringFee": "Purchase", "Tax": "Tax", "Credit": "Credit", "Refund": "Adjustment"}
_CAUSES = {"SavingsPlanRecurringFee": "prepaid_or_commitment", "Refund": "refund"}


@dataclass
class Report(Table):
    """One delivery of a month's report."""

    start: date

    def add(self, kind: str, service: str, description: str, cost: Decimal, day: date | None = None, **more) -> None:
        """Add a line of `cost` USD, of the whole month where `day` is None. `more`: columns, `/` written as `__`."""
        first, end = (day, day + timedelta(days=1)) if day else (self.start, next_month(self.start))
        number = len(self.records)
        self.records.append(
            {
                "identity/LineItemId": sha256(f"{self.start}{number}".encode()).hexdigest()[:52],
                "identity/TimeInterval": f"{first}T00:00:00Z/{end}T00:00:00Z",
                "bill/InvoicingEntity": "Amazon Web Services, Inc.",
                "bill/BillingEntity": "AWS",
                "bill/BillType": "Refund" if kind == "Refund" else "Anniversary",
                "bill/PayerAccountId": ACCOUNT,
                "bill/BillingPeriodStartDate": _moment(self.start),
                "bill/BillingPeriodEndDate": _moment(next_month(self.start)),
                "lineItem/UsageAccountId": ACCOUNT,
                "lineItem/LineItemType": kind,
                "lineItem/UsageStartDate": _moment(first),
                "lineItem/UsageEndDate": _moment(end),
                "lineItem/ProductCode": _CODES[service],
                "lineItem/CurrencyCode": "USD",
                "lineItem/UnblendedCost": cost,
                "lineItem/BlendedCost": cost,
                "lineItem/LineItemDescription": description,
                "lineItem/LegalEntity": "Amazon Web Services, Inc.",
                "product/ProductName": service,
                "pricing/publicOnDemandCost": "0.0",
                **{name.replace("__", "/"): value for name, value in more.items()},
            }
        )

    def add_used(
        self, kind: str, service: str, day: date, usage_type: str, amount: Decimal, rate: Decimal, unit: str, **more
    ) -> None:
        """Add usage at its on-demand rate."""
        columns = {
            "lineItem__UsageType": usage_type,
            "lineItem__UsageAmount": amount,
            "lineItem__UnblendedRate": rate,
            "lineItem__BlendedRate": rate,
            "product__region": "us-east-1",
            "product__sku": sha256(usage_type.encode()).hexdigest()[:16].upper(),
            "pricing__publicOnDemandCost": amount * rate,
            "pricing__publicOnDemandRate": rate,
            "pricing__term": "OnDemand",
            "pricing__unit": unit,
        }
        self.add(kind, service, f"${rate} per {unit} of {usage_type}", amount * rate, day, **columns, **more)

    def charges(self) -> Iterator[Charge]:
        """A fee is a charge, and what of its commitment nobody used another one."""
        for line in self.records:
            kind, cost = line["lineItem/LineItemType"], line["lineItem/UnblendedCost"]
            # Nothing of what covers usage, or is paid for that, is effective but the usage's own part.
            effective = {
                "SavingsPlanCoveredUsage": line.get("savingsPlan/SavingsPlanEffectiveCost"),
                "SavingsPlanNegation": Decimal(0),
                "SavingsPlanRecurringFee": Decimal(0),
            }
            is_bedrock = line["product/ProductName"] == BEDROCK
            at = {
                "source": self.source,
                "book": "native_bill",
                "vendor": "bedrock" if is_bedrock else "aws",
                "first_day": date.fromisoformat(line["lineItem/UsageStartDate"][:10]),
                "last_day": date.fromisoformat(line["lineItem/UsageEndDate"][:10]) - timedelta(days=1),
                "account": ACCOUNT,
                "service": line["product/ProductName"],
            }
            yield Charge(
                category=_CATEGORIES.get(kind, "Usage"),
                list_cost=line["pricing/publicOnDemandCost"] if "pricing/publicOnDemandRate" in line else None,
                contracted_cost=Decimal(0) if kind == "SavingsPlanNegation" else cost,
                billed_cost=cost,
                effective_cost=effective.get(kind, cost),
                cause="missing_log" if kind == "Usage" and is_bedrock else _CAUSES.get(kind),
                **at,
            )
            if unused := unused_of(line):
                nothing = dict.fromkeys(("list_cost", "contracted_cost", "billed_cost"), Decimal(0))
                yield Charge(category="Usage", effective_cost=unused, is_unused=True, **nothing, **at)


class CostAndUsage(Files):
    """A report for each month that has charges, compressed as AWS delivers it."""

    source: ClassVar[str] = "aws_cur"
    own: ClassVar[str] = r"\d{8}-\d{8}/\d{8}T\d{6}Z/research-\d+\.csv\.gz"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.reports: list[Report] = []

    def land(self) -> None:
        shown = [day for day in self.scene.days if day <= last_billed_day(self.scene.end)]
        for month in self.scene.months:
            if days := list(days_of(month, shown)):
                exported = min(next_month(month).replace(day=3), self.scene.end - timedelta(days=LAG_DAYS - 1))
                report = Report(self.source, report_path(month, exported), [], HEADER, month)
                for day in days:
                    self._fill(report, day)
                for plant in self.scene.plants:
                    plant.deliver(report)
                _add_tax(report)
                self.write(report)
                self.reports.append(report)
                self.scene.ledger.add(report.charges())

    def write(self, delivery: Delivery) -> None:
        packed = gzip.compress(delivery.content().encode(), mtime=0)
        self.note(self.place(delivery.path, [packed]), delivery.rows)

    def _fill(self, report: Report, day: date) -> None:
        rng = np.random.default_rng([self.scene.seed, day.toordinal(), 4])
        for usage_type, _, price, tokens in _TOKENS:
            thousands = Decimal(tokens + int(rng.integers(0, tokens))) * self.scene.scale / 1000
            operation = {"lineItem__Operation": "InvokeModelInference"}
            report.add_used(
                "Usage", BEDROCK, day, usage_type, thousands, Decimal(price), "1K tokens", **operation, **_TAGS
            )
        hours = Decimal(_HOURS * self.scene.scale) if day.weekday() < 5 else Decimal(0)
        if hours:
            plan = {"savingsPlan__SavingsPlanARN": PLAN, "savingsPlan__SavingsPlanRate": _PLANNED}
            usage_type, host = "USE1-Host:ml.m5.large", {"lineItem__Operation": "RunInstance", **_TAGS}
            report.add_used(
                "SavingsPlanCoveredUsage",
                SAGEMAKER,
                day,
                usage_type,
                hours,
                _ON_DEMAND,
                "Hrs",
                savingsPlan__SavingsPlanEffectiveCost=hours * _PLANNED,
                **plan,
                **host,
            )
            taken_off = f"SavingsPlanNegation used by AccountID : {ACCOUNT} and UsageSku : {usage_type}"
            report.add("SavingsPlanNegation", SAGEMAKER, taken_off, -hours * _ON_DEMAND, day, **plan, **host)
        committed = _COMMITTED * 24 * self.scene.scale
        report.add(
            "SavingsPlanRecurringFee",
            SAVINGS_PLANS,
            "1 year No Upfront Machine Learning Savings Plan",
            committed,
            day,
            lineItem__UsageType="MachineLearningSP:1yrNoUpfront",
            lineItem__UsageAmount=Decimal(24),
            savingsPlan__SavingsPlanARN=PLAN,
            savingsPlan__TotalCommitmentToDate=committed,
            savingsPlan__UsedCommitment=hours * _PLANNED,
            savingsPlan__RecurringCommitmentForBillingPeriod=committed,
        )

    def answer(self) -> dict:
        """Lines and costs of the newest reports by month and charge category."""
        found: defaultdict[str, dict] = defaultdict(dict)
        for report in self.reports:
            by_category: defaultdict[str, list[Charge]] = defaultdict(list)
            for charge in report.charges():
                by_category[charge.category].append(charge)
            for category, charges in sorted(by_category.items()):
                found[f"{report.start:%Y-%m}"][category] = {"lines": len(charges), **_sums(charges)}
        return {"cost_and_usage": {"account": ACCOUNT, "by_month": dict(found)}}


def unused_of(line: dict) -> Decimal:
    """What nobody used of a fee's commitment."""
    if line["lineItem/LineItemType"] != "SavingsPlanRecurringFee":
        return Decimal(0)
    return line["savingsPlan/TotalCommitmentToDate"] - line["savingsPlan/UsedCommitment"]


def token_class_of(line: dict) -> str | None:
    return next((name for kind, name, *_ in _TOKENS if kind == line.get("lineItem/UsageType")), None)


def report_path(month: date, exported: date) -> str:
    return f"aws_cur/{month:%Y%m%d}-{next_month(month):%Y%m%d}/{exported:%Y%m%d}T040000Z/research-00001.csv.gz"


def _moment(day: date) -> str:
    return f"{day}T00:00:00.000Z"


def _sums(charges: Iterable[Charge]) -> dict[str, str | None]:
    found = {cost: [getattr(charge, cost) for charge in charges if getattr(charge, cost) is not None] for cost in COSTS}
    return {cost: plain(sum(amounts)) if amounts else None for cost, amounts in found.items()}


def _add_tax(report: Report) -> None:
    """Sales tax on what is not model usage, when all other lines stand."""
    taxed = sum(line["lineItem/UnblendedCost"] for line in report.records if line["product/ProductName"] != BEDROCK)
    tax = (taxed * _TAX_RATE).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    what = f"Tax for product code {_CODES[SAGEMAKER]}"
    report.add("Tax", SAGEMAKER, what, tax, lineItem__TaxType="US Sales Tax", lineItem__UsageAmount=Decimal(1))
