{{ config(materialized='table') }}

-- The runs that an outcome names, by the trace or by what another source calls it. A trace id may come again, days later: then each
-- run is of the outcomes that came next.
with names as (

    select
        trace_id as named_trace_id,
        trace_id
    from {{ ref('int_traces') }}
    union
    select
        named_trace_id,
        trace_id
    from {{ ref('int_trace_names') }}

),

reached as (

    select
        attempts.outcome_id,
        attempts.trace_id as named_trace_id,
        attempts.came_at,
        traces.trace_id,
        traces.trace_date,
        traces.started_at,
        traces.workflow
    from {{ ref('stg_outcomes__attempts') }} as attempts
    inner join names on attempts.trace_id = names.named_trace_id
    inner join {{ ref('int_traces') }} as traces on names.trace_id = traces.trace_id

),

-- The last run that began before the outcome came; the first one, if none did.
came as (

    select
        *,
        coalesce(
            max(case when started_at <= came_at then started_at end) over (partition by outcome_id, named_trace_id),
            min(started_at) over (partition by outcome_id, named_trace_id)
        ) as last_run_at
    from reached

),

next_ones as (

    select
        *,
        min(case when last_run_at >= started_at then last_run_at end) over (partition by named_trace_id, trace_id, trace_date)
            as next_run_at
    from came

)

select distinct
    outcome_id,
    trace_id,
    trace_date,
    workflow
from next_ones
where last_run_at = next_run_at
