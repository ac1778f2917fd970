-- A shared charge is spread evenly over the days of its charge period first, so that a new day never changes an earlier one.
with shared as (

    select
        *,
        cast(1 as {{ money() }}) as allocation_ratio
    from {{ ref('int_charge_rules') }}
    where method = 'usage'

),

spread as (

    select
        shared.charge_date,
        shared.cost_line_id,
        shared.rule_id,
        shared.driver,
        shared.driver_vendor,
        days.part_date,
        1 as weight,
        {{ comma_list(allocated_amounts(), 'shared') }}
    from shared,
        {{ each_day(
            'shared.charge_period_start', last_day_of('shared.charge_period_start', 'shared.charge_period_end'), 'days', 'part_date'
        ) }}

)

{{ exact_parts('spread', 'charge_date, cost_line_id', 'part_date', ['rule_id', 'driver', 'driver_vendor', 'part_date']) }}
