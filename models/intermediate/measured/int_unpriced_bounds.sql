-- Usage without a price, and between what and what its cost lies: by the nodes where the company runs the model, else by what its tokens
-- would cost at the cheapest and the dearest model of its vendor in the month, else of any.
with usage as (

    select
        *,
        {{ month_of('call_date') }} as month,
        coalesce(provider, '(unknown)') as vendor
    from {{ ref('int_usage_daily') }}

),

rates as (

    select
        month,
        vendor,
        min(token_cost_usd) as least_cost_usd,
        max(token_cost_usd) as most_cost_usd
    from (
        select
            month,
            vendor,
            model,
            cast(sum(contracted_cost_usd) as double) / cast(sum(all_tokens) as double) as token_cost_usd
        from usage
        where contracted_cost_usd is not null
        group by month, vendor, model
        having sum(all_tokens) > 0
    ) as priced
    group by month, vendor

),

any_rates as (

    select
        month,
        min(least_cost_usd) as least_cost_usd,
        max(most_cost_usd) as most_cost_usd
    from rates
    group by month

),

unpriced as (

    select
        month,
        vendor,
        model,
        customer_id,
        sum(calls) as calls,
        sum(all_tokens) as all_tokens,
        sum(all_tokens) filter (where {{ may_move_a_margin() }}) as moving_tokens
    from usage
    where pricing_status = 'unpriced'
    group by month, vendor, model, customer_id

)

select
    unpriced.month,
    unpriced.vendor,
    unpriced.model,
    unpriced.customer_id,
    unpriced.calls,
    cast(coalesce(unpriced.moving_tokens, 0) as double) / nullif(cast(unpriced.all_tokens as double), 0) as moving_ratio,
    coalesce(
        own.cost_low_usd, {{ estimate('unpriced.all_tokens', 'coalesce(rates.least_cost_usd, any_rates.least_cost_usd)') }}
    ) as cost_low_usd,
    coalesce(
        own.cost_high_usd, {{ estimate('unpriced.all_tokens', 'coalesce(rates.most_cost_usd, any_rates.most_cost_usd)') }}
    ) as cost_high_usd
from unpriced
left join rates on unpriced.month = rates.month and unpriced.vendor = rates.vendor
left join any_rates on unpriced.month = any_rates.month
left join {{ ref('int_own_model_bounds') }} as own
    on
        unpriced.month = own.month
        and unpriced.vendor = own.vendor
        and unpriced.model = own.model
        and unpriced.customer_id = own.customer_id
        -- Both bounds are of the same kind.
        and own.cost_low_usd is not null
        and own.cost_high_usd is not null
