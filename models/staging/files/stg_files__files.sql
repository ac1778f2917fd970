select
    source,
    file_hash,
    {{ list_text('paths') }} as landed_paths,
    format,
    status as file_status,
    reason,
    rows_landed,
    rows_accepted,
    rows_quarantined,
    {{ list_text('extra_columns') }} as extra_columns,
    min_event_at,
    max_event_at
from {{ source('raw', 'files') }}
