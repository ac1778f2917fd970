{%- set target = var('target_gross_margin') %}
with customers as (

    select
        *,
        cume_dist() over (partition by month, product, plan, segment, cogs_usd is null order by cogs_usd asc) as lighter_share,
        row_number() over (partition by month, product, plan, segment order by cogs_usd desc nulls last, customer_id asc)
        <= ceil(0.1 * count(cogs_usd) over (partition by month, product, plan, segment)) as is_heavy
    from {{ ref('int_customer_products') }}

),

plans as (

    select
        month,
        product,
        plan,
        segment,
        count(*) as customer_count,
        count(revenue_usd) as paying_count,
        count(*) filter (where has_unknown_cogs) as unknown_count,
        sum(calls) as call_count,
        sum(unpriced_calls) as unpriced_call_count,
        count(*) filter (where cogs_usd > revenue_usd) as loss_customer_count,
        -- The lightest customer who is not lighter than half of them, or than nine tenths.
        min(cogs_usd) filter (where lighter_share >= 0.5) as cogs_p50_usd,
        min(cogs_usd) filter (where lighter_share >= 0.9) as cogs_p90_usd,
        sum(revenue_usd) as revenue_usd,
        sum(cogs_usd) as cogs_usd,
        sum(cogs_usd) filter (where is_heavy) as heavy_cogs_usd,
        coalesce(sum(cogs_usd - revenue_usd) filter (where is_heavy and cogs_usd > revenue_usd), 0) as heavy_loss_usd
    from customers
    group by month, product, plan, segment

),

priced as (

    select
        *,
        {{ per_unit('cogs_p50_usd', '(1 - ' ~ target ~ ')') }} as price_floor_p50_usd,
        {{ per_unit('cogs_p90_usd', '(1 - ' ~ target ~ ')') }} as price_floor_p90_usd,
        {{ per_unit('revenue_usd', 'paying_count') }} as present_price_usd
    from plans

)

select
    md5(month || '|' || product || '|' || plan || '|' || segment) as price_floor_key,
    month,
    product,
    plan,
    segment,
    case
        when cogs_usd is null and unknown_count > 0 then 'none of its cogs is known in USD'
        when cogs_usd is null then 'no cogs in the ledger in this month'
        when unknown_count > 0 then 'some customers have cogs that are not known in USD'
        when unpriced_call_count > 0 then 'some of its calls have no price'
        when paying_count = 0 then 'no recognised revenue in USD in this month'
        when paying_count < customer_count then 'some customers have no recognised revenue in USD in this month'
    end as price_missing_reason,
    cast(customer_count as bigint) as customer_count,
    cast(paying_count as bigint) as paying_customer_count,
    cast(loss_customer_count as bigint) as loss_customer_count,
    cast(call_count as bigint) as call_count,
    cast(unpriced_call_count as bigint) as unpriced_call_count,
    cast({{ target }} as {{ ratio() }}) as target_gross_margin_ratio,
    {{ ratio_of('(revenue_usd - cogs_usd)', 'revenue_usd') }} as gross_margin_ratio,
    {{ ratio_of('heavy_cogs_usd', 'cogs_usd') }} as heavy_cogs_ratio,
    cast(cogs_usd as {{ money() }}) as cogs_usd,
    cast(revenue_usd as {{ money() }}) as revenue_usd,
    {{ per_unit('cogs_usd', 'call_count') }} as cogs_per_call_usd,
    cast(cogs_p50_usd as {{ money() }}) as cogs_p50_usd,
    cast(cogs_p90_usd as {{ money() }}) as cogs_p90_usd,
    price_floor_p50_usd,
    price_floor_p90_usd,
    present_price_usd,
    cast(present_price_usd - price_floor_p50_usd as {{ money() }}) as price_gap_p50_usd,
    cast(present_price_usd - price_floor_p90_usd as {{ money() }}) as price_gap_p90_usd,
    cast(case when cogs_usd is not null then heavy_loss_usd end as {{ money() }}) as heavy_loss_usd
from priced
