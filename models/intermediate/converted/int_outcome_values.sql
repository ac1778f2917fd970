select
    told.outcome_id,
    told.outcome_type,
    told.occurred_date,
    told.currency,
    told.value,
    {{ in_usd('told.value', 'told.currency', 'rates.usd_per_unit') }} as value_usd
from {{ ref('stg_outcomes__outcomes') }} as told
left join {{ ref('stg_company__fx_rates') }} as rates
    on told.currency = rates.currency and {{ is_valid('rates', 'told.occurred_date') }}
where told.value is not null
