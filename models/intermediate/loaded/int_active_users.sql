{{ config(materialized='days', day='call_date') }}

select distinct
    call_date,
    user_id,
    {{ targets() }}
from {{ ref('int_trace_usage') }}
where user_id <> '' and {{ in_days('call_date') }}
