-- Joins to keys, aliases, workflows and prices neither multiply a row nor lose one: each file's rows of a day are all there.
with landed as (

    select
        source,
        file_hash,
        day as row_date,
        row_count
    from {{ source('raw', 'file_parts') }}
    where
        day is not null
        and source in ({% for name in call_sources() %}'{{ name }}', {% endfor %}'focus')

)

select
    landed.*,
    counted.rows_staged,
    counted.rows_duplicate
from landed
left join {{ ref('int_rows_of_files') }} as counted
    on landed.source = counted.source and landed.file_hash = counted.file_hash and landed.row_date = counted.row_date
where landed.row_count is distinct from counted.rows_staged + counted.rows_duplicate
