-- Loops of runs and what the runs cost, on the day on which they begin.
with runs as (

    select * from {{ grouped_by_customer(ref('int_costed_runs'), 'trace_date') }} as grouped
    where loops > 0

)

{% for target_type, column in unit_targets().items() -%}
    {%- set last_target = loop.last -%}
    {%- for basis, cost in bases_of_runs().items() -%}
        select
            'agent_loop' as metric,
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            trace_date as sum_date,
            '{{ basis }}' as cost_basis,
            cast(sum({{ cost }}) as {{ money() }}) as cost_usd,
            cast(null as {{ money() }}) as known_cost_usd,
            cast(sum(loops) filter (where {{ cost }} is not null) as decimal(38, 6)) as units,
            cast(0 as decimal(38, 6)) as unknown_units,
            cast(sum(loops) filter (where {{ cost }} is not null) as decimal(38, 6)) as covered,
            cast(sum(loops) as decimal(38, 6)) as coverable
        from runs
        group by target, sum_date
        {{ 'union all' if not (loop.last and last_target) }}
    {% endfor %}
{%- endfor %}
