-- The customer list as it stands today, and customers that only calls name.
with listed as (

    select
        customer_id,
        customer_name,
        segment,
        plan,
        valid_from
    from {{ ref('stg_customers__customers') }}
    where coalesce(valid_from, date '1970-01-01') <= cast({{ now_utc() }} as date)
    qualify row_number() over (partition by customer_id order by coalesce(valid_from, date '1970-01-01') desc) = 1

),

seen as (

    select distinct customer_id
    from {{ ref('int_usage_daily') }}

)

select
    coalesce(listed.customer_id, seen.customer_id) as customer_id,
    listed.customer_name,
    listed.segment,
    listed.plan,
    listed.valid_from,
    listed.customer_id is not null as is_listed,
    seen.customer_id is not null as has_usage
from listed
full outer join seen on listed.customer_id = seen.customer_id
