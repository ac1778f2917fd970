-- Each day's part of a shared charge, by the day's usage. A day without usage keeps its part unallocated.
with charge_days as (

    select * from {{ ref('int_charge_days') }}

),

driven as (

    select
        charge_days.*,
        {% for column in target_columns() -%}
            coalesce(drivers.{{ column }}, '(unallocated)') as {{ column }},
        {% endfor -%}
        drivers.calls,
        drivers.call_date is not null as has_usage,
        case charge_days.driver
            when 'calls' then drivers.calls
            when 'tokens' then drivers.tokens
            else drivers.calls_cost
        end as driver_value
    from charge_days
    left join {{ ref('int_allocation_drivers') }} as drivers
        on charge_days.part_date = drivers.call_date and charge_days.driver_vendor = drivers.vendor

),

weighed as (

    -- Where none of a day's calls has a known cost, the calls themselves are counted.
    select
        *,
        {{ target_key() }} as target_key,
        case
            when not has_usage then 1
            when sum(driver_value) over (partition by charge_date, cost_line_id, part_date) > 0 then coalesce(driver_value, 0)
            else coalesce(calls, 0)
        end as weight
    from driven

)

{{ exact_parts('weighed', 'charge_date, cost_line_id, part_date', 'target_key', ['rule_id', 'has_usage'] + target_columns()) }}
