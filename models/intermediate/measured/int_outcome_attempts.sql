{{ config(materialized='table') }}

-- Narrow on purpose: this is the one step of outcomes that sees all of them, whenever their traces ran.
with named as (

    select
        outcome_id,
        trace_id
    from {{ ref('stg_outcomes__attempts') }}
    union
    select
        attempts.outcome_id,
        aliases.trace_id
    from {{ ref('stg_outcomes__attempts') }} as attempts
    inner join {{ ref('int_trace_names') }} as aliases on attempts.trace_id = aliases.named_trace_id

),

attempts as (

    select
        outcomes.outcome_id,
        outcomes.outcome_type,
        outcomes.status as outcome_status,
        traces.trace_id,
        traces.trace_date,
        traces.workflow
    from {{ ref('stg_outcomes__outcomes') }} as outcomes
    inner join named on outcomes.outcome_id = named.outcome_id
    inner join {{ ref('int_traces') }} as traces on named.trace_id = traces.trace_id

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
