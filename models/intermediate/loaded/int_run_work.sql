{{ config(materialized='table', meta={'fingerprint_days': ['trace_date']}) }}

select
    trace_date,
    trace_id,
    -- Without a labour rate, what the minutes cost is not known.
    count(*) filter (where imputed_cost_usd is null) as unrated_efforts,
    cast(sum(minutes) as {{ money() }}) as human_minutes,
    cast(sum(imputed_cost_usd) as {{ money() }}) as human_work_cost_usd
from {{ ref('int_work_by_target') }}
where trace_id is not null
group by trace_date, trace_id
