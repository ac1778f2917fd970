with dated as (

    select
        source,
        file_hash,
        sum(rows_staged) as rows_staged,
        sum(rows_duplicate) as rows_duplicate,
        sum(rows_conflicting) as rows_conflicting
    from {{ ref('int_rows_of_files') }}
    group by source, file_hash

),

undated as (

    select * from {{ ref('int_rows_of_business_files') }}

),

counted as (

    select * from dated
    union all
    select * from undated

)

select
    files.source,
    files.file_hash,
    files.format,
    files.file_status,
    files.reason,
    files.extra_columns,
    files.min_event_at,
    files.max_event_at,
    files.rows_landed,
    cast(coalesce(counted.rows_staged, 0) as bigint) as rows_staged,
    files.rows_quarantined,
    cast(coalesce(counted.rows_duplicate, 0) as bigint) as rows_duplicate,
    cast(coalesce(counted.rows_conflicting, 0) as bigint) as rows_conflicting
from {{ ref('stg_files__files') }} as files
left join counted on files.source = counted.source and files.file_hash = counted.file_hash
