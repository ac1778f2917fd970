{{ config(meta={'fingerprint': 'validity'}) }}

-- The segment and plan of a customer, from when to when.
select
    customer_id,
    segment,
    plan,
    coalesce(valid_from, date '1970-01-01') as valid_from,
    lead(coalesce(valid_from, date '1970-01-01')) over (
        partition by customer_id order by coalesce(valid_from, date '1970-01-01')
    ) as valid_to
from {{ ref('stg_customers__customers') }}
