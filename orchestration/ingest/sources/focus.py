"""`focus`: cost and usage lines of FOCUS 1.0 to 1.4, any vendor; of later versions the columns that these have.

Only what was billed and the start of the charge's period must be there: the specification's own examples leave out
most other columns. Who sells a service is ProviderName up to 1.2, ServiceProviderName from 1.3 on. A vendor's own
columns (`x_…`) are one map, under their names without the prefix; as in tags, what is itself JSON is left out.
"""

from orchestration.ingest.spec import Column, Source

MODULE_VERSION = 3

COSTS = {"BilledCost", "ContractedCost", "EffectiveCost", "ListCost"}
# Vendors write these in binary floating point, so digits after the eighteenth are noise.
PRICES_AND_QUANTITIES = {
    "CommitmentDiscountQuantity",
    "ConsumedQuantity",
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
}

NAMES = (
    "AllocatedMethodDetails AllocatedMethodId AllocatedResourceId AllocatedResourceName AllocatedTags "
    "AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency "
    "BillingPeriodEnd BillingPeriodStart CapacityReservationId CapacityReservationStatus ChargeCategory ChargeClass "
    "ChargeDescription ChargeFrequency ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory "
    "CommitmentDiscountId CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus "
    "CommitmentDiscountType CommitmentDiscountUnit CommitmentProgramEligibilityDetails ConsumedQuantity ConsumedUnit "
    "ContractApplied ContractedCost ContractedUnitPrice EffectiveCost HostProviderName InvoiceDetailId InvoiceId "
    "InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice "
    "PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity PricingUnit ProviderName PublisherName "
    "RegionId RegionName ResourceId ResourceName ResourceType ServiceCategory ServiceName ServiceProviderName "
    "ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName SubAccountType Tags"
).split()


def column(name: str) -> Column:
    must = name in ("BilledCost", "ChargePeriodStart")
    if name in COSTS:
        return Column(name, "money", required=must, not_null=must)
    if name in PRICES_AND_QUANTITIES:
        return Column(name, "float_money")
    if name.endswith(("PeriodStart", "PeriodEnd")):
        return Column(name, "time", required=must, not_null=must)
    return Column(name, "tags" if name in ("Tags", "AllocatedTags") else "text")


SOURCE = Source(
    name="focus",
    version=MODULE_VERSION,
    currency="BillingCurrency",
    event="ChargePeriodStart",
    latest_days=31,
    deliveries=("BillingAccountId", "BillingPeriodStart"),
    scope="SubAccountId",
    sellers=("ServiceProviderName", "ProviderName"),
    corrections=("ChargeClass", "Correction"),
    columns=(*(column(name) for name in NAMES), Column("x_columns", "tags", prefixes=("x_",))),
)
