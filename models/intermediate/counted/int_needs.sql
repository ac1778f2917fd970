-- What the questions need, whether it is there, and what would bring it.
with usage as (

    select
        coalesce(sum(calls), 0) as calls,
        -- What the company runs itself has no price and needs none: its cost is the nodes'.
        coalesce(sum(calls) filter (where pricing_status <> 'unpriced'), 0) as priced_calls,
        coalesce(sum(calls) filter (where status <> 'unknown'), 0) as known_calls,
        coalesce(sum(calls) filter (where customer_id <> '(unallocated)'), 0) as customer_calls,
        coalesce(sum(calls) filter (where workflow <> '(unallocated)'), 0) as workflow_calls,
        coalesce(sum(calls) filter (where environment <> '(unallocated)'), 0) as environment_calls
    from {{ ref('int_usage_daily') }}

),

landed as (

    select
        count(*) filter (where source in ({{ billing_sources() }})) as bills,
        count(*) filter (where source = 'revenue') as revenue_files,
        count(*) filter (where source = 'outcomes') as outcome_files
    from {{ ref('stg_files__files') }}
    where file_status <> 'quarantined'

),

runs as (

    select coalesce(sum(runs), 0) as linked_runs
    from {{ ref('int_runs') }}
    where metric = 'business_outcome' and run_status <> 'unknown'

),

plans as (

    select count(*) as customers_with_plan
    from {{ ref('stg_customers__customers') }}
    where plan is not null

),

commitments as (

    select count(*) as commitments
    from {{ ref('int_commitments') }}

)

select
    needs.need,
    case needs.need
        when 'calls' then usage.calls > 0
        when 'prices' then usage.calls > 0 and usage.priced_calls = usage.calls
        when 'statuses' then usage.calls > 0 and usage.known_calls = usage.calls
        when 'customer_names' then usage.calls > 0 and usage.customer_calls = usage.calls
        when 'workflow_names' then usage.calls > 0 and usage.workflow_calls = usage.calls
        when 'environment_names' then usage.calls > 0 and usage.environment_calls = usage.calls
        when 'bills' then landed.bills > 0
        when 'revenue' then landed.revenue_files > 0
        when 'outcomes' then landed.outcome_files > 0
        when 'outcome_traces' then runs.linked_runs > 0
        when 'plans' then plans.customers_with_plan > 0
        when 'commitments' then commitments.commitments > 0
        else false
    end as is_met,
    case needs.need
        when 'calls' then usage.calls
        when 'prices' then usage.priced_calls
        when 'statuses' then usage.known_calls
        when 'customer_names' then usage.customer_calls
        when 'workflow_names' then usage.workflow_calls
        when 'environment_names' then usage.environment_calls
    end as met_calls,
    usage.calls,
    needs.mend
from {{ ref('needs') }} as needs
cross join usage
cross join landed
cross join runs
cross join plans
cross join commitments
