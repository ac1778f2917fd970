"""`outcomes`: business results, one row a result; a later row of the same id corrects the earlier one."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="outcomes",
    version=MODULE_VERSION,
    currency="currency",
    event="occurred_at",
    columns=(
        Column("outcome_id", required=True, not_null=True),
        Column("trace_id"),
        Column(
            "outcome_type",
            required=True,
            not_null=True,
            allowed=("task", "interaction", "support_case", "document", "decision", "transaction"),
        ),
        *texts("workflow", "feature", "customer_id"),
        Column("occurred_at", "time", required=True, not_null=True),
        Column(
            "status",
            required=True,
            not_null=True,
            allowed=("success", "failure", "abandoned", "pending", "reversed", "unknown"),
        ),
        Column("value", "money"),
        Column("currency", "currency"),
    ),
)
