-- The runs that metrics count without an outcome: those that no outcome names, where outcomes of the same workflow are known; for its
-- completion, every run of a workflow; and for loops, every run that has some, with as many.
with workflows as (

    select distinct
        metrics.metric,
        workflows.workflow
    from {{ ref('int_outcome_workflows') }} as workflows
    inner join {{ ref('unit_metrics') }} as metrics on metrics.outcome_type in (workflows.outcome_type, '(any)')

)

select
    workflows.metric,
    'unknown' as run_status,
    1 as units,
    runs.*
from {{ ref('int_costed_runs') }} as runs
inner join workflows on runs.workflow = workflows.workflow
where runs.outcome_id is null
union all
-- Whether a workflow came to its end, its last call says.
select
    'workflow_completion' as metric,
    case status when 'success' then 'success' when 'failure' then 'failed' else 'unknown' end as run_status,
    1 as units,
    *
from {{ ref('int_costed_runs') }}
where workflow <> '(unallocated)'
union all
select
    'agent_loop' as metric,
    'success' as run_status,
    loops as units,
    *
from {{ ref('int_costed_runs') }}
where loops > 0
