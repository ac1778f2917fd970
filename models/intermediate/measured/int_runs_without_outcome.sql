{{ config(materialized='days', day='run_date') }}

-- Runs that no outcome names, where outcomes of the same workflow are known; and, for its completion, every run of a workflow.
with traces as (

    select * from {{ ref('int_costed_runs') }}
    where {{ in_days('trace_date') }}

),

named as (

    select distinct
        trace_id,
        trace_date
    from {{ ref('int_outcome_attempts') }}
    where {{ in_days('trace_date') }}

),

workflows as (

    select distinct
        metrics.metric,
        workflows.workflow
    from {{ ref('int_outcome_workflows') }} as workflows
    inner join {{ ref('unit_metrics') }} as metrics on metrics.outcome_type in (workflows.outcome_type, '(any)')

),

runs as (

    select
        workflows.metric,
        'unknown' as run_status,
        traces.*
    from traces
    inner join workflows on traces.workflow = workflows.workflow
    left join named on traces.trace_id = named.trace_id and traces.trace_date = named.trace_date
    where named.trace_id is null
    union all
    -- Whether a workflow came to its end, its last call says.
    select
        'workflow_completion' as metric,
        case status when 'success' then 'success' when 'failure' then 'failed' else 'unknown' end as run_status,
        traces.*
    from traces
    where workflow <> '(unallocated)'

)

select
    metric,
    trace_date as run_date,
    {{ targets() }},
    run_status,
    cast(count(*) as bigint) as runs,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls,
    {% for cost in run_costs() -%}
        cast(sum({{ cost }}) as {{ money() }}) as {{ cost }},
        count({{ cost }}) as {{ cost }}_runs{% if not loop.last %},{% endif %}
    {% endfor %}
from runs
group by metric, trace_date, run_status, {{ targets() }}
