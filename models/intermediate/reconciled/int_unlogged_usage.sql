-- What a vendor reports beyond our logs, on days of which some call of that vendor is logged, at our prices; of other days the whole report
-- is usage already. What one model, class or tier has more and another less is the same usage under another name.
{%- set side = bucket_side('buckets.token_class') %}
with committed as (

    -- Paid by its commitment, and in the vendor's report all the same.
    select
        call_date,
        provider,
        {{ bucket_side('token_class') }} as side,
        sum(quantity) as quantity
    from {{ ref('int_usage_daily_by_meter') }}
    where commitment_id is not null
    group by 1, 2, 3

),

logged as (

    select distinct
        call_date,
        provider
    from {{ ref('int_calls_daily') }}
    -- The same days as in int_reported_usage_daily.
    where {{ reached_a_vendor() }}

),

compared as (

    select
        buckets.*,
        buckets.reported_quantity - buckets.logged_quantity as more_quantity,
        sum(buckets.reported_quantity - buckets.logged_quantity) over (
            partition by buckets.call_date, buckets.vendor, buckets.account, {{ side }}
        ) - coalesce(committed.quantity, 0) as net_quantity,
        sum(greatest(buckets.reported_quantity - buckets.logged_quantity, 0)) over (
            partition by buckets.call_date, buckets.vendor, buckets.account, {{ side }}
        ) as gross_quantity
    from {{ ref('int_usage_buckets') }} as buckets
    inner join logged on buckets.call_date = logged.call_date and buckets.vendor = logged.provider
    left join committed
        on buckets.call_date = committed.call_date and buckets.vendor = committed.provider and {{ side }} = committed.side
    where buckets.reported_quantity is not null

),

owned as (

    select
        {{ comma_list(['environment', 'team', 'product'], 'owners') }},
        {{ bucket_columns('compared') }},
        compared.reported_quantity,
        compared.expected_list_cost_usd,
        compared.expected_cost_usd,
        cast(compared.more_quantity as double)
        * (cast(compared.net_quantity as double) / cast(compared.gross_quantity as double))
        * (
            cast(owners.quantity as double)
            / cast(sum(owners.quantity) over (partition by {{ bucket_columns('compared') }}) as double)
        ) as quantity
    from compared
    inner join {{ ref('int_unlogged_owners') }} as owners on {{ same_bucket('compared', 'owners') }}
    where compared.more_quantity > 0 and compared.net_quantity > 0

)

select
    {{ bucket_columns() }},
    environment,
    team,
    product,
    '(unallocated)' as feature,
    '(unlogged usage)' as workflow,
    '(unallocated)' as customer_id,
    cast(quantity as decimal(38, 6)) as quantity,
    cast(round(expected_list_cost_usd * (quantity / cast(reported_quantity as double)), 12) as {{ money() }}) as list_cost_usd,
    cast(round(expected_cost_usd * (quantity / cast(reported_quantity as double)), 12) as {{ money() }}) as contracted_cost_usd
from owned
