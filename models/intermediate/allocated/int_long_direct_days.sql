{{ config(meta={'fingerprint_days': ['driver_date'], 'has_own_days': true}) }}

-- Each day of what is direct for longer than a month, however long it runs.
select
    days.driver_date,
    {{ targets('borne') }},
    sum({{ cost_of_a_day('borne') }}) as direct_cost
from {{ ref('int_direct_costs') }} as borne,
    {{ each_day('borne.part_from', 'borne.part_to', 'days', 'driver_date') }}
where borne.part_to > borne.charge_date + 31
group by all
