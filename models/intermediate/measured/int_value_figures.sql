-- What a month's runs of a workflow in an environment cost, and what their successes are worth: what the outcomes state, else the time
-- that they save.
{%- set key = ['month', 'environment', 'workflow', 'feature'] %}
with counted as (

    -- Of a workflow without any outcome, what its runs led to is not known.
    select
        *,
        case when metric = 'business_outcome' then 1 else 0 end as has_outcomes,
        case when metric = 'business_outcome' then run_status else 'unknown' end as outcome_status
    from {{ ref('int_runs') }}
    where
        metric = 'business_outcome'
        or (
            metric = 'workflow_completion' and workflow <> '(unallocated)'
            and workflow not in (select measured.workflow from {{ ref('int_outcome_workflows') }} as measured)
        )

),

runs as (

    select
        {{ month_of('run_date') }} as month,
        environment,
        workflow,
        feature,
        max(has_outcomes) as has_outcomes,
        sum(runs) as runs,
        sum(runs) filter (where outcome_status = 'success') as successes,
        sum(fully_loaded_cost_usd_runs) filter (where outcome_status = 'success') as costed_successes,
        sum(runs) filter (where outcome_status <> 'unknown') as known_runs,
        sum(fully_loaded_cost_usd) as cost_usd,
        sum(fully_loaded_cost_usd) filter (where outcome_status <> 'unknown') as known_cost_usd
    from counted
    group by month, environment, workflow, feature

),

worth as (

    select
        {{ month_of('outcomes.run_date') }} as month,
        outcomes.environment,
        outcomes.workflow,
        outcomes.feature,
        -- What an outcome states in a currency without a rate is not known, and is not what is saved.
        sum(case when stated.outcome_id is null then baselines.saved_value_usd else outcomes.value_usd end) as value_usd,
        count(case when stated.outcome_id is null then baselines.saved_value_usd else outcomes.value_usd end) as valued,
        count(outcomes.value_usd) as stated,
        -- Who signed for the minutes that are saved did not sign for what an outcome states.
        count(baselines.signed_off_by) filter (where stated.outcome_id is null or baselines.saved_value_usd is null) as signed,
        min(baselines.signed_off_by) filter (where stated.outcome_id is null or baselines.saved_value_usd is null) as signed_off_by
    from {{ ref('int_outcome_runs') }} as outcomes
    left join {{ ref('int_outcome_values') }} as stated on outcomes.outcome_id = stated.outcome_id
    left join {{ ref('stg_company__value_baselines') }} as baselines
        on outcomes.workflow = baselines.workflow and {{ is_valid('baselines', 'outcomes.run_date') }}
    where outcomes.run_status = 'success'
    group by month, outcomes.environment, outcomes.workflow, outcomes.feature

),

corrected as (

    select
        {{ month_of('outcomes.run_date') }} as month,
        outcomes.environment,
        outcomes.workflow,
        outcomes.feature,
        count(distinct outcomes.outcome_id) as corrected
    from {{ ref('int_outcome_runs') }} as outcomes
    inner join {{ ref('int_work_by_target') }} as efforts on outcomes.outcome_id = efforts.outcome_id
    where outcomes.run_status <> 'unknown'
    group by month, outcomes.environment, outcomes.workflow, outcomes.feature

)

select
    {{ comma_list(key, 'runs') }},
    -- A feature is judged by its workflows with outcomes, if it has any. Experiments are no part of it.
    runs.has_outcomes = max(runs.has_outcomes) over (
        partition by runs.month, runs.feature, runs.environment <> '(unallocated)' and not {{ is_production('runs.environment') }}
    ) as is_of_feature,
    runs.runs,
    coalesce(runs.known_runs, 0) as known_runs,
    coalesce(runs.successes, 0) as successes,
    coalesce(runs.costed_successes, 0) as costed_successes,
    coalesce(worth.valued, 0) as valued,
    coalesce(worth.stated, 0) as stated,
    coalesce(worth.signed, 0) as signed,
    worth.signed_off_by,
    coalesce(corrected.corrected, 0) as corrected,
    worth.value_usd,
    runs.cost_usd,
    runs.known_cost_usd,
    maturity.maturity_days
from runs
left join worth on {{ same_columns_of('runs', 'worth', key) }}
left join corrected on {{ same_columns_of('runs', 'corrected', key) }}
left join {{ ref('int_workflow_maturity') }} as maturity on runs.workflow = maturity.workflow
