-- Step 1: a line's parts are the line, on every basis. Step 2: calls bear what the lines of their day bill for calls. What ran on
-- provisioned throughput bears that, and no line of a bill.
with parts as (

    select
        cost_line_id,
        {% for cost in cost_columns() -%}
            sum({{ cost }}) as {{ cost }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_line_parts') }}
    group by cost_line_id

),

for_calls as (

    select
        buckets.call_date,
        buckets.vendor,
        sum(buckets.billed_cost_usd) as billed_cost_usd,
        sum(buckets.effective_cost_usd) as effective_cost_usd
    from {{ ref('int_bucket_costs') }} as buckets
    where
        exists (
            select 1 from {{ ref('fct_usage_daily') }} as seen_usage
            where
                seen_usage.usage_date = buckets.call_date
                and seen_usage.provider = buckets.vendor
                and seen_usage.grain_source = 'call_log'
        )
    group by buckets.call_date, buckets.vendor

),

on_calls as (

    select
        calls.call_date,
        calls.provider as vendor,
        sum(calls.billed_cost_usd) as billed_cost_usd,
        sum(case when calls.billed_cost_usd is not null then calls.effective_cost_usd end) as effective_cost_usd
    from {{ ref('fct_llm_calls') }} as calls
    left join {{ ref('int_provisioned_calls') }} as provisioned on {{ same_call('calls', 'provisioned') }}
    where provisioned.call_id is null
    group by calls.call_date, calls.provider

)

select
    lines.cost_line_id as subject,
    'parts of the line' as what
from {{ ref('int_usage_lines') }} as lines
inner join parts on lines.cost_line_id = parts.cost_line_id
where
    false
    {% for cost in cost_columns() -%}
        or lines.{{ cost }} is distinct from parts.{{ cost }}
    {% endfor %}
union all
select
    cast(for_calls.call_date as varchar) as subject,
    'calls of the day' as what
from for_calls
left join on_calls on for_calls.call_date = on_calls.call_date and for_calls.vendor = on_calls.vendor
where
    for_calls.billed_cost_usd is distinct from on_calls.billed_cost_usd
    or for_calls.effective_cost_usd is distinct from on_calls.effective_cost_usd
