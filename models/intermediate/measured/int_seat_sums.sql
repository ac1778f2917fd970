-- A seat that somebody pays for, used or not, by month. Where an invoice shows the seats, the list of them is not in the ledger.
with seats as (

    select
        usage_month,
        coalesce(team, '(unallocated)') as team,
        consumed_quantity as seats,
        billed_cost_usd,
        effective_cost_usd
    from {{ ref('int_cost_lines') }}
    where source in ('licences', 'copilot') and consumed_unit = 'Seats'

)

{% for basis, cost in [('billed', 'billed_cost_usd'), ('effective', 'effective_cost_usd'), ('fully_loaded', 'effective_cost_usd')] -%}
    {%- set last_basis = loop.last -%}
    {%- for target_type, column in [('company', "'(all)'"), ('team', 'team')] -%}
        select
            'seat' as metric,
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            usage_month as sum_date,
            '{{ basis }}' as cost_basis,
            cast(sum({{ cost }}) as {{ money() }}) as cost_usd,
            cast(null as {{ money() }}) as known_cost_usd,
            cast(sum(seats) filter (where {{ cost }} is not null) as decimal(38, 6)) as units,
            cast(0 as decimal(38, 6)) as unknown_units,
            cast(sum(seats) filter (where {{ cost }} is not null) as decimal(38, 6)) as covered,
            cast(sum(seats) as decimal(38, 6)) as coverable
        from seats
        group by target, sum_date
        {{ 'union all' if not (loop.last and last_basis) }}
    {% endfor %}
{%- endfor %}
