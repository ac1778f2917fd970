{{ config(materialized='table') }}

-- What the vendor counts of a bucket, and what our logs do: the bill's own quantity, else the vendor's report.
with billed as (

    select
        {{ bucket_columns() }},
        case when count(*) = count(billed_quantity) then cast(sum(billed_quantity) as decimal(38, 6)) end as billed_quantity
    from {{ ref('int_line_scopes') }}
    group by 1, 2, 3, 4, 5

),

counted as (

    select
        {{ bucket_columns('buckets') }},
        billed.call_date is not null as is_billed,
        buckets.logged_quantity,
        buckets.reported_quantity,
        billed.billed_quantity,
        coalesce(billed.billed_quantity, buckets.reported_quantity, buckets.logged_quantity) as vendor_quantity,
        buckets.list_cost_usd,
        buckets.contracted_cost_usd
    from {{ ref('int_usage_buckets') }} as buckets
    left join billed on {{ same_bucket('buckets', 'billed') }}

)

select
    *,
    -- Shares of a line's quantity are computed in double precision: below one token nothing is told.
    case when abs(vendor_quantity - logged_quantity) >= 1 then vendor_quantity - logged_quantity else 0 end as more_quantity
from counted
