select
    customer_id,
    customer_name,
    segment,
    plan,
    valid_from,
    is_listed,
    has_usage
from {{ ref('int_customers') }}
