{{ config(materialized='days', day='driver_date', day_before=31, meta={'fingerprint': 'content'}) }}

-- What shared charges follow beside calls: what ran on clusters, seats, what a company counts itself, and what is direct.
-- What is direct for longer than a month stands apart, so that a day reads no more than a month.
with platforms as (

    select
        run_date as driver_date,
        '(all)' as vendor,
        {{ targets() }},
        is_idle,
        {{ comma_list(cluster_drivers()) }}
    from {{ ref('int_cluster_parts') }}
    where {{ in_days('run_date') }}
    union all
    select
        run_date as driver_date,
        vendor,
        {{ targets() }},
        is_idle,
        {{ comma_list(cluster_drivers()) }}
    from {{ ref('int_node_drivers') }}
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

    select
        days.driver_date,
        '(all)' as vendor,
        {{ targets('borne') }},
        false as is_idle,
        {{ cost_of_a_day('borne') }} as direct_cost
    from {{ ref('int_direct_costs') }} as borne,
        {{ each_day('borne.part_from', 'borne.part_to', 'days', 'driver_date') }}
    where borne.part_to <= borne.charge_date + 31 and {{ in_days('borne.charge_date', 31, 0) }}
    union all
    select
        driver_date,
        '(all)' as vendor,
        {{ targets() }},
        false as is_idle,
        direct_cost
    from {{ ref('int_long_direct_days') }}
    where {{ in_days('driver_date') }}

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
