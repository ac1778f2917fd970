{{ config(materialized='table') }}

-- Narrow on purpose: this is the one step of outcomes that sees all of them, whenever their traces ran.
with attempts as (

    select
        outcomes.outcome_id,
        outcomes.outcome_type,
        outcomes.status as outcome_status,
        traces.trace_id,
        traces.trace_date,
        traces.workflow
    from {{ ref('stg_outcomes__outcomes') }} as outcomes
    inner join {{ ref('stg_outcomes__attempts') }} as attempts on outcomes.outcome_id = attempts.outcome_id
    inner join {{ ref('int_traces') }} as traces on attempts.trace_id = traces.trace_id

)

select
    outcome_id,
    outcome_type,
    outcome_status,
    trace_id,
    trace_date,
    workflow,
    min(trace_date) over (partition by outcome_id) as run_date,
    -- A trace that several outcomes name is paid for by the first of them.
    row_number() over (partition by trace_id, trace_date order by outcome_id) = 1 as is_first_of_trace,
    row_number() over (partition by trace_id, trace_date, outcome_type order by outcome_id) = 1 as is_first_of_type
from attempts
