select distinct
    trace_date as day,
    call_date as read_day
from {{ ref('int_trace_overlaps') }}
where trace_date <> call_date
