"""The company's AWS bill in FOCUS 1.2: model usage at a negotiated price, the infrastructure around it, the rest."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import ClassVar

from orchestration.demo.company import GPU_NODE, MODELS
from orchestration.demo.ledger import Charge
from orchestration.demo.prices import CLASSES, PICO, plain, unit_prices
from orchestration.demo.scene import Files, Scene, Table, exported_at, midnight, next_month

NEGOTIATED = Decimal("0.95")
LAG_DAYS = 2
ACCOUNT = "481920365517"
COLUMNS = (
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_Operation",
    "x_ServiceCode",
    "x_UsageType",
)
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
BEDROCK = "Amazon Bedrock"
OPENSEARCH = "Amazon OpenSearch Service"
SUPPORT = "AWS Support"
EC2 = "Amazon Elastic Compute Cloud"
GPU_PRICE = "0.526"  # of an hour of a g4dn.xlarge
S3 = "Amazon Simple Storage Service"
SHARED_SERVICES = (OPENSEARCH, SUPPORT)
_METERS = {
    "input_uncached": "input-tokens",
    "cache_read": "cache-read-input-token-count",
    "cache_write_5m": "cache-write-input-token-count",
    "cache_write_1h": "cache-write-1h-input-token-count",
    "output": "output-tokens",
}


@dataclass
class BillMonth(Table):
    """One delivery of one month's bill: the charges of `days`, exported at `exported_at`."""

    start: date
    days: list[date]
    exported_at: datetime
    is_newest: bool
    scale: int  # how large the company's infrastructure is; 1 for about 2,000 calls a day

    @property
    def next_start(self) -> date:
        return next_month(self.start)

    def add(
        self,
        service: str,
        description: str,
        cost: Decimal,
        *,
        day: date | None = None,
        list_cost: Decimal | None = None,
        tags: dict[str, str] | None = None,
        **more: object,
    ) -> None:
        """Add a charge of `cost` USD; of the whole month where `day` is None. `list_cost` defaults to `cost`."""
        start, end = (day, day + timedelta(days=1)) if day else (self.start, self.next_start)
        is_closed = self.exported_at.date() >= self.next_start
        values = {
            "BilledCost": cost,
            "EffectiveCost": cost,
            "ContractedCost": cost,
            "ListCost": cost if list_cost is None else list_cost,
            "BillingAccountId": ACCOUNT,
            "BillingAccountName": "Tallowmere Software",
            "BillingAccountType": "Payer",
            "BillingCurrency": "USD",
            "BillingPeriodStart": midnight(self.start),
            "BillingPeriodEnd": midnight(self.next_start),
            "ChargeCategory": "Usage",
            "ChargeDescription": description,
            "ChargeFrequency": "Usage-Based",
            "ChargePeriodStart": midnight(start),
            "ChargePeriodEnd": midnight(end),
            "InvoiceId": f"AWS-{self.start:%Y%m}-0117" if is_closed else None,
            "InvoiceIssuerName": "Amazon Web Services, Inc.",
            "PricingCategory": "Standard",
            "PricingCurrency": "USD",
            "ProviderName": "AWS",
            "PublisherName": "Amazon Web Services, Inc.",
            "RegionId": "us-east-1",
            "RegionName": "US East (N. Virginia)",
            "ServiceName": service,
            "SubAccountId": ACCOUNT,
            "SubAccountName": "Tallowmere Software",
            "SubAccountType": "Member",
            "Tags": json.dumps(tags or {}, separators=(", ", ": ")),
            **more,
        }
        values.setdefault("ServiceSubcategory", f"Other ({values['ServiceCategory']})")
        if values["ChargeCategory"] == "Tax":
            values |= {"PricingCategory": None, "RegionId": None, "RegionName": None}
        unknown = values.keys() - set(COLUMNS)
        if unknown:
            raise ValueError(f"no FOCUS columns: {', '.join(sorted(unknown))}")
        self.records.append({column: _text(values.get(column)) for column in COLUMNS})

    def totals(self) -> dict:
        """Sums of this delivery's lines by cost; of the untagged shared ones; by service, tags and charge category."""
        shared = [
            line
            for line in self.records
            if line["ServiceName"] in SHARED_SERVICES and line["ChargeCategory"] != "Credit"
        ]
        return {
            "lines": len(self.records),
            **_sums(self.records),
            "shared": {"lines": len(shared), **_sums(shared)},
            "by_service": {name: _sums(lines) for name, lines in _grouped(self.records, "ServiceName")},
            "by_tags": {name: _sums(lines) for name, lines in _grouped(self.records, "Tags")},
            "by_category": {name: _sums(lines) for name, lines in _grouped(self.records, "ChargeCategory")},
        }

    def charges(self) -> list[Charge]:
        return [
            Charge(
                self.source,
                "cloud_bill",
                "bedrock" if line["ServiceName"] == BEDROCK else "aws",
                line["ChargeCategory"],
                date.fromisoformat(line["ChargePeriodStart"][:10]),
                date.fromisoformat(line["ChargePeriodEnd"][:10]) - timedelta(days=1),
                *(Decimal(line[column]) for column in ("ListCost", "ContractedCost", "BilledCost", "EffectiveCost")),
                cause=self.causes.get(line["ChargeDescription"]),
                account=ACCOUNT,
                service=line["ServiceName"],
                workflow=json.loads(line["Tags"]).get("user:workflow", ""),
            )
            for line in self.records
        ]


