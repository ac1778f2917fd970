{{ config(materialized='table') }}

-- What is owed for each vendor's day until a bill shows it, and what the bill then says. A bill comes when it was exported, or first seen.
with drawn as (

    select
        charge_date as call_date,
        vendor,
        sum(drawn_cost) as drawn_cost
    from {{ ref('int_balance_draws') }}
    where billing_currency = 'USD'
    group by charge_date, vendor

),

billed as (

    select
        vendor,
        call_date,
        sum(billed_cost_usd) as billed_cost_usd,
        bool_or(billed_cost_usd is null) as has_no_rate
    from {{ ref('int_line_parts') }}
    group by vendor, call_date

),

usage as (

    select
        call_date,
        provider,
        contracted_cost_usd
    from {{ ref('int_usage_daily') }}
    where commitment_id is null
    union all
    select
        call_date,
        vendor as provider,
        contracted_cost_usd
    from {{ ref('int_unlogged_usage') }}

)

select
    usage.call_date,
    coalesce(usage.provider, '(unknown)') as vendor,
    {{ month_of('billed_days.billed_at') }} as billed_month,
    -- What a balance or provisioned throughput pays for is not owed.
    cast(greatest(sum(usage.contracted_cost_usd) - coalesce(max(drawn.drawn_cost), 0), 0) as {{ money() }}) as owed_usd,
    cast(0 as {{ money() }}) as fx_usd,
    coalesce(max(billed.billed_cost_usd), 0) as billed_cost_usd,
    0 as unknown_count,
    coalesce(bool_or(billed.has_no_rate), false) as has_no_rate
from usage
left join
    {{ ref('int_billed_usage_days') }} as billed_days
    on usage.call_date = billed_days.call_date and usage.provider = billed_days.provider
left join billed on usage.call_date = billed.call_date and usage.provider = billed.vendor
left join drawn on usage.call_date = drawn.call_date and usage.provider = drawn.vendor
where usage.contracted_cost_usd is not null
group by usage.call_date, usage.provider, billed_days.billed_at
union all
select
    charge_date as call_date,
    vendor,
    {{ month_of('billed_at') }} as billed_month,
    cast(sum(owed_usd) as {{ money() }}) as owed_usd,
    cast(case when count(*) = count(fx_usd) then sum(fx_usd) end as {{ money() }}) as fx_usd,
    -- What is billed is held against what was accrued, where that is known; what no bill tells apart stands in a row of its own.
    cast(sum(billed_cost_usd) filter (where owed_usd is not null) as {{ money() }}) as billed_cost_usd,
    count(*) filter (where owed_usd is null) as unknown_count,
    bool_or(has_no_rate) as has_no_rate
from {{ ref('int_accrued_records') }}
group by charge_date, vendor, billed_at, billed_cost_usd is null
