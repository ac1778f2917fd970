{{ config(meta={'fingerprint_days': ['driver_date'], 'has_own_days': true}) }}

-- Each day of what is direct for longer than a month, however long it runs.
select
    days.driver_date,
    {{ targets('costs') }},
    sum({{ cost_of_a_day('costs') }}) as direct_cost
from {{ ref('int_direct_costs') }} as costs,
    {{ each_day('costs.part_from', 'costs.part_to', 'days', 'driver_date') }}
where costs.part_to > costs.charge_date + 31
group by all
