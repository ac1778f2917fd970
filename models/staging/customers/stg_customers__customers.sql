with source as (

    select * from {{ source('raw', 'customers') }}

),

counted_once as (

    select *
    from source
    qualify {{ business_version('customers') }} = 1

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
