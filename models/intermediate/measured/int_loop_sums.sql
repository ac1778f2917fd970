-- Loops of runs and what the runs cost, on the day on which they begin.
with runs as (

    select * from {{ grouped_by_customer(ref('int_costed_runs'), 'trace_date') }} as grouped
    where loops > 0

),

by_target as (

    {% for target_type, column in unit_targets().items() -%}
        select
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            trace_date as sum_date,
            sum(loops) as loops,
            {% for cost in run_costs() -%}
                sum({{ cost }}) as {{ cost }},
                sum(loops) filter (where {{ cost }} is not null) as {{ cost }}_loops{% if not loop.last %},{% endif %}
            {% endfor %}
        from runs
        group by target, sum_date
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

{% for basis, cost in bases_of_runs().items() -%}
    select
        'agent_loop' as metric,
        target_type,
        target,
        sum_date,
        '{{ basis }}' as cost_basis,
        cast({{ cost }} as {{ money() }}) as cost_usd,
        cast(null as {{ money() }}) as known_cost_usd,
        cast({{ cost }}_loops as decimal(38, 6)) as units,
        cast(0 as decimal(38, 6)) as unknown_units,
        cast({{ cost }}_loops as decimal(38, 6)) as covered,
        cast(loops as decimal(38, 6)) as coverable
    from by_target
    {{ 'union all' if not loop.last }}
{% endfor %}
