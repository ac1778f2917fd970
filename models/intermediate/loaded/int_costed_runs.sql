-- Each run with what it borne, on every basis.
select
    runs.*,
    attempts.outcome_id,
    attempts.outcome_status,
    coalesce(attempts.all_sharers, 0) as outcomes,
    workflows.expected_loops,
    borne.billed_cost_usd,
    borne.effective_cost_usd,
    borne.infrastructure_cost_usd,
    borne.licences_cost_usd,
    borne.human_minutes,
    borne.human_work_cost_usd,
    coalesce(borne.uncosted_calls, 0) as uncosted_calls,
    coalesce(borne.unrated_efforts, 0) as unrated_efforts,
    case
        when
            coalesce(borne.effective_cost_usd, borne.infrastructure_cost_usd, borne.licences_cost_usd, borne.human_work_cost_usd)
            is not null
            then
                coalesce(borne.effective_cost_usd, 0) + coalesce(borne.infrastructure_cost_usd, 0)
                + coalesce(borne.licences_cost_usd, 0) + coalesce(borne.human_work_cost_usd, 0)
    end as fully_loaded_cost_usd
from {{ ref('int_traces') }} as runs
left join {{ ref('int_outcome_attempts') }} as attempts
    on runs.trace_date = attempts.trace_date and runs.trace_id = attempts.trace_id and attempts.all_rank = 1
left join {{ ref('stg_company__workflows') }} as workflows on runs.workflow = workflows.workflow
left join {{ ref('int_run_costs') }} as borne on runs.trace_date = borne.trace_date and runs.trace_id = borne.trace_id
