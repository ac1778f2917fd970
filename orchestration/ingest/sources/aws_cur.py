"""`aws_cur`: AWS cost and usage reports, one row a line: legacy (`lineItem/UnblendedCost`, a column for each tag) and
CUR 2.0 (`line_item_unblended_cost`, tags in a map).

AWS documents its amounts as binary floating point, so digits after the eighteenth are noise and are rounded away. A
product's attributes in columns with names in snake case are kept where they are listed here; those in a map all are.
"""

import re

from orchestration.ingest.spec import Column, Source

MODULE_VERSION = 1

# Each under its legacy name.
TEXTS = (
    "identity/LineItemId bill/InvoiceId bill/InvoicingEntity bill/BillingEntity bill/BillType bill/PayerAccountId "
    "bill/PayerAccountName lineItem/UsageAccountId lineItem/UsageAccountName lineItem/LineItemType "
    "lineItem/ProductCode lineItem/UsageType lineItem/Operation lineItem/AvailabilityZone lineItem/ResourceId "
    "lineItem/CurrencyCode lineItem/LineItemDescription lineItem/TaxType lineItem/LegalEntity lineItem/IamPrincipal "
    "product/ProductName product/servicecode product/sku product/regionCode product/region product/productFamily "
    "product/instanceType pricing/term pricing/unit pricing/RateCode reservation/ReservationARN "
    "savingsPlan/SavingsPlanARN savingsPlan/OfferingType savingsPlan/PaymentOption"
).split()
TIMES = ("bill/BillingPeriodStartDate bill/BillingPeriodEndDate lineItem/UsageStartDate lineItem/UsageEndDate").split()
AMOUNTS = (
    "lineItem/UsageAmount lineItem/UnblendedRate lineItem/UnblendedCost lineItem/NetUnblendedCost "
    "pricing/publicOnDemandRate pricing/publicOnDemandCost reservation/EffectiveCost "
    "reservation/AmortizedUpfrontFeeForBillingPeriod reservation/UnusedAmortizedUpfrontFeeForBillingPeriod "
    "reservation/UnusedRecurringFee savingsPlan/SavingsPlanEffectiveCost savingsPlan/TotalCommitmentToDate "
    "savingsPlan/UsedCommitment savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod "
    "savingsPlan/RecurringCommitmentForBillingPeriod discount/TotalDiscount discount/BundledDiscount"
).split()
REQUIRED = {
    "bill/PayerAccountId",
    "bill/BillingPeriodStartDate",
    "lineItem/LineItemType",
    "lineItem/UsageStartDate",
    "lineItem/UnblendedCost",
}


def snake(legacy: str) -> str:
    """The name in Parquet and in CUR 2.0, by AWS's own rule: SavingsPlanARN is savings_plan_a_r_n."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub("([A-Z])", r"_\1", legacy).lower())


def column(legacy: str, kind: str) -> Column:
    must = legacy in REQUIRED
    return Column(snake(legacy), kind, landed=(legacy, snake(legacy)), required=must, not_null=must)


SOURCE = Source(
    name="aws_cur",
    version=MODULE_VERSION,
    currency="line_item_currency_code",
    event=snake("lineItem/UsageStartDate"),
    latest_days=31,
    deliveries=(snake("bill/PayerAccountId"), snake("bill/BillingPeriodStartDate")),
    scope=snake("lineItem/UsageAccountId"),
    columns=(
        *(column(name, "text") for name in TEXTS),
        *(column(name, "time") for name in TIMES),
        *(column(name, "float_money") for name in AMOUNTS),
        Column("product", "tags", prefixes=("product/",)),
        Column("resource_tags", "tags", prefixes=("resourceTags/", "resource_tags_")),
        Column("tags", "tags"),
        Column("cost_category", "tags", prefixes=("costCategory/", "cost_category_")),
        Column("discount", "tags", prefixes=("discount/", "discount_")),
    ),
)
