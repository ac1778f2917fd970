{{ config(materialized='days', day='call_date') }}

select
    call_date,
    user_id,
    {{ targets() }},
    cast(sum(calls) as bigint) as calls
from {{ ref('int_trace_usage') }}
where user_id <> '' and {{ in_days('call_date') }}
group by all
