{{ config(materialized='days', day='run_date') }}

-- A run counts with each model and version of a prompt that it used, and bears there what its calls to that one do.
{%- set models_so_far = 'partition by run_date, outcome_id, trace_date, trace_id order by model, prompt_version' %}
with parts as (

    select * from {{ ref('int_run_models') }}
    where {{ in_days('trace_date') }}

),

attempts as (

    select
        {{ model_attempt_columns('named', 'parts') }}
    from {{ ref('int_outcome_attempts') }} as named
    inner join parts on named.trace_id = parts.trace_id and named.trace_date = parts.trace_date
    where
        {{ in_days('named.trace_date') }}
        and named.outcome_id not in (select longer.outcome_id from {{ ref('int_attempts_over_days') }} as longer)
    union all
    select * from {{ ref('int_models_over_days') }}
    where {{ in_days('run_date') }}

),

summed as (

    select
        *,
        {% for cost in run_costs() -%}
            sum({{ cost }}) over ({{ models_so_far }}) as {{ cost }}_so_far{% if not loop.last %},{% endif %}
        {% endfor %}
    from attempts

),

used as (

    select
        metrics.metric,
        runs.run_date,
        runs.run_status,
        'outcome ' || runs.outcome_id as run_id,
        1 as units,
        runs.workflow,
        summed.model,
        summed.prompt_version,
        {% for cost in run_costs() -%}
            case
                when metrics.outcome_type = '(any)' then {{ shared_step('summed.' ~ cost, 'all') }}
                else {{ shared_step('summed.' ~ cost, 'type') }}
            end as {{ cost }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_outcome_runs') }} as runs
    inner join summed on runs.run_date = summed.run_date and runs.outcome_id = summed.outcome_id
    inner join {{ ref('unit_metrics') }} as metrics on metrics.outcome_type in (runs.outcome_type, '(any)')
    where {{ in_days('runs.run_date') }}
    union all
    select
        runs.metric,
        parts.trace_date as run_date,
        runs.run_status,
        parts.trace_id as run_id,
        runs.units,
        runs.workflow,
        parts.model,
        parts.prompt_version,
        {{ comma_list(run_costs(), 'parts') }}
    from {{ ref('int_unnamed_runs') }} as runs
    inner join parts on runs.trace_id = parts.trace_id and runs.trace_date = parts.trace_date
    where {{ in_days('runs.trace_date') }}

),

by_run as (

    {% for target_type, column in (model_targets().items() | list) + [('prompt_version', 'prompt_version')] -%}
        select
            metric,
            run_date,
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            run_status,
            run_id,
            units,
            {% for cost in run_costs() -%}
                sum({{ cost }}) as {{ cost }}{% if not loop.last %},{% endif %}
            {% endfor %}
        from used
        {% if target_type == 'prompt_version' %}where prompt_version <> ''{% endif %}
        group by metric, run_date, target, run_status, run_id, units
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    metric,
    run_date,
    target_type,
    target,
    run_status,
    cast(sum(units) as bigint) as runs,
    {{ run_cost_sums() }}
from by_run
group by metric, run_date, target_type, target, run_status
