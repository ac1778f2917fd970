{{ config(materialized='days', day='trace_date', day_map='int_trace_day_map') }}
-- depends_on: {{ ref('int_trace_day_map') }}

-- A run's costs of all its days, with the human work on it.
{%- set costs = ['billed_cost_usd', 'effective_cost_usd'] + run_cost_parts() %}
with costs as (

    select
        coalesce(spans.trace_date, parts.call_date) as trace_date,
        parts.trace_id,
        parts.billed_cost_usd,
        parts.effective_cost_usd,
        parts.infrastructure_cost_usd,
        parts.licences_cost_usd,
        0 as unrated_efforts,
        cast(null as {{ money() }}) as human_minutes,
        cast(null as {{ money() }}) as human_work_cost_usd
    from {{ ref('int_trace_costs') }} as parts
    left join {{ ref('int_trace_overlaps') }} as spans on parts.call_date = spans.call_date and parts.trace_id = spans.trace_id
    where parts.trace_id <> '' and {{ in_days('parts.call_date', 0, 7) }}
    union all
    select
        trace_date,
        trace_id,
        cast(null as {{ money() }}) as billed_cost_usd,
        cast(null as {{ money() }}) as effective_cost_usd,
        cast(null as {{ money() }}) as infrastructure_cost_usd,
        cast(null as {{ money() }}) as licences_cost_usd,
        unrated_efforts,
        human_minutes,
        human_work_cost_usd
    from {{ ref('int_run_work') }}

),

uncosted as (

    -- Calls to models of one's own of which nobody knows what they ran on.
    select
        coalesce(spans.trace_date, parts.call_date) as trace_date,
        parts.trace_id,
        sum(parts.uncosted_calls) as uncosted_calls
    from {{ ref('int_trace_usage') }} as parts
    left join {{ ref('int_trace_overlaps') }} as spans on parts.call_date = spans.call_date and parts.trace_id = spans.trace_id
    where parts.trace_id <> '' and parts.uncosted_calls > 0 and {{ in_days('parts.call_date', 0, 7) }}
    group by all

)

select
    costs.trace_date,
    costs.trace_id,
    cast(coalesce(max(uncosted.uncosted_calls), 0) as bigint) as uncosted_calls,
    cast(sum(costs.unrated_efforts) as bigint) as unrated_efforts,
    {% for cost in costs -%}
        cast(sum(costs.{{ cost }}) as {{ money() }}) as {{ cost }}{% if not loop.last %},{% endif %}
    {% endfor %}
from costs
left join uncosted on costs.trace_date = uncosted.trace_date and costs.trace_id = uncosted.trace_id
where {{ in_days('costs.trace_date') }}
group by costs.trace_date, costs.trace_id
