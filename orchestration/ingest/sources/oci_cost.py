"""`oci_cost`: Oracle Cloud's cost reports, one row a line. A correction is a line that names the one it corrects.

A line has a number of its own, so a report that comes again, or overlaps another one, adds nothing.
"""

from orchestration.ingest.spec import Column, Source

MODULE_VERSION = 1


def line(name: str, landed: str, kind: str = "text") -> Column:
    return Column(name, kind, landed=(landed,))


SOURCE = Source(
    name="oci_cost",
    version=MODULE_VERSION,
    currency="currency",
    event="usage_start",
    columns=(
        Column("reference_no", landed=("lineItem/referenceNo",), required=True, not_null=True),
        line("tenant_id", "lineItem/tenantId"),
        Column("usage_start", "time", landed=("lineItem/intervalUsageStart",), required=True, not_null=True),
        line("usage_end", "lineItem/intervalUsageEnd", "time"),
        line("service", "product/service"),
        line("compartment_id", "product/compartmentId"),
        line("compartment_name", "product/compartmentName"),
        line("region", "product/region"),
        line("availability_domain", "product/availabilityDomain"),
        line("resource_id", "product/resourceId"),
        line("billed_quantity", "usage/billedQuantity", "money"),
        line("billed_quantity_overage", "usage/billedQuantityOverage", "money"),
        line("subscription_id", "cost/subscriptionId"),
        line("product_sku", "cost/productSku"),
        line("description", "product/Description"),
        line("unit_price", "cost/unitPrice", "money"),
        line("unit_price_overage", "cost/unitPriceOverage", "money"),
        Column("my_cost", "money", landed=("cost/myCost",), required=True),
        line("my_cost_overage", "cost/myCostOverage", "money"),
        line("currency", "cost/currencyCode"),
        line("billing_unit", "cost/billingUnitReadable"),
        line("overage_flag", "cost/overageFlag"),
        line("is_correction", "lineItem/isCorrection"),
        line("backreference_no", "lineItem/backreferenceNo"),
        Column("tags", "tags", prefixes=("tags/",)),
    ),
)
