-- Law 1: cost per success holds every attempt: in a month in which a workflow has successes, these add up to what all of its runs cost.
with successes as (

    select
        {{ month_of('run_date') }} as month,
        workflow,
        sum(coalesce(total_cost_usd, 0)) as cost_usd
    from {{ ref('outcome_costs') }}
    where status = 'success' and workflow <> '(unallocated)' and link_method <> 'none'
    group by month, workflow

),

runs as (

    select
        {{ month_of('run_date') }} as month,
        workflow,
        sum(coalesce(fully_loaded_cost_usd, 0)) as cost_usd
    from {{ ref('int_runs') }}
    where metric = 'business_outcome'
    group by month, workflow

)

select *
from successes
left join runs on successes.month = runs.month and successes.workflow = runs.workflow
where successes.cost_usd is distinct from runs.cost_usd
