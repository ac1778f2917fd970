{{ config(materialized='days', day='call_date') }}

-- What each run bears of a day's costs; the run '' is all calls that name none.
with shares as (

    select
        usage.call_date,
        loaded.cost_kind,
        {{ target_key('usage') }} as target_key,
        usage.trace_id,
        usage.calls,
        {{ pool_weight('loaded.cost_kind', 'usage') }} as weight,
        loaded.cost_usd
    from {{ ref('int_trace_usage') }} as usage
    inner join {{ ref('int_loaded_usage') }} as loaded on usage.call_date = loaded.call_date and {{ same_targets('usage', 'loaded') }}
    where {{ in_days('usage.call_date') }}

),

{{ loaded_parts('shares', 'parts', 'call_date, cost_kind, target_key', 'trace_id', ['trace_id']) }}

select
    call_date,
    trace_id,
    cast(sum(cost_usd) filter (where cost_kind in ('billed', 'billed_other')) as {{ money() }}) as billed_cost_usd,
    cast(sum(cost_usd) filter (where cost_kind in ('calls', 'ai')) as {{ money() }}) as effective_cost_usd,
    cast(sum(cost_usd) filter (where cost_kind = 'infrastructure') as {{ money() }}) as infrastructure_cost_usd,
    cast(sum(cost_usd) filter (where cost_kind = 'licences') as {{ money() }}) as licences_cost_usd
from parts
group by call_date, trace_id
