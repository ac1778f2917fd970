select
    told.budget_id,
    told.scope_type,
    told.scope,
    told.month,
    told.currency,
    told.amount,
    case when told.currency = 'USD' then 1 else rates.usd_per_unit end as usd_per_unit,
    {{ in_usd('told.amount', 'told.currency', 'rates.usd_per_unit') }} as amount_usd
from {{ ref('stg_budgets__budgets') }} as told
left join {{ ref('stg_company__fx_rates') }} as rates
    on told.currency = rates.currency and {{ is_valid('rates', 'told.month') }}
