"""`copilot`: GitHub's usage report of Copilot, a row a day, user, product and model: CSV, or its API's `usageItems`."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="copilot",
    version=MODULE_VERSION,
    event="usage_date",
    levels=(("usageItems",),),
    deliveries=("organization", "usage_date"),
    columns=(
        Column("usage_date", "time", landed=("date",), required=True, not_null=True),
        Column("organization", landed=("organization", "organizationName")),
        Column("username", landed=("username", "user")),
        *texts("product", "sku", "model"),
        Column("cost_centre", landed=("cost_center_name", "costCenterName")),
        Column("quantity", "money", landed=("quantity", "grossQuantity")),
        Column("unit_type", landed=("unit_type", "unitType")),
        Column("unit_price", "money", landed=("applied_cost_per_quantity", "pricePerUnit", "price_per_unit")),
        Column("gross_amount", "float_money", landed=("gross_amount", "grossAmount"), required=True, not_null=True),
        Column("discount_amount", "float_money", landed=("discount_amount", "discountAmount")),
        Column("net_amount", "float_money", landed=("net_amount", "netAmount"), required=True, not_null=True),
    ),
)
