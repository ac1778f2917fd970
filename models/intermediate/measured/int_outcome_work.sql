{{ config(materialized='table') }}

-- Of the human work on a run, what is on one of its outcomes, and on any one of them: the rest is shared.
with named as (

    select
        efforts.trace_date,
        efforts.trace_id,
        efforts.outcome_id,
        sum(efforts.minutes) as human_minutes,
        sum(efforts.imputed_cost_usd) as human_work_cost_usd
    from {{ ref('int_work_by_target') }} as efforts
    inner join {{ ref('int_outcome_attempts') }} as attempts
        on
            efforts.trace_date = attempts.trace_date
            and efforts.trace_id = attempts.trace_id
            and efforts.outcome_id = attempts.outcome_id
    group by efforts.trace_date, efforts.trace_id, efforts.outcome_id

),

apart as (

    select
        trace_date,
        trace_id,
        sum(human_minutes) as human_minutes,
        sum(human_work_cost_usd) as human_work_cost_usd
    from named
    group by trace_date, trace_id

)

select
    attempts.trace_date,
    attempts.trace_id,
    attempts.outcome_id,
    {% for amount in ['human_minutes', 'human_work_cost_usd'] -%}
        cast(apart.{{ amount }} as {{ money() }}) as apart_{{ amount }},
        cast(named.{{ amount }} as {{ money() }}) as own_{{ amount }}{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_outcome_attempts') }} as attempts
inner join apart on attempts.trace_date = apart.trace_date and attempts.trace_id = apart.trace_id
left join named
    on
        attempts.trace_date = named.trace_date
        and attempts.trace_id = named.trace_id
        and attempts.outcome_id = named.outcome_id
