-- What a customer uses and pays of a product; and of all that it has, `(all)`.
with months as (

    select
        month,
        customer_id,
        product,
        coalesce(cost_usd + credit_usd, cost_usd, credit_usd) as cogs_usd,
        cast(null as {{ money() }}) as revenue_usd,
        unknown_count as unknown_cogs,
        unpriced_calls,
        0 as unconverted_count,
        cast(null as bigint) as calls
    from {{ ref('int_month_costs') }}
    where cost_class = 'cogs' and {{ is_of_customers() }}
    union all
    select
        month,
        customer_id,
        product,
        cast(null as {{ money() }}) as cogs_usd,
        revenue_usd,
        0 as unknown_cogs,
        0 as unpriced_calls,
        unconverted_count,
        cast(null as bigint) as calls
    from {{ ref('int_recognised_revenue') }}
    where {{ is_of_customers() }}
    union all
    select
        {{ month_of('call_date') }} as month,
        customer_id,
        product,
        {{ unknown_amounts('cogs_usd', 'revenue_usd') }},
        0 as unknown_cogs,
        0 as unpriced_calls,
        0 as unconverted_count,
        calls
    from {{ ref('int_usage_daily') }}
    where {{ is_of_customers() }} and {{ cost_class('call_date') }} = 'cogs'

),

of_products as (

    {% for product in ['product', "'(all)'"] -%}
        select
            month,
            customer_id,
            {{ product }} as product,
            cast(sum(cogs_usd) as {{ money() }}) as cogs_usd,
            case when sum(unconverted_count) = 0 then cast(sum(revenue_usd) as {{ money() }}) end as revenue_usd,
            sum(unknown_cogs) as unknown_cogs,
            coalesce(sum(unpriced_calls), 0) as unpriced_calls,
            coalesce(sum(calls), 0) as calls
        from months
        group by all
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Where a month has any cogs, a customer without has none; else, and where none of those that it has is known, they are not known.
known as (

    select
        *,
        case
            when unknown_cogs > 0 or unpriced_calls > 0 then cogs_usd
            when max(cogs_usd) over (partition by month) is not null then coalesce(cogs_usd, 0)
        end as known_cogs_usd
    from of_products

)

select
    known.month,
    known.customer_id,
    known.product,
    coalesce(placements.plan, '(unknown)') as plan,
    coalesce(placements.segment, '(unknown)') as segment,
    known.unknown_cogs > 0 or (known.unpriced_calls > 0 and known.cogs_usd is null) as has_unknown_cogs,
    known.unpriced_calls,
    known.known_cogs_usd as cogs_usd,
    known.revenue_usd,
    known.calls
from known
left join {{ ref('int_customer_groups') }} as placements
    on known.customer_id = placements.customer_id and {{ is_valid('placements', last_day_of_month('known.month')) }}