class AwsBill(Files):
    """A delivery for each month that the bill already shows, and an older one of the last but one."""

    source: ClassVar[str] = "focus"
    own: ClassVar[str] = r"billing_period=[^/]*/exported_at=[^/]*/aws\.csv"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.months: list[BillMonth] = []

    def land(self) -> None:
        newest = deliveries(self.scene.days, self.scene.scale)
        older = [earlier(month, days_less=4) for month in newest[-2:][:1]]
        self.months = [*(month for month in older if month), *newest]
        for month in self.months:
            self._fill(month)
            for plant in self.scene.plants:
                plant.deliver(month)
            _add_tax(month)
            self.write(month)
            if month.is_newest:
                self.scene.ledger.add(month.charges())
            else:
                self.rows_left_out += month.rows

    def _fill(self, month: BillMonth) -> None:
        """Add the charges of an ordinary month."""
        for day in month.days:
            for (_, model, _), used in self.scene.usage.of_day(day, "bedrock").items():
                for token_class, count in zip(CLASSES, used.tokens, strict=True):
                    if count:
                        add_tokens(month, day, model, token_class, count)
            _add_infrastructure(month, day)
        add_metered(
            month,
            None,
            SUPPORT,
            "AWS Support",
            month.scale,
            "100",
            "Months",
            "Management and Governance",
            ChargeCategory="Purchase",
            ChargeFrequency="Recurring",
            ConsumedQuantity=None,
            ConsumedUnit=None,
            RegionId=None,
            RegionName=None,
            ServiceSubcategory="Support",
            x_ServiceCode="AWSDeveloperSupport",
        )

    def answer(self) -> dict:
        return {
            "bills": {
                "by_month": {
                    f"{month.start:%Y-%m}": {
                        "path": month.path,
                        "first_day": f"{month.days[0]}",
                        "last_day": f"{month.days[-1]}",
                        **month.totals(),
                    }
                    for month in self.months
                    if month.is_newest
                },
                "replaced": [
                    {"path": month.path, "billing_period": f"{month.start:%Y-%m}", **month.totals()}
                    for month in self.months
                    if not month.is_newest
                ],
                "last_billed_day": f"{last_billed_day(self.scene.end)}",
            }
        }


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _grouped(lines: list[dict[str, str]], column: str) -> list[tuple[str, list[dict[str, str]]]]:
    groups: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for line in lines:
        groups[line[column]].append(line)
    return sorted(groups.items())


def _sums(lines: list[dict[str, str]]) -> dict[str, str]:
    names = ("billed_cost", "effective_cost", "list_cost", "contracted_cost")
    return {
        name: f"{sum((Decimal(line[column]) for line in lines), Decimal(0)):f}"
        for name, column in zip(names, COSTS, strict=True)
    }


def last_billed_day(end: date) -> date:
    """The last day whose charges the bill shows; what comes after is still to be accrued."""
    return end - timedelta(days=LAG_DAYS)


def deliveries(days: list[date], scale: int) -> list[BillMonth]:
    """The newest delivery of each month that `days` touch and the bill already shows, without lines yet."""
    billed = [day for day in days if day <= last_billed_day(days[-1])]
    result = []
    for start in sorted({day.replace(day=1) for day in billed}):
        shown = [day for day in billed if day.replace(day=1) == start]
        third = next_month(start).replace(day=3)
        exported = min(third, days[-1] - timedelta(days=LAG_DAYS - 1))
        result.append(_delivery(start, shown, exported, is_newest=True, scale=scale))
    return result


def earlier(month: BillMonth, days_less: int) -> BillMonth | None:
    """An older delivery of the same month that shows `days_less` days less; None if it would show nothing."""
    days = month.days[:-days_less]
    if not days:
        return None
    return _delivery(month.start, days, days[-1] + timedelta(days=2), is_newest=False, scale=month.scale)


