-- The drivers that come of usage itself. Where none of a day's calls has a known cost, the calls are counted.
{%- set kept = comma_list(['call_date', 'vendor'] + target_columns()) %}
with usage as (

    select
        *,
        sum(calls_cost) over (partition by call_date, vendor) > 0 as has_cost
    from {{ ref('int_allocation_drivers') }}

),

named as (

    select
        {{ kept }},
        'calls_cost' as driver,
        case when has_cost then calls_cost else calls end as driver_value
    from usage
    union all
    select
        {{ kept }},
        'calls' as driver,
        calls as driver_value
    from usage
    union all
    select
        {{ kept }},
        'tokens' as driver,
        tokens as driver_value
    from usage

)

select
    call_date as driver_date,
    driver,
    vendor,
    {{ targets() }},
    false as is_idle,
    cast(driver_value as {{ money() }}) as driver_value
from named
