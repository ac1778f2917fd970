{{ config(meta={'fingerprint_days': ['driver_date'], 'has_own_days': true}) }}

-- What `allocation_drivers` says of each day on which there are charges to share.
with span as (

    select
        min(charge_date) as first_day,
        max({{ last_day_of('charge_period_start', 'charge_period_end') }}) as last_day
    from {{ ref('int_cost_lines') }}

)

select
    days.driver_date,
    drivers.driver,
    {{ targets('drivers') }},
    drivers.value as driver_value
from {{ ref('stg_company__allocation_drivers') }} as drivers
cross join span,
    {{ each_day(
        'coalesce(drivers.valid_from, span.first_day)', 'least(coalesce(drivers.valid_to - 1, span.last_day), span.last_day)', 'days',
        'driver_date'
    ) }}