def _delivery(start: date, days: list[date], exported: date, is_newest: bool, scale: int) -> BillMonth:
    moment = _export_time(exported)
    path = f"focus/billing_period={start:%Y-%m}/{exported_at(moment)}/aws.csv"
    return BillMonth("focus", path, [], COLUMNS, start, days, moment, is_newest, scale)


def _export_time(day: date) -> datetime:
    return datetime.combine(day, time(4), UTC)


def _add_tax(month: BillMonth) -> None:
    """Add the sales tax on what is not model usage, as its own line; call it when all other lines stand."""
    taxed = sum(Decimal(line["BilledCost"]) for line in month.records if line["ServiceName"] != BEDROCK)
    tax = (taxed * Decimal("0.0625")).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    month.add("Tax", "US sales tax", tax, ChargeCategory="Tax", ChargeFrequency="One-Time", ServiceCategory="Other")


def add_tokens(month: BillMonth, day: date, model: int, token_class: str, count: int) -> None:
    steps = unit_prices(model, day)[token_class]
    if len(steps) > 1:
        raise ValueError(f"{MODELS[model].name}: a price by tiers cannot be billed by day")
    list_price, contracted_price = (plain(steps[0][1] * 1000 * PICO * part) for part in (Decimal(1), NEGOTIATED))
    exact = steps[0][1] * count * PICO
    digits = Decimal("1e-10")
    name = MODELS[model].name
    sku = f"{name.split('.')[-1].split(':')[0]}-{_METERS[token_class]}"
    month.add(
        BEDROCK,
        f"{name} {_METERS[token_class]} in US East (N. Virginia)",
        (exact * NEGOTIATED).quantize(digits, ROUND_HALF_EVEN),
        day=day,
        list_cost=exact.quantize(digits, ROUND_HALF_EVEN),
        ConsumedQuantity=count,
        ConsumedUnit="Tokens",
        ListUnitPrice=list_price,
        ContractedUnitPrice=contracted_price,
        PricingCurrencyListUnitPrice=list_price,
        PricingCurrencyContractedUnitPrice=contracted_price,
        PricingQuantity=Decimal(count) / 1000,
        PricingUnit="1K tokens",
        ServiceCategory="AI and Machine Learning",
        ServiceSubcategory="Generative AI",
        ResourceId=f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/{name}",
        ResourceType="Inference profile",
        SkuId=sku,
        SkuMeter=_METERS[token_class],
        SkuPriceId=f"{sku}.OnDemand",
        x_Operation="InvokeModelInference",
        x_ServiceCode="AmazonBedrock",
        x_UsageType=f"USE1-{sku}",
    )


def _add_infrastructure(month: BillMonth, day: date) -> None:
    """The vector store, the GPUs and the storage of one day."""
    add_metered(
        month, day, OPENSEARCH, "OCU-Hours of the vector index", 24 * month.scale, "0.24", "OCU-Hours", "Databases"
    )
    evaluation = {
        "user:team": "ml_platform",
        "user:product": "internal_tools",
        "user:workflow": "evaluation",
        "user:environment": "development",
    }
    for use, tags, instance, hours in (
        ("inference", {}, GPU_NODE, 24),
        ("evaluation", evaluation, "i-06d6c7c91be24d05f", 9 if day.weekday() < 5 else 0),
    ):
        if hours:
            add_metered(
                month,
                day,
                EC2,
                f"g4dn.xlarge Linux, {use}",
                hours * month.scale,
                GPU_PRICE,
                "Hours",
                "Compute",
                tags=tags,
                ResourceId=instance,
                ResourceType="Instance",
            )
    add_metered(month, day, S3, "Standard storage", 40 * month.scale, "0.023", "GB-Months", "Storage")


def add_metered(
    month: BillMonth,
    day: date | None,
    service: str,
    what: str,
    quantity: int,
    price: str,
    unit: str,
    category: str,
    **more: object,
) -> None:
    """Add `quantity` at the public unit `price`, which is what the company pays for it."""
    sku = what.split(",")[0].replace(" ", "")
    values = {
        "ConsumedQuantity": quantity,
        "ConsumedUnit": unit,
        "ListUnitPrice": price,
        "ContractedUnitPrice": price,
        "PricingCurrencyListUnitPrice": price,
        "PricingCurrencyContractedUnitPrice": price,
        "PricingQuantity": quantity,
        "PricingUnit": unit,
        "ServiceCategory": category,
        "SkuId": sku,
        "SkuPriceId": f"{sku}.OnDemand",
    }
    month.add(service, what, quantity * Decimal(price), day=day, **(values | more))
