{{ config(meta={'fingerprint_days': ['driver_date'], 'has_own_days': true}) }}

-- The seats of each day of a licence, however long it runs.
with licences as (

    select
        charges.charge_period_start,
        charges.charge_period_end,
        charges.vendor,
        {% for column in target_columns() -%}
            coalesce(charges.{{ column }}, '(unallocated)') as {{ column }},
        {% endfor -%}
        {{ is_idle('charges') }} as is_idle,
        sum(charges.consumed_quantity) as seats
    from {{ ref('int_charges') }} as charges
    where charges.book = 'seats'
    group by all

)

select
    days.driver_date,
    licences.vendor,
    {{ targets('licences') }},
    licences.is_idle,
    sum(licences.seats) as seats
from licences,
    {{ each_day(
        'licences.charge_period_start', last_day_of('licences.charge_period_start', 'licences.charge_period_end'), 'days', 'driver_date'
    ) }}
group by all
