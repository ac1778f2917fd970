-- What a workflow's runs outside production would cost at its production's volume: a run costs what it costs now; at the least and at the
-- most what it cost on its cheapest and its dearest day. Runs whose cost is not known say nothing of that.
with days as (

    select
        {{ month_of('run_date') }} as month,
        environment,
        workflow,
        run_date,
        sum(runs) as runs,
        sum(fully_loaded_cost_usd_runs) as costed_runs,
        sum(fully_loaded_cost_usd) as cost_usd
    from {{ ref('int_runs') }}
    where metric = 'workflow_completion' and environment <> '(unallocated)'
    group by month, environment, workflow, run_date

),

monthly as (

    select
        month,
        environment,
        workflow,
        sum(runs) as runs,
        sum(cost_usd) as cost_usd,
        {{ per_unit('sum(cost_usd)', 'sum(costed_runs)') }} as run_cost_usd,
        min({{ per_unit('cost_usd', 'costed_runs') }}) as run_cost_low_usd,
        max({{ per_unit('cost_usd', 'costed_runs') }}) as run_cost_high_usd
    from days
    group by month, environment, workflow

),

volumes as (

    select
        month,
        workflow,
        sum(runs) as production_runs
    from monthly
    where {{ is_production('environment') }}
    group by month, workflow

)

select
    monthly.*,
    volumes.production_runs,
    maturity.maturity_days,
    {% for end in ['', '_low', '_high'] -%}
        {{ projected('monthly.run_cost' ~ end ~ '_usd', 'volumes.production_runs') }}
            as projected_cost{{ end }}_usd{% if not loop.last %},{% endif %}
    {% endfor %}
from monthly
left join volumes on monthly.month = volumes.month and monthly.workflow = volumes.workflow
left join {{ ref('int_workflow_maturity') }} as maturity on monthly.workflow = maturity.workflow
where not {{ is_production('monthly.environment') }}
