"""`anthropic_cost`: pages of Anthropic's cost report, a row a cost of a day. Amounts are decimal texts in cents.

The report leaves out Priority Tier, and holds code execution, which the usage report lacks.
"""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="anthropic_cost",
    version=MODULE_VERSION,
    currency="currency",
    event="bucket_start",
    levels=(("data",), ("results",)),
    deliveries=("report", "bucket_start"),
    by_bucket=True,
    columns=(
        Column("report", landed=("report",)),
        Column("bucket_start", "time", landed=("../starting_at",), required=True, not_null=True),
        Column("bucket_end", "time", landed=("../ending_at",)),
        Column("amount_cents", "money", landed=("amount",), required=True, not_null=True),
        *texts("currency", "workspace_id", "description", "cost_type", "model", "token_type"),
        *texts("service_tier", "context_window", "inference_geo"),
    ),
)
