"""`copilot`: GitHub's reports of what Copilot costs, a row a day, user, product and model, as CSV or as `usageItems`.

The usage report holds seats and premium requests or AI credits, the report of these only them, by model. As its API
returns the second, it says once for all of its items which day or month they are of (`timePeriod`), and of whom; asked
for one user, model or cost centre alone, it repeats that, and is a part.
"""

from orchestration.ingest.spec import Column, Edition, Source, texts

MODULE_VERSION = 4

SOURCE = Source(
    name="copilot",
    version=MODULE_VERSION,
    event="usage_date",
    levels=(("usageItems",),),
    deliveries=("account", "usage_date"),
    scope="filtered_by",
    # An organisation's name may end in "ai", so that it begins the file's.
    edition=Edition(
        name="premium requests",
        path=r"premium[-_ ]?request|(^|/)[-_ \d]*ai[-_ ]?(usage|credit)[^/]*$",
        row="model is not null",
    ),
    columns=(
        Column("usage_date", "time", landed=("date", "../timePeriod"), required=True, not_null=True),
        Column("period_month", "count", landed=("../timePeriod.month",)),
        Column("period_day", "count", landed=("../timePeriod.day",)),
        Column("organization", landed=("organization", "organizationName", "../organization")),
        Column("enterprise", landed=("../enterprise",)),
        Column("account", landed=("organization", "organizationName", "../organization", "../enterprise")),
        Column("filtered_by", landed=("../user", "../model", "../costCenter.id", "../costCenter.name")),
        Column("username", landed=("username", "user", "../user")),
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
