{{ config(materialized='table') }}

-- What became of each business file's rows: staged, or left out because a later row of the same key is the one that holds.
with staged as (

    {% for model in ['stg_customers__customers', 'stg_revenue__revenue', 'stg_outcomes__outcomes'] -%}
        select
            '{{ model.split('__')[1] }}' as source,
            file_hash,
            count(*) as rows_staged
        from {{ ref(model) }}
        group by file_hash
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

left_out as (

    {% for model in ['stg_customers__replaced', 'stg_revenue__replaced', 'stg_outcomes__replaced'] -%}
        select
            source,
            file_hash,
            count(*) as rows_duplicate
        from {{ ref(model) }}
        group by source, file_hash
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    coalesce(staged.source, left_out.source) as source,
    coalesce(staged.file_hash, left_out.file_hash) as file_hash,
    coalesce(staged.rows_staged, 0) as rows_staged,
    coalesce(left_out.rows_duplicate, 0) as rows_duplicate
from staged
full outer join left_out on staged.source = left_out.source and staged.file_hash = left_out.file_hash
