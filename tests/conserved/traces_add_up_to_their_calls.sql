-- No part of a trace is lost or counted twice when its days are put together.
with parts as (

    select
        sum(calls) as calls,
        sum(list_cost_usd) as list_cost_usd
    from {{ ref('int_trace_days') }}

),

traces as (

    select
        sum(call_count) as calls,
        sum(list_cost_usd) as list_cost_usd
    from {{ ref('fct_traces') }}

)

select *
from parts
cross join traces
where parts.calls is distinct from traces.calls or parts.list_cost_usd is distinct from traces.list_cost_usd
