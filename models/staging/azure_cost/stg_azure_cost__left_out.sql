with superseded as (

    {{ superseded('azure_cost', 'account', 'bill_month') | indent(4) }}

)

select * from superseded
union all
select
    day as row_date,
    'azure_cost' as source,
    _file_hash as file_hash,
    _row as file_row,
    false as is_conflict
from {{ ref('stg_azure_cost__paired') }}
where is_repeated
