select
    source,
    file_hash,
    format,
    file_status,
    reason,
    extra_columns,
    min_event_at,
    max_event_at,
    rows_landed,
    rows_staged,
    rows_quarantined,
    rows_duplicate,
    rows_conflicting
from {{ ref('int_files') }}
