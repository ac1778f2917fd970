"""`revenue`: what a customer brought in a month, recognised or billed."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="revenue",
    version=MODULE_VERSION,
    currency="currency",
    by_day=False,
    event="month",
    latest_days=31,
    columns=(
        Column("customer_id", required=True),
        *texts("product", "feature"),
        Column("month", "month", required=True, not_null=True),
        Column("amount", "money", required=True),
        Column("currency", "currency", required=True),
        Column(
            "revenue_kind",
            required=True,
            not_null=True,
            allowed=("recognised", "billed"),
            told={"mrr": "MRR is a run rate, not revenue: land the month's recognised or billed revenue."},
        ),
    ),
)
