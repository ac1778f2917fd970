{{ config(materialized='days', day='run_date') }}

-- An outcome is one run with all its attempts, on the day of the first of them.
with traces as (

    select * from {{ ref('int_traces') }}
    where {{ in_days('trace_date') }}

),

named as (

    select * from {{ ref('int_outcome_attempts') }}
    where {{ in_days('trace_date') }}

),

attempts as (

    select
        named.outcome_id,
        named.outcome_type,
        named.outcome_status,
        named.run_date,
        named.is_first_of_trace,
        named.is_first_of_type,
        {{ targets('traces') }},
        traces.unpriced_calls,
        traces.list_cost_usd,
        traces.contracted_cost_usd
    from named
    inner join traces on named.trace_id = traces.trace_id and named.trace_date = traces.trace_date
    where named.outcome_id not in (select longer.outcome_id from {{ ref('int_attempts_over_days') }} as longer)
    union all
    select
        outcome_id,
        outcome_type,
        outcome_status,
        run_date,
        is_first_of_trace,
        is_first_of_type,
        {{ targets() }},
        unpriced_calls,
        list_cost_usd,
        contracted_cost_usd
    from {{ ref('int_attempts_over_days') }}
    where {{ in_days('run_date') }}

),

runs as (

    select
        metrics.metric,
        case
            when attempts.outcome_status = 'success' then 'success'
            when attempts.outcome_status in ('failure', 'abandoned', 'reversed') then 'failed'
            else 'unknown'
        end as run_status,
        attempts.run_date,
        {% for column in target_columns() -%}
            min(attempts.{{ column }}) as {{ column }},
        {% endfor -%}
        sum(attempts.unpriced_calls) as unpriced_calls,
        {% for basis in ['list', 'contracted'] -%}
            sum(
                case
                    when metrics.outcome_type = '(any)' and attempts.is_first_of_trace then attempts.{{ basis }}_cost_usd
                    when metrics.outcome_type <> '(any)' and attempts.is_first_of_type then attempts.{{ basis }}_cost_usd
                    else 0
                end
            ) as {{ basis }}_cost_usd{% if not loop.last %},{% endif %}
        {% endfor %}
    from attempts
    inner join {{ ref('unit_metrics') }} as metrics on metrics.outcome_type in (attempts.outcome_type, '(any)')
    group by metrics.metric, attempts.outcome_id, attempts.outcome_status, attempts.run_date

)

select
    metric,
    run_date,
    {{ targets() }},
    run_status,
    cast(count(*) as bigint) as runs,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls,
    cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
    cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
from runs
group by metric, run_date, run_status, {{ targets() }}
