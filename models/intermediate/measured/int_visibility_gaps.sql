-- What is not known, and between what and what the cost lies that it would move.
{%- set margin_targets = {'customer': 'customer_id', 'feature': 'feature'} %}
with usage as (

    select
        *,
        {{ month_of('call_date') }} as month,
        coalesce(provider, '(unknown)') as vendor
    from {{ ref('int_usage_daily') }}

),

-- The cheapest and the dearest model of each vendor and month, per token of those that have a price.
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

-- How far bills have been from what had been owed for the same days; without one, as far as is spread without asking.
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
        where billed_cost_usd is not null and owed_usd > 0
        group by vendor, {{ month_of('call_date') }}
    ) as months
    group by vendor

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
        cast(0 as {{ money() }}) as cost_low_usd,
        sum(contracted_cost_usd) as cost_high_usd
    from usage
    where {{ column }} = '(unallocated)' and contracted_cost_usd > 0
    group by month, coalesce(api_key_alias, api_key, '(no key)')
    union all
{% endfor -%}
select
    usage.month,
    'unknown_model' as gap,
    usage.vendor || ' / ' || coalesce(usage.model, '(no model)') as subject,
    'customer' as moved_type,
    usage.customer_id as moved,
    sum(usage.calls) as calls,
    {{ estimate('sum(usage.all_tokens)', 'coalesce(min(rates.least_cost_usd), min(any_rates.least_cost_usd))') }} as cost_low_usd,
    {{ estimate('sum(usage.all_tokens)', 'coalesce(max(rates.most_cost_usd), max(any_rates.most_cost_usd))') }} as cost_high_usd
from usage
left join rates on usage.month = rates.month and usage.vendor = rates.vendor
left join any_rates on usage.month = any_rates.month
where usage.pricing_status = 'unpriced'
group by usage.month, usage.vendor, usage.model, usage.customer_id
union all
-- A bill that has not come says something else than what stands for it until then.
select
    {{ month_of('owed.call_date') }} as month,
    'missing_bill' as gap,
    owed.vendor as subject,
    'customer' as moved_type,
    cast(null as varchar) as moved,
    cast(null as bigint) as calls,
    {{ estimate('sum(owed.owed_usd)', 'coalesce(min(bills.least_ratio), ' ~ var('spread_ratio_low') ~ ') - 1') }} as cost_low_usd,
    {{ estimate('sum(owed.owed_usd)', 'coalesce(max(bills.most_ratio), ' ~ var('spread_ratio_high') ~ ') - 1') }} as cost_high_usd
from {{ ref('int_accrual_days') }} as owed
left join bills on owed.vendor = bills.vendor
where owed.billed_month is null and owed.owed_usd > 0
group by {{ month_of('owed.call_date') }}, owed.vendor
