{{ config(materialized='days', day='run_date') }}

with runs as (

    select
        runs.run_date,
        runs.outcome_id,
        runs.outcome_type,
        runs.outcome_status,
        runs.occurred_at,
        {{ targets('runs') }},
        runs.trace_ids,
        runs.link_method,
        runs.link_confidence,
        runs.sharers,
        case
            when runs.fully_loaded_cost_usd is null then 'no call of its runs has a known cost'
            when runs.unpriced_calls > 0 then 'some calls of its runs have no known cost'
            when runs.uncosted_calls > 0
                then 'what the models of our own cost that answered its runs is not known'
            when runs.unrated_efforts > 0 then 'some human work on its runs has no labour rate'
        end as cost_missing_reason,
        runs.attempts,
        runs.calls,
        runs.unpriced_calls,
        runs.value_usd,
        {{ comma_list(run_costs() + run_cost_parts(), 'runs') }},
        -- Those who succeed bear what led nowhere, evenly: what rounding leaves over is the first one's.
        case when runs.run_status = 'success' then failures.failed_attempts_cost_usd end as day_failed_cost_usd,
        case when runs.run_status = 'success' then failures.unknown_attempts_cost_usd end as day_unknown_cost_usd,
        failures.successes as day_sharers,
        row_number() over (
            partition by runs.run_date, runs.workflow, runs.run_status order by runs.outcome_id
        ) as day_rank
    from {{ ref('int_outcome_runs') }} as runs
    left join {{ ref('int_led_nowhere') }} as failures on runs.run_date = failures.run_date and runs.workflow = failures.workflow
    where {{ in_days('runs.run_date') }}

),

linked as (

    select
        *,
        cast({{ shared_evenly('day_failed_cost_usd', 'day') }} as {{ money() }}) as failed_attempts_cost_usd,
        cast({{ shared_evenly('day_unknown_cost_usd', 'day') }} as {{ money() }}) as unknown_attempts_cost_usd
    from runs

)

select
    outcome_id,
    outcome_type,
    outcome_status as status,
    run_date,
    occurred_at,
    {{ targets() }},
    trace_ids,
    link_method,
    cost_missing_reason,
    link_confidence,
    attempts as attempt_count,
    sharers as sharing_outcome_count,
    calls as call_count,
    unpriced_calls as unpriced_call_count,
    value_usd,
    list_cost_usd,
    contracted_cost_usd,
    billed_cost_usd,
    effective_cost_usd as ai_cost_usd,
    infrastructure_cost_usd,
    licences_cost_usd,
    human_minutes,
    human_work_cost_usd,
    fully_loaded_cost_usd,
    failed_attempts_cost_usd,
    unknown_attempts_cost_usd,
    -- Of a success whose own cost is not known, the share of what led nowhere is.
    cast(coalesce(fully_loaded_cost_usd + failed_attempts_cost_usd, fully_loaded_cost_usd, failed_attempts_cost_usd) as {{ money() }})
        as total_cost_usd
from linked
union all
select
    outcome_id,
    outcome_type,
    outcome_status as status,
    run_date,
    occurred_at,
    {% for column in target_columns() -%}
        {{ column if column in ['workflow', 'feature', 'customer_id'] else "'(unallocated)'" }} as {{ column }},
    {% endfor -%}
    cast(null as varchar) as trace_ids,
    'none' as link_method,
    no_run_reason as cost_missing_reason,
    cast(0 as {{ ratio() }}) as link_confidence,
    {% for count in ['attempt', 'sharing_outcome', 'call', 'unpriced_call'] -%}
        cast(0 as bigint) as {{ count }}_count,
    {% endfor -%}
    value_usd,
    {% for cost in ['list', 'contracted', 'billed', 'ai', 'infrastructure', 'licences'] -%}
        cast(null as {{ money() }}) as {{ cost }}_cost_usd,
    {% endfor -%}
    human_minutes,
    human_work_cost_usd,
    human_work_cost_usd as fully_loaded_cost_usd,
    cast(null as {{ money() }}) as failed_attempts_cost_usd,
    cast(null as {{ money() }}) as unknown_attempts_cost_usd,
    human_work_cost_usd as total_cost_usd
from {{ ref('int_outcomes_without_run') }}
where {{ in_days('run_date') }}
