with source as (

    select * from {{ source('raw', 'human_effort') }}

)

select
    _file_hash as file_hash,
    _row as file_row,
    effort_id,
    outcome_id,
    trace_id,
    role,
    occurred_at,
    minutes
from source
where
    not exists (
        select 1
        from {{ ref('stg_human_effort__replaced') }} as replaced
        where source._file_hash = replaced.file_hash and source._row = replaced.file_row
    )
