-- What is not known, and between what and what the cost lies that it would move.
{%- set margin_targets = {'customer': 'customer_id', 'feature': 'feature'} %}
with usage as (

    select
        *,
        {{ month_of('call_date') }} as month
    from {{ ref('int_usage_daily') }}

),

-- How far bills have been from what had been owed for the same days, where they tell it apart, in USD; without one, as far as is
-- spread without asking.
bills as (

    select
        vendor,
        min(ratio) as least_ratio,
        max(ratio) as most_ratio
    from (
        select
            vendor,
            cast(sum(billed_cost_usd) as double) / cast(sum(owed_usd) as double) as ratio
        from {{ ref('int_accrual_days') }}
        where billed_month is not null and billed_cost_usd is not null and not has_no_rate and owed_usd > 0
        group by vendor, {{ month_of('call_date') }}
    ) as months
    group by vendor

),

missing_bills as (

    -- A bill that has not come says something else than what stands for it until then.
    select
        {{ month_of('owed.call_date') }} as month,
        owed.vendor,
        {{ estimate('sum(owed.owed_usd)', 'coalesce(min(bills.least_ratio), ' ~ var('spread_ratio_low') ~ ') - 1') }} as cost_low_usd,
        {{ estimate('sum(owed.owed_usd)', 'coalesce(max(bills.most_ratio), ' ~ var('spread_ratio_high') ~ ') - 1') }} as cost_high_usd
    from {{ ref('int_accrual_days') }} as owed
    left join bills on owed.vendor = bills.vendor
    where owed.billed_month is null and owed.owed_usd > 0
    group by {{ month_of('owed.call_date') }}, owed.vendor

)

{% for moved_type, column in margin_targets.items() -%}
    -- Usage of a key that nobody has named a {{ moved_type }} of: any of them might bear it.
    select
        month,
        'untagged_key' as gap,
        coalesce(api_key_alias, api_key, '(no key)') as subject,
        '{{ moved_type }}' as moved_type,
        cast(null as varchar) as moved,
        sum(calls) as calls,
        coalesce(sum(contracted_cost_usd) filter (where {{ may_move_a_margin() }}), 0) as margin_swing_usd,
        cast(0 as {{ money() }}) as cost_low_usd,
        sum(contracted_cost_usd) as cost_high_usd
    from usage
    where {{ column }} = '(unallocated)' and contracted_cost_usd > 0
    group by month, coalesce(api_key_alias, api_key, '(no key)')
    union all
{% endfor -%}
select
    month,
    'unknown_model' as gap,
    vendor || ' / ' || coalesce(model, '(no model)') as subject,
    'customer' as moved_type,
    customer_id as moved,
    calls,
    least({{ estimate('cost_high_usd - cost_low_usd', 'moving_ratio') }}, cost_high_usd - cost_low_usd) as margin_swing_usd,
    cost_low_usd,
    cost_high_usd
from {{ ref('int_unpriced_bounds') }}
union all
select
    month,
    'missing_bill' as gap,
    vendor as subject,
    'customer' as moved_type,
    cast(null as varchar) as moved,
    cast(null as bigint) as calls,
    cost_high_usd - cost_low_usd as margin_swing_usd,
    cost_low_usd,
    cost_high_usd
from missing_bills
union all
-- Nobody's, or somebody's in whole; a credit that is nobody's would lower a cost.
select
    month,
    'unallocated_cost' as gap,
    unallocated_reason as subject,
    moved_type,
    cast(null as varchar) as moved,
    cast(null as bigint) as calls,
    least(abs(moving_cost_usd), abs(cost_usd)) as margin_swing_usd,
    case when cost_usd > 0 then 0 else cost_usd end as cost_low_usd,
    case when cost_usd < 0 then 0 else cost_usd end as cost_high_usd
from {{ ref('int_unallocated_costs') }}
