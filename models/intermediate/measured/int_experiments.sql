-- What a workflow's runs outside production would cost at its production's volume: a run costs what it costs now; at the least and at the
-- most what it cost on its cheapest and its dearest day.
with days as (

    select
        {{ month_of('run_date') }} as month,
        environment,
        workflow,
        run_date,
        sum(runs) as runs,
        sum(fully_loaded_cost_usd) as cost_usd
    from {{ ref('int_runs') }}
    where metric = 'workflow_completion' and environment <> '(unallocated)'
    group by 1, 2, 3, 4

),

months as (

    select
        month,
        environment,
        workflow,
        sum(runs) as runs,
        sum(cost_usd) as cost_usd,
        {{ per_unit('sum(cost_usd)', 'sum(runs) filter (where cost_usd is not null)') }} as run_cost_usd,
        min({{ per_unit('cost_usd', 'runs') }}) as run_cost_low_usd,
        max({{ per_unit('cost_usd', 'runs') }}) as run_cost_high_usd
    from days
    group by month, environment, workflow

),

volumes as (

    select
        month,
        workflow,
        sum(runs) as production_runs
    from months
    where {{ is_production('environment') }}
    group by month, workflow

)

select
    months.*,
    volumes.production_runs
from months
left join volumes on months.month = volumes.month and months.workflow = volumes.workflow
where not {{ is_production('months.environment') }}
