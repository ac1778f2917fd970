-- Reshapes: each day's runs once for each kind of target that unit costs are shown for.
{%- set sums = ['runs'] + run_costs() + run_costs() | map('replace', '_usd', '_usd_runs') | list %}
with runs as (

    select * from {{ grouped_by_customer(ref('int_runs'), 'run_date') }} as grouped

),

by_target as (

    {% for target_type, column in unit_targets().items() -%}
        select
            metric,
            run_date,
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            run_status,
            {{ comma_list(sums) }}
        from runs
        union all
    {% endfor -%}
    select
        metric,
        run_date,
        target_type,
        target,
        run_status,
        {{ comma_list(sums) }}
    from {{ ref('int_model_runs') }}

)

select
    metric,
    run_date,
    target_type,
    target,
    sum(runs) as runs,
    {% for cost in run_costs() -%}
        sum({{ cost }}) as {{ cost }},
        sum({{ cost }}) filter (where run_status <> 'unknown') as known_{{ cost }},
        sum({{ cost }}_runs) filter (where run_status <> 'unknown') as known_{{ cost }}_runs,
        sum({{ cost }}_runs) filter (where run_status = 'unknown') as unknown_{{ cost }}_runs,
        sum({{ cost }}_runs) filter (where run_status = 'success') as {{ cost }}_successes{% if not loop.last %},{% endif %}
    {% endfor %}
from by_target
group by metric, run_date, target_type, target
