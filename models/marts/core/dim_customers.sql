with versions as (

    select * from {{ ref('stg_customers__customers') }}
    where coalesce(valid_from, date '1970-01-01') <= cast({{ now_utc() }} as date)
    qualify row_number() over (partition by customer_id order by coalesce(valid_from, date '1970-01-01') desc) = 1

),

seen as (

    select distinct customer_id
    from {{ ref('int_usage_daily') }}

)

select
    coalesce(versions.customer_id, seen.customer_id) as customer_id,
    versions.customer_name,
    versions.segment,
    versions.plan,
    versions.valid_from,
    versions.customer_id is not null as is_listed,
    seen.customer_id is not null as has_usage
from versions
full outer join seen on versions.customer_id = seen.customer_id
