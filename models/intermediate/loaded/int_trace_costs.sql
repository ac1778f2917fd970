{{ config(materialized='days', day='call_date') }}

-- What the calls of a day bear of its costs.
{%- set consumer = ['trace_id', 'model', 'prompt_version', 'user_id', 'is_priced'] %}
with shares as (

    select
        usage.call_date,
        loaded.cost_kind,
        {{ targets('usage') }},
        {{ target_key('usage') }} as target_key,
        {{ comma_list(consumer, 'usage') }},
        usage.calls,
        {{ pool_weight('loaded.cost_kind', 'usage') }} as weight,
        loaded.cost_usd
    from {{ ref('int_trace_usage') }} as usage
    inner join {{ ref('int_loaded_usage') }} as loaded on usage.call_date = loaded.call_date and {{ same_targets('usage', 'loaded') }}
    where {{ in_days('usage.call_date') }}

),

{{ loaded_parts('shares', 'parts', 'call_date, cost_kind, target_key', consumer | join(', '), consumer + target_columns()) }}

select
    call_date,
    {{ comma_list(consumer) }},
    {{ targets() }},
    cast(sum(cost_usd) filter (where cost_kind in ('billed', 'billed_other')) as {{ money() }}) as billed_cost_usd,
    cast(sum(cost_usd) filter (where cost_kind in ('calls', 'ai')) as {{ money() }}) as effective_cost_usd,
    cast(sum(cost_usd) filter (where cost_kind = 'infrastructure') as {{ money() }}) as infrastructure_cost_usd,
    cast(sum(cost_usd) filter (where cost_kind = 'licences') as {{ money() }}) as licences_cost_usd
from parts
group by call_date, {{ comma_list(consumer) }}, {{ targets() }}
