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
    union all
    -- What the company runs itself has no price: its calls weigh what self_hosted_models says.
    select
        call_date,
        {{ pool_of('hosted') }} as vendor,
        {{ targets() }},
        'calls_cost' as driver,
        sum(weight) as driver_value
    from {{ ref('int_self_hosted_usage') }} as hosted
    group by all

)

select
    call_date as driver_date,
    driver,
    vendor,
    {{ targets() }},
    false as is_idle,
    cast(driver_value as {{ money() }}) as driver_value
from named
