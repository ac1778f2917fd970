-- Reshapes: each day's runs once for each kind of target that unit costs are shown for.
{% for target_type, column in unit_targets().items() -%}
    select
        metric,
        run_date,
        '{{ target_type }}' as target_type,
        {{ column }} as target,
        sum(runs) as runs,
        {% for cost in run_costs() -%}
            sum({{ cost }}) as {{ cost }},
            sum({{ cost }}) filter (where run_status <> 'unknown') as known_{{ cost }},
            sum({{ cost }}_runs) filter (where run_status <> 'unknown') as known_{{ cost }}_runs,
            sum({{ cost }}_runs) filter (where run_status = 'unknown') as unknown_{{ cost }}_runs,
            sum({{ cost }}_runs) filter (where run_status = 'success') as {{ cost }}_successes{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ grouped_by_customer(ref('int_runs'), 'run_date') }} as grouped
    group by metric, run_date, target
    {{ 'union all' if not loop.last }}
{% endfor %}
