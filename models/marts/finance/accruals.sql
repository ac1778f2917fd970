with days as (

    select
        vendor,
        {{ month_of('call_date') }} as usage_month,
        billed_month,
        owed_usd,
        fx_usd,
        billed_cost_usd,
        unknown_count,
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

sides as (

    -- A month accrues what no bill shows by its end; the month in which the bill comes takes that back.
    select
        months.vendor,
        months.month,
        {{ comma_list(['owed_usd', 'fx_usd', 'billed_cost_usd', 'unknown_count', 'has_no_rate'], 'days') }},
        days.usage_month = months.month and (days.billed_month is null or days.billed_month > months.month) as is_accrued,
        coalesce(days.billed_month = months.month and days.usage_month < months.month, false) as is_reversed
    from months
    inner join days on months.vendor = days.vendor

),

moved as (

    -- Of what has no rate, and of what a bill does not tell apart from its other charges or in USD, no amount is known.
    select
        vendor,
        month,
        case when bool_or(is_accrued) then sum(owed_usd) filter (where is_accrued) else 0 end as accrued_usd,
        case when bool_or(is_reversed) then -sum(owed_usd) filter (where is_reversed) else 0 end as reversed_usd,
        case
            when not bool_or(is_reversed) then 0
            when not bool_or(is_reversed and has_no_rate) then sum(billed_cost_usd - owed_usd) filter (where is_reversed)
        end as true_up_usd,
        case
            when not bool_or(is_reversed) then 0
            when not bool_or(is_reversed and fx_usd is null) then sum(fx_usd) filter (where is_reversed)
        end as fx_usd,
        coalesce(sum(unknown_count) filter (where is_accrued or is_reversed), 0) as unknown_count
    from sides
    group by vendor, month

),

balanced as (

    select
        *,
        sum(coalesce(accrued_usd, 0) + coalesce(reversed_usd, 0)) over (partition by vendor order by month) as closing_usd
    from moved

)

select
    md5(vendor || '|' || month) as accrual_key,
    vendor,
    month,
    cast(unknown_count as bigint) as unknown_count,
    cast(closing_usd - coalesce(accrued_usd, 0) - coalesce(reversed_usd, 0) as {{ money() }}) as opening_usd,
    cast(accrued_usd as {{ money() }}) as accrued_usd,
    cast(reversed_usd as {{ money() }}) as reversed_usd,
    cast(closing_usd as {{ money() }}) as closing_usd,
    cast(true_up_usd as {{ money() }}) as true_up_usd,
    cast(fx_usd as {{ money() }}) as fx_usd
from balanced
