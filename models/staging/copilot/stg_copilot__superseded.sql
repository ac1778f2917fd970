with replaced as (

    {{ superseded('copilot', 'account', 'usage_date') }}

)

select * from replaced
union all
select
    source.day as row_date,
    'copilot' as source,
    source._file_hash as file_hash,
    source._row as file_row,
    false as is_conflict
from {{ source('raw', 'copilot') }} as source
inner join {{ ref('stg_files__deliveries') }} as deliveries on {{ same_delivery('copilot', 'account', 'usage_date') }}
inner join {{ ref('stg_copilot__requests_told') }} as told
    on
        source.day = told.charge_date
        and deliveries.billing_account_id = told.billing_account_id
        and {{ copilot_meter('source') }} = told.meter
        and told.is_part = (source.filtered_by is not null)
where deliveries.is_current and (told.is_part or deliveries.edition = '')
