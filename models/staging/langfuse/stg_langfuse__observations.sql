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
    _row as file_row
from counted_once
