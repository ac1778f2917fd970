"""`invoices`: bills of any other vendor, one row a line. A tax or a credit is a line of its own, by its category."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="invoices",
    version=MODULE_VERSION,
    currency="currency",
    event="period_start",
    latest_days=366,
    columns=(
        Column("vendor", required=True, not_null=True),
        Column("invoice_id", required=True, not_null=True),
        Column("line"),
        Column("period_start", "start", landed=("period_start", "period", "month"), required=True, not_null=True),
        Column("period_end", "date"),
        Column("invoice_date", "date"),
        *texts("service", "description", "category", "account", "model", "unit"),
        Column("quantity", "money"),
        Column("amount", "money", required=True, not_null=True),
        Column("list_amount", "money"),
        Column("currency", "currency", required=True, not_null=True),
        Column("document_hash"),
        Column("tags", "tags"),
    ),
)
