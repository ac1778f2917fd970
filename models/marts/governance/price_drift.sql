-- Held beside the price that counts, what the other catalogue says of the same usage.
with compared as (

    {% for meter in all_meters() -%}
        select
            {{ month_of('usage.call_date') }} as month,
            usage.provider,
            usage.model,
            '{{ meter }}' as meter,
            cast(usage.{{ quantity_of(meter) }} as decimal(19, 6)) as quantity,
            prices.{{ meter }}_first_price as first_price,
            prices.{{ meter }}_second_price as second_price
        from {{ ref('int_usage_by_price') }} as usage
        inner join {{ ref('int_price_versions') }} as prices
            on usage.price_key = prices.price_key and {{ is_known(now_utc(), 'prices') }}
        where usage.{{ quantity_of(meter) }} > 0 and prices.{{ meter }}_first_price <> prices.{{ meter }}_second_price
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        month,
        provider,
        model,
        meter,
        sum(quantity) as quantity,
        cast(sum(cast(quantity * first_price as {{ money() }})) as {{ money() }}) as first_cost_usd,
        cast(sum(cast(quantity * second_price as {{ money() }})) as {{ money() }}) as second_cost_usd
    from compared
    group by month, provider, model, meter

)

select
    md5(month || '|' || coalesce(provider, '') || '|' || model || '|' || meter) as price_drift_key,
    month,
    provider,
    model,
    meter,
    cast(quantity as decimal(38, 6)) as quantity,
    {{ per_unit('first_cost_usd', 'quantity') }} as genai_prices_price_usd,
    {{ per_unit('second_cost_usd', 'quantity') }} as litellm_price_usd,
    first_cost_usd as genai_prices_cost_usd,
    second_cost_usd as litellm_cost_usd,
    cast(second_cost_usd - first_cost_usd as {{ money() }}) as difference_usd
from summed
