{{ config(materialized='table') }}

-- What a workflow's runs without a success cost in a month, over the days on which its successes began, by their number.
with days as (

    select
        run_date,
        {{ month_of('run_date') }} as month,
        workflow,
        sum(runs) filter (where run_status = 'success') as successes,
        sum(fully_loaded_cost_usd) filter (where run_status <> 'success') as cost_usd,
        -- Of these, the runs that may yet have led somewhere.
        sum(fully_loaded_cost_usd) filter (where run_status = 'unknown') as unknown_cost_usd
    from {{ ref('int_runs') }}
    where metric = 'business_outcome' and workflow <> '(unallocated)'
    group by run_date, month, workflow

),

months as (

    select
        month,
        workflow,
        cast(sum(cost_usd) as {{ money() }}) as failed_attempts_cost_usd,
        cast(sum(unknown_cost_usd) as {{ money() }}) as unknown_attempts_cost_usd
    from days
    group by month, workflow

),

weighed as (

    select
        days.run_date,
        days.month,
        days.workflow,
        days.successes,
        days.successes as weight,
        months.failed_attempts_cost_usd,
        months.unknown_attempts_cost_usd
    from days
    inner join months on days.month = months.month and days.workflow = months.workflow
    where days.successes > 0

)

{{ exact_parts(
    'weighed', 'month, workflow', 'run_date', ['run_date', 'successes'], ['failed_attempts_cost_usd', 'unknown_attempts_cost_usd']
) }}
