{{ config(materialized='table') }}

-- The attempts at outcomes that took more than one day: their run belongs to the day of the first of them.
with long_runs as (

    select distinct outcome_id
    from {{ ref('int_outcome_attempts') }}
    where run_date <> trace_date

)

select
    attempts.outcome_id,
    attempts.outcome_type,
    attempts.outcome_status,
    attempts.run_date,
    attempts.is_first_of_trace,
    attempts.is_first_of_type,
    traces.trace_id,
    {{ targets('traces') }},
    traces.unpriced_calls,
    traces.list_cost_usd,
    traces.contracted_cost_usd
from {{ ref('int_outcome_attempts') }} as attempts
inner join long_runs on attempts.outcome_id = long_runs.outcome_id
inner join {{ ref('int_traces') }} as traces on attempts.trace_id = traces.trace_id and attempts.trace_date = traces.trace_date
