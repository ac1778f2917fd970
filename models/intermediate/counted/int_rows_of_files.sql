{{ config(materialized='days', day='row_date') }}

-- What became of each file's rows on each day: staged, or left out as repeated or superseded. The two are counted apart.
with staged as (

    select
        call_date as row_date,
        source,
        file_hash,
        count(*) as rows_staged
    from {{ ref('int_calls_priced') }}
    where {{ in_days('call_date') }}
    group by call_date, source, file_hash
    union all
    select
        charge_date as row_date,
        source,
        file_hash,
        count(*) as rows_staged
    from {{ ref('int_cost_lines') }}
    where cost_status = 'invoiced' and {{ in_days('charge_date') }}
    group by charge_date, source, file_hash

),

left_out as (

    {% for models in call_sources().values() -%}
        select
            call_date as row_date,
            source,
            file_hash,
            count(*) as rows_duplicate
        from {{ ref(models.duplicates) }}
        where {{ in_days('call_date') }}
        group by call_date, source, file_hash
        union all
    {% endfor %}
    select
        charge_date as row_date,
        source,
        file_hash,
        count(*) as rows_duplicate
    from {{ ref('stg_focus__superseded') }}
    where {{ in_days('charge_date') }}
    group by charge_date, source, file_hash

)

select
    coalesce(staged.row_date, left_out.row_date) as row_date,
    coalesce(staged.source, left_out.source) as source,
    coalesce(staged.file_hash, left_out.file_hash) as file_hash,
    cast(coalesce(staged.rows_staged, 0) as bigint) as rows_staged,
    cast(coalesce(left_out.rows_duplicate, 0) as bigint) as rows_duplicate
from staged
full outer join left_out
    on
        staged.row_date = left_out.row_date
        and staged.source = left_out.source
        and staged.file_hash = left_out.file_hash
