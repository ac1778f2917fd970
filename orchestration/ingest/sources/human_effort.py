"""`human_effort`: minutes that people spent on an outcome or a run, one row an effort."""

from orchestration.ingest.spec import Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="human_effort",
    version=MODULE_VERSION,
    event="occurred_at",
    columns=(
        Column("effort_id", required=True, not_null=True),
        *texts("outcome_id", "trace_id", "role"),
        Column("minutes", "seconds", required=True, not_null=True),
        Column("occurred_at", "time", required=True, not_null=True),
    ),
)
