with days as (

    select
        vendor,
        {{ month_of('call_date') }} as usage_month,
        billed_month,
        owed_usd,
        fx_usd,
        billed_cost_usd,
        has_no_rate
    from {{ ref('int_accrual_days') }}

),

months as (

    select distinct
        vendors.vendor,
        dates.month
    from (
        select
            vendor,
            min(usage_month) as first_month
        from days
        group by vendor
    ) as vendors
    inner join {{ ref('dim_dates') }} as dates on vendors.first_month <= dates.month

),

moved as (

    -- A month accrues what no bill shows by its end; the month in which the bill comes takes that back.
    select
        months.vendor,
        months.month,
        coalesce(sum(days.owed_usd) filter (
            where days.usage_month = months.month and (days.billed_month is null or days.billed_month > months.month)
        ), 0) as accrued_usd,
        coalesce(-sum(days.owed_usd) filter (
            where days.billed_month = months.month and days.usage_month < months.month
        ), 0) as reversed_usd,
        -- What a bill does not tell apart from its other charges, or in USD, has no known true-up.
        case
            when bool_or(days.has_no_rate and days.billed_month = months.month and days.usage_month < months.month) then null
            when bool_or(days.billed_month = months.month and days.usage_month < months.month)
                then sum(days.billed_cost_usd - days.owed_usd) filter (
                    where days.billed_month = months.month and days.usage_month < months.month
                )
            else 0
        end as true_up_usd,
        case
            when not coalesce(bool_or(
                days.fx_usd is null and days.billed_month = months.month and days.usage_month < months.month
            ), false)
                then coalesce(sum(days.fx_usd) filter (where days.billed_month = months.month and days.usage_month < months.month), 0)
        end as fx_usd
    from months
    inner join days on months.vendor = days.vendor
    group by months.vendor, months.month

),

balanced as (

    select
        *,
        sum(accrued_usd + reversed_usd) over (partition by vendor order by month) as closing_usd
    from moved

)

select
    md5(vendor || '|' || month) as accrual_key,
    vendor,
    month,
    cast(closing_usd - accrued_usd - reversed_usd as {{ money() }}) as opening_usd,
    cast(accrued_usd as {{ money() }}) as accrued_usd,
    cast(reversed_usd as {{ money() }}) as reversed_usd,
    cast(closing_usd as {{ money() }}) as closing_usd,
    cast(true_up_usd as {{ money() }}) as true_up_usd,
    cast(fx_usd as {{ money() }}) as fx_usd
from balanced
