{{ config(materialized='days', day='call_date') }}

-- What calls weigh when costs are divided among runs. Calls of no trace stand together under the empty id.
select
    call_date,
    coalesce(trace_id, '') as trace_id,
    {% for column in target_columns() -%}
        coalesce({{ column }}, '(unallocated)') as {{ column }},
    {% endfor -%}
    cast(count(*) as bigint) as calls,
    cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd,
    cast(sum(billed_cost_usd) as {{ money() }}) as billed_cost_usd,
    cast(sum(effective_cost_usd) filter (where pricing_status <> 'self_hosted') as {{ money() }}) as effective_cost_usd,
    cast(sum(effective_cost_usd) filter (where pricing_status = 'self_hosted') as {{ money() }}) as hosted_cost_usd
from {{ ref('int_calls_costed') }}
where {{ in_days('call_date') }}
group by all
