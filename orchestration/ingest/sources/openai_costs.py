"""`openai_costs`: pages of OpenAI's cost API (organization/costs), a row a cost of a bucket, in dollars.

The API computes amounts in binary floating point, so digits after the eighteenth are noise and are rounded away.
"""

from orchestration.ingest.spec import Carrier, Column, Source, texts

MODULE_VERSION = 1

SOURCE = Source(
    name="openai_costs",
    version=MODULE_VERSION,
    currency="amount_currency",
    event="bucket_start",
    levels=(("data",), ("results",)),
    carriers=(Carrier("amount"),),
    deliveries=("organization_id", "bucket_start"),
    by_bucket=True,
    columns=(
        Column("report", landed=("object",), required=True, not_null=True),
        Column("bucket_start", "time", landed=("../start_time",), required=True, not_null=True),
        Column("bucket_end", "time", landed=("../end_time",)),
        *texts("organization_id", "project_id", "line_item"),
        Column("amount_value", "float_money", inside=("amount", ("value",)), required=True, not_null=True),
        Column("amount_currency", inside=("amount", ("currency",))),
        Column("quantity", "float_money"),
    ),
)
