"""`gcp_billing`: Google Cloud's billing export to BigQuery, a row a line: nested as in JSON Lines and Parquet, or flat
as in CSV (`service.description` or `service_description`), where a list stays JSON as a text.

The standard export or the detailed one: they hold the same money, so land one of them. Costs are binary floating point,
so digits after the eighteenth are noise and are rounded away. Not read: what instances are made of (`system_labels`),
and what an adjustment is said to be for.
"""

from orchestration.ingest.spec import Carrier, Column, Source, texts

MODULE_VERSION = 1


def nested(name: str, path: str, kind: str = "text", must: bool = False) -> Column:
    """What lies at `path` in a nested record, or flat in a column named after it."""
    record, inner = path.split(".")
    landed = (path, path.replace(".", "_"))
    return Column(name, kind, landed, inside=(record, (inner,)), required=must, not_null=must)


def amount(name: str, must: bool = False) -> Column:
    return Column(name, "float_money", required=must, not_null=must)


SOURCE = Source(
    name="gcp_billing",
    version=MODULE_VERSION,
    currency="currency",
    event="usage_start_time",
    latest_days=31,
    deliveries=("billing_account_id", "invoice_month"),
    scope="project_id",
    carriers=tuple(
        map(
            Carrier,
            ("invoice", "service", "sku", "project", "location", "resource", "usage", "price", "adjustment_info"),
        )
    ),
    columns=(
        *texts("billing_account_id", "cost_type", "transaction_type", "seller_name", "currency"),
        nested("invoice_month", "invoice.month", "month", must=True),
        Column("usage_start_time", "time", required=True, not_null=True),
        Column("usage_end_time", "time"),
        nested("service_id", "service.id"),
        nested("service_description", "service.description"),
        nested("sku_id", "sku.id"),
        nested("sku_description", "sku.description"),
        nested("project_id", "project.id"),
        nested("project_name", "project.name"),
        nested("project_labels", "project.labels", "tags"),
        Column("labels", "tags", prefixes=("labels.",)),
        nested("location_name", "location.location"),
        nested("region", "location.region"),
        nested("resource_name", "resource.name"),
        nested("resource_global_name", "resource.global_name"),
        nested("usage_amount", "usage.amount", "float_money"),
        nested("usage_unit", "usage.unit"),
        nested("effective_price", "price.effective_price", "float_money"),
        nested("adjustment_id", "adjustment_info.id"),
        nested("adjustment_mode", "adjustment_info.mode"),
        nested("adjustment_type", "adjustment_info.type"),
        Column("credits", "amounts"),
        amount("cost", must=True),
        amount("cost_at_list"),
        amount("cost_at_effective_price_default"),
        amount("currency_conversion_rate"),
    ),
)
