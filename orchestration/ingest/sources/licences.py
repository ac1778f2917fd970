"""`licences`: seats of software with AI in it, a row a product, team and period; `unit_price` is for a seat and it."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="licences",
    version=MODULE_VERSION,
    currency="currency",
    event="period_start",
    latest_days=366,
    deliveries=("vendor", "period_start"),
    scope="product",
    columns=(
        Column("vendor", required=True, not_null=True),
        *texts("product", "sku"),
        Column("seats", "count", required=True, not_null=True),
        Column("active_seats", "count"),
        Column("unit_price", "money", required=True, not_null=True, most=10**8),
        Column("currency", "currency", required=True, not_null=True),
        Column("period_start", "start", required=True, not_null=True),
        Column("period_end", "date"),
        Column("team"),
        Column("ai_share", "ratio"),
        Column("tags", "tags"),
    ),
)
