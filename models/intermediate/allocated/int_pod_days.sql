-- What OpenCost says of each day.
select
    charge_date as run_date,
    {{ comma_list(pod_columns() + pod_amounts()) }}
from {{ ref('stg_opencost__allocations') }}
where charge_period_end <= charge_period_start + interval '1' day
union all
select {{ comma_list(['run_date'] + pod_columns() + pod_amounts()) }} from {{ ref('int_long_window_days') }}
