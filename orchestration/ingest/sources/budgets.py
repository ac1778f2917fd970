"""`budgets`: what was planned, one row a budget, scope and month."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="budgets",
    version=MODULE_VERSION,
    currency="currency",
    by_day=False,
    columns=(
        Column("budget_id", required=True, not_null=True),
        *texts("scope_type", "scope"),
        Column("month", "month", required=True, not_null=True),
        Column("amount", "money", required=True, not_null=True),
        Column("currency", "currency", required=True, not_null=True),
    ),
)
