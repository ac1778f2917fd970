{{ config(materialized='days', day='run_date') }}

select
    metric,
    trace_date as run_date,
    {{ targets() }},
    run_status,
    cast(sum(units) as bigint) as runs,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls,
    {{ run_cost_sums() }}
from {{ ref('int_unnamed_runs') }}
where {{ in_days('trace_date') }}
group by metric, trace_date, run_status, {{ targets() }}
