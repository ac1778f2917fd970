{{ config(materialized='table') }}

-- Outcomes whose runs are not known, with the human work on them that names no other run.
with worked as (

    select
        outcome_id,
        cast(sum(minutes) as {{ money() }}) as human_minutes,
        cast(sum(imputed_cost_usd) as {{ money() }}) as human_work_cost_usd
    from {{ ref('int_work_by_target') }}
    where outcome_id is not null and trace_id is null
    group by outcome_id

),

named as (

    select distinct outcome_id
    from {{ ref('stg_outcomes__attempts') }}

)

select
    outcomes.outcome_id,
    outcomes.outcome_type,
    outcomes.status as outcome_status,
    outcomes.occurred_at,
    outcomes.occurred_date as run_date,
    coalesce(outcomes.workflow, '(unallocated)') as workflow,
    coalesce(outcomes.feature, '(unallocated)') as feature,
    coalesce(outcomes.customer_id, '(unallocated)') as customer_id,
    case
        when named.outcome_id is not null then 'no call has the trace that it names'
        when outcomes.customer_id is null or outcomes.workflow is null
            then 'it names no trace, and not both customer and workflow'
        else 'it names no trace, and no run of its customer and workflow began shortly before it'
    end as no_run_reason,
    outcome_values.value_usd,
    worked.human_minutes,
    worked.human_work_cost_usd
from {{ ref('int_outcomes') }} as outcomes
left join {{ ref('int_outcome_values') }} as outcome_values on outcomes.outcome_id = outcome_values.outcome_id
left join worked on outcomes.outcome_id = worked.outcome_id
left join named on outcomes.outcome_id = named.outcome_id
where outcomes.outcome_id not in (select attempts.outcome_id from {{ ref('int_outcome_attempts') }} as attempts)
