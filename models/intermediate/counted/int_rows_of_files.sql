{{ config(materialized='days', day='row_date') }}

-- What became of each file's rows on each day: staged, or left out as repeated or superseded. The two are counted apart.
{%- set dated = landed_sources().values() | selectattr('day', 'defined') | list %}
with staged as (

    {% for parts in dated -%}
        select
            {{ parts.day }} as row_date,
            source,
            file_hash,
            count(*) as rows_staged
        from {{ ref(parts.rows) }}
        where {{ in_days(parts.day) }}
        group by {{ parts.day }}, source, file_hash
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

left_out as (

    {% for parts in dated -%}
        select
            row_date,
            source,
            file_hash,
            count(*) as rows_duplicate,
            count(*) filter (where is_conflict) as rows_conflicting
        from {{ ref(parts.left_out) }}
        where {{ in_days('row_date') }}
        group by row_date, source, file_hash
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    coalesce(staged.row_date, left_out.row_date) as row_date,
    coalesce(staged.source, left_out.source) as source,
    coalesce(staged.file_hash, left_out.file_hash) as file_hash,
    cast(coalesce(staged.rows_staged, 0) as bigint) as rows_staged,
    cast(coalesce(left_out.rows_duplicate, 0) as bigint) as rows_duplicate,
    cast(coalesce(left_out.rows_conflicting, 0) as bigint) as rows_conflicting
from staged
full outer join left_out
    on
        staged.row_date = left_out.row_date
        and staged.source = left_out.source
        and staged.file_hash = left_out.file_hash
