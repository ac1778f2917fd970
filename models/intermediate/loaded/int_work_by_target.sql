{{ config(materialized='table') }}

-- Human work on the run that it names, the last that began before it, else on the first attempt at the outcome that it names; its
-- targets are those of that run, else those of the outcome. Imputed: nobody bills it.
with runs as (

    select
        trace_id as named_trace_id,
        trace_id,
        trace_date
    from {{ ref('int_traces') }}
    union
    select
        aliases.named_trace_id,
        traces.trace_id,
        traces.trace_date
    from {{ ref('int_trace_names') }} as aliases
    inner join {{ ref('int_traces') }} as traces on aliases.trace_id = traces.trace_id

),

placed as (

    select
        efforts.*,
        coalesce(runs.trace_date, attempts.trace_date) as trace_date,
        coalesce(runs.trace_id, attempts.trace_id) as run_id
    from {{ ref('int_human_work') }} as efforts
    left join runs on efforts.trace_id = runs.named_trace_id
    left join {{ ref('int_outcome_attempts') }} as attempts on runs.trace_id is null and efforts.outcome_id = attempts.outcome_id
    qualify row_number() over (
        partition by efforts.effort_id
        order by
            case when runs.trace_date <= efforts.occurred_date then runs.trace_date end desc nulls last,
            runs.trace_date asc,
            nullif(runs.trace_id, efforts.trace_id) asc nulls first,
            attempts.trace_date asc,
            attempts.trace_id asc
    ) = 1

)

select
    placed.effort_id,
    placed.occurred_date,
    placed.effort_month,
    placed.role,
    placed.outcome_id,
    placed.trace_date,
    placed.run_id as trace_id,
    {% for column in target_columns() -%}
        {% if column in ['workflow', 'feature', 'customer_id'] -%}
            coalesce(nullif(runs.{{ column }}, '(unallocated)'), outcomes.{{ column }}, '(unallocated)') as {{ column }},
        {% else -%}
            coalesce(runs.{{ column }}, '(unallocated)') as {{ column }},
        {% endif -%}
    {% endfor -%}
    placed.minutes,
    placed.cost_missing_reason,
    placed.imputed_cost_usd
from placed
left join {{ ref('int_traces') }} as runs on placed.trace_date = runs.trace_date and placed.run_id = runs.trace_id
left join {{ ref('int_outcomes') }} as outcomes on placed.outcome_id = outcomes.outcome_id
