"""`customers`: who pays, one row a customer and the day from which it holds."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="customers",
    version=MODULE_VERSION,
    by_day=False,
    columns=(
        Column("customer_id", required=True, not_null=True),
        *texts("customer_name", "segment", "plan"),
        Column("valid_from", "date"),
    ),
)
