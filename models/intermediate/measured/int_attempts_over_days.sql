{{ config(materialized='table') }}

-- The attempts at outcomes that took more than one day: their run belongs to the day of the first of them.
with long_runs as (

    select distinct outcome_id
    from {{ ref('int_outcome_attempts') }}
    where run_date <> trace_date

)

select
    {{ attempt_columns('attempts', 'runs', 'efforts') }}
from {{ ref('int_outcome_attempts') }} as attempts
inner join long_runs on attempts.outcome_id = long_runs.outcome_id
inner join {{ ref('int_costed_runs') }} as runs on attempts.trace_id = runs.trace_id and attempts.trace_date = runs.trace_date
left join {{ ref('int_outcome_work') }} as efforts
    on
        attempts.trace_id = efforts.trace_id
        and attempts.trace_date = efforts.trace_date
        and attempts.outcome_id = efforts.outcome_id
