with replaced as (

    {{ superseded('copilot', 'organization', 'usage_date') }}

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
inner join {{ ref('stg_files__deliveries') }} as deliveries on {{ same_delivery('copilot', 'organization', 'usage_date') }}
inner join {{ ref('stg_copilot__requests_told') }} as told
    on
        source.day = told.charge_date
        and coalesce(source.organization, '') = told.billing_account_id
        and {{ copilot_meter('source') }} = told.meter
where deliveries.is_current and deliveries.edition = ''
