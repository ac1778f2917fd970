{{ config(materialized='table') }}

-- What the vendor counts of a bucket, and what our logs do: the bill's own quantity, else the vendor's report.
with billed as (

    select
        {{ bucket_columns() }},
        case when count(*) = count(billed_quantity) then cast(sum(billed_quantity) as decimal(38, 6)) end as billed_quantity
    from {{ ref('int_line_scopes') }}
    group by all

),

lacking as (

    -- Where a report of the vendor's lacks the day, that it counts none of something says nothing.
    select distinct
        gaps.missing_date,
        reports.provider
    from {{ ref('int_bucket_gaps') }} as gaps
    inner join {{ ref('int_reported_usage_by_meter') }} as reports on gaps.source = reports.source

),

told as (

    select
        {{ bucket_columns('buckets') }},
        buckets.logged_quantity,
        case when lacking.provider is null or buckets.reported_quantity > 0 then buckets.reported_quantity end as reported_quantity,
        buckets.list_cost_usd,
        buckets.contracted_cost_usd
    from {{ ref('int_buckets') }} as buckets
    left join lacking on buckets.call_date = lacking.missing_date and buckets.vendor = lacking.provider

),

counted as (

    select
        told.*,
        billed.call_date is not null as is_billed,
        billed.billed_quantity,
        coalesce(billed.billed_quantity, told.reported_quantity, told.logged_quantity) as vendor_quantity
    from told
    left join billed on {{ same_bucket('told', 'billed') }}

)

select
    *,
    -- Shares of a line's quantity are computed in double precision: below one token nothing is told.
    case when abs(vendor_quantity - logged_quantity) >= 1 then vendor_quantity - logged_quantity else 0 end as more_quantity
from counted
