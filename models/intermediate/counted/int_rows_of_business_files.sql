{{ config(materialized='table') }}

-- What became of the rows of files that are not divided by days: staged, or left out because another row of the same key holds.
{%- set undated = landed_sources().values() | selectattr('day', 'undefined') | list %}
with staged as (

    {% for parts in undated -%}
        select
            '{{ parts.rows.split('__')[0] | replace('stg_', '') }}' as source,
            file_hash,
            count(*) as rows_staged
        from {{ ref(parts.rows) }}
        group by file_hash
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

left_out as (

    {% for parts in undated -%}
        select
            source,
            file_hash,
            count(*) as rows_duplicate,
            count(*) filter (where is_conflict) as rows_conflicting
        from {{ ref(parts.left_out) }}
        group by source, file_hash
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    coalesce(staged.source, left_out.source) as source,
    coalesce(staged.file_hash, left_out.file_hash) as file_hash,
    coalesce(staged.rows_staged, 0) as rows_staged,
    coalesce(left_out.rows_duplicate, 0) as rows_duplicate,
    coalesce(left_out.rows_conflicting, 0) as rows_conflicting
from staged
full outer join left_out on staged.source = left_out.source and staged.file_hash = left_out.file_hash
