with source as (

    select * from {{ source('raw', 'customers') }}

),

counted_once as (

    select source.*
    from source
    left join {{ ref('stg_customers__replaced') }} as replaced
        on source._file_hash = replaced.file_hash and source._row = replaced.file_row
    where replaced.file_row is null

)

select
    customer_id,
    customer_name,
    segment,
    plan,
    valid_from,
    _file_hash as file_hash,
    _row as file_row
from counted_once
