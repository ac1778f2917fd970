-- The runs that outcomes name, by metric.
select
    metrics.metric,
    runs.run_date,
    {{ targets('runs') }},
    runs.run_status,
    cast(count(*) as bigint) as runs,
    cast(sum(runs.unpriced_calls) as bigint) as unpriced_calls,
    {% for cost in run_costs() -%}
        cast(sum(case when metrics.outcome_type = '(any)' then runs.{{ cost }} else runs.type_{{ cost }} end) as {{ money() }})
            as {{ cost }},
        count(runs.{{ cost }}) as {{ cost }}_runs{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_outcome_runs') }} as runs
inner join {{ ref('unit_metrics') }} as metrics on metrics.outcome_type in (runs.outcome_type, '(any)')
group by metrics.metric, runs.run_date, runs.run_status, {{ targets('runs') }}
