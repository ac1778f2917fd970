{{ config(materialized='table') }}

-- What each model bears of the attempts at outcomes that took more than one day.
select
    {{ model_attempt_columns('attempts', 'parts') }}
from {{ ref('int_outcome_attempts') }} as attempts
inner join {{ ref('int_run_models') }} as parts on attempts.trace_id = parts.trace_id and attempts.trace_date = parts.trace_date
where attempts.outcome_id in (select longer.outcome_id from {{ ref('int_attempts_over_days') }} as longer)
