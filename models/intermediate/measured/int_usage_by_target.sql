-- Reshapes: each day's calls once for each kind of target that unit costs are shown for.
{% for target_type, column in unit_targets().items() -%}
    select
        call_date,
        '{{ target_type }}' as target_type,
        {{ column }} as target,
        sum(calls) as calls,
        sum(calls) filter (where pricing_status = 'priced') as priced_calls,
        sum(all_tokens) as tokens,
        sum(all_tokens) filter (where pricing_status = 'priced') as priced_tokens,
        sum(list_cost_usd) as list_cost_usd,
        sum(contracted_cost_usd) as contracted_cost_usd,
        -- A vendor's report may not tell how many requests there were: such money has no calls to be divided by.
        sum(list_cost_usd) filter (where calls is not null) as counted_list_cost_usd,
        sum(contracted_cost_usd) filter (where calls is not null) as counted_contracted_cost_usd
    from {{ ref('int_usage_daily') }}
    group by call_date, target
    {{ 'union all' if not loop.last }}
{% endfor %}
