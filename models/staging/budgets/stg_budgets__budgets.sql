with source as (

    select * from {{ source('raw', 'budgets') }}

)

select
    _file_hash as file_hash,
    _row as file_row,
    budget_id,
    scope_type,
    case when scope_type = 'vendor' then {{ provider_of('scope') }} else scope end as scope,
    month,
    {{ currency_of('currency') }} as currency,
    amount
from source
where
    not exists (
        select 1
        from {{ ref('stg_budgets__replaced') }} as replaced
        where source._file_hash = replaced.file_hash and source._row = replaced.file_row
    )
