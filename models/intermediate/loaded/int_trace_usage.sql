{{ config(materialized='days', day='call_date') }}

-- What calls weigh when costs are divided among them. What a call does not name stands together under the empty name. Calls at a vendor's
-- price stand apart: what others bear says nothing of what the tokens of these cost.
select
    call_date,
    coalesce(trace_id, '') as trace_id,
    coalesce(model, '(unknown)') as model,
    coalesce(prompt_version, '') as prompt_version,
    coalesce(user_id, '') as user_id,
    pricing_status = 'priced' as is_priced,
    {% for column in target_columns() -%}
        coalesce({{ column }}, '(unallocated)') as {{ column }},
    {% endfor -%}
    cast(count(*) as bigint) as calls,
    cast(count(*) filter (where pricing_status = 'priced') as bigint) as priced_calls,
    cast(count(*) filter (where pricing_status = 'self_hosted' and effective_cost_usd is null) as bigint) as uncosted_calls,
    cast(sum(all_tokens) as bigint) as tokens,
    cast(sum(all_tokens) filter (where pricing_status = 'priced') as bigint) as priced_tokens,
    cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
    cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd,
    cast(sum(billed_cost_usd) as {{ money() }}) as billed_cost_usd,
    cast(sum(effective_cost_usd) filter (where pricing_status <> 'self_hosted') as {{ money() }}) as effective_cost_usd,
    cast(sum(effective_cost_usd) filter (where pricing_status = 'self_hosted') as {{ money() }}) as hosted_cost_usd
from {{ ref('int_calls_costed') }}
where {{ in_days('call_date') }}
group by all
