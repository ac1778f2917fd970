-- On either basis, what each meter costs adds up to what the calls cost, to the last decimal.
select
    call_date,
    source,
    grain_source,
    model,
    price_key,
    list_cost_usd,
    contracted_cost_usd
from {{ ref('int_usage_daily') }}
where
    pricing_status = 'priced'
    and price_key is not null
    and {{ in_unpublished_days(ref('fct_usage_daily'), 'call_date') }}
    and (
        list_cost_usd is distinct from {{ for_each_meter('<meter>_list_cost_usd', ' + ') }}
        or contracted_cost_usd is distinct from {{ for_each_meter('<meter>_contracted_cost_usd', ' + ') }}
    )
