select
    told.customer_id,
    told.product,
    told.feature,
    told.revenue_month,
    told.revenue_kind,
    told.currency,
    told.amount,
    {{ in_usd('told.amount', 'told.currency', 'rates.usd_per_unit') }} as amount_usd
from {{ ref('stg_revenue__revenue') }} as told
left join {{ ref('stg_company__fx_rates') }} as rates
    on told.currency = rates.currency and {{ is_valid('rates', 'told.revenue_month') }}
