with source as (

    select * from {{ source('raw', 'langfuse') }}

),

counted_once as (

    {{ counted_once(ref('stg_langfuse__duplicates')) }}

)

select
    *,
    day as span_date,
    'langfuse' as source,
    _file_hash as file_hash,
    _row as file_row,
    coalesce(
        {{ is_langfuse_call('type') }} and upper(level) = 'ERROR'
        and not ({{ has_used() }}) and coalesce(total_cost, 0) = 0,
        false
    ) as is_failed_request
from counted_once
