with source as (

    select * from {{ source('raw', 'otel') }}

),

counted_once as (

    {{ counted_once(ref('stg_otel__duplicates')) }}

)

select
    *,
    day as span_date,
    'otel' as source,
    _file_hash as file_hash,
    _row as file_row,
    {{ has_usage() }} as has_usage,
    {{ is_failed_request() }} as is_failed_request
from counted_once
