{{ config(materialized='days', day='driver_date', day_before=31, meta={'fingerprint': 'content'}) }}
-- depends_on: {{ ref('int_claimed_parts') }}

-- What shared charges follow beside calls: what ran on clusters, seats, what a company counts itself, and what is direct.
-- A direct charge is followed for a month from its day on, so that a day reads no more than a month.
{%- set follows_direct_costs = is_followed('cost_share') %}
-- Whether a rule follows direct costs: {{ follows_direct_costs }}
with platforms as (

    select
        run_date as driver_date,
        '(all)' as vendor,
        {{ targets() }},
        is_idle,
        {{ comma_list(cluster_drivers()) }}
    from {{ ref('int_cluster_parts') }}
    where {{ in_days('run_date') }}

),

seats as (

    select
        driver_date,
        vendor,
        {{ targets() }},
        is_idle,
        seats
    from {{ ref('int_seat_days') }}
    where {{ in_days('driver_date') }}

),

direct_costs as (

    /* config */ {% if follows_direct_costs -%}
        select
            days.driver_date,
            '(all)' as vendor,
            {{ targets('parts') }},
            false as is_idle,
            parts.effective_cost_usd / (parts.part_to - parts.part_from + 1) as direct_cost
        from {{ ref('int_claimed_parts') }} as parts,
            {{ each_day('parts.part_from', 'parts.part_to', 'days', 'driver_date') }}
        where
            parts.part = 'direct'
            and parts.method <> 'none'
            and days.driver_date <= parts.charge_date + 31
            and {{ in_days('parts.charge_date', 31, 0) }}
    {%- else -%}
        select
            driver_date,
            vendor,
            {{ targets() }},
            is_idle,
            0 as direct_cost
        from platforms
        where false
    {%- endif %} /* end config */

),

drivers as (

    {% for driver in cluster_drivers() + ['seats', 'direct_cost'] -%}
        select
            driver_date,
            '{{ driver }}' as driver,
            vendor,
            {{ targets() }},
            is_idle,
            {{ driver }} as driver_value
        from {{ {'seats': 'seats', 'direct_cost': 'direct_costs'}.get(driver, 'platforms') }}
        union all
    {% endfor -%}
    select
        driver_date,
        driver,
        '(all)' as vendor,
        {{ targets() }},
        false as is_idle,
        driver_value
    from {{ ref('int_named_driver_days') }}

)

select
    driver_date,
    driver,
    vendor,
    {{ targets() }},
    is_idle,
    cast(sum(cast(driver_value as {{ money() }})) as {{ money() }}) as driver_value
from drivers
where {{ in_days('driver_date') }}
group by all
