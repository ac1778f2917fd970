{{ config(materialized='days', day='run_date') }}

-- An outcome is one run with all its attempts, on the day of the first of them.
with runs as (

    select * from {{ ref('int_costed_runs') }}
    where {{ in_days('trace_date') }}

),

named as (

    select * from {{ ref('int_outcome_attempts') }}
    where {{ in_days('trace_date') }}

),

efforts as (

    select * from {{ ref('int_outcome_work') }}
    where {{ in_days('trace_date') }}

),

attempts as (

    select
        {{ attempt_columns('named', 'runs', 'efforts') }}
    from named
    inner join runs on named.trace_id = runs.trace_id and named.trace_date = runs.trace_date
    left join efforts
        on named.trace_id = efforts.trace_id and named.trace_date = efforts.trace_date and named.outcome_id = efforts.outcome_id
    where named.outcome_id not in (select longer.outcome_id from {{ ref('int_attempts_over_days') }} as longer)
    union all
    select * from {{ ref('int_attempts_over_days') }}
    where {{ in_days('run_date') }}

)

select
    run_date,
    outcome_id,
    outcome_type,
    outcome_status,
    case
        when outcome_status = 'success' then 'success'
        when outcome_status in ('failure', 'abandoned', 'reversed') then 'failed'
        else 'unknown'
    end as run_status,
    min(occurred_at) as occurred_at,
    min(value_usd) as value_usd,
    {% for column in target_columns() -%}
        coalesce(min(nullif({{ column }}, '(unallocated)')), {{ stated_target(column) }}'(unallocated)') as {{ column }},
    {% endfor -%}
    {{ joined_distinct('trace_id') }} as trace_ids,
    min(link_method) as link_method,
    min(link_confidence) as link_confidence,
    cast(max(all_sharers) as bigint) as sharers,
    cast(count(*) as bigint) as attempts,
    cast(sum(calls) as bigint) as calls,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls,
    cast(sum(uncosted_calls) as bigint) as uncosted_calls,
    cast(sum(unrated_efforts) as bigint) as unrated_efforts,
    {% for cost in run_costs() + run_cost_parts() -%}
        cast(sum({{ borne_by_outcome(cost, 'all') }}) as {{ money() }}) as {{ cost }},
    {% endfor -%}
    {% for cost in run_costs() -%}
        cast(sum({{ borne_by_outcome(cost, 'type') }}) as {{ money() }}) as type_{{ cost }}{% if not loop.last %},{% endif %}
    {% endfor %}
from attempts
group by run_date, outcome_id, outcome_type, outcome_status
