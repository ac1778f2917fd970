"""`focus`: cost and usage lines of FOCUS 1.0 to 1.2, any vendor; of later versions the columns that these have.

FOCUS 1.3 calls the provider ServiceProviderName, and 1.4 has no ProviderName any more.

Only what was billed and the start of the charge's period must be there: the specification's own examples leave out
most other columns. Columns of a vendor's own (`x_…`) are named in the manifest and not kept.
"""

from orchestration.ingest.spec import Column, Source

MODULE_VERSION = 1

MONEY = {
    "BilledCost",
    "ConsumedQuantity",
    "CommitmentDiscountQuantity",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "ListCost",
    "ListUnitPrice",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
}

NAMES = (
    "AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency "
    "BillingPeriodEnd BillingPeriodStart CapacityReservationId CapacityReservationStatus ChargeCategory ChargeClass "
    "ChargeDescription ChargeFrequency ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory "
    "CommitmentDiscountId CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus "
    "CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice "
    "EffectiveCost InvoiceId InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingCurrency "
    "PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity "
    "PricingUnit ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType ServiceCategory "
    "ServiceName ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName "
    "SubAccountType Tags"
).split()


def column(name: str) -> Column:
    must = name in ("BilledCost", "ChargePeriodStart")
    if name in MONEY:
        return Column(name, "money", required=must, not_null=must)
    if name.endswith(("PeriodStart", "PeriodEnd")):
        return Column(name, "time", required=must, not_null=must)
    landed = ("ProviderName", "ServiceProviderName") if name == "ProviderName" else ()
    return Column(name, "tags" if name == "Tags" else "text", landed)


SOURCE = Source(
    name="focus",
    version=MODULE_VERSION,
    event="ChargePeriodStart",
    latest_days=31,
    deliveries=("BillingAccountId", "BillingPeriodStart"),
    columns=tuple(column(name) for name in NAMES),
)
