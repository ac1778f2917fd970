with source as (

    select * from {{ source('raw', 'outcomes') }}

),

counted_once as (

    -- A later row of an outcome wins over an earlier one; at the same moment a reversal wins, then a result over an open state.
    select source.*
    from source
    left join {{ ref('stg_outcomes__replaced') }} as replaced
        on source._file_hash = replaced.file_hash and source._row = replaced.file_row
    where replaced.file_row is null

)

select
    outcome_id,
    trace_id,
    outcome_type,
    workflow,
    feature,
    customer_id,
    occurred_at,
    day as occurred_date,
    status,
    value,
    {{ currency_of('currency') }} as currency,
    _file_hash as file_hash,
    _row as file_row
from counted_once
