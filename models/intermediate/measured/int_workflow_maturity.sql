-- What became of a workflow's runs is known when it is for outcomes of all its types.
select
    workflows.workflow,
    max(coalesce(windows.days, {{ var('maturity_days', 30) }})) as maturity_days
from {{ ref('int_outcome_workflows') }} as workflows
left join {{ ref('stg_company__maturity_windows') }} as windows on workflows.outcome_type = windows.outcome_type
group by workflows.workflow
