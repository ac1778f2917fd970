with source as (

    select * from {{ source('raw', 'revenue') }}

),

counted_once as (

    -- Of files that tell of one customer, product, feature, month, currency and kind, the newest counts with all its rows.
    select source.*
    from source
    left join {{ ref('stg_revenue__replaced') }} as replaced
        on source._file_hash = replaced.file_hash and source._row = replaced.file_row
    where replaced.file_row is null

)

select
    customer_id,
    product,
    feature,
    {{ month_of('month') }} as revenue_month,
    amount,
    {{ currency_of('currency') }} as currency,
    revenue_kind,
    _file_hash as file_hash,
    _row as file_row
from counted_once
