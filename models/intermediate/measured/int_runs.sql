-- The runs behind each metric of cost per success.
with runs as (

    select * from {{ ref('int_runs_with_outcome') }}
    union all
    select * from {{ ref('int_runs_without_outcome') }}

)

select
    metric,
    run_date,
    {{ targets() }},
    run_status,
    cast(sum(runs) as bigint) as runs,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls,
    {% for cost in run_costs() -%}
        cast(sum({{ cost }}) as {{ money() }}) as {{ cost }},
        -- How many runs this is the cost of: of the others it is not known.
        cast(sum({{ cost }}_runs) as bigint) as {{ cost }}_runs{% if not loop.last %},{% endif %}
    {% endfor %}
from runs
group by metric, run_date, run_status, {{ targets() }}
