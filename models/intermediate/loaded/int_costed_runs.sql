-- Each run with what it costs, on every basis.
select
    runs.*,
    attempts.outcome_id,
    attempts.outcome_status,
    workflows.expected_loops,
    costs.billed_cost_usd,
    costs.effective_cost_usd,
    costs.infrastructure_cost_usd,
    costs.licences_cost_usd,
    costs.human_minutes,
    costs.human_work_cost_usd,
    case
        when costs.trace_id is not null
            then
                coalesce(costs.effective_cost_usd, 0) + coalesce(costs.infrastructure_cost_usd, 0)
                + coalesce(costs.licences_cost_usd, 0) + coalesce(costs.human_work_cost_usd, 0)
    end as fully_loaded_cost_usd
from {{ ref('int_traces') }} as runs
left join {{ ref('int_outcome_attempts') }} as attempts
    on runs.trace_date = attempts.trace_date and runs.trace_id = attempts.trace_id and attempts.all_rank = 1
left join {{ ref('stg_company__workflows') }} as workflows on runs.workflow = workflows.workflow
left join {{ ref('int_run_costs') }} as costs on runs.trace_date = costs.trace_date and runs.trace_id = costs.trace_id
