{{ config(materialized='days', day='run_date') }}

select
    metric,
    trace_date as run_date,
    {{ targets() }},
    run_status,
    cast(sum(units) as bigint) as runs,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls,
    {% for cost in run_costs() -%}
        cast(sum({{ cost }}) as {{ money() }}) as {{ cost }},
        cast(coalesce(sum(units) filter (where {{ cost }} is not null), 0) as bigint) as {{ cost }}_runs{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_unnamed_runs') }}
where {{ in_days('trace_date') }}
group by metric, trace_date, run_status, {{ targets() }}
